"""Services of Magento 2's web API: JSON values become commands and queries, the domain's errors Magento 2's.

Behind them are the same users, rights and documents as behind Magento 1's API. ``access`` signs in and checks rights,
``values`` reads what clients send, ``errors`` says what is wrong; ``creation`` is common to the services that create a
document, ``search_criteria`` and ``repositories`` read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .access import Access
from .invoice_order import InvoiceOrder
from .refund_invoice import RefundInvoice
from .refund_order import RefundOrder
from .repositories import Repository
from .ship_order import ShipOrder


class WebapiServices(NamedTuple):
    """All services; ``repositories`` by their documents' entity types, such as ``invoice``."""

    access: Access
    invoice_order: InvoiceOrder
    ship_order: ShipOrder
    refund_order: RefundOrder
    refund_invoice: RefundInvoice
    repositories: Mapping[str, Repository]
