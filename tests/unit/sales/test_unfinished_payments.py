"""Unfinished payments: whose they are, who may resume or decide them, how long others wait (BUG-2, BUG-27)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from magento_soap.sales.errors import (
    CannotDecide,
    CannotInvoice,
    PaymentBeingSettled,
    PaymentError,
    PaymentUnsettled,
    StatusNotChanged,
)
from magento_soap.sales.invoice import CANCELED, OPEN, PAID
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.invoicing.extensions import Extensions
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.paying.attempts import ANSWERED, ASKED, REFUSED, SETTLED, Attempt
from magento_soap.sales.payment import AUTHORIZATION, CAPTURE, VOID, GatewayRequest, GatewayResult, Transaction
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.services import SalesServices

from .memory_shop import NOW, MemoryShop, Method, authorized, money, three_for_a_hundred

NUMBER = "100000001"
ONE = CreateInvoice(NUMBER, {11: Decimal(1)}, capture_case="online")
ALL = CreateInvoice(NUMBER, capture_case="online")
K1, K2 = IdempotencyKey("k1", "the same content"), IdempotencyKey("k2", "the same content")
LEASE = timedelta(seconds=30)


class Killed(BaseException):
    """The process dies: nothing is caught, nothing is cleaned up."""


@dataclass
class Gateway(Method):
    """A gateway at which something may happen while it works."""

    code: str = "labpay"
    is_gateway: bool = True
    can_capture: bool = True
    can_capture_partial: bool = True
    can_void: bool = True
    meanwhile: Callable[[], Any] | None = None
    asked: list[tuple[str, GatewayRequest]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return [request.idempotency_key for _, request in self.asked]

    def capture(self, request: GatewayRequest) -> GatewayResult:
        self.asked.append((CAPTURE, request))
        return super().capture(request)

    def void(self, request: GatewayRequest) -> GatewayResult:
        self.asked.append((VOID, request))
        return super().void(request)

    def _answered(self, request: GatewayRequest) -> GatewayResult:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super()._answered(request)


def dies() -> None:
    raise Killed


class Shop(MemoryShop):
    """A shop whose gateway is asked for 112.00."""

    def __init__(self) -> None:
        self.gateway = Gateway()
        super().__init__(authorized(three_for_a_hundred()), methods=(self.gateway,))
        self.service = self.service_with()

    def service_with(self, extensions: Extensions | None = None) -> InvoiceService:
        return SalesServices(
            self, self, self, self, extensions, lease=LEASE, pause=self.pause, monotonic=self.monotonic
        ).invoices

    @property
    def invoices(self) -> list[Any]:
        return self.stored[NUMBER].invoices

    @property
    def attempt(self) -> Attempt:
        (attempt,) = self.attempts.values()
        return attempt

    def die_at_the_gateway(self, work: Callable[[], Any]) -> None:
        """Begin a payment in a process that dies, and wait until its lease has ended."""
        self.gateway.meanwhile = dies
        with pytest.raises(Killed):
            work()
        self.time += LEASE


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    """A shop with an open invoice."""
    shop.service.create(CreateInvoice(NUMBER))
    return shop


@pytest.fixture
def paid_shop(shop: Shop) -> Shop:
    """A shop with a paid invoice, and the authorization behind it."""
    shop.service.create(CreateInvoice(NUMBER, capture_case="offline"))
    shop.invoices[0].can_void_flag = None  # as an invoice has it that was captured elsewhere
    return shop


# Which request it belongs to


@pytest.mark.parametrize(
    ("first", "second"),
    [(K1, K2), (K1, None), (None, K2)],
    ids=["two keys", "a key, then none", "no key, then one"],
)
def test_an_invoice_of_the_same_content_is_still_another_request(
    shop: Shop, first: IdempotencyKey | None, second: IdempotencyKey | None
) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE, first))
    made = shop.service.create(ONE, second)
    assert [invoice.state for invoice in shop.invoices] == [PAID, PAID]
    assert made.increment_id == shop.invoices[1].increment_id
    died, again, own = shop.gateway.keys
    assert died == again != own
    if first is not None:
        assert shop.service.create(ONE, first).increment_id == shop.invoices[0].increment_id
    if second is not None:
        assert shop.service.create(ONE, second).increment_id == made.increment_id
    assert len(shop.gateway.keys) == 3


def test_nothing_is_left_for_another_request_when_the_first_took_it_all(shop: Shop) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ALL, K1))
    with pytest.raises(CannotInvoice, match="Cannot do invoice for order"):
        shop.service.create(ALL, K2)
    (invoice,) = shop.invoices
    assert shop.service.create(ALL, K1).increment_id == invoice.increment_id
    assert len(set(shop.gateway.keys)) == 1


@pytest.mark.parametrize("request_", [K1, None], ids=["with its key", "without a key"])
def test_the_same_request_resumes_its_own_payment(shop: Shop, request_: IdempotencyKey | None) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE, request_))
    made = shop.service.create(ONE, request_)
    assert [invoice.increment_id for invoice in shop.invoices] == [made.increment_id]
    assert (len(shop.gateway.keys), len(set(shop.gateway.keys))) == (2, 1)


def test_without_a_key_other_content_is_another_request(shop: Shop) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE))
    shop.service.create(CreateInvoice(NUMBER, {11: Decimal(2)}, capture_case="online"))
    assert [invoice.total_qty for invoice in shop.invoices] == [1, 2]


def test_a_key_that_names_another_request_by_now_does_not_adopt_the_old_payment(shop: Shop) -> None:
    """Keys are forgotten after a day, unfinished payments are not."""
    shop.die_at_the_gateway(lambda: shop.service.create(ONE, K1))
    shop.answers.clear()
    other = CreateInvoice(NUMBER, {11: Decimal(2)}, capture_case="online")
    made = shop.service.create(other, IdempotencyKey(K1.id, "other content"))
    assert made.total_qty == 2
    assert len(shop.invoices) == 2


@pytest.mark.parametrize(
    ("first", "second", "is_its_own"),
    [(K1, K1, True), (None, None, True), (K1, K2, False), (K1, None, False), (None, K2, False)],
)
def test_a_capture_that_died_is_reported_to_its_own_request_only(
    open_shop: Shop, first: IdempotencyKey | None, second: IdempotencyKey | None, is_its_own: bool
) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER, first))
    if is_its_own:
        shop.service.capture(NUMBER, second)
    else:
        with pytest.raises(StatusNotChanged, match="cannot be captured"):
            shop.service.capture(NUMBER, second)
    assert (shop.invoices[0].state, shop.attempt.state) == (PAID, SETTLED)


@pytest.mark.parametrize("request_", [K1, None], ids=["with its key", "without a key"])
def test_a_refusal_of_ones_own_payment_is_reported_and_not_tried_again_at_once(
    open_shop: Shop, request_: IdempotencyKey | None
) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER, request_))
    shop.gateway.answer = PaymentError("Card declined.")
    with pytest.raises(StatusNotChanged, match="Card declined"):
        shop.service.capture(NUMBER, request_)
    assert (shop.attempt.state, len(shop.gateway.keys)) == (REFUSED, 2)


@pytest.mark.parametrize(
    ("first", "second", "is_its_own"),
    [(K1, K1, True), (None, None, True), (K1, K2, False), (K1, None, False), (None, K2, False)],
)
def test_a_void_that_died_is_reported_to_its_own_request_only(
    paid_shop: Shop, first: IdempotencyKey | None, second: IdempotencyKey | None, is_its_own: bool
) -> None:
    shop = paid_shop
    shop.die_at_the_gateway(lambda: shop.service.void(NUMBER, first))
    if is_its_own:
        shop.service.void(NUMBER, second)
    else:
        with pytest.raises(StatusNotChanged, match="cannot be voided"):
            shop.service.void(NUMBER, second)
    assert (shop.invoices[0].state, shop.attempt.state) == (CANCELED, SETTLED)


def test_a_repeated_void_gets_the_first_answer(paid_shop: Shop) -> None:
    shop = paid_shop
    shop.service.void(NUMBER, K1)
    shop.service.void(NUMBER, K1)
    assert [action for action, _ in shop.gateway.asked] == [VOID]


def test_a_void_does_not_pass_for_the_capture_before_it(open_shop: Shop) -> None:
    shop = open_shop
    shop.gateway.answer = GatewayResult(close_parent=False)
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    shop.service.void(NUMBER)
    assert [action for action, _ in shop.gateway.asked] == [CAPTURE, CAPTURE, VOID]
    assert shop.invoices[0].state == CANCELED


def test_a_capture_does_not_pass_for_the_invoice_that_is_made_before_it(open_shop: Shop) -> None:
    shop = open_shop
    shop.service.cancel(NUMBER)
    shop.die_at_the_gateway(lambda: shop.service.create(ONE))
    with pytest.raises(StatusNotChanged, match="cannot be captured"):
        shop.service.capture(NUMBER)  # the canceled one
    assert [invoice.state for invoice in shop.invoices] == [CANCELED, PAID]


# Who resumes it


def capture_before(shop: Shop) -> None:
    shop.service.create(CreateInvoice(NUMBER))


def void_before(shop: Shop) -> None:
    shop.service.create(CreateInvoice(NUMBER, capture_case="offline"))
    shop.invoices[0].can_void_flag = None


def void_of_a_capture_before(shop: Shop) -> None:
    shop.gateway.answer = GatewayResult(close_parent=False)
    shop.service.create(CreateInvoice(NUMBER, capture_case="online"))
    shop.gateway.asked.clear()
    shop.attempts.clear()


@dataclass(frozen=True)
class Call:
    """A call that asks the gateway, what is done before it, and what is asked then."""

    before: Callable[[Shop], None]
    work: Callable[[InvoiceService], Any]
    action: str
    invoice: str | None
    amount: Decimal | None


CALLS = {
    "create": Call(lambda shop: None, lambda service: service.create(ALL), CAPTURE, None, Decimal("112.00")),
    "capture": Call(capture_before, lambda service: service.capture(NUMBER), CAPTURE, NUMBER, Decimal("112.00")),
    "void": Call(void_before, lambda service: service.void(NUMBER), VOID, NUMBER, Decimal("112.00")),
    "void of a capture": Call(void_of_a_capture_before, lambda service: service.void(NUMBER), VOID, NUMBER, None),
}


@pytest.mark.parametrize("is_order_changed", [False, True])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_the_gateway_is_asked_again_for_what_it_was_asked_first(shop: Shop, call: Call, is_order_changed: bool) -> None:
    """Whatever the order has become since: the same key must mean the same money."""
    call.before(shop)
    shop.die_at_the_gateway(lambda: call.work(shop.service))
    order = shop.stored[NUMBER]
    if is_order_changed:
        assert order.payment is not None
        order.base_currency_code, order.subtotal, order.total_canceled = "EUR", money("90"), money("10")
        order.payment.transactions.append(Transaction("newer", AUTHORIZATION, is_closed=False, created_at=NOW))
        for each in order.invoices:
            each.grand_total = money("50")
    (left,) = shop.service.payments.all()
    with suppress(PaymentUnsettled):  # when the rows can no longer follow
        shop.service.payments.resume(left)
    (first_action, first), (second_action, second) = shop.gateway.asked
    assert first_action == second_action == call.action
    assert replace(second, payment=first.payment) == first
    assert (first.order_increment_id, first.invoice_increment_id) == (NUMBER, call.invoice)
    assert (first.base_amount, first.base_currency_code, first.parent_txn_id) == (call.amount, "USD", "auth")
    assert (left.action, left.order_increment_id, left.invoice_increment_id) == (call.action, NUMBER, call.invoice)
    assert (left.base_amount, left.base_currency_code, left.parent_txn_id) == (call.amount, "USD", "auth")
    assert (left.asked_at, left.leased_until, left.key) == (NOW, NOW + LEASE, first.idempotency_key)


def test_a_repeated_request_to_the_gateway_has_a_new_lease(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    leases = []

    def look() -> None:
        leases.append(shop.attempt.leased_until)
        (seen,) = shop.service.payments.all()
        assert shop.service.payments.resume(seen) is False

    shop.gateway.meanwhile = look
    shop.service.capture(NUMBER)
    assert leases == [NOW + 2 * LEASE]
    assert len(shop.gateway.keys) == 2


def test_an_invoice_with_a_pending_capture_is_not_captured_again(open_shop: Shop) -> None:
    """INV-23."""
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    shop.invoices[0].transaction_id = "pending"
    with pytest.raises(PaymentUnsettled, match="outcome of an earlier payment"):
        shop.service.payments.resume(shop.attempt)
    assert len(shop.gateway.keys) == 1


@pytest.mark.parametrize("can_void", [True, False])
def test_nothing_is_done_beside_a_capture_of_a_method_that_only_captures(open_shop: Shop, can_void: bool) -> None:
    shop = open_shop
    shop.gateway.can_void = can_void
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    with pytest.raises(StatusNotChanged, match="cannot be canceled"):
        shop.service.cancel(NUMBER)
    assert shop.invoices[0].state == PAID


@pytest.mark.parametrize("state", [OPEN, CANCELED])
def test_a_void_of_a_changed_invoice_waits_for_an_administrator(paid_shop: Shop, state: int) -> None:
    shop = paid_shop
    shop.die_at_the_gateway(lambda: shop.service.void(NUMBER))
    shop.change_attempt(state=ANSWERED, result=GatewayResult(txn_id="void-1"))
    shop.invoices[0].state = state
    with pytest.raises(PaymentUnsettled, match=r"^Invoice 100000001 was changed while its payment was voided\.$"):
        shop.service.payments.resume(shop.attempt)
    assert shop.attempt.state == ANSWERED


def test_a_payment_of_a_deleted_order_waits_for_an_administrator(shop: Shop) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE))
    shop.change_attempt(state=ANSWERED, result=GatewayResult(txn_id="cap-1"))
    shop.stored.clear()
    with pytest.raises(PaymentUnsettled, match=r"^Requested order not exists\.$"):
        shop.service.payments.resume(shop.attempt)
    assert shop.attempt.state == ANSWERED


def test_a_payment_that_another_process_resumes_is_left_alone(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    (seen,) = shop.service.payments.all()
    shop.change_attempt(leased_until=shop.time + LEASE)  # by another process, just now
    assert shop.service.payments.resume(seen) is False
    assert len(shop.gateway.keys) == 1


def test_resuming_survives_a_deadlock(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    (seen,) = shop.service.payments.all()
    shop.deadlocks = 1
    assert shop.service.payments.resume(seen) is True
    assert shop.invoices[0].state == PAID


class SettledMeanwhile:
    """The order's lock is waited for while somebody else settles the payment."""

    def __init__(self, ours: Any) -> None:
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ours, name)

    def lock_by_id(self, entity_id: int) -> Any:
        for attempt in list(self._ours.attempts.values()):
            self._ours.write(replace(attempt, state=SETTLED))
        return self._ours.lock_by_id(entity_id)


