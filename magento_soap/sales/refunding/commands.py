"""What clients ask of credit memos, as data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from magento_soap.sales.item_names import ItemQuantities


@dataclass(frozen=True)
class CreateCreditMemo:
    """Refund an order, wholly or in part.

    ``order_increment_id`` or ``order_id``, its entity id, names the order. ``quantities`` None or empty means
    everything that is invoiced and not refunded. ``base_shipping`` is the part of the shipping that is refunded, None
    for all that is left (K7); the adjustments are added to the total and subtracted from it (K8). These are in the base
    currency.

    A ``comment`` that is empty gets no row. ``to_store_credit``: the money goes to the customer's store credit (K20).
    ``invoice_id`` names an invoice instead of an order, and limits the refund to what that invoice charged.
    ``is_offline`` counts the refund as made without a gateway (K4). ``return_to_stock`` names order items whose
    quantities go back to the stock, whatever the shop's settings. ``collect_all_problems``: reject with every problem,
    in the words of Magento 2; then ``quantities`` has ids only.
    """

    order_increment_id: str = ""
    quantities: ItemQuantities | None = None
    base_shipping: Decimal | None = None
    base_adjustment_positive: Decimal | None = None
    base_adjustment_negative: Decimal | None = None
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False
    to_store_credit: bool = False
    order_id: int | None = None
    invoice_id: int | None = None
    is_offline: bool = False
    return_to_stock: tuple[int, ...] = ()
    collect_all_problems: bool = False


@dataclass(frozen=True)
class AddCreditMemoComment:
    """Comment on a credit memo; a comment that is None gets a row without text (K19)."""

    creditmemo_increment_id: str
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
