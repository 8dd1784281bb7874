"""Several processes and one unfinished payment: locks and leases of each database keep them apart (BUG-2, BUG-27)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from werkzeug.test import Client as Http

from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault
from magento_soap.app import create_api, create_app, create_sales
from magento_soap.demo import demo_rows
from magento_soap.sales.errors import CannotDecide
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.invoicing.extensions import Extensions
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.paying.attempts import ANSWERED, ASKED, SETTLED, Attempt
from magento_soap.sales.payment import GatewayRequest, GatewayResult
from magento_soap.sales.ports import IdempotencyKey, UnitOfWork
from magento_soap.settings import Settings
from magento_soap.storage import Database
from magento_soap.storage.sales.journal import Journal
from tests.lab_bank import FILE, Bank, movements

from .conftest import rows_with

LONG_AGO = datetime(2024, 1, 1)
ORDER, ORDER_ID, INVOICE = "100000017", 27, "100000016"
CAPTURE = Attempt(
    key="unfinished",
    action="capture",
    order_id=ORDER_ID,
    order_increment_id=ORDER,
    invoice_increment_id=INVOICE,
    method="demopay",
    base_amount=Decimal("384.9800"),
    base_currency_code="USD",
    parent_txn_id=f"auth-{ORDER}",
    asked_at=LONG_AGO,
    leased_until=LONG_AGO,
)
ONE = CreateInvoice("100000016", {47: Decimal(1)}, capture_case="online")
SECONDS = 30  # before a test is given up


class SlowBank(Bank):
    """Answers only when the test allows it."""

    is_asked = Event()
    may_answer = Event()

    def capture(self, request: GatewayRequest) -> GatewayResult:
        SlowBank.is_asked.set()
        assert SlowBank.may_answer.wait(SECONDS)
        return super().capture(request)


class Shop:
    """A demo shop with an unfinished payment, and a bank."""

    def __init__(self, url: str, bank: Path) -> None:
        self.url = url
        self.bank = bank
        self.database = Database(url)
        self.database.load(demo_rows() | {f"magento_soap_{name}": [] for name in ("outbox", "payment", "request")})

    def settings(self) -> Settings:
        return Settings(database_url=self.url, payment_methods={"demopay": f"{__name__}:SlowBank"}, login_attempts=0)

    def service(self, extensions: Extensions | None = None) -> InvoiceService:
        """As another process has it."""
        return create_sales(self.settings(), self.database, extensions).invoices

    def write(self, attempt: Attempt) -> None:
        self.database.transactions.run(lambda unit: unit.payments.write(attempt))

    def stored(self, attempt: Attempt = CAPTURE) -> Attempt:
        found = self.database.transactions.run(lambda unit: unit.payments.find(attempt.key))
        assert found is not None
        return found

    def rows(self, table: str, **wanted: Any) -> list[dict[str, Any]]:
        return rows_with(self.database, table, **wanted)


@pytest.fixture
def shop(empty_shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv(FILE, str(tmp_path / "bank.sqlite"))
    SlowBank.is_asked.clear()
    SlowBank.may_answer.set()
    made = Shop(empty_shop, tmp_path / "bank.sqlite")
    yield made
    SlowBank.may_answer.set()
    made.database.close()


@pytest.fixture
def row_locks(dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has one write lock: nobody comes between two statements of a transaction")


def between(monkeypatch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
    """Let something happen right after an attempt was looked at, once."""
    find = Journal.find
    events = [event]

    def finds(journal: Journal, key: str) -> Attempt | None:
        found = find(journal, key)
        if events:
            events.pop()()
        return found

    monkeypatch.setattr(Journal, "find", finds)


def test_while_a_process_asks_the_gateway_no_other_asks_or_decides(shop: Shop) -> None:
    shop.write(CAPTURE)
    SlowBank.may_answer.clear()
    with ThreadPoolExecutor(1) as other:
        (seen,) = shop.service().payments.all()
        settling = other.submit(shop.service().payments.resume, seen)
        assert SlowBank.is_asked.wait(SECONDS)
        SlowBank.is_asked.clear()
        assert shop.service().payments.resume(seen) is False  # though it was free when we looked
        assert shop.service().payments.resume(shop.stored()) is False
        with pytest.raises(CannotDecide, match="is being asked"):
            shop.service().payments.decide(seen, None)
        assert not SlowBank.is_asked.is_set()
        SlowBank.may_answer.set()
        assert settling.result(SECONDS) is True
    assert movements(shop.bank) == [("capture", ORDER, Decimal("384.98"))]
    assert shop.stored().state == SETTLED


def test_an_answer_during_a_decision_is_kept(shop: Shop, row_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(CAPTURE)
    between(monkeypatch, lambda: answer(shop))
    with pytest.raises(CannotDecide, match="known already: answered"):
        shop.service().payments.decide(CAPTURE, None)
    assert (shop.stored().state, shop.stored().result) == (ANSWERED, GatewayResult(txn_id="late"))
    assert shop.service().payments.resume(shop.stored()) is True
    assert shop.rows("sales_flat_invoice", increment_id=INVOICE)[0]["transaction_id"] == "late"


def test_an_answer_during_a_take_over_is_kept(shop: Shop, row_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(CAPTURE)
    between(monkeypatch, lambda: answer(shop))
    assert shop.service().payments.resume(CAPTURE) is False
    assert (shop.stored().state, movements(shop.bank)) == (ANSWERED, [])


def answer(shop: Shop) -> None:
    """The gateway's late answer, written down by the process that has asked first."""
    other = Database(shop.url)
    late = replace(CAPTURE, state=ANSWERED, result=GatewayResult(txn_id="late"))
    assert other.transactions.run(lambda unit: unit.payments.replace(late, ASKED, CAPTURE.leased_until))
    other.close()