def test_an_answer_is_applied_under_the_lock_of_its_order(shop: Shop) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE))
    shop.change_attempt(state=ANSWERED, result=GatewayResult())
    (seen,) = shop.service.payments.all()
    extensions = Extensions(order_repository=SettledMeanwhile)
    assert shop.service_with(extensions).payments.resume(seen) is True
    assert shop.invoices == []


class Locking:
    """Notes which orders are locked."""

    def __init__(self, ours: Any, locked: list[int]) -> None:
        self._ours = ours
        self._locked = locked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ours, name)

    def lock_by_id(self, entity_id: int) -> Any:
        self._locked.append(entity_id)
        return self._ours.lock_by_id(entity_id)


def test_a_clock_that_is_set_back_leaves_an_attempt_to_its_holder(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))

    class SetBack(Locking):
        def lock_by_id(self, entity_id: int) -> Any:
            shop.time = NOW
            return super().lock_by_id(entity_id)

    service = shop.service_with(Extensions(order_repository=lambda ours: SetBack(ours, [])))
    assert service.payments.resume(shop.attempt) is False
    assert (shop.attempt.state, len(shop.gateway.keys)) == (ASKED, 1)


@pytest.mark.parametrize("state", [ASKED, ANSWERED])
@pytest.mark.parametrize(
    "work",
    [
        lambda service, left: service.payments.resume(left),
        lambda service, left: service.payments.decide(left, None),
        lambda service, left: service.payments.decide(left, GatewayResult(txn_id="seen")),
        lambda service, left: service.payments.close(left),
    ],
    ids=["settle", "decide that nothing moved", "decide", "close"],
)
def test_the_outcome_of_a_payment_is_stored_under_the_lock_of_its_order(
    open_shop: Shop, state: str, work: Callable[[InvoiceService, Attempt], Any]
) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    shop.change_attempt(state=state, result=GatewayResult() if state == ANSWERED else None)
    locked: list[int] = []
    service = shop.service_with(Extensions(order_repository=lambda ours: Locking(ours, locked)))
    with suppress(CannotDecide):
        work(service, *service.payments.all())
    assert set(locked) == {1}


