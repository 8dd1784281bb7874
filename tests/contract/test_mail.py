"""Mails from the call to the mailbox: the server, the worker and the command line, as processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from magento_soap.api.budget import Budget
from magento_soap.api.client import Client
from magento_soap.app import create_api, create_worker
from magento_soap.cli import app
from magento_soap.mail.worker import Report
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.mail_server import MailServer, Received

from .conftest import wait_for
from .test_cli import free_port

HERE = Client(budget=Budget(calls=1_000_000, logins=1_000))
ORDERS = ("100000003", "100000002", "100000004")
ENDING_SECONDS = 40


@pytest.fixture
def database_url(demo_database: Path, tmp_path: Path) -> str:
    """A demo shop of the test's own."""
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    return f"sqlite:///{tmp_path / 'shop.sqlite'}"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def environment(database_url: str, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAGENTO_SOAP_")}
    ours = {"DATABASE_URL": database_url, "CONFIG": "-", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port)}
    ours |= {"LOGIN_ATTEMPTS": "0", "SMTP_TIMEOUT_SECONDS": "20"}
    return kept | {f"MAGENTO_SOAP_{name}": value for name, value in ours.items()}


@contextmanager
def running(
    arguments: Sequence[str], database_url: str, mail_server: MailServer, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a process, killed in the end if it is still there."""
    command = [sys.executable, "-m", "magento_soap", *arguments]
    known = environment(database_url, mail_server.port)
    with log.open("wb") as output, subprocess.Popen(command, env=known, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def create(database: Database, order: str, *arguments: Any) -> str:
    """The number of a new invoice, made through the API."""
    api = create_api(Settings(login_attempts=0), database)
    session = api.login(HERE, "apiUser", "apiKey")
    return str(api.call(HERE, session, "sales_order_invoice.create", [order, {}, *arguments]))


@contextmanager
def opened(database_url: str, clock: Any = None) -> Iterator[Database]:
    database = Database(database_url, clock=clock)
    yield database
    database.close()


def statuses(database_url: str) -> list[str]:
    with opened(database_url) as database:
        return [mail.status for mail in database.mails.listed()]


def work(database: Database, port: int) -> Report:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_timeout_seconds=10)
    return create_worker(settings, database).once()


def test_the_server_sends_mails_beside_and_each_once(
    database_url: str, mail_server: MailServer, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    arguments = ["serve", "--with-worker", "--port", port, "--workers", "2"]
    with running(arguments, database_url, mail_server, log) as server:
        wait_for(f"http://127.0.0.1:{port}", server, log)

        def call(method: str, *parameters: Any) -> Any:
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/jsonrpc", body) as answer:
                return json.load(answer)["result"]

        session = call("login", "apiUser", "apiKey")
        made = [
            call("call", session, "sales_order_invoice.create", [order, {}, "Viele Grüße 🍵", True, True])
            for order in ORDERS
        ]
        call("call", session, "sales_order_invoice.addComment", [made[0], "Unterwegs", True, False])
        mail_server.wait_for(len(ORDERS) + 1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(ENDING_SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    assert statuses(database_url) == ["sent"] * (len(ORDERS) + 1)
    assert len({mail.message["Message-ID"] for mail in mail_server.mails}) == len(mail_server.mails) == len(ORDERS) + 1
    *invoices, update = mail_server.mails
    assert [number in mail.part("plain") for number, mail in zip(made, invoices, strict=True)] == [True] * len(ORDERS)
    assert all("Viele Grüße 🍵" in mail.part(form) for mail in invoices for form in ("plain", "html"))
    assert "Unterwegs" not in update.part("plain")
    assert str(update.message["Subject"]).endswith(f"Invoice # {made[0]} update")


def test_no_call_fails_because_of_mail(database_url: str) -> None:
    with opened(database_url) as database:
        made = create(database, ORDERS[0], "Hello", True, True)
        (row,) = [row for row in database.dump()["sales_flat_invoice"] if row["increment_id"] == made]
        assert row["email_sent"] == 1
        assert work(database, 1) == Report(delayed=1)
        assert create(database, ORDERS[1], "Hello", True, True)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_finishes_its_mail(
    database_url: str, mail_server: MailServer, tmp_path: Path, stop: signal.Signals
) -> None:
    with opened(database_url) as database:
        for order in ORDERS:
            create(database, order, None, True)
    log = tmp_path / "log"
    with running(["worker"], database_url, mail_server, log) as worker:
        mail_server.on_mail = lambda _mail: worker.send_signal(stop)
        assert worker.wait(ENDING_SECONDS) == 0, log.read_text()
    assert len(mail_server.mails) == 1
    assert statuses(database_url) == ["sent", "queued", "queued"]
    assert "Traceback" not in log.read_text()


def test_a_worker_killed_after_sending_brings_the_same_message_again(
    database_url: str, mail_server: MailServer, tmp_path: Path
) -> None:
    """At least once: the mail server took the mail, and nobody lived to write it down."""
    with opened(database_url) as database:
        create(database, ORDERS[0], None, True)

    def kill(_mail: Received) -> None:
        worker.kill()
        worker.wait(ENDING_SECONDS)

    with running(["worker"], database_url, mail_server, tmp_path / "log") as worker:
        mail_server.on_mail = kill
        mail_server.wait_for(1)
        assert worker.wait(ENDING_SECONDS) == -signal.SIGKILL
    assert statuses(database_url) == ["queued"]
    mail_server.on_mail = lambda _mail: None

    class Later:
        """An hour on: the lease of the dead worker has ended."""

        def now(self) -> datetime:
            return Database(database_url).clock.now() + timedelta(hours=1)

    with opened(database_url) as database:
        assert work(database, mail_server.port) == Report()
    with opened(database_url, Later()) as database:
        assert work(database, mail_server.port) == Report(sent=1)
    first, second = mail_server.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.part("plain") == second.part("plain")


# -- the command line --------------------------------------------------------------------------------------------------


def command(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def worked() -> str:
    """What `worker --once` says, as a process of its own: it sets up logging for good."""
    command = [sys.executable, "-m", "magento_soap", "worker", "--once"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def configured(database_url: str, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A shop that the command line knows; its database's URL."""
    for name in [name for name in os.environ if name.startswith("MAGENTO_SOAP_")]:
        monkeypatch.delenv(name)
    for name, value in environment(database_url, mail_server.port).items():
        monkeypatch.setenv(name, value)
    return database_url


def test_dead_letters_are_listed_and_sent_again(configured: str, mail_server: MailServer) -> None:
    mail_server.recipient_answers["mary@example.ie"].append("550 no [such] mailbox")
    with opened(configured) as database:
        numbers = [create(database, order, None, True) for order in ORDERS]
    assert worked() == "Mails: 2 sent, 0 to be tried again, 1 given up."
    failed = command("mail", "list", "--status", "failed")
    assert "550 no [such] mailbox" in failed
    assert numbers[0] in failed
    assert numbers[1] not in failed
    listed = command("mail", "list")
    assert all(number in listed for number in numbers)
    assert "No failed mail has the id 2, 77." in command("mail", "retry", "2", "77", code=1)
    assert command("mail", "retry", "1") == "Queued 1 mails again."
    assert "queued" in command("mail", "list", "--status", "queued")
    assert worked() == "Mails: 1 sent, 0 to be tried again, 0 given up."
    assert command("mail", "retry", "--all") == "Queued 0 mails again."
    assert len(mail_server.mails) == len(ORDERS)


def test_retry_wants_to_know_which(configured: str) -> None:
    assert "Which mails?" in command("mail", "retry", code=2)
    assert "Which mails?" in command("mail", "retry", "1", "--all", code=2)


def test_without_the_table_it_is_said_how_to_get_it(configured: str) -> None:
    with opened(configured) as database:
        database.outbox.table.drop(database.engine)
    for arguments in (["worker", "--once"], ["serve", "--with-worker"], ["mail", "list"], ["mail", "retry", "--all"]):
        assert "db init --own-tables" in command(*arguments, code=1)


def test_the_outbox_is_dumped_and_loaded_with_the_shop(configured: str, tmp_path: Path) -> None:
    with opened(configured) as database:
        create(database, ORDERS[0], "Hello", True, True)
    file = str(tmp_path / "rows.json")
    command("db", "dump", file)
    command("db", "load", file, "--replace")
    assert worked() == "Mails: 1 sent, 0 to be tried again, 0 given up."


def test_a_missing_template_folder_is_reported_at_start(configured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGENTO_SOAP_MAIL_TEMPLATES", "/no/such/folder")
    assert "mail_templates (in MAGENTO_SOAP_MAIL_TEMPLATES)" in command("worker", "--once", code=2)
