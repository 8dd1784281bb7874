"""The demo shop on each database, a mail server, and workers between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from magento_soap.demo import demo_rows
from magento_soap.mail.message import Composer
from magento_soap.mail.sender import SmtpSender
from magento_soap.mail.worker import MailWorker
from magento_soap.sales.ports import UnitOfWork
from magento_soap.sales.subject import subject_of
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import config_rows
from tests.mail_server import MailServer

ATTEMPTS = 4
INVOICE, INVOICE_OF_A_GUEST = "100000002", "100000004"


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = datetime(2025, 6, 1, 12, 0, 0)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time


@pytest.fixture
def clock() -> FixedClock:
    """The clock of the shop and its workers."""
    return FixedClock()


@pytest.fixture(scope="session")
def mail_shop_url(dialect: str, new_database: Callable[[str], str]) -> str:
    """A database with all tables, one for all tests of a dialect."""
    url = new_database(dialect)
    database = Database(url)
    database.create()
    database.load(demo_rows())
    database.close()
    return url


@dataclass
class MailShop:
    """A shop that sends mails."""

    database: Database
    server: MailServer
    clock: FixedClock
    templates: Path | None = None

    def configure(self, values: dict[str, str], scope: str = "default", scope_id: int = 0) -> None:
        """Add to the shop's configuration."""
        rows = self.database.dump(["core_config_data"])["core_config_data"]
        rows = [{name: value for name, value in row.items() if name != "config_id"} for row in rows]
        new = config_rows(values, scope, scope_id)
        changed = {(row["scope"], row["scope_id"], row["path"]) for row in new}
        kept = [row for row in rows if (row["scope"], row["scope_id"], row["path"]) not in changed]
        self.database.load({"core_config_data": [*kept, *new]})

    def tell(self, number: str = INVOICE, comment: str = "", *, update: bool = False, notify: bool = True) -> None:
        """Queue the mail of an invoice, or of an update."""

        def work(unit: UnitOfWork) -> bool:
            found = unit.orders.lock_for_invoice(number)
            assert found is not None
            order, invoice = found
            tell = unit.notifier.commented if update else unit.notifier.created
            return tell(order, subject_of("invoice", invoice.entity_id), comment, notify)

        assert self.database.transactions.run(work)

    def composer(self) -> Composer:
        """What makes letters of the shop's mails."""
        return Composer(self.database.mails, self.database.shop, self.clock, self.templates)

    def worker(self, sender: SmtpSender | None = None) -> MailWorker:
        """A worker whose pauses are exact."""
        sender = sender or SmtpSender("127.0.0.1", self.server.port, timeout=10)
        return MailWorker(self.database.outbox, self.composer(), sender, ATTEMPTS, chance=lambda: 0.5)

    def after(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.time += time

    def rows(self) -> list[dict[str, Any]]:
        """The outbox."""
        return list(self.database.dump(["magento_soap_outbox"])["magento_soap_outbox"])

    def statuses(self) -> list[tuple[str, str]]:
        """Whom each mail is for, and what became of it."""
        return [(row["recipient"], row["status"]) for row in self.rows()]


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server without passwords."""
    with MailServer() as server:
        yield server


@pytest.fixture
def shop(mail_shop_url: str, server: MailServer, clock: FixedClock) -> Iterator[MailShop]:
    """The demo shop, with an empty outbox and its configuration put back."""
    database = Database(mail_shop_url, clock=clock)
    database.load({"magento_soap_outbox": [], "core_config_data": demo_rows()["core_config_data"]})
    yield MailShop(database, server, clock)
    database.close()