def lose_the_database(shop: Shop, transactions: int) -> None:
    """Let that many transactions fail, from the one on that follows the next answer's."""
    run, failures = shop.run, 0

    def record(work: Callable[[Any], Any], *, repeatable: bool = False) -> Any:
        shop.run = fail  # type: ignore[method-assign]
        return run(work, repeatable=repeatable)

    def fail(work: Callable[[Any], Any], *, repeatable: bool = False) -> Any:
        nonlocal failures
        failures += 1
        if failures == transactions:
            shop.run = run  # type: ignore[method-assign]
        raise ConnectionError("the database is gone")

    def answer() -> None:
        shop.run = record  # type: ignore[method-assign]

    shop.gateway.meanwhile = answer


def test_without_an_answer_the_next_call_may_resume_at_once(open_shop: Shop) -> None:
    shop = open_shop
    shop.gateway.answer = TimeoutError()
    with pytest.raises(StatusNotChanged, match="Invoice capturing problem"):
        shop.service.capture(NUMBER)
    assert (shop.attempt.state, shop.attempt.leased_until) == (ASKED, NOW)
    shop.gateway.answer = GatewayResult(txn_id="cap-1")
    shop.service.capture(NUMBER)
    assert (shop.invoices[0].state, shop.pauses, len(set(shop.gateway.keys))) == (PAID, [], 1)


