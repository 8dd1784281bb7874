"""Calls of the API that can be made to die at a given point: what ``test_crashes`` runs in processes of their own.

The payment gateway is ``tests.lab_bank``.
"""

from __future__ import annotations

import os
import signal
import smtplib
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from sqlalchemy import event

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.faults import ApiFault
from magento_soap.app import create_api, create_sales, create_worker
from magento_soap.mail.message import Composer
from magento_soap.mail.sender import SmtpSender
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.ports import Clock, IdempotencyKey
from magento_soap.settings import Settings
from magento_soap.storage import Database
from magento_soap.storage.sales.outbox import Outbox
from tests.lab_bank import FILE, Bank

POINTS_WITH_GATEWAY = (
    "before the intent is stored",
    "before the gateway is asked",
    "after the money moved",
    "before the answer is stored",
    "after the answer is stored",
    "before the rows are stored",
    "before the client is answered",
)
POINTS = ("before the rows are stored", "before the client is answered")
COMMITS_OF_GATEWAY = {
    "before the intent is stored": 1,
    "before the answer is stored": 2,
    "before the rows are stored": 3,
}
KEY = "a request"


POINTS_OF_MAIL = (
    "before the mail is taken",
    "before the mail is written",
    "before the mail is sent",
    "in the middle of the mail",
    "after the mail was sent",
    "before that is recorded",
    "after that is recorded",
)


def die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def settings_for(url: str) -> Settings:
    """The shop's settings: money goes through the bank."""
    return Settings(
        database_url=url,
        payment_methods={"demopay": "tests.lab_bank:Bank"},
        login_attempts=0,
    )


def _api(url: str) -> tuple[Dispatcher, Database, str]:
    database = Database(url)
    api = create_api(settings_for(url), database)
    return api, database, api.login(Client(), "apiUser", "apiKey")


def call(path: str, *arguments: Any) -> Callable[[Dispatcher, str, str], Any]:
    """A call of the API with a key."""
    return lambda api, session, key: api.call(Client(idempotency_key=key), session, path, list(arguments))


OPERATIONS: Mapping[str, Callable[[Dispatcher, str, str], Any]] = {
    "capture": call("order_invoice.capture", "100000016"),
    "void": call("order_invoice.void", "100000001"),
    "create": call("order_invoice.create", "100000003", [], "Thank you", 1, 1),
    "addComment": call("order_invoice.addComment", "100000016", "On its way", 1, 1),
    "cancel": call("order_invoice.cancel", "100000013"),
}
CREATE_ONLINE = "create online"


def create_online(database: Database, url: str, key: str) -> int | None:
    """Magento 2's service: invoice an order and capture its money."""
    command = CreateInvoice(
        order_id=26, capture_case="online", comment="Thank you", notify=True, collect_all_problems=True
    )
    return create_sales(settings_for(url), database).invoices.create(command, IdempotencyKey(key, "the same")).entity_id


def run(url: str, operation: str, key: str = KEY, *, armed: Callable[[Database], None] = lambda _: None) -> Any:
    """The answer; the fault's code and text when it is one."""
    api, database, session = _api(url)
    armed(database)
    try:
        if operation == CREATE_ONLINE:
            return create_online(database, url, key)
        return OPERATIONS[operation](api, session, key)
    except ApiFault as fault:
        return [fault.code, fault.message]
    finally:
        database.close()


def arm(point: str, operation: str) -> Callable[[Database], None]:
    """Makes the process die at that point."""
    gateway = operation in ("capture", "void", CREATE_ONLINE)

    def armed(database: Database) -> None:
        if point in ("before the gateway is asked", "after the money moved"):
            move = Bank._move

            def dies(self: Bank, *arguments: Any) -> int:
                if point == "after the money moved":
                    move(self, *arguments)
                die()

            Bank._move = dies  # type: ignore[assignment, method-assign]
            return
        fatal = COMMITS_OF_GATEWAY.get(point, 3) if gateway else 1
        commits = 0

        def commit(_connection: object) -> None:
            nonlocal commits
            commits += 1
            if commits == fatal:
                die()

        def begin(_connection: object) -> None:
            if commits == 2:
                die()

        if point == "after the answer is stored":
            fatal = 0
            event.listen(database.engine, "begin", begin)
        if point != "before the client is answered":
            event.listen(database.engine, "commit", commit)

    return armed


def die_at(point: str, operation: str, url: str, bank: str) -> None:
    """Run the operation, and die on the way or with the answer in hand."""
    os.environ[FILE] = bank
    run(url, operation, armed=arm(point, operation))
    die()


def send_mails(url: str, smtp_port: int, clock: Clock | None = None, *, point: str | None = None) -> None:
    """What the worker does once; dies at that point."""
    database = Database(url, clock=clock)
    settings = settings_for(url).model_copy(update={"smtp_port": smtp_port})
    worker = create_worker(settings, database)
    if point is not None:
        _arm_mail(point, database)
    worker.once()
    database.close()


def _arm_mail(point: str, database: Database) -> None:
    def half(smtp: smtplib.SMTP, _message: object) -> NoReturn:
        smtp.docmd("data")
        smtp.send(b"Subject: Half of\r\n")
        die()

    if commit := {"before the mail is taken": 1, "before that is recorded": 2}.get(point):
        counted = iter(range(1, commit + 1))
        event.listen(database.engine, "commit", lambda _: next(counted) == commit and die())
        return
    where, name, does_it = {
        "before the mail is written": (Composer, "compose", False),
        "before the mail is sent": (SmtpSender, "send", False),
        "in the middle of the mail": (smtplib.SMTP, "data", False),
        "after the mail was sent": (SmtpSender, "send", True),
        "after that is recorded": (Outbox, "sent", True),
    }[point]
    original = getattr(where, name)

    def dies(*arguments: Any, **options: Any) -> NoReturn:
        if where is smtplib.SMTP:
            half(*arguments)
        if does_it:
            original(*arguments, **options)
        die()

    setattr(where, name, dies)
