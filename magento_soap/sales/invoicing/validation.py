"""The reasons why an order cannot be invoiced, all at once, in the words of Magento 2 (M2-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from magento_soap.sales.order import Order
from magento_soap.sales.states import CANCELED, CLOSED, COMPLETE, HOLDED, PAYMENT_REVIEW, can_invoice

FOREIGN_ITEMS = "The invoice contains one or more items that are not part of the original order."
TOO_MANY = 'The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "{}".'
NO_PRODUCTS = "You can't create an invoice without products."
WRONG_STATUS = "An invoice cannot be created when an order has a status of {}."


def invoice_problems(order: Order, quantities: Mapping[int, Decimal] | None) -> list[str]:
    """The reasons why these quantities cannot be invoiced; none if no quantities are given."""
    if not quantities:
        return []
    items = {item.item_id: item for item in order.items}
    problems = []
    if any(item_id not in items for item_id in quantities):
        problems.append(FOREIGN_ITEMS)
    known = [(items[item_id], qty) for item_id, qty in quantities.items() if item_id in items]
    too_many = [
        TOO_MANY.format(item.sku or "") for item, qty in known if not item.is_dummy and qty > item.qty_to_invoice
    ]
    problems += too_many
    if not too_many and sum(qty for _, qty in known) <= 0:
        problems.append(NO_PRODUCTS)
    return problems


class OrderRules:
    """ports.OrderValidator: the order's state must allow invoices, and something must be left to invoice."""

    def validate(self, order: Order) -> Sequence[str]:
        """The reasons why the order cannot be invoiced (ORD-6, M2-4)."""
        if order.state in (PAYMENT_REVIEW, HOLDED, CANCELED, COMPLETE, CLOSED) or not can_invoice(order):
            return [WRONG_STATUS.format(order.status or "")]
        return []
