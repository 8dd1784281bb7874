"""Capture and void, and the transactions that record them (INV-10, 11, 20..32)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import phpserialize
import pytest

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.invoice import CANCELED, OPEN, PAID, Invoice
from magento_soap.sales.invoicing.preparation import prepare_invoice
from magento_soap.sales.invoicing.registration import (
    authorization,
    can_cancel,
    can_capture,
    can_void,
    pay,
    payment_of,
    register,
)
from magento_soap.sales.invoicing.totals import collect_totals
from magento_soap.sales.order import Order
from magento_soap.sales.paying import gateway
from magento_soap.sales.payment import AUTHORIZATION, CAPTURE, ORDER, VOID, GatewayResult, Transaction
from magento_soap.storage.schema.php import serialized

from .memory_shop import CREATED, NOW, MemoryShop, Method, authorized, gateway_method, money, three_for_a_hundred

SHOP = MemoryShop()


def open_invoice(order: Order, qty: int | None = None) -> Invoice:
    invoice = prepare_invoice(order, None if qty is None else {11: Decimal(qty)})
    collect_totals(order, invoice)
    register(order, invoice)
    order.entity_name = "invoice"
    return invoice


def capture(order: Order, invoice: Invoice, **answer: object) -> Method:
    method = gateway_method(GatewayResult(**answer))  # type: ignore[arg-type]
    result = method.capture(gateway.capture_request(order, invoice))
    gateway.captured(order, invoice, result, SHOP, NOW)
    return method


def void(order: Order, invoice: Invoice, **answer: object) -> Method:
    method = gateway_method(GatewayResult(**answer))  # type: ignore[arg-type]
    gateway.voided(order, invoice, method.void(gateway.void_request(order, invoice)), SHOP, NOW)
    return method


def test_partial_capture_leaves_the_authorization_open_inv_20_30() -> None:
    order = authorized(three_for_a_hundred())
    invoice = open_invoice(order, 1)
    method = capture(order, invoice, txn_id="cap-1", is_closed=False)

    (request,) = method.requests
    assert (request.base_amount, request.base_currency_code, request.parent_txn_id) == (Decimal("40.67"), "USD", "auth")
    payment = payment_of(order)
    authorization, transaction = payment.transactions
    assert not authorization.is_closed
    assert transaction == Transaction(
        "cap-1", CAPTURE, is_closed=False, parent_id=7, parent_txn_id="auth", created_at=NOW
    )
    assert (payment.last_trans_id, payment.base_amount_paid_online) == ("cap-1", Decimal("40.67"))
    assert (payment.amount_paid, payment.shipping_captured) == (money("40.67"), money("5"))
    assert (invoice.state, invoice.transaction_id, invoice.can_void_flag) == (PAID, "cap-1", None)
    assert order.total_paid == money("40.67")
    (entry,) = order.history
    assert entry.comment == 'Captured amount of USD 40.67 online. Transaction ID: "cap-1".'
    assert (entry.status, entry.is_customer_notified, entry.entity_name) == ("processing", 2, "invoice")


def test_capture_of_the_rest_closes_the_authorization_inv_20() -> None:
    order = authorized(three_for_a_hundred())
    capture(order, open_invoice(order, 1))
    assert not payment_of(order).transactions[0].is_closed
    capture(order, open_invoice(order))
    assert payment_of(order).transactions[0].is_closed
    assert payment_of(order).base_amount_paid_online == 112


@pytest.mark.parametrize(("declared", "qty"), [(False, None), (True, 1)])
def test_gateway_may_decide_about_the_authorization_inv_20(declared: bool, qty: int | None) -> None:
    order = authorized(three_for_a_hundred())
    capture(order, open_invoice(order, qty), close_parent=declared)
    assert payment_of(order).transactions[0].is_closed is declared


def test_names_of_transactions_inv_21_bug_25() -> None:
    order = authorized(three_for_a_hundred())
    for _ in range(3):
        capture(order, open_invoice(order, 1))
    transactions = payment_of(order).transactions
    assert [t.txn_id for t in transactions] == ["auth", "auth-capture", "auth-capture-2", "auth-capture-3"]
    assert all(t.is_closed for t in transactions[1:])  # the column's default (INV-30)


def test_transaction_of_the_same_gateway_id_is_written_over_inv_30() -> None:
    order = authorized(three_for_a_hundred())
    earlier = Transaction("cap", CAPTURE, is_closed=True, transaction_id=8, created_at=CREATED)
    payment_of(order).transactions.append(earlier)
    capture(order, open_invoice(order), txn_id="cap", is_closed=False, additional_information={"avs": "Y", "at": NOW})
    assert payment_of(order).transactions[1:] == [earlier]
    assert (earlier.transaction_id, earlier.is_closed, earlier.created_at) == (8, False, CREATED)
    assert earlier.additional_information is not None
    assert phpserialize.loads(str(serialized(earlier.additional_information)).encode()) == {
        b"avs": b"Y",
        b"at": b"2024-05-06 07:08:09",
    }


def test_sale_without_authorization_and_without_id_records_no_transaction_inv_30() -> None:
    order = three_for_a_hundred("labpay")
    invoice = open_invoice(order)
    capture(order, invoice, message="Hello.")
    assert payment_of(order).transactions == []
    assert (invoice.state, invoice.transaction_id) == (PAID, None)
    assert order.history[0].comment == "Hello. Captured amount of USD 112.00 online."


@pytest.mark.parametrize(("fraud", "status"), [(False, "payment_review"), (True, "fraud")])
def test_pending_capture_leaves_the_invoice_open_inv_22_bug_26(fraud: bool, status: str) -> None:
    order = authorized(three_for_a_hundred())
    invoice = open_invoice(order, 1)
    capture(order, invoice, txn_id="cap-1", is_pending=True, is_fraud=fraud, is_closed=False)
    assert (invoice.state, invoice.transaction_id, order.total_paid) == (OPEN, "cap-1", None)
    assert (order.state, order.status) == ("payment_review", status)
    assert order.history[0].comment == (
        'Capturing amount of USD 40.67 is pending approval on gateway. Transaction ID: "cap-1".'
    )
    with pytest.raises(PaymentError, match=r'^The transaction "cap-1" cannot be captured yet\.$'):  # INV-23
        capture(order, invoice)


def test_nominal_order_inv_22() -> None:
    order = authorized(three_for_a_hundred())
    order.items[0].is_nominal = True
    capture(order, open_invoice(order))
    assert order.history[0].comment == 'Nominal order registered. Transaction ID: "auth-capture".'


def test_can_capture_inv_10() -> None:
    order = authorized(three_for_a_hundred())
    invoice, payment, method = open_invoice(order), payment_of(order), gateway_method()
    assert can_capture(invoice, payment, method)
    assert not can_capture(invoice, payment, Method())
    payment.transactions[0].is_closed = True
    assert not can_capture(invoice, payment, method)
    payment.transactions.append(Transaction("ord", ORDER, is_closed=False))
    assert can_capture(invoice, payment, method)
    payment.transactions.clear()
    assert can_capture(invoice, payment, method)
    for state in (PAID, CANCELED):
        invoice.state = state
        assert not can_capture(invoice, payment, method)


def test_newest_authorization_counts_inv_10() -> None:
    order = authorized(three_for_a_hundred())
    payment = payment_of(order)
    payment.transactions[0].is_closed = True
    payment.transactions.append(Transaction("auth-2", "authorization", False, transaction_id=8, created_at=CREATED))
    invoice = open_invoice(order)
    assert can_capture(invoice, payment, gateway_method())
    assert capture(order, invoice).requests[0].parent_txn_id == "auth-2"


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"transaction_id": 8, "created_at": CREATED}, {"transaction_id": 7, "created_at": NOW}),
        ({"transaction_id": 7, "created_at": CREATED}, {"transaction_id": 8, "created_at": CREATED}),
        ({"transaction_id": 7, "created_at": CREATED}, {"transaction_id": None, "created_at": CREATED}),
        ({"transaction_id": 8, "created_at": None}, {"transaction_id": 7, "created_at": CREATED}),
    ],
    ids=["by time", "then by row", "not stored yet", "without a time"],
)
@pytest.mark.parametrize("is_newer_first", [True, False])
def test_which_authorization_is_the_newest_inv_10(older: Any, newer: Any, is_newer_first: bool) -> None:
    order = authorized(three_for_a_hundred())
    payment = payment_of(order)
    payment.transactions = [
        Transaction("older", AUTHORIZATION, is_closed=False, **older),
        Transaction("newer", AUTHORIZATION, is_closed=False, **newer),
    ]
    if is_newer_first:
        payment.transactions.reverse()
    found = authorization(payment)
    assert found is not None
    assert found.txn_id == "newer"


def test_can_void_inv_11() -> None:
    order = authorized(three_for_a_hundred())
    invoice, payment, method = open_invoice(order), payment_of(order), gateway_method()
    assert not can_void(invoice, payment, method)  # open
    pay(order, invoice)
    assert can_void(invoice, payment, method)
    assert not can_void(invoice, payment, Method())
    payment.transactions[0].is_closed = True
    assert not can_void(invoice, payment, method)
    invoice.can_void_flag = 1
    assert can_void(invoice, payment, Method())
    invoice.can_void_flag = 0
    payment.transactions[0].is_closed = False
    assert not can_void(invoice, payment, method)


def test_can_cancel_inv_12() -> None:
    order = three_for_a_hundred()
    invoice = open_invoice(order)
    assert can_cancel(invoice)
    pay(order, invoice)
    assert not can_cancel(invoice)


def test_void_after_a_partial_capture_inv_32_33() -> None:
    order = authorized(three_for_a_hundred())
    invoice = open_invoice(order, 1)
    capture(order, invoice, txn_id="cap-1", is_closed=False)
    order.history.clear()
    method = void(order, invoice, txn_id="void-1", is_closed=True, close_parent=True)

    (request,) = method.requests
    assert request.base_amount is None  # unknown: something was captured
    assert (request.order_increment_id, request.parent_txn_id) == ("100000001", "auth")
    payment = payment_of(order)
    assert payment.transactions[0].is_closed
    assert payment.transactions[2] == Transaction(
        "void-1", VOID, is_closed=True, parent_id=7, parent_txn_id="auth", created_at=NOW
    )
    assert (payment.last_trans_id, invoice.transaction_id) == ("void-1", "cap-1")
    assert (payment.amount_paid, payment.shipping_captured) == (money("0"), money("0"))
    assert invoice.state == CANCELED
    assert (order.total_paid, order.total_invoiced, order.items[0].qty_invoiced) == (money("0"), money("0"), Decimal(0))
    assert [entry.comment for entry in order.history] == ['Voided authorization. Transaction ID: "void-1".', None]


def test_void_of_all_that_was_authorized_tells_the_amount_inv_32() -> None:
    order = authorized(three_for_a_hundred())
    invoice = open_invoice(order)
    pay(order, invoice)
    assert void(order, invoice).requests[0].base_amount == 112
    assert order.history[0].comment == 'Voided authorization. Amount: USD 112.00. Transaction ID: "auth-void".'
    assert payment_of(order).transactions[0].is_closed


def test_void_that_was_recorded_before_only_cancels_inv_32() -> None:
    order = authorized(three_for_a_hundred())
    payment_of(order).transactions.append(Transaction("auth-void", VOID, is_closed=True))
    invoice = open_invoice(order)
    pay(order, invoice)
    void(order, invoice)
    assert len(payment_of(order).transactions) == 2
    assert (invoice.state, [entry.comment for entry in order.history]) == (CANCELED, [None])


def test_void_without_authorization_and_without_id_records_no_transaction_inv_30() -> None:
    order = three_for_a_hundred("labpay")
    invoice = open_invoice(order)
    pay(order, invoice)  # with can_void_flag set it may be voided nevertheless (INV-11)
    void(order, invoice)
    assert payment_of(order).transactions == []
    assert [entry.comment for entry in order.history] == ["Voided authorization.", None]


def test_void_of_an_order_authorized_in_part_does_not_tell_the_amount_inv_32() -> None:
    order = authorized(three_for_a_hundred())
    payment_of(order).amount_authorized = money("50")
    invoice = open_invoice(order, 1)
    pay(order, invoice)
    assert void(order, invoice, close_parent=False).requests[0].base_amount is None
    assert not payment_of(order).transactions[0].is_closed


@pytest.mark.parametrize("missing", ["the authorization", "the amount"])
def test_void_of_what_nobody_knows_to_be_authorized_does_not_tell_the_amount_inv_32(missing: str) -> None:
    order = authorized(three_for_a_hundred())
    if missing == "the amount":
        payment_of(order).amount_authorized = None
    else:
        payment_of(order).transactions.clear()
    invoice = open_invoice(order)
    pay(order, invoice)
    assert void(order, invoice, txn_id="void-1").requests[0].base_amount is None
    assert order.history[0].comment == 'Voided authorization. Transaction ID: "void-1".'


def test_void_of_a_nominal_order_tells_of_the_void_inv_32() -> None:
    order = authorized(three_for_a_hundred())
    order.items[0].is_nominal = True
    invoice = open_invoice(order)
    pay(order, invoice)
    void(order, invoice)
    assert order.history[0].comment == 'Voided authorization. Amount: USD 112.00. Transaction ID: "auth-void".'


def test_void_of_an_order_canceled_in_part_does_not_tell_the_amount_inv_32() -> None:
    order = authorized(three_for_a_hundred())
    invoice = open_invoice(order)
    pay(order, invoice)
    order.total_canceled = money("10")
    assert void(order, invoice).requests[0].base_amount is None
    assert order.history[0].comment == 'Voided authorization. Transaction ID: "auth-void".'


def test_stored_invoice_is_not_registered_again_inv_2() -> None:
    order = three_for_a_hundred()
    with pytest.raises(ValueError, match="Cannot register existing invoice"):
        register(order, Invoice(order_id=1, entity_id=5))
