"""What a payment method is asked, and what its answer changes on the order and its payment (INV-20..32).

``capture_request``, ``void_request`` and ``cancel_request`` build the request, ``record_capture``, ``record_void`` and
``record_cancel`` record the answer. The caller pays or cancels the document that the money is for.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from magento_soap.sales.money import NOTHING, ZERO, round_price
from magento_soap.sales.order import Order, payment_of
from magento_soap.sales.payment import CAPTURE, VOID, GatewayRequest, GatewayResult, Payment, Transaction
from magento_soap.sales.ports import Shop
from magento_soap.sales.states import FRAUD, PAYMENT_REVIEW, PROCESSING, change_state, is_nominal


def capture_request(order: Order, invoice_increment_id: str | None, amount: Decimal) -> GatewayRequest:
    """What a gateway is asked to capture that amount in the base currency (INV-20)."""
    return _request(order, invoice_increment_id, amount)


def record_capture(order: Order, amount: Decimal, result: GatewayResult, shop: Shop, now: datetime) -> str | None:
    """Record a capture of that amount in the base currency on the payment and in the order's history (INV-20..22).

    While the gateway still considers it (``result.is_pending``) the order goes into review. Returns the id of the
    transaction, or None if there is none.
    """
    payment = payment_of(order)
    parent = payment.authorization
    is_final = round_price((payment.amount_paid or NOTHING).base + amount) == round_price(_order_total(order))

    txn_id = result.txn_id or _next_txn_id(payment, parent, CAPTURE)
    if txn_id is not None:
        _record(payment, parent, result, txn_id=txn_id, txn_type=CAPTURE, now=now)
        if parent is not None and _default(result.close_parent, is_final):
            parent.is_closed = True

    money = shop.money_text(amount, order.base_currency_code)
    if result.is_pending:
        text = f"Capturing amount of {money} is pending approval on gateway."
        status = FRAUD if result.is_fraud else None
        comment = _history_comment(order, text, txn_id, result)
        change_state(order, PAYMENT_REVIEW, shop, now, comment=comment, status=status)
        return txn_id
    text = f"Captured amount of {money} online."
    change_state(order, PROCESSING, shop, now, comment=_history_comment(order, text, txn_id, result))
    payment.base_amount_paid_online = (payment.base_amount_paid_online or ZERO) + amount
    return txn_id


def void_request(order: Order, invoice_increment_id: str | None) -> GatewayRequest:
    """What a gateway is asked to void: the order's authorization (INV-32)."""
    return _request(order, invoice_increment_id, _voided_amount(order))


def record_void(order: Order, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Record a void on the payment and in the order's history, unless it is recorded already (INV-32)."""
    _record_void(order, result, shop, now, text="Voided authorization.")


def cancel_request(order: Order) -> GatewayRequest:
    """What a gateway is asked to give up because the order is canceled: its authorization (I6)."""
    return _request(order, None, _voided_amount(order))


def record_cancel(order: Order, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Record on the payment and in the order's history that the authorization was given up (I6)."""
    _record_void(order, result, shop, now, text="Canceled order online.")


def _record_void(order: Order, result: GatewayResult, shop: Shop, now: datetime, *, text: str) -> None:
    payment = payment_of(order)
    parent = payment.authorization
    amount = _voided_amount(order)

    txn_id = result.txn_id or (f"{parent.txn_id}-{VOID}" if parent is not None else None)
    if txn_id is not None:
        if payment.transaction(txn_id) is not None:
            return
        _record(payment, parent, result, txn_id=txn_id, txn_type=VOID, now=now)
    if parent is not None and _default(result.close_parent, True):
        parent.is_closed = True
    if amount is not None:
        text += f" Amount: {shop.money_text(amount, order.base_currency_code)}."
    comment = _history_comment(order, text, txn_id, result, may_be_nominal=False)
    change_state(order, PROCESSING, shop, now, comment=comment)


def _request(order: Order, invoice_increment_id: str | None, amount: Decimal | None) -> GatewayRequest:
    payment = payment_of(order)
    parent = payment.authorization
    return GatewayRequest(
        order_increment_id=order.increment_id,
        invoice_increment_id=invoice_increment_id,
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
    """Record the transaction, or overwrite an earlier one with the same id (INV-30)."""
    transaction = payment.transaction(txn_id)
    if transaction is None:
        transaction = Transaction(txn_id=txn_id, txn_type=txn_type, is_closed=True, created_at=now)
        payment.transactions.append(transaction)
    transaction.txn_type = txn_type
    transaction.is_closed = _default(result.is_closed, True)
    if parent is not None:
        transaction.parent_id, transaction.parent_txn_id = parent.transaction_id, parent.txn_id
    if result.additional_information is not None:
        transaction.additional_information = result.additional_information
    payment.last_trans_id = txn_id


def _voided_amount(order: Order) -> Decimal | None:
    """The authorized amount, known only if all of it, and nothing else, is given up (INV-32)."""
    payment = payment_of(order)
    parent = payment.authorization
    if parent is None or payment.amount_authorized is None or order.total_canceled:
        return None
    authorized = payment.amount_authorized.base
    has_children = any(t.parent_txn_id == parent.txn_id for t in payment.transactions)
    if has_children or round_price(authorized) != round_price(_order_total(order)):
        return None
    return authorized


def _history_comment(
    order: Order, text: str, txn_id: str | None, result: GatewayResult, *, may_be_nominal: bool = True
) -> str:
    """The comment for the order's history (INV-22, INV-32)."""
    if may_be_nominal and is_nominal(order):
        text = "Nominal order registered."
    if txn_id is not None:
        text += f' Transaction ID: "{txn_id}".'
    return f"{result.message} {text}" if result.message else text


def _order_total(order: Order) -> Decimal:
    return (order.grand_total or NOTHING).base


def _default(declared: bool | None, default: bool) -> bool:
    return default if declared is None else declared
