"""The reasons why something cannot be refunded, all at once, in the words of Magento 2."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.invoice import Invoice
from magento_soap.sales.order import Order
from magento_soap.sales.preparation import in_units, is_more
from magento_soap.sales.states import CANCELED, CLOSED, HOLDED, PAYMENT_REVIEW, can_creditmemo
from magento_soap.sales.validation import QuantityTexts, quantity_problems

from .invoices import can_refund
from .preparation import refundable

TEXTS = QuantityTexts(
    foreign_items="The creditmemo contains product item that is not part of the original order.",
    too_many='The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU "{}".',
    no_products="You can't create a creditmemo without products.",
)
WRONG_STATUS = "A creditmemo can not be created when an order has a status of {}"
NOTHING_PAID = "The order does not allow for a creditmemo to be created."
CANNOT_REFUND_INVOICE = "We can't create creditmemo for the invoice."
NOT_POSITIVE = "The credit memo's total must be positive."
TOO_MUCH = "The most money available to refund is {}."


def refund_problems(
    order: Order,
    quantities: Mapping[int, Decimal] | None,
    invoice: Invoice | None = None,
    invoiced: Mapping[int, Decimal] | None = None,
) -> list[str]:
    """The reasons why these quantities of the order cannot be refunded, or those of one of its invoices.

    Without quantities only the order and the invoice are looked at. ``invoiced`` is what the invoice has left.
    """
    problems = quantity_problems(
        order, quantities, TEXTS, lambda item, qty: is_more(qty, refundable(item, invoiced)), in_units
    )
    if not can_creditmemo(order):
        is_refused_by_state = order.state in (PAYMENT_REVIEW, HOLDED, CANCELED, CLOSED)
        problems.append(WRONG_STATUS.format(order.status or "") if is_refused_by_state else NOTHING_PAID)
    if invoice is not None and not can_refund(invoice):
        problems.append(CANNOT_REFUND_INVOICE)
    return problems
