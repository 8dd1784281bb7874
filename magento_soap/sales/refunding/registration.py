"""Registering a credit memo: what it changes on the order and its items (K4, K14, K15)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from magento_soap.sales.creditmemo import REFUNDED, CreditMemo, CreditMemoLine
from magento_soap.sales.money import ZERO, counted
from magento_soap.sales.order import Order, OrderItem


def register(order: Order, creditmemo: CreditMemo, *, is_offline: bool = False) -> None:
    """Count a computed credit memo as refunded on the order and its items."""
    for line in creditmemo.lines:
        item = order.item(line.order_item_id)
        if item is not None:
            _count_line(item, line)
    total = creditmemo.grand_total
    order.total_refunded = counted(order.total_refunded, total)
    if is_offline:
        order.total_offline_refunded = counted(order.total_offline_refunded, total)
    else:
        order.total_online_refunded = counted(order.total_online_refunded, total)
    order.subtotal_refunded = counted(order.subtotal_refunded, creditmemo.subtotal)
    order.tax_refunded = counted(order.tax_refunded, creditmemo.tax_amount)
    order.hidden_tax_refunded = counted(order.hidden_tax_refunded, creditmemo.hidden_tax_amount)
    order.shipping_refunded = counted(order.shipping_refunded, creditmemo.shipping_amount)
    order.shipping_tax_refunded = counted(order.shipping_tax_refunded, creditmemo.shipping_tax_amount)
    order.discount_refunded = counted(order.discount_refunded, creditmemo.discount_amount)
    order.adjustment_positive = counted(order.adjustment_positive, creditmemo.adjustment_positive)
    order.adjustment_negative = counted(order.adjustment_negative, creditmemo.adjustment_negative)
    order.base_total_invoiced_cost = (order.base_total_invoiced_cost or ZERO) - order.cost_of(creditmemo.lines)
    creditmemo.state = REFUNDED


def returned_goods(order: Order, creditmemo: CreditMemo, only: Iterable[int] | None = None) -> dict[int, Decimal]:
    """What comes back with a credit memo, by product id; ``only`` of these order items, with their parts.

    The parts of a family come back in proportion to the item that is refunded in their stead.
    """
    chosen = None if only is None else set(only)
    lines = {line.order_item_id: line.qty for line in creditmemo.lines}
    returned: dict[int, Decimal] = {}
    for item in order.items:
        if item.children or item.product_id is None or item.item_id not in lines:
            continue
        if chosen is not None and item.item_id not in chosen and item.parent_item_id not in chosen:
            continue
        qty = lines[item.item_id]
        if item.is_dummy and item.parent is not None and item.parent.qty_ordered:
            qty = lines.get(item.parent.item_id, ZERO) * item.qty_ordered / item.parent.qty_ordered
        if qty > 0:
            returned[item.product_id] = returned.get(item.product_id, ZERO) + qty
    return returned


def _count_line(item: OrderItem, line: CreditMemoLine) -> None:
    item.qty_refunded += line.qty
    item.tax_refunded = counted(item.tax_refunded, line.tax_amount)
    item.hidden_tax_refunded = counted(item.hidden_tax_refunded, line.hidden_tax_amount)
    item.discount_refunded = counted(item.discount_refunded, line.discount_amount)
    if item.is_dummy:
        item.locked_do_ship = True
    else:
        item.amount_refunded = counted(item.amount_refunded, line.row_total)