def test_an_answer_that_was_not_applied_may_be_resumed_at_once(open_shop: Shop) -> None:
    shop = open_shop
    lose_the_database(shop, transactions=1)
    with pytest.raises(StatusNotChanged, match="Invoice capturing problem"):
        shop.service.capture(NUMBER)
    assert (shop.attempt.state, shop.attempt.leased_until) == (ANSWERED, NOW)
    with pytest.raises(StatusNotChanged, match="cannot be canceled"):
        shop.service.cancel(NUMBER)
    assert (shop.invoices[0].state, shop.pauses, len(shop.gateway.keys)) == (PAID, [], 1)


def test_an_answer_that_was_neither_applied_nor_released_waits_until_its_lease_ends(open_shop: Shop) -> None:
    shop = open_shop
    lose_the_database(shop, transactions=2)
    with pytest.raises(StatusNotChanged) as problem:
        shop.service.capture(NUMBER)
    assert isinstance(problem.value.__cause__, ConnectionError)
    assert (shop.attempt.state, shop.attempt.leased_until) == (ANSWERED, NOW + LEASE)
    shop.time += LEASE
    assert shop.service.payments.resume(shop.attempt) is True
    assert shop.invoices[0].state == PAID


def test_a_payment_of_a_changed_order_waits_for_an_administrator(shop: Shop) -> None:
    shop.die_at_the_gateway(lambda: shop.service.create(ONE))
    shop.stored[NUMBER].state = shop.stored[NUMBER].status = "holded"
    with pytest.raises(PaymentUnsettled, match="outcome of an earlier payment"):
        shop.service.create(ONE)
    assert len(shop.gateway.keys) == 1


