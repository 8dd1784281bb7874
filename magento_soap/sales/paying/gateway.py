"""Capturing and voiding: what a payment method is asked, and what its answer does to order and invoice (INV-20..32)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.registration import authorization, cancel, pay, payment_of
from magento_soap.sales.money import NOTHING, ZERO, round_price
from magento_soap.sales.order import Order
from magento_soap.sales.payment import CAPTURE, VOID, GatewayRequest, GatewayResult, Payment, Transaction
from magento_soap.sales.ports import Shop
from magento_soap.sales.states import FRAUD, PAYMENT_REVIEW, PROCESSING, change_state, is_nominal
from magento_soap.sales.structured import StructuredValue


def amount_of(invoice: Invoice) -> Decimal:
    """What is captured for the invoice, in the base currency (INV-20)."""
    return round_price((invoice.grand_total or NOTHING).base)


def capture_request(order: Order, invoice: Invoice) -> GatewayRequest:
    """What a gateway is asked for the invoice's money (INV-20).

    Raises PaymentError when it is still considering an earlier capture (INV-23).
    """
    if invoice.transaction_id is not None:
        # What is pending may have been approved by now: asking for the money again could take it twice.
        raise PaymentError(f'The transaction "{invoice.transaction_id}" cannot be captured yet.')
    payment = payment_of(order)
    return _request(order, invoice, payment, authorization(payment), amount_of(invoice))


def captured(order: Order, invoice: Invoice, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Count the invoice as paid, or leave it open while the gateway considers (INV-20..22)."""
    payment = payment_of(order)
    parent = authorization(payment)
    amount = amount_of(invoice)
    is_final = round_price((payment.amount_paid or NOTHING).base + amount) == round_price(_order_total(order))

    txn_id = result.txn_id or _next_txn_id(payment, parent, CAPTURE)
    if txn_id is not None:
        _record(payment, parent, result, txn_id=txn_id, txn_type=CAPTURE, now=now)
        invoice.transaction_id = txn_id
        if parent is not None and _or(result.close_parent, is_final):
            parent.is_closed = True

    money = shop.money_text(amount, order.base_currency_code)
    if result.is_pending:
        text = f"Capturing amount of {money} is pending approval on gateway."
        status = FRAUD if result.is_fraud else None
        change_state(
            order, PAYMENT_REVIEW, shop, now, comment=_history_comment(order, text, txn_id, result), status=status
        )
        return
    text = f"Captured amount of {money} online."
    change_state(order, PROCESSING, shop, now, comment=_history_comment(order, text, txn_id, result))
    payment.base_amount_paid_online = (payment.base_amount_paid_online or ZERO) + amount
    pay(order, invoice)


def void_request(order: Order, invoice: Invoice) -> GatewayRequest:
    """What a gateway is asked to void: the authorization behind a paid invoice (INV-32)."""
    payment = payment_of(order)
    parent = authorization(payment)
    return _request(order, invoice, payment, parent, _voided_amount(order, payment, parent))


def voided(order: Order, invoice: Invoice, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Give up the authorization behind a paid invoice, and cancel the invoice (INV-32, INV-33)."""
    payment = payment_of(order)
    parent = authorization(payment)
    amount = _voided_amount(order, payment, parent)

    txn_id = result.txn_id or (f"{parent.txn_id}-{VOID}" if parent is not None else None)
    if txn_id is None or payment.transaction(txn_id) is None:
        if txn_id is not None:
            _record(payment, parent, result, txn_id=txn_id, txn_type=VOID, now=now)
        if parent is not None and _or(result.close_parent, True):
            parent.is_closed = True
        text = "Voided authorization."
        if amount is not None:
            text += f" Amount: {shop.money_text(amount, order.base_currency_code)}."
        change_state(
            order, PROCESSING, shop, now, comment=_history_comment(order, text, txn_id, result, may_be_nominal=False)
        )
    cancel(order, invoice, shop, now)


def _request(
    order: Order, invoice: Invoice, payment: Payment, parent: Transaction | None, amount: Decimal | None
) -> GatewayRequest:
    return GatewayRequest(
        order_increment_id=order.increment_id,
        invoice_increment_id=invoice.increment_id,
        payment=payment,
        base_amount=amount,
        base_currency_code=order.base_currency_code,
        parent_txn_id=None if parent is None else parent.txn_id,
    )


def _next_txn_id(payment: Payment, parent: Transaction | None, txn_type: str) -> str | None:
    """The authorization's id with a suffix that no transaction has yet (INV-21, BUG-25)."""
    if parent is None:
        return None
    first = txn_id = f"{parent.txn_id}-{txn_type}"
    number = 1
    while payment.transaction(txn_id) is not None:
        number += 1
        txn_id = f"{first}-{number}"
    return txn_id


def _record(
    payment: Payment, parent: Transaction | None, result: GatewayResult, *, txn_id: str, txn_type: str, now: datetime
) -> None:
    """Write the transaction down, over an earlier one of the same id (INV-30)."""
    transaction = payment.transaction(txn_id)
    if transaction is None:
        transaction = Transaction(txn_id=txn_id, txn_type=txn_type, is_closed=True, created_at=now)
        payment.transactions.append(transaction)
    transaction.txn_type = txn_type
    transaction.is_closed = _or(result.is_closed, True)
    if parent is not None:
        transaction.parent_id, transaction.parent_txn_id = parent.transaction_id, parent.txn_id
    if result.additional_information is not None:
        transaction.additional_information = StructuredValue(result.additional_information)
    payment.last_trans_id = txn_id


def _voided_amount(order: Order, payment: Payment, parent: Transaction | None) -> Decimal | None:
    """The authorized amount, known only when all of it, and nothing but it, is given up (INV-32)."""
    if parent is None or payment.amount_authorized is None or order.total_canceled:
        return None
    authorized = payment.amount_authorized.base
    has_children = any(t.parent_txn_id == parent.txn_id for t in payment.transactions)
    if has_children or round_price(authorized) != round_price(_order_total(order)):
        return None
    return authorized


def _history_comment(
    order: Order, text: str, txn_id: str | None, result: GatewayResult, may_be_nominal: bool = True
) -> str:
    """The comment for the order's history (INV-22, INV-32)."""
    if may_be_nominal and is_nominal(order):
        text = "Nominal order registered."
    if txn_id is not None:
        text += f' Transaction ID: "{txn_id}".'
    return f"{result.message} {text}" if result.message else text


def _order_total(order: Order) -> Decimal:
    return (order.grand_total or NOTHING).base


def _or(declared: bool | None, default: bool) -> bool:
    return default if declared is None else declared
