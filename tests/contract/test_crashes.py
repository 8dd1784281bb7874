"""The process is killed between gateway, database and mail: money, rows and mails agree, and a retry gets one answer.

Each case is a process that dies by SIGKILL at a point of a call, and another one that sends the same request again.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from magento_soap.app import create_sales
from magento_soap.demo import demo_rows
from magento_soap.storage import Database
from tests.lab_bank import FILE, movements
from tests.mail_server import MailServer

from . import crashing
from .conftest import rows_with
from .crashing import CREATE_ONLINE, KEY, POINTS, POINTS_OF_MAIL, POINTS_WITH_GATEWAY

LONG_AGO = "2020-01-01 00:00:00"
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([crashing.__name__])
MONEY = {
    "capture": ("capture", "100000017", Decimal("384.98")),
    "void": ("void", "100000001", None),
    CREATE_ONLINE: ("capture", "100000016", Decimal("145.00")),
}
CASES = [
    *((operation, point) for operation in MONEY for point in POINTS_WITH_GATEWAY),
    *((operation, point) for operation in ("create", "addComment", "cancel") for point in POINTS),
]


class Crashed:
    """A demo shop on which processes die."""

    def __init__(self, url: str, bank: Path) -> None:
        self.url = url
        self.bank = bank
        self.database = Database(url)
        self.database.load(demo_rows() | {f"magento_soap_{name}": [] for name in ("outbox", "payment", "request")})

    def die(self, operation: str, point: str) -> None:
        """Start the operation in a process that dies at that point."""
        process = PROCESSES.Process(target=crashing.die_at, args=(point, operation, self.url, str(self.bank)))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        # Nobody has to wait for the dead: the lease has ended.
        attempts = self.rows("magento_soap_payment")
        self.database.load({"magento_soap_payment": [row | {"leased_until": LONG_AGO} for row in attempts]})

    def run(self, operation: str) -> Any:
        """The answer to the operation, a fault as a list."""
        return crashing.run(self.url, operation)

    def rows(self, table: str, **wanted: Any) -> list[dict[str, Any]]:
        """The rows with these values."""
        return rows_with(self.database, table, **wanted)


@pytest.fixture
def shop(empty_shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crashed]:
    monkeypatch.setenv(FILE, str(tmp_path / "bank.sqlite"))
    crashed = Crashed(empty_shop, tmp_path / "bank.sqlite")
    yield crashed
    crashed.database.close()


def check_books(shop: Crashed, operation: str) -> None:
    """Whatever happened on the way, it was done once, everywhere."""
    assert movements(shop.bank) == ([MONEY[operation]] if operation in MONEY else [])
    assert {row["state"] for row in shop.rows("magento_soap_payment")} <= {"settled"}
    check = globals()[f"check_{operation.replace(' ', '_')}"]
    check(shop)


def check_capture(shop: Crashed) -> None:
    (invoice,) = shop.rows("sales_flat_invoice", increment_id="100000016")
    (order,) = shop.rows("sales_flat_order", increment_id="100000017")
    assert (invoice["state"], order["base_total_paid"]) == (2, "384.9800")
    (captured,) = shop.rows("sales_payment_transaction", order_id=invoice["order_id"], txn_type="capture")
    assert invoice["transaction_id"] == captured["txn_id"]


def check_void(shop: Crashed) -> None:
    (invoice,) = shop.rows("sales_flat_invoice", increment_id="100000001")
    (order,) = shop.rows("sales_flat_order", increment_id="100000001")
    assert (invoice["state"], order["base_total_paid"]) == (3, "0.0000")
    assert len(shop.rows("sales_payment_transaction", order_id=invoice["order_id"], txn_type="void")) == 1


def check_create_online(shop: Crashed) -> None:
    (order,) = shop.rows("sales_flat_order", increment_id="100000016")
    (invoice,) = shop.rows("sales_flat_invoice", order_id=order["entity_id"])
    assert (invoice["state"], invoice["base_grand_total"], order["base_total_paid"]) == (2, "145.0000", "145.0000")
    assert len(shop.rows("sales_payment_transaction", order_id=order["entity_id"], txn_type="capture")) == 1
    (mail,) = shop.rows("magento_soap_outbox")
    assert mail["entity_id"] == invoice["entity_id"]


def check_create(shop: Crashed) -> None:
    (order,) = shop.rows("sales_flat_order", increment_id="100000003")
    (invoice,) = shop.rows("sales_flat_invoice", order_id=order["entity_id"])
    assert order["base_total_invoiced"] == invoice["base_grand_total"]
    assert len(shop.rows("sales_flat_invoice_comment", parent_id=invoice["entity_id"])) == 1
    (mail,) = shop.rows("magento_soap_outbox")
    assert (mail["entity_id"], mail["comment"]) == (invoice["entity_id"], "Thank you")


def check_addComment(shop: Crashed) -> None:
    assert len(shop.rows("sales_flat_invoice_comment", comment="On its way")) == 1
    assert len(shop.rows("magento_soap_outbox")) == 1


def check_cancel(shop: Crashed) -> None:
    (invoice,) = shop.rows("sales_flat_invoice", increment_id="100000013")
    (order,) = shop.rows("sales_flat_order", increment_id="100000018")
    assert (invoice["state"], order["base_total_invoiced"]) == (3, "0.0000")


@pytest.mark.parametrize(("operation", "point"), CASES)
def test_a_retry_gets_one_answer_and_nothing_is_done_twice(shop: Crashed, operation: str, point: str) -> None:
    shop.die(operation, point)
    answer = shop.run(operation)
    assert not isinstance(answer, list), answer
    check_books(shop, operation)
    assert shop.run(operation) == answer
    check_books(shop, operation)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("operation", "point"), [(each, point) for each in MONEY for point in POINTS_WITH_GATEWAY])
def test_a_payment_that_no_client_repeats_is_reconciled(shop: Crashed, operation: str, point: str) -> None:
    """No captured amount stays unrecorded: the journal knows of it, and can finish it."""
    shop.die(operation, point)
    service = create_sales(crashing.settings_for(shop.url), shop.database).invoices
    unfinished = service.payments.all()
    if point == "before the intent is stored":
        assert not unfinished
        assert not movements(shop.bank)
        return
    if point == "before the client is answered":
        assert not unfinished
        check_books(shop, operation)
        return
    (attempt,) = unfinished
    assert attempt.action == MONEY[operation][0]
    assert service.payments.resume(attempt)
    assert not service.payments.all()
    check_books(shop, operation)
    assert not isinstance(shop.run(operation), list)  # and a client that repeats its request gets the result
    check_books(shop, operation)


@pytest.mark.parametrize("point", POINTS_OF_MAIL)
def test_the_mail_arrives(shop: Crashed, point: str) -> None:
    """At least once: a worker killed between sending and recording sends again, with the same Message-ID."""
    shop.run("create")

    class Later:
        """The lease of the dead has ended."""

        def now(self) -> datetime:
            return shop.database.clock.now() + timedelta(hours=1)

    with MailServer() as server:
        arguments = (shop.url, server.port, None)
        process = PROCESSES.Process(target=crashing.send_mails, args=arguments, kwargs={"point": point})
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        crashing.send_mails(shop.url, server.port, Later())
        crashing.send_mails(shop.url, server.port, Later())
        ids = [mail.message["Message-ID"] for mail in server.mails]
    twice = point in ("after the mail was sent", "before that is recorded")
    assert (len(ids), len(set(ids))) == (2 if twice else 1, 1)
    assert [row["status"] for row in shop.rows("magento_soap_outbox")] == ["sent"]


def test_another_request_with_the_same_key_is_refused(shop: Crashed) -> None:
    assert crashing.run(shop.url, "cancel", KEY) is True
    code, text = crashing.run(shop.url, "capture", KEY)
    assert (code, text) == ("102", "This idempotency key was used for another request.")
    assert not movements(shop.bank)