# Who may decide


def test_no_decision_while_the_gateway_is_being_asked(open_shop: Shop) -> None:
    shop = open_shop

    def decide() -> None:
        for result in (None, GatewayResult(txn_id="guessed")):
            with pytest.raises(CannotDecide, match="until 2024-05-06 07:08:39 UTC"):
                shop.service.payments.decide(shop.attempt, result)

    shop.gateway.meanwhile = decide
    shop.gateway.answer = GatewayResult(txn_id="cap-1")
    shop.service.capture(NUMBER)
    assert (shop.attempt.state, shop.invoices[0].transaction_id) == (SETTLED, "cap-1")


def test_nobody_decides_while_the_gateway_is_being_asked_again(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    (seen,) = shop.service.payments.all()
    shop.change_attempt(leased_until=shop.time + LEASE)  # by another process, just now
    with pytest.raises(CannotDecide, match="until 2024-05-06 07:09:09 UTC"):
        shop.service.payments.decide(seen, None)
    assert shop.attempt.state == ASKED


@pytest.mark.parametrize("state", [ANSWERED, SETTLED, REFUSED])
@pytest.mark.parametrize("result", [None, GatewayResult(txn_id="guessed")], ids=["not done", "done"])
def test_no_decision_about_a_known_outcome(open_shop: Shop, state: str, result: GatewayResult | None) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    (seen,) = shop.service.payments.all()
    shop.change_attempt(state=state, result=GatewayResult(txn_id="cap-1"))
    with pytest.raises(CannotDecide, match=f"known already: {state}"):
        shop.service.payments.decide(seen, result)
    assert (shop.attempt.state, shop.attempt.result) == (state, GatewayResult(txn_id="cap-1"))


def test_an_answer_that_was_entered_by_hand_is_closed_and_kept(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER, K1))
    (seen,) = shop.service.payments.all()
    with pytest.raises(CannotDecide, match=r"^The gateway has not answered yet\.$"):
        shop.service.payments.close(seen)
    shop.change_attempt(state=ANSWERED, result=GatewayResult(txn_id="cap-1"))
    shop.invoices[0].state = PAID  # by a person, in Magento's admin panel
    with pytest.raises(PaymentUnsettled, match="was changed while"):
        shop.service.payments.resume(shop.attempt)
    closed = shop.service.payments.close(seen)
    assert (closed.state, closed.error) == (SETTLED, "decided by hand")
    assert closed.result == GatewayResult(txn_id="cap-1")
    shop.service.capture(NUMBER, K1)
    assert (len(shop.gateway.keys), shop.service.payments.all()) == (1, [])
    with pytest.raises(CannotDecide, match="known already: settled"):
        shop.service.payments.close(closed)


