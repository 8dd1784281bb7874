"""The use cases, over a shop in memory (API-20..26)."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal

import pytest

from magento_soap.sales.errors import (
    CannotInvoice,
    InvalidQuantity,
    InvoiceNotFound,
    OrderNotFound,
    PaymentError,
    SalesError,
    StatusNotChanged,
)
from magento_soap.sales.invoice import CANCELED, OPEN, PAID
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.ports import CaptureCase
from magento_soap.sales.services import SalesServices

from .memory_shop import NOW, MemoryShop, Method, authorized, gateway_method, money, three_for_a_hundred

NUMBER = "100000001"
LATER = NOW + timedelta(hours=3)


def service_of(shop: MemoryShop) -> InvoiceService:
    return SalesServices(shop, shop, shop, shop).invoices


def paid_by_gateway(answer: GatewayResult | Exception | None = None) -> tuple[MemoryShop, InvoiceService]:
    """A shop whose order has one open invoice, for one of three."""
    shop = MemoryShop(authorized(three_for_a_hundred()), methods=(gateway_method(answer),))
    service = service_of(shop)
    service.create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    return shop, service


def test_create_with_an_offline_method() -> None:
    shop = MemoryShop(three_for_a_hundred())
    invoice = service_of(shop).create(CreateInvoice(NUMBER))
    assert (invoice.increment_id, invoice.state, invoice.can_void_flag) == ("100000001", PAID, 0)
    assert (invoice.created_at, invoice.updated_at, invoice.email_sent) == (NOW, NOW, None)
    order = shop.stored[NUMBER]
    assert (order.state, order.status, order.total_paid) == ("processing", "processing", money("112"))
    assert order.total_due == money("0")
    (entry,) = order.history  # INV-47
    assert (entry.status, entry.comment, entry.is_customer_notified) == ("processing", None, 2)
    assert entry.entity_name == "invoice"
    assert order.base_total_invoiced_cost == 30


@pytest.mark.parametrize("action", ["create", "capture", "capture_pending", "void", "cancel", "add_comment"])
def test_rows_carry_the_time_of_the_operation_inv_40(action: str) -> None:
    shop = MemoryShop(authorized(three_for_a_hundred()), methods=(gateway_method(),))
    order = shop.stored[NUMBER]
    order.items[0].qty_shipped = Decimal(3)  # so that the order is complete when it is paid
    service = service_of(shop)
    shop.methods["labpay"].answer = GatewayResult(close_parent=False, is_pending=action == "capture_pending")
    if action != "create":
        service.create(CreateInvoice(NUMBER))
    if action == "void":
        service.capture(NUMBER)
    entries_before = len(shop.stored[NUMBER].history)
    shop.time = LATER
    if action == "create":
        service.create(CreateInvoice(NUMBER, comment="Now", capture_case="online"))
    elif action == "add_comment":
        service.add_comment(AddComment(NUMBER, "Now"))
    else:
        getattr(service, action.removesuffix("_pending"))(NUMBER)
    order = shop.stored[NUMBER]
    (invoice,) = order.invoices
    entries = order.history[entries_before:]
    assert bool(entries) == (action != "add_comment")
    assert {entry.created_at for entry in entries} <= {LATER}
    if action in ("create", "add_comment"):
        assert (invoice.comments[0].created_at, invoice.updated_at) == (LATER, LATER)
    if action in ("create", "capture"):
        assert (order.state, order.status, entries[-1].status) == ("complete", "complete", "complete")


def test_an_order_of_no_store_is_numbered_as_the_admin_store() -> None:
    order = three_for_a_hundred()
    order.store_id = None
    assert service_of(MemoryShop(order)).create(CreateInvoice(NUMBER)).increment_id == "000000001"


def test_no_order_has_the_id_zero_m2_5() -> None:
    with pytest.raises(OrderNotFound):
        service_of(MemoryShop(three_for_a_hundred())).create(CreateInvoice(order_id=0))


def test_create_virtual_order_is_complete_at_once_inv_46() -> None:
    order = three_for_a_hundred()
    order.is_virtual = True
    shop = MemoryShop(order)
    service_of(shop).create(CreateInvoice(NUMBER))
    assert [entry.status for entry in shop.stored[NUMBER].history] == ["complete"]


@pytest.mark.parametrize(
    ("number", "state", "quantities", "error", "text"),
    [
        ("999", "new", None, OrderNotFound, "Requested order not exists."),
        (NUMBER, "holded", {99: Decimal(1)}, CannotInvoice, "Cannot do invoice for order."),
        (NUMBER, "holded", {"no such": Decimal(1)}, CannotInvoice, "Cannot do invoice for order."),
        (NUMBER, "new", {"no such": Decimal(1)}, InvalidQuantity, 'Invalid qty to invoice item "no such"'),
        (NUMBER, "new", {11: Decimal(4)}, InvalidQuantity, 'Invalid qty to invoice item "A"'),
        (NUMBER, "new", {11: Decimal(0)}, InvalidQuantity, "Cannot create an invoice without products."),
    ],
)
def test_create_refuses_in_this_order_api_21(
    number: str, state: str, quantities: dict[int | str, Decimal] | None, error: type[SalesError], text: str
) -> None:
    order = three_for_a_hundred()
    order.state = state
    shop = MemoryShop(order)
    with pytest.raises(error) as refusal:
        service_of(shop).create(CreateInvoice(number, quantities))
    assert str(refusal.value) == text
    assert shop.stored[NUMBER].invoices == []


@pytest.mark.parametrize("method", ["unheard_of", None])
def test_create_without_a_payment_method_ord_16_bug_3(method: str | None) -> None:
    order = three_for_a_hundred(method or "")
    if method is None:
        order.payment = None
    with pytest.raises(PaymentError, match=r"^The requested Payment Method is not available\.$"):
        service_of(MemoryShop(order)).create(CreateInvoice(NUMBER))


@pytest.mark.parametrize(
    ("can_capture", "is_gateway", "case", "state", "flag"),
    [
        (True, True, "online", PAID, None),
        (True, False, "offline", PAID, 0),
        (True, True, None, OPEN, None),
        (True, False, "not_capture", OPEN, None),
        (False, False, None, PAID, 0),
        (False, False, "online", PAID, 0),
        (False, True, "offline", PAID, 0),
        (False, True, "online", OPEN, None),
        (False, True, None, OPEN, None),
    ],
)
def test_payment_decision_inv_4(
    can_capture: bool, is_gateway: bool, case: CaptureCase | None, state: int, flag: int | None
) -> None:
    method = Method("given", is_gateway=is_gateway, can_capture=can_capture)
    shop = MemoryShop(three_for_a_hundred("given"), methods=(method,))
    invoice = service_of(shop).create(CreateInvoice(NUMBER, capture_case=case))
    assert (invoice.state, invoice.can_void_flag) == (state, flag)
    assert len(method.requests) == (case == "online" and can_capture)


@pytest.mark.parametrize(
    ("error", "text"),
    [(PaymentError("Declined."), "Declined."), (OSError("secret"), "Invoice capturing problem.")],
)
def test_create_online_with_a_gateway_that_fails_writes_nothing(error: Exception, text: str) -> None:
    shop = MemoryShop(authorized(three_for_a_hundred()), methods=(gateway_method(error),))
    with pytest.raises(StatusNotChanged) as refusal:
        service_of(shop).create(CreateInvoice(NUMBER, capture_case="online"))
    assert str(refusal.value) == text
    assert shop.stored[NUMBER].invoices == []


def test_comment_and_mail_of_create_api_33_mail_4_5() -> None:
    shop = MemoryShop(three_for_a_hundred())
    invoice = service_of(shop).create(
        CreateInvoice(NUMBER, comment="Thanks", notify=True, is_customer_notified=1, include_comment=True)
    )
    (comment,) = invoice.comments
    assert (comment.comment, comment.is_customer_notified, comment.is_visible_on_front) == ("Thanks", 1, 0)
    assert invoice.email_sent == 1
    assert shop.mails == [("created 100000001", "Thanks", True)]


@pytest.mark.parametrize(("comment", "rows"), [(None, []), ("", [None])])
def test_empty_comment_has_a_row_but_no_text_api_33(comment: str | None, rows: list[None]) -> None:
    shop = MemoryShop(three_for_a_hundred())
    invoice = service_of(shop).create(CreateInvoice(NUMBER, comment=comment, notify=True, include_comment=True))
    assert [row.comment for row in invoice.comments] == rows
    assert shop.mails == [("created 100000001", "", True)]


def test_email_sent_only_when_queued_bug_13() -> None:
    shop = MemoryShop(three_for_a_hundred())
    shop.mailing = False
    assert service_of(shop).create(CreateInvoice(NUMBER, notify=True)).email_sent is None


def test_weee_setting_of_the_store_is_used_tot_9() -> None:
    order = three_for_a_hundred()
    order.subtotal = money("103")
    order.items[0].weee_tax_applied_amount = money("1")
    shop = MemoryShop(order)
    shop.weee_stores = {1}
    invoice = service_of(shop).create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    assert invoice.subtotal == money("34.33")


def test_work_that_is_run_again_counts_once() -> None:
    shop = MemoryShop(three_for_a_hundred())
    shop.deadlocks = 2
    service_of(shop).create(CreateInvoice(NUMBER, {11: Decimal(1)}, comment="Once"))
    (invoice,) = shop.stored[NUMBER].invoices
    assert (shop.runs, len(invoice.comments)) == (3, 1)
    assert shop.stored[NUMBER].items[0].qty_invoiced == 1


def test_second_create_after_everything_is_invoiced_bug_1() -> None:
    shop = MemoryShop(three_for_a_hundred())
    service = service_of(shop)
    service.create(CreateInvoice(NUMBER))
    with pytest.raises(CannotInvoice):
        service.create(CreateInvoice(NUMBER))


def test_add_comment_to_an_invoice_in_any_state_bug_32() -> None:
    shop, service = paid_by_gateway()
    service.cancel("100000001")
    service.add_comment(AddComment("100000001", "Sorry", notify=True, is_customer_notified=1, is_visible_on_front=True))
    (comment,) = shop.stored[NUMBER].invoices[0].comments
    assert (comment.comment, comment.is_customer_notified, comment.is_visible_on_front) == ("Sorry", 1, 1)
    assert comment.created_at == NOW
    assert shop.mails == [("comment on 100000001", "", True)]  # not to be included


@pytest.mark.parametrize(
    ("action", "argument"), [("capture", "42"), ("void", "42"), ("cancel", "42"), ("add_comment", AddComment("42"))]
)
def test_unknown_invoice_api_20(action: str, argument: object) -> None:
    with pytest.raises(InvoiceNotFound, match=r"^Requested invoice does not exist\.$"):
        getattr(service_of(MemoryShop()), action)(argument)


def test_capture() -> None:
    shop, service = paid_by_gateway(GatewayResult(txn_id="cap-1", is_closed=False))
    service.capture("100000001")
    order = shop.stored[NUMBER]
    (invoice,) = order.invoices
    assert (invoice.state, invoice.transaction_id) == (PAID, "cap-1")
    assert (order.total_paid, order.total_due) == (money("40.67"), money("71.33"))
    with pytest.raises(StatusNotChanged, match=r"^Invoice cannot be captured\.$"):
        service.capture("100000001")


def test_capture_asks_the_gateway_once_when_work_is_run_again_bug_27() -> None:
    shop, service = paid_by_gateway(GatewayResult(txn_id="cap-1"))
    shop.deadlocks = 2
    service.capture("100000001")
    assert len(shop.methods["labpay"].requests) == 1
    assert shop.stored[NUMBER].total_paid == money("40.67")


def test_pending_order_is_in_review_and_stays_so_inv_22() -> None:
    shop, service = paid_by_gateway(GatewayResult(txn_id="cap-1", is_pending=True))
    service.capture("100000001")
    order = shop.stored[NUMBER]
    assert (order.state, order.invoices[0].state) == ("payment_review", OPEN)


@pytest.mark.parametrize(
    ("action", "problem"), [("capture", "Invoice capturing problem."), ("void", "Invoice void problem")]
)
def test_gateway_that_fails_is_not_quoted_api_23_24(
    action: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop, service = paid_by_gateway()
    if action == "void":
        service.capture("100000001")
    before = shop.stored[NUMBER]
    shop.methods["labpay"].answer = OSError("socket timeout talking to gateway")
    with caplog.at_level(logging.ERROR), pytest.raises(StatusNotChanged) as refusal:
        getattr(service, action)("100000001")
    assert str(refusal.value) == problem
    assert isinstance(refusal.value.__cause__, OSError)
    assert "socket timeout" in caplog.text
    assert shop.stored[NUMBER] is before  # nothing written


@pytest.mark.parametrize("action", ["capture", "void"])
def test_gateway_that_refuses_is_quoted_api_23_24(action: str) -> None:
    shop, service = paid_by_gateway()
    if action == "void":
        service.capture("100000001")
    before = shop.stored[NUMBER]
    shop.methods["labpay"].answer = PaymentError("Gateway declined.")
    with pytest.raises(StatusNotChanged, match=r"^Gateway declined\.$"):
        getattr(service, action)("100000001")
    assert shop.stored[NUMBER] is before


def test_void_after_a_partial_capture_inv_32() -> None:
    shop, service = paid_by_gateway()
    service.capture("100000001")
    service.void("100000001")
    order = shop.stored[NUMBER]
    assert (order.invoices[0].state, order.total_due, order.items[0].qty_invoiced) == (
        CANCELED,
        money("112"),
        Decimal(0),
    )


def test_a_refused_void_leaves_an_open_invoice_as_it_is_inv_11() -> None:
    shop, service = paid_by_gateway()
    with pytest.raises(StatusNotChanged, match=r"^Invoice cannot be voided\.$"):
        service.void("100000001")
    order = shop.stored[NUMBER]
    assert (order.invoices[0].state, order.invoices[0].can_void_flag) == (OPEN, None)
    assert order.history == []


def test_a_paid_invoice_remembers_that_it_cannot_be_voided_inv_11() -> None:
    shop, service = paid_by_gateway()
    service.capture("100000001")
    payment = shop.stored[NUMBER].payment
    assert payment is not None
    payment.transactions[0].is_closed = True
    for _ in range(2):
        with pytest.raises(StatusNotChanged, match=r"^Invoice cannot be voided\.$"):
            service.void("100000001")
        invoice = shop.stored[NUMBER].invoices[0]
        assert (invoice.state, invoice.can_void_flag) == (PAID, 0)


def test_cancel_and_invoice_again_inv_33() -> None:
    shop, service = paid_by_gateway()
    service.cancel("100000001")
    order = shop.stored[NUMBER]
    assert order.payment is not None
    assert (order.invoices[0].state, order.payment.amount_paid) == (CANCELED, None)  # BUG-11
    assert order.base_total_invoiced_cost == 0  # BUG-22
    assert [(entry.status, entry.comment) for entry in order.history] == [("processing", None)]
    with pytest.raises(StatusNotChanged, match=r"^Invoice cannot be canceled\.$"):
        service.cancel("100000001")
    again = service.create(CreateInvoice(NUMBER))
    assert again.grand_total == money("112")


def test_cancel_that_fails_unexpectedly_api_25() -> None:
    shop, service = paid_by_gateway()
    shop.statuses = {}
    shop.default_status = None  # type: ignore[assignment,method-assign]
    with pytest.raises(StatusNotChanged, match=r"^Invoice canceling problem\.$"):
        service.cancel("100000001")
