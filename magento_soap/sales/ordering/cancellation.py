"""Canceling an order: what is left of it is neither invoiced nor shipped any more (D4..D6, I2..I5)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from magento_soap.sales.money import NOTHING, ZERO, Amount
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.ports import Shop
from magento_soap.sales.states import (
    CANCELED,
    CLOSED,
    COMPLETE,
    HOLDED,
    PAYMENT_REVIEW,
    PROCESSING,
    change_state,
)


def can_cancel(order: Order) -> bool:
    """Whether the order's state allows it, and something is left to invoice (D4)."""
    if order.state in (HOLDED, PAYMENT_REVIEW, CANCELED, COMPLETE, CLOSED):
        return False
    return any(item.qty_to_invoice > 0 for item in order.items)


def cancel(order: Order, shop: Shop, now: datetime) -> dict[int, Decimal]:
    """Cancel what is left of the order, and return what goes back to the stock, by product id (I4).

    An order of which something is invoiced stays in processing while that can be shipped, and is complete otherwise
    (D5).
    """
    returned = _returned_to_stock(order)
    for item in order.items:
        _cancel_item(item)
    order.subtotal_canceled = _left(order.subtotal, order.subtotal_invoiced)
    order.tax_canceled = _left(order.tax_amount, order.tax_invoiced)
    order.shipping_canceled = _left(order.shipping_amount, order.shipping_invoiced)
    order.discount_canceled = _left(_absolute(order.discount_amount), order.discount_invoiced)  # as in Magento (I3)
    order.total_canceled = _left(order.grand_total, order.total_paid)
    change_state(order, _state_of_the_rest(order), shop, now)
    return returned


def _cancel_item(item: OrderItem) -> None:
    """Cancel the quantity that is left; the canceled taxes are in the base currency (I2)."""
    qty = item.qty_to_cancel
    item.qty_canceled += qty
    share = qty / item.qty_ordered if item.qty_ordered else ZERO
    item.tax_canceled = (item.tax_canceled or ZERO) + (item.tax_amount or NOTHING).base * share
    item.hidden_tax_canceled = (item.hidden_tax_canceled or ZERO) + (item.hidden_tax_amount or NOTHING).base * share


def _returned_to_stock(order: Order) -> dict[int, Decimal]:
    """What was ordered and is neither shipped, invoiced nor canceled yet, of items without children (I4)."""
    returned: dict[int, Decimal] = {}
    for item in order.items:
        if item.children or item.product_id is None:
            continue
        qty = item.qty_ordered - max(item.qty_shipped, item.qty_invoiced) - item.qty_canceled
        if qty > 0:
            returned[item.product_id] = returned.get(item.product_id, ZERO) + qty
    return returned


def _state_of_the_rest(order: Order) -> str:
    kept = [item for item in order.items if item.qty_to_refund > 0]
    if not kept:
        return CANCELED
    return PROCESSING if any(item.qty_to_ship > 0 for item in kept) else COMPLETE


def _left(amount: Amount | None, done: Amount | None) -> Amount:
    return (amount or NOTHING) - (done or NOTHING)


def _absolute(amount: Amount | None) -> Amount:
    return Amount(abs(amount.order), abs(amount.base)) if amount else NOTHING
