"""Registering, paying and canceling an invoice: what each changes on order, items and payment (INV-2..13, INV-33).

``cancel`` reverses ``register``; ``pay`` happens in between. ``can_capture``, ``can_void`` and ``can_cancel``
are checked first.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from magento_soap.sales.invoice import CANCELED, OPEN, PAID, Invoice, InvoiceLine
from magento_soap.sales.money import ONE, ZERO, counted, minus, plus
from magento_soap.sales.order import Order, OrderItem, payment_of
from magento_soap.sales.payment import ORDER, Payment, PaymentMethod
from magento_soap.sales.ports import Shop
from magento_soap.sales.states import PROCESSING, change_state


def can_capture(invoice: Invoice, payment: Payment, method: PaymentMethod) -> bool:
    """Whether the invoice's money can be captured: it is unpaid, and its authorization, if any, is open (INV-10)."""
    if invoice.state in (PAID, CANCELED) or not method.can_capture:
        return False
    authorized = payment.authorization
    if authorized is None or not authorized.is_closed:
        return True
    return any(t.txn_type == ORDER for t in payment.transactions)


def can_void(invoice: Invoice, payment: Payment, method: PaymentMethod) -> bool:
    """Whether the authorization behind a paid invoice can be voided; a ``can_void_flag`` decides (INV-11)."""
    if invoice.state != PAID:
        return False
    if invoice.can_void_flag is not None:
        return bool(invoice.can_void_flag)
    authorized = payment.authorization
    return method.can_void and authorized is not None and not authorized.is_closed


def can_cancel(invoice: Invoice) -> bool:
    """Whether the invoice can be canceled: it is open (INV-12)."""
    return invoice.state == OPEN


def register(order: Order, invoice: Invoice) -> None:
    """Count a computed invoice as invoiced on the order and its items, and add it to the order (INV-2..6).

    Lines of quantity zero are dropped (INV-2). The invoice is open until it is paid. Raises ValueError for an
    invoice that is stored already.
    """
    if invoice.entity_id is not None:
        raise ValueError("Cannot register existing invoice")
    invoice.lines = [line for line in invoice.lines if line.qty > 0]
    _count(order, invoice, ONE)
    invoice.state = invoice.state or OPEN
    order.invoices.append(invoice)


def pay(order: Order, invoice: Invoice) -> None:
    """Count the invoice as paid on the order and its payment, unless it is paid already (INV-7)."""
    if invoice.state == PAID:
        return
    invoice.state = PAID
    payment = payment_of(order)
    payment.amount_paid = plus(payment.amount_paid, invoice.grand_total)
    payment.shipping_captured = plus(payment.shipping_captured, invoice.shipping_amount)
    order.total_paid = plus(order.total_paid, invoice.grand_total)


def cancel(order: Order, invoice: Invoice, shop: Shop, now: datetime) -> None:
    """Subtract what ``register`` and, if the invoice was paid, ``pay`` added (INV-33, BUG-11, BUG-22).

    The order goes back to processing from any state, with an entry in its history.
    """
    if invoice.state == PAID:
        payment = payment_of(order)
        payment.amount_paid = minus(payment.amount_paid, invoice.grand_total)
        payment.shipping_captured = minus(payment.shipping_captured, invoice.shipping_amount)
        order.total_paid = minus(order.total_paid, invoice.grand_total)
    invoice.base_cost = order.cost_of(invoice.lines)  # the cost is not stored
    _count(order, invoice, -ONE)
    invoice.state = CANCELED
    change_state(order, PROCESSING, shop, now)


def _count(order: Order, invoice: Invoice, sign: Decimal) -> None:
    """Add the invoice to the invoiced amounts of the order and its items, or subtract it (INV-3, INV-5)."""
    items = {item.item_id: item for item in order.items}
    for line in invoice.lines:
        if line.order_item_id in items:  # the item may have been deleted
            _count_line(items[line.order_item_id], line, sign)
    order.total_invoiced = counted(order.total_invoiced, invoice.grand_total, sign)
    order.subtotal_invoiced = counted(order.subtotal_invoiced, invoice.subtotal, sign)
    order.tax_invoiced = counted(order.tax_invoiced, invoice.tax_amount, sign)
    order.hidden_tax_invoiced = counted(order.hidden_tax_invoiced, invoice.hidden_tax_amount, sign)
    order.shipping_invoiced = counted(order.shipping_invoiced, invoice.shipping_amount, sign)
    order.discount_invoiced = counted(order.discount_invoiced, invoice.discount_amount, sign)
    order.base_total_invoiced_cost = (order.base_total_invoiced_cost or ZERO) + invoice.base_cost * sign


def _count_line(item: OrderItem, line: InvoiceLine, sign: Decimal) -> None:
    item.qty_invoiced += line.qty * sign
    item.row_invoiced = counted(item.row_invoiced, line.row_total, sign)
    item.tax_invoiced = counted(item.tax_invoiced, line.tax_amount, sign)
    item.hidden_tax_invoiced = counted(item.hidden_tax_invoiced, line.hidden_tax_amount, sign)
    item.discount_invoiced = counted(item.discount_invoiced, line.discount_amount, sign)
