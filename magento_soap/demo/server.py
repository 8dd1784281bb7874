"""The demo shop as a running server: creates its database, starts the server, describes the shop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.table import Table

from magento_soap.files import make_folder, put_in_place
from magento_soap.server.serving import check_address
from magento_soap.settings import PREFIX, Settings
from magento_soap.storage import Database

from .orders import TOUR_ORDER, WHOLESALE_ORDER
from .shop import API_KEY, API_USER, READONLY_USER, demo_rows
from .tour import ENDPOINTS, SoapFault, connector_run, make_first_invoice

HOST = "127.0.0.1"
TIMEOUT = 30.0  # seconds for the server to start or to stop


class DemoFailed(Exception):
    """The demo cannot continue; the message says why."""


class DemoServer:
    """A demo shop in an SQLite file, and the process that serves it."""

    def __init__(self, file: Path, port: int) -> None:
        self.file = file
        self.url = f"http://{HOST}:{port}"
        self._settings = Settings(
            database_url=f"sqlite:///{file}",
            host=HOST,
            port=port,
            workers=2,
            payment_methods={"demopay": "magento_soap.demo.gateway:DemoPay"},
            log_level="warning",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def create(self, fresh: bool = False) -> bool:
        """Create the shop if there is none; ``fresh`` replaces an existing one. Returns whether it was created."""
        if self.file.exists() and not fresh:
            return False
        make_folder(self.file.parent)
        unfinished = self.file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        database = Database(f"sqlite:///{unfinished}")
        database.create()
        database.load(demo_rows())
        database.close()
        for leftover in ("-wal", "-shm"):  # of the file that is replaced
            Path(f"{self.file}{leftover}").unlink(missing_ok=True)
        put_in_place(unfinished, self.file)
        return True

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server; it is ready when the block begins, and stopped afterwards, also on SIGTERM.

        Raises CannotListen, DemoFailed.
        """
        check_address(HOST, self._settings.port)
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
        environment = inherited | self._settings.as_environment()
        previous = signal.signal(signal.SIGTERM, _stop)
        self._process = subprocess.Popen([sys.executable, "-m", "magento_soap", "serve"], env=environment)
        try:
            self._wait_until_answering()
            yield
        finally:
            signal.signal(signal.SIGTERM, previous)
            self._process.terminate()
            try:
                self._process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def wait(self) -> None:
        """Wait until the server ends or Ctrl-C is pressed."""
        if self._process is not None:
            try:
                self._process.wait()
            except KeyboardInterrupt:
                return

    def endpoints(self) -> Table:
        """The URLs of the shop."""
        table = Table("endpoint", "URL", title="The demo shop")
        for name, path in ENDPOINTS:
            table.add_row(name, self.url + path)
        return table

    def accounts(self) -> Table:
        """Who can log in."""
        table = Table("user", "key", "may")
        table.add_row(API_USER, API_KEY, "do everything")
        table.add_row(READONLY_USER, API_KEY, "list and read invoices")
        return table

    def first_invoice(self) -> Table:
        """Create an invoice over SOAP and show it. Raises DemoFailed."""
        try:
            invoice = make_first_invoice(HOST, self._settings.port)
        except (SoapFault, OSError) as error:
            raise DemoFailed(f"The invoice could not be created: {error}") from None
        table = Table("field", "value", title=f"Invoice {invoice['increment_id']} of order {WHOLESALE_ORDER}")
        for name, value in invoice.items():
            if isinstance(value, list):
                for entry in value:
                    table.add_row(name, ", ".join(f"{key} {text}" for key, text in entry.items() if key in SHOWN))
            elif name in SHOWN:
                table.add_row(name, value)
        return table

    def connector_run(self) -> Table:
        """Take a piece of an order from its invoice to a refund over SOAP, and show each call. Raises DemoFailed."""
        table = Table("call", "result", title=f"Order {TOUR_ORDER}: one piece invoiced, shipped, refunded")
        try:
            for operation, result in connector_run(HOST, self._settings.port):
                table.add_row(operation, result)
        except (SoapFault, OSError, ValueError) as error:
            raise DemoFailed(f"Order {TOUR_ORDER}: {error}. A shop made with --fresh has a new one.") from None
        return table

    def _wait_until_answering(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((HOST, self._settings.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise DemoFailed("The server did not start.")


SHOWN = {
    *(
        "increment_id",
        "created_at",
        "order_increment_id",
        "order_currency_code",
        "billing_firstname",
        "billing_lastname",
    ),
    *("subtotal", "shipping_amount", "tax_amount", "grand_total"),
    *("sku", "name", "qty", "price", "row_total", "comment"),
}


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)
