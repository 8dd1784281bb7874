"""What new documents take over from their order, and how their quantities are read.

``invoicing``, ``shipping`` and ``refunding`` each have a ``preparation`` of their own, which chooses the lines.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

from .document import PricedDocument, PricedLine
from .money import ONE
from .order import Order, OrderItem

QTY = Decimal("0.0001")  # the precision of quantities in the tables
SAME_QTY = Decimal("0.0000005")  # quantities are compared at six decimals (PREP-7)

D = TypeVar("D", bound=PricedDocument)
L = TypeVar("L", bound=PricedLine)


def document_of(order: Order, kind: type[D]) -> D:
    """A document of that kind without lines, its header copied from the order (PREP-11)."""
    return kind(
        order_id=order.entity_id,
        store_id=order.store_id,
        billing_address_id=order.billing_address_id,
        shipping_address_id=order.shipping_address_id,
        global_currency_code=order.global_currency_code,
        base_currency_code=order.base_currency_code,
        store_currency_code=order.store_currency_code,
        order_currency_code=order.order_currency_code,
        store_to_base_rate=order.store_to_base_rate,
        store_to_order_rate=order.store_to_order_rate,
        base_to_global_rate=order.base_to_global_rate,
        base_to_order_rate=order.base_to_order_rate,
        discount_description=order.discount_description,
    )


def line_of(item: OrderItem, qty: Decimal, kind: type[L]) -> L:
    """A line of that kind with the values copied from the order item (PREP-12)."""
    return kind(
        order_item_id=item.item_id,
        product_id=item.product_id,
        sku=item.sku,
        name=item.name,
        description=item.description,
        qty=qty,
        base_cost=item.base_cost,
        price=item.price,
        price_incl_tax=item.price_incl_tax,
        weee_tax_applied=item.weee_tax_applied,
        weee_tax_applied_amount=item.weee_tax_applied_amount,
        weee_tax_applied_row_amount=item.weee_tax_applied_row_amount,
        weee_tax_disposition=item.weee_tax_disposition,
        weee_tax_row_disposition=item.weee_tax_row_disposition,
    )


def is_more(qty: Decimal, left: Decimal) -> bool:
    """Whether a quantity is more than what is left, as quantities are compared (PREP-7)."""
    return qty - left >= SAME_QTY


def in_units(item: OrderItem, qty: Decimal) -> Decimal:
    """The quantity at the precision of the tables, cut to whole units where the product has no others (J4, K5)."""
    return qty.quantize(QTY if item.is_qty_decimal else ONE, ROUND_DOWN)