def test_an_answer_that_two_processes_have_read_is_applied_once(shop: Shop, row_locks: None) -> None:
    """Whether it still has to be booked is asked under the order's lock."""
    with pytest.raises(SystemExit):
        _create_and_die(shop)
    (seen,) = shop.service().payments.all()
    assert seen.state == ANSWERED
    seen = replace(seen, leased_until=LONG_AGO)
    shop.write(seen)
    waiting = Event()

    class Signaling:
        """Our repository, which signals that it is about to wait for a lock."""

        def __init__(self, ours: Any) -> None:
            self._ours = ours

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ours, name)

        def lock_by_id(self, entity_id: int) -> Any:
            waiting.set()
            return self._ours.lock_by_id(entity_id)

    def book(unit: UnitOfWork) -> None:
        """What the other one does: the order is locked, the answer is booked."""
        unit.orders.lock_by_id(seen.order_id)
        settling.append(second.submit(shop.service(Extensions(order_repository=Signaling)).payments.resume, seen))
        assert waiting.wait(SECONDS)
        unit.payments.write(replace(seen, state=SETTLED))

    settling: list[Any] = []
    with ThreadPoolExecutor(1) as second:
        shop.database.transactions.run(book)
        assert settling[0].result(SECONDS) is True
    assert shop.rows("sales_flat_invoice", order_id=26) == []  # the other one has only said so


def _create_and_die(shop: Shop) -> None:
    """Invoice one of two, and die when the answer is stored."""

    class Dying:
        def __init__(self, ours: Any) -> None:
            self._ours = ours

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ours, name)

        def save(self, order: object) -> None:
            raise SystemExit

    shop.service(Extensions(order_repository=Dying)).create(ONE)


@pytest.mark.parametrize(
    ("first", "second"),
    [("k1", "k2"), ("k1", None), (None, "k2")],
    ids=["two keys", "a key, then none", "no key, then one"],
)
def test_an_interrupted_payment_is_not_the_response_to_another_request(
    shop: Shop, first: str | None, second: str | None
) -> None:
    one, other = (None if key is None else IdempotencyKey(key, "the same content") for key in (first, second))

    def killed(self: SlowBank, request: GatewayRequest) -> GatewayResult:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SlowBank, "capture", killed)
        with pytest.raises(SystemExit):
            shop.service().create(ONE, one)
    (left,) = shop.service().payments.all()
    shop.write(replace(left, leased_until=LONG_AGO))
    made = shop.service().create(ONE, other)
    invoices = shop.rows("sales_flat_invoice", order_id=26)
    assert [invoice["state"] for invoice in invoices] == [2, 2]
    assert made.increment_id == invoices[1]["increment_id"]
    assert len(movements(shop.bank)) == 2
    if one is not None:
        assert shop.service().create(ONE, one).increment_id == invoices[0]["increment_id"]
    assert len(movements(shop.bank)) == 2


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "argument"),
    [("capture", INVOICE), ("void", INVOICE), ("cancel", INVOICE), ("create", ORDER)],
)
def test_waiting_in_vain_is_fault_104(shop: Shop, path: str, argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("magento_soap.sales.paying.resuming.MAX_WAIT_SECONDS", 0)
    shop.write(replace(CAPTURE, leased_until=shop.database.clock.now() + timedelta(hours=1)))
    api = create_api(shop.settings(), shop.database)
    with pytest.raises(ApiFault) as fault:
        api.call(Client(), api.login(Client(), "apiUser", "apiKey"), f"order_invoice.{path}", [argument])
    assert (fault.value.code, fault.value.message) == (
        "104",
        "A payment of this order is being settled. Try again later.",
    )


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_waiting_in_vain_is_a_conflict_in_rest(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("magento_soap.sales.paying.resuming.MAX_WAIT_SECONDS", 0)
    shop.write(replace(CAPTURE, leased_until=shop.database.clock.now() + timedelta(hours=1)))
    http = Http(create_app(shop.settings(), shop.database))
    answer = http.post(f"/rest/V1/order/{ORDER_ID}/invoice", json={}, auth=("apiUser", "apiKey"))
    assert (answer.status_code, answer.get_json()) == (
        409,
        {"message": "A payment of this order is being settled. Try again later."},
    )
