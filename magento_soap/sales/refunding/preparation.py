"""From an order and the requested quantities to a new credit memo with its lines (K5, K15)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.creditmemo import CreditMemo, CreditMemoLine
from magento_soap.sales.item_names import ItemQuantities, invalid_quantity, item_named
from magento_soap.sales.money import ONE, ZERO
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.preparation import document_of, in_units, is_more, line_of


def items_by_id(order: Order, quantities: ItemQuantities) -> dict[int, Decimal]:
    """The quantities by order item id. A text is the id of an item, or else the SKU of exactly one.

    Raises InvalidQuantity for a quantity below zero, and for what names no item of the order, or several.
    """
    found = {}
    for name, qty in quantities.items():
        item = item_named(order, name, "refund")
        if not qty.is_finite() or qty < 0:
            raise invalid_quantity("refund", item.name)
        found[item.item_id] = qty
    return found


def prepare_creditmemo(
    order: Order, quantities: Mapping[int, Decimal] | None = None, invoiced: Mapping[int, Decimal] | None = None
) -> CreditMemo:
    """A new credit memo, not yet computed or registered; the order is not changed.

    ``quantities`` maps order item ids to quantities, cut to whole units where the product has no others; None means
    everything that is invoiced and not refunded. A dummy item has quantity 1 when its family is refunded (K15). A
    credit memo may have no line at all: shipping and adjustments can be refunded by themselves. ``invoiced`` limits the
    quantities to what one invoice has left (``invoices.left_to_refund``).

    Raises InvalidQuantity for more than what is invoiced and not refunded.
    """
    creditmemo = document_of(order, CreditMemo)
    real = {item.item_id: qty for item in order.items if (qty := _qty(item, quantities, invoiced)) > 0}
    for item in order.items:
        if item.item_id in real:
            creditmemo.lines.append(line_of(item, real[item.item_id], CreditMemoLine))
        elif item.is_dummy and _family_is_refunded(item, real):
            creditmemo.lines.append(line_of(item, ONE, CreditMemoLine))
    return creditmemo


def refundable(item: OrderItem, invoiced: Mapping[int, Decimal] | None = None) -> Decimal:
    """What can be refunded of an item, or of what one invoice has left of it."""
    left = item.qty_to_refund
    return left if invoiced is None else min(left, invoiced.get(item.item_id, ZERO))


def _qty(item: OrderItem, quantities: Mapping[int, Decimal] | None, invoiced: Mapping[int, Decimal] | None) -> Decimal:
    """The quantity of an item that carries its own price. Raises InvalidQuantity."""
    left = refundable(item, invoiced)
    if quantities is None or item.is_dummy:
        return left
    qty = in_units(item, quantities.get(item.item_id, ZERO))
    if is_more(qty, left):
        raise invalid_quantity("refund", item.name)
    return qty


def _family_is_refunded(dummy: OrderItem, real: Mapping[int, Decimal]) -> bool:
    if dummy.children:
        return any(child.item_id in real for child in dummy.children)
    return dummy.parent is not None and dummy.parent.item_id in real