def test_an_invoice_created_by_hand_is_not_the_response_to_a_request(shop: Shop) -> None:
    """Nobody knows its number."""
    shop.die_at_the_gateway(lambda: shop.service.create(ALL, K1))
    shop.change_attempt(state=ANSWERED, result=GatewayResult(txn_id="cap-1"))
    shop.stored[NUMBER].items[0].qty_invoiced = Decimal(3)  # in Magento's admin panel
    shop.service.payments.close(shop.attempt)
    with pytest.raises(CannotInvoice):
        shop.service.create(ALL, K1)


def test_an_answer_that_is_being_applied_is_not_closed(open_shop: Shop) -> None:
    shop = open_shop
    shop.die_at_the_gateway(lambda: shop.service.capture(NUMBER))
    shop.change_attempt(state=ANSWERED, result=GatewayResult(txn_id="cap-1"))
    shop.change_attempt(leased_until=shop.time + LEASE)
    with pytest.raises(CannotDecide, match="is being settled"):
        shop.service.payments.close(shop.attempt)
    assert shop.attempt.state == ANSWERED


def test_an_answer_that_comes_after_a_decision_does_not_undo_it_and_is_no_success(
    open_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop

    def decide() -> None:
        shop.time += LEASE
        decided = shop.service.payments.decide(shop.attempt, None)
        assert (decided.state, decided.error) == (REFUSED, "decided by hand")

    shop.gateway.meanwhile = decide
    shop.gateway.answer = GatewayResult(txn_id="cap-1")
    with pytest.raises(PaymentUnsettled, match="decided"), caplog.at_level(logging.ERROR):
        shop.service.capture(NUMBER)
    assert (shop.attempt.state, shop.invoices[0].state) == (REFUSED, OPEN)
    assert shop.attempt.key in caplog.text
    assert "cap-1" in caplog.text


def test_an_answer_that_another_process_applied_meanwhile_is_a_success(open_shop: Shop) -> None:
    shop = open_shop

    def settle() -> None:
        shop.time += LEASE
        assert shop.service.payments.resume(shop.attempt) is True

    shop.gateway.meanwhile = settle
    shop.service.capture(NUMBER)
    assert (shop.attempt.state, shop.invoices[0].state, len(set(shop.gateway.keys))) == (SETTLED, PAID, 1)


@pytest.mark.parametrize("answer", [GatewayResult(txn_id="cap-1"), TimeoutError(), PaymentError("Card declined.")])
def test_a_process_that_lost_its_lease_changes_nothing(open_shop: Shop, answer: GatewayResult | Exception) -> None:
    shop = open_shop
    theirs = shop.time + 3 * LEASE

    def lose() -> None:
        shop.change_attempt(leased_until=theirs)

    shop.gateway.meanwhile, shop.gateway.answer = lose, answer
    with pytest.raises(StatusNotChanged) as raised:
        shop.service.capture(NUMBER)
    is_being_settled = "A payment of this order is being settled. Try again later." in str(raised.value)
    assert isinstance(raised.value, PaymentBeingSettled) == is_being_settled == isinstance(answer, GatewayResult)
    left = shop.attempt
    assert (left.state, left.leased_until, left.result, left.error) == (ASKED, theirs, None, None)


# How long others wait


@pytest.mark.parametrize("call", ["capture", "void", "cancel", "create"])
def test_waiting_ends_after_two_or_three_seconds(open_shop: Shop, call: str) -> None:
    shop = open_shop
    shop.gateway.meanwhile = dies
    with pytest.raises(Killed):
        shop.service.capture(NUMBER)
    with pytest.raises(PaymentBeingSettled, match="is being settled"):
        getattr(shop.service, call)(CreateInvoice(NUMBER) if call == "create" else NUMBER)
    assert 2 <= sum(shop.pauses) <= 3
    assert max(shop.pauses) <= 0.5
    assert len(shop.gateway.keys) == 1


def test_a_limited_number_of_threads_waits_for_payments(open_shop: Shop) -> None:
    shop = open_shop
    shop.gateway.meanwhile = dies
    with pytest.raises(Killed):
        shop.service.capture(NUMBER)
    pauses = 0

    def pause(seconds: float) -> None:
        """Meanwhile another call comes, for which there is no place."""
        nonlocal pauses
        pauses += 1
        with pytest.raises(PaymentBeingSettled):
            service.capture(NUMBER)
        shop.pause(seconds)

    service = SalesServices(
        shop, shop, shop, shop, lease=LEASE, pause=pause, monotonic=shop.monotonic, most_waiting=1
    ).invoices
    with pytest.raises(PaymentBeingSettled):
        service.capture(NUMBER)
    assert pauses == len(shop.pauses) > 10


def test_a_waiting_call_continues_once_the_payment_is_finished(open_shop: Shop) -> None:
    shop = open_shop
    shop.gateway.meanwhile = dies
    with pytest.raises(Killed):
        shop.service.capture(NUMBER)
    pause = shop.pause

    def settle(seconds: float) -> None:
        pause(seconds)
        if len(shop.pauses) == 3:
            shop.change_attempt(state=REFUSED)

    shop.pause = settle  # type: ignore[method-assign]
    shop.service_with().cancel(NUMBER)
    assert len(shop.pauses) == 3
