"""An invoice and its lines (``sales_flat_invoice``, ``sales_flat_invoice_item``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .comment import Comment  # noqa: F401 - extensions import it from here
from .document import PricedDocument, PricedLine
from .money import ZERO

OPEN, PAID, CANCELED = 1, 2, 3  # INV-1


@dataclass
class InvoiceLine(PricedLine):
    """One invoiced order item."""


@dataclass
class Invoice(PricedDocument):
    """One invoice."""

    total_qty: Decimal | None = None
    base_total_refunded: Decimal | None = None
    is_used_for_refund: int | None = None
    can_void_flag: int | None = None
    lines: list[InvoiceLine] = field(default_factory=list)
    base_cost: Decimal = ZERO  # not stored (TOT-8)
