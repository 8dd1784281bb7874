"""The reasons why an order cannot be invoiced, all at once, in the words of Magento 2 (M2-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.states import CANCELED, CLOSED, COMPLETE, HOLDED, PAYMENT_REVIEW, can_invoice
from magento_soap.sales.validation import QuantityTexts, quantity_problems

TEXTS = QuantityTexts(
    foreign_items="The invoice contains one or more items that are not part of the original order.",
    too_many='The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "{}".',
    no_products="You can't create an invoice without products.",
)
WRONG_STATUS = "An invoice cannot be created when an order has a status of {}."


def invoice_problems(order: Order, quantities: Mapping[int, Decimal] | None) -> list[str]:
    """The reasons why these quantities cannot be invoiced; none if no quantities are given."""
    return quantity_problems(order, quantities, TEXTS, _is_too_many)


class OrderRules:
    """ports.OrderValidator: the order's state must allow invoices, and something must be left to invoice."""

    def validate(self, order: Order) -> Sequence[str]:
        """The reasons why the order cannot be invoiced (ORD-6, M2-4)."""
        if order.state in (PAYMENT_REVIEW, HOLDED, CANCELED, COMPLETE, CLOSED) or not can_invoice(order):
            return [WRONG_STATUS.format(order.status or "")]
        return []


def _is_too_many(item: OrderItem, qty: Decimal) -> bool:
    return not item.is_dummy and qty > item.qty_to_invoice
