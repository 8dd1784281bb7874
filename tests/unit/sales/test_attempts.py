"""Payment attempts through the service: nothing is lost, and nothing happens twice (BUG-2, BUG-27)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    GatewayNotReached,
    IdempotencyKeyReused,
    InvoiceRejected,
    PaymentError,
    PaymentUnsettled,
    StatusNotChanged,
)
from magento_soap.sales.invoice import CANCELED, OPEN, PAID
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.paying.attempts import ANSWERED, ASKED, REFUSED, SETTLED, Attempt
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.services import SalesServices

from .memory_shop import NOW, MemoryShop, Method, authorized, gateway_method, three_for_a_hundred

NUMBER = "100000001"
KEY = IdempotencyKey("key", "fingerprint")
ONLINE = CreateInvoice(NUMBER, capture_case="online")


def shop_with(method: Method) -> tuple[MemoryShop, InvoiceService]:
    shop = MemoryShop(authorized(three_for_a_hundred()), methods=(method,))
    return shop, SalesServices(shop, shop, shop, shop, lease=timedelta(seconds=0)).invoices


def open_invoice(method: Method | None = None) -> tuple[MemoryShop, InvoiceService]:
    shop, service = shop_with(method or gateway_method(GatewayResult(txn_id="cap-1", is_closed=False)))
    service.create(CreateInvoice(NUMBER))
    return shop, service


def state(shop: MemoryShop) -> Any:
    return shop.stored[NUMBER].invoices[-1].state


def the_attempt(shop: MemoryShop) -> Attempt:
    (attempt,) = shop.attempts.values()
    return attempt


def fails_once(shop: MemoryShop, at: int) -> None:
    """Let one transaction fail, counted from the next one."""
    run, count = shop.run, 0

    def failing(work: Callable[[Any], Any], *, repeatable: bool = False) -> Any:
        nonlocal count
        count += 1
        if count == at:
            raise ConnectionError("the database is gone")
        return run(work, repeatable=repeatable)

    shop.run = failing  # type: ignore[method-assign]


def test_a_capture_leaves_a_settled_attempt() -> None:
    shop, service = open_invoice()
    service.capture(NUMBER)
    attempt = the_attempt(shop)
    assert (attempt.state, attempt.action, attempt.base_amount) == (SETTLED, "capture", Decimal("112.00"))
    (asked,) = shop.methods["labpay"].requests
    assert asked.idempotency_key == attempt.key
    assert not service.payments.all()


def test_a_refused_payment_is_final_and_a_new_one_may_follow() -> None:
    shop, service = open_invoice()
    method = shop.methods["labpay"]
    method.answer = PaymentError("Card declined.")
    with pytest.raises(StatusNotChanged, match="Card declined"):
        service.capture(NUMBER)
    assert (the_attempt(shop).state, the_attempt(shop).error) == (REFUSED, "Card declined.")
    method.answer = GatewayResult(txn_id="cap-2")
    service.capture(NUMBER)
    first, second = method.requests
    assert first.idempotency_key != second.idempotency_key
    assert state(shop) == PAID


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    shop, service = open_invoice()
    method = shop.methods["labpay"]
    method.answer = TimeoutError()
    with pytest.raises(StatusNotChanged, match="Invoice capturing problem"):
        service.capture(NUMBER)
    assert (the_attempt(shop).state, the_attempt(shop).error) == (ASKED, "TimeoutError")
    method.answer = GatewayResult(txn_id="cap-1")
    service.capture(NUMBER)
    assert len({request.idempotency_key for request in method.requests}) == 1
    assert state(shop) == PAID


def test_a_gateway_without_idempotency_is_not_asked_twice() -> None:
    shop, service = open_invoice()
    method = shop.methods["labpay"]
    method.is_idempotent = False
    method.answer = TimeoutError()
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    for call in (service.capture, service.cancel):
        with pytest.raises(PaymentUnsettled, match="outcome of an earlier payment"):
            call(NUMBER)
    assert len(method.requests) == 1
    (attempt,) = service.payments.all()
    assert service.payments.decide(attempt, GatewayResult(txn_id="seen")).state == SETTLED
    assert state(shop) == PAID


def test_an_administrator_decides_that_no_money_moved() -> None:
    shop, service = open_invoice()
    shop.methods["labpay"].answer = TimeoutError()
    shop.methods["labpay"].is_idempotent = False
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    (attempt,) = service.payments.all()
    assert service.payments.decide(attempt, None).state == REFUSED
    service.cancel(NUMBER)
    assert state(shop) == CANCELED


def test_an_answer_that_could_not_be_applied_is_applied_by_the_next_call() -> None:
    shop, service = open_invoice()
    fails_once(shop, at=3)  # intent, answer, rows
    with pytest.raises(StatusNotChanged, match="Invoice capturing problem"):
        service.capture(NUMBER)
    assert (the_attempt(shop).state, state(shop)) == (ANSWERED, OPEN)
    with pytest.raises(StatusNotChanged, match="cannot be canceled"):
        service.cancel(NUMBER)  # the money comes first: the invoice is paid now
    assert state(shop) == PAID
    assert len(shop.methods["labpay"].requests) == 1


def test_an_answer_that_could_not_be_stored_is_asked_for_again() -> None:
    shop, service = open_invoice()
    fails_once(shop, at=2)
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    assert the_attempt(shop).state == ASKED
    service.capture(NUMBER)
    assert state(shop) == PAID
    first, second = shop.methods["labpay"].requests
    assert first.idempotency_key == second.idempotency_key


def test_an_unreachable_gateway_is_a_refusal_the_first_time_only() -> None:
    shop, service = open_invoice()
    method = shop.methods["labpay"]
    method.answer = GatewayNotReached("The payment gateway cannot be reached.")
    with pytest.raises(StatusNotChanged, match="cannot be reached"):
        service.capture(NUMBER)
    assert the_attempt(shop).state == REFUSED
    shop.attempts.clear()
    method.answer = TimeoutError()
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    method.answer = GatewayNotReached("The payment gateway cannot be reached.")
    with pytest.raises(PaymentUnsettled, match="outcome of an earlier payment"):
        service.cancel(NUMBER)
    assert the_attempt(shop).state == ASKED


def test_a_lost_refusal_does_not_block_the_next_operation() -> None:
    shop, service = open_invoice()
    method = shop.methods["labpay"]
    method.answer = TimeoutError()
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    method.answer = PaymentError("Card declined.")
    service.cancel(NUMBER)
    assert state(shop) == CANCELED


def test_an_attempt_is_reserved_during_its_lease() -> None:
    shop, service = open_invoice()
    shop.methods["labpay"].answer = TimeoutError()
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    shop.change_attempt(leased_until=NOW + timedelta(seconds=5))
    (attempt,) = service.payments.all()
    assert service.payments.resume(attempt) is False
    assert len(shop.methods["labpay"].requests) == 1


def test_an_invoice_is_created_with_its_capture_or_not_at_all() -> None:
    shop, service = shop_with(gateway_method(PaymentError("Card declined.")))
    with pytest.raises(StatusNotChanged, match="Card declined"):
        service.create(ONLINE)
    assert not shop.stored[NUMBER].invoices
    shop.methods["labpay"].answer = GatewayResult(txn_id="cap-1")
    assert service.create(ONLINE).state == PAID


@pytest.mark.parametrize(("store_id", "unnumbered"), [(1, 1), (None, 0)])
def test_no_money_is_taken_for_an_invoice_that_cannot_be_numbered(store_id: int | None, unnumbered: int) -> None:
    shop, service = shop_with(gateway_method(GatewayResult(txn_id="cap-1")))
    shop.stored[NUMBER].store_id = store_id
    shop.unnumbered_stores = {unnumbered}
    with pytest.raises(CannotNumber, match="cannot be numbered"):
        service.create(ONLINE)
    assert not shop.methods["labpay"].requests
    assert not shop.attempts


def test_a_captured_invoice_that_could_not_be_stored_is_created_later() -> None:
    shop, service = shop_with(gateway_method(GatewayResult(txn_id="cap-1")))
    fails_once(shop, at=3)
    with pytest.raises(StatusNotChanged):
        service.create(ONLINE, KEY)
    assert not shop.stored[NUMBER].invoices
    made = service.create(ONLINE, KEY)
    assert (made.increment_id, made.state) == (shop.stored[NUMBER].invoices[0].increment_id, PAID)
    assert service.create(ONLINE, KEY).increment_id == made.increment_id
    assert len(shop.methods["labpay"].requests) == 1


def test_the_journal_keeps_an_answer_that_no_longer_fits_the_order() -> None:
    shop, service = open_invoice()
    fails_once(shop, at=3)
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    shop.stored[NUMBER].invoices[0].state = CANCELED  # by a program that knows nothing of the journal
    with pytest.raises(PaymentUnsettled, match="was changed while"):
        service.cancel(NUMBER)
    (attempt,) = service.payments.all()
    assert (attempt.state, attempt.result and attempt.result.txn_id) == (ANSWERED, "cap-1")


def test_without_a_journal_no_gateway_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, service = open_invoice()
    monkeypatch.setattr("tests.unit.sales.memory_shop.MemoryUnit.is_kept", False)
    with pytest.raises(StatusNotChanged, match="cannot be recorded"):
        service.capture(NUMBER)
    assert not shop.methods["labpay"].requests


@pytest.mark.parametrize(
    "call",
    [
        lambda service, key: service.create(CreateInvoice(NUMBER, {11: Decimal(1)}), key).increment_id,
        lambda service, key: service.add_comment(AddComment(NUMBER, "again"), key),
        lambda service, key: service.capture(NUMBER, key),
        lambda service, key: service.cancel(NUMBER, key),
    ],
    ids=["create", "add_comment", "capture", "cancel"],
)
def test_a_repeated_request_gets_the_first_answer(call: Callable[[InvoiceService, IdempotencyKey], Any]) -> None:
    shop, service = shop_with(gateway_method(GatewayResult(txn_id="cap-1")))
    service.create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    first = call(service, KEY)
    after = shop.stored[NUMBER]
    assert call(service, KEY) == first
    assert shop.stored[NUMBER] == after
    assert len(shop.methods["labpay"].requests) <= 1
    with pytest.raises(IdempotencyKeyReused):
        service.add_comment(AddComment(NUMBER, "something else"), IdempotencyKey(KEY.id, "another"))


def test_a_request_that_failed_may_succeed_later() -> None:
    shop, service = shop_with(gateway_method())
    shop.stored[NUMBER].state = "holded"
    with pytest.raises(CannotInvoice):
        service.create(CreateInvoice(NUMBER), KEY)
    shop.stored[NUMBER].state = "processing"
    assert service.create(CreateInvoice(NUMBER), KEY).increment_id


def test_all_problems_of_an_invoice_are_reported_at_once() -> None:
    """M2-4."""
    shop, service = shop_with(gateway_method())
    shop.stored[NUMBER].state = shop.stored[NUMBER].status = "holded"
    wanted = {99: Decimal(1), 11: Decimal(7)}
    with pytest.raises(InvoiceRejected) as rejected:
        service.create(CreateInvoice(order_id=1, quantities=wanted, capture_case="offline", collect_all_problems=True))
    assert rejected.value.messages == (
        "The invoice contains one or more items that are not part of the original order.",
        'The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "".',
        "An invoice cannot be created when an order has a status of holded.",
    )


@pytest.mark.parametrize(
    "command",
    [
        CreateInvoice(NUMBER, {"a-1": Decimal(2)}, capture_case="online"),
        CreateInvoice(NUMBER, {"11": Decimal(2)}, capture_case="online"),
        CreateInvoice(order_id=1, quantities={11: Decimal(2)}, capture_case="online", collect_all_problems=True),
    ],
    ids=["by SKU", "by id", "by Magento 2's id"],
)
def test_a_resumed_payment_invoices_what_was_requested(command: CreateInvoice) -> None:
    shop, service = shop_with(gateway_method())
    shop.stored[NUMBER].items[0].sku = "a-1"
    fails_once(shop, at=3)
    with pytest.raises(StatusNotChanged):
        service.create(command)
    assert not shop.stored[NUMBER].invoices
    json.dumps(the_attempt(shop).command)  # as the journal keeps it
    assert service.payments.resume(the_attempt(shop))
    (invoice,) = shop.stored[NUMBER].invoices
    assert invoice.state == PAID
    assert invoice.total_qty == 2


def test_a_payment_is_not_resumed_while_its_answer_is_being_applied() -> None:
    """BUG-2: the money was taken once, and only the process that took it reports that."""
    shop, service = open_invoice()
    fails_once(shop, at=3)
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    shop.change_attempt(leased_until=NOW + timedelta(seconds=5))  # another process is about to apply the answer
    (attempt,) = service.payments.all()
    assert (attempt.state, service.payments.resume(attempt)) == (ANSWERED, False)
    assert state(shop) == OPEN


def test_an_order_whose_method_is_gone_can_still_be_canceled() -> None:
    shop, service = open_invoice()
    del shop.methods["labpay"]
    service.cancel(NUMBER)
    assert state(shop) == CANCELED


def test_an_unfinished_payment_of_a_removed_method_waits_for_an_administrator() -> None:
    shop, service = open_invoice()
    shop.methods["labpay"].answer = TimeoutError()
    with pytest.raises(StatusNotChanged):
        service.capture(NUMBER)
    del shop.methods["labpay"]
    with pytest.raises(PaymentUnsettled, match="Payment Method is not available"):
        service.cancel(NUMBER)
    (attempt,) = service.payments.all()
    service.payments.decide(attempt, None)
    service.cancel(NUMBER)
    assert state(shop) == CANCELED
