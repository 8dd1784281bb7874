"""The reasons why something cannot be refunded, all at once, in the words of Magento 2."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.invoice import Invoice
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order
from magento_soap.sales.states import CANCELED, CLOSED, HOLDED, PAYMENT_REVIEW, can_creditmemo

from .invoices import can_refund
from .preparation import in_units, is_more, refundable

FOREIGN_ITEMS = "The creditmemo contains product item that is not part of the original order."
TOO_MANY = 'The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU "{}".'
NO_PRODUCTS = "You can't create a creditmemo without products."
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
    problems = _quantity_problems(order, quantities, invoiced) if quantities else []
    if not can_creditmemo(order):
        is_refused_by_state = order.state in (PAYMENT_REVIEW, HOLDED, CANCELED, CLOSED)
        problems.append(WRONG_STATUS.format(order.status or "") if is_refused_by_state else NOTHING_PAID)
    if invoice is not None and not can_refund(invoice):
        problems.append(CANNOT_REFUND_INVOICE)
    return problems


def _quantity_problems(
    order: Order, quantities: Mapping[int, Decimal], invoiced: Mapping[int, Decimal] | None
) -> list[str]:
    known = [(item, qty) for item_id, qty in quantities.items() if (item := order.item(item_id)) is not None]
    problems = [] if len(known) == len(quantities) else [FOREIGN_ITEMS]
    too_many = [TOO_MANY.format(item.sku or "") for item, qty in known if is_more(qty, refundable(item, invoiced))]
    problems += too_many
    if not too_many and sum((in_units(item, qty) for item, qty in known), ZERO) <= 0:
        problems.append(NO_PRODUCTS)
    return problems
