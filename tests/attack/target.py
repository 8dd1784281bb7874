"""A server with default settings under attack, and what an attack costs it.

Costs are the workers' processor time and memory, which do not depend on what else the machine does, and how long
another client, from another address, waits for ``salesOrderInvoiceInfo`` meanwhile.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xmlrpc.client import dumps

import psutil
import pytest

from tests.contract.conftest import wait_for

ATTACKER, OTHER_CLIENT = "127.0.0.1", "127.0.0.9"
MEGABYTE = 1024 * 1024
INVOICE = "100000001"


def envelope(body: str, attributes: str = "") -> bytes:
    """A SOAP 1.1 request with this Body."""
    head = '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
    return f"{head} {attributes}><e:Body>{body}</e:Body></e:Envelope>".encode()


@dataclass
class Cost:
    """What an attack cost: seconds of processor time, bytes of memory, and seconds that another client waited."""

    processor: float = 0.0
    memory: int = 0
    left_over: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def longest_wait(self) -> float:
        """The longest wait but for one in twenty: the machine does other things, too."""
        return sorted(self.waits)[int(len(self.waits) * 0.95) - 1] if self.waits else 0.0


class Target:
    """A running server."""

    def __init__(self, port: int, server: psutil.Process) -> None:
        self.port = port
        self.server = server
        self.log = ""
        self._session: str | None = None

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        workers = []
        for child in self.server.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "magento_soap.server" in child.cmdline():
                    workers.append(child)
        return workers

    def connect(self, source: str = ATTACKER, timeout: float = 20) -> socket.socket:
        """A connection from that address."""
        return socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0))

    def post(
        self, path: str, body: bytes, *, source: str = ATTACKER, timeout: float = 60, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the response to a POST."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout, source_address=(source, 0))
        with contextlib.closing(connection):
            connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.read()

    def session(self) -> str:
        """A session of a user who may do everything."""
        if self._session is None:
            answer = self.post("/api/xmlrpc", dumps(("apiUser", "apiKey"), "login").encode(), source=OTHER_CLIENT)[1]
            self._session = answer.decode().partition("<string>")[2].partition("</string>")[0]
            assert len(self._session) in (32, 64), answer
        return self._session

    def info(self) -> None:
        """What the other client does all the time; fails unless it is answered."""
        call = (
            f"<salesOrderInvoiceInfo><sessionId>{self.session()}</sessionId>"
            f"<invoiceIncrementId>{INVOICE}</invoiceIncrementId></salesOrderInvoiceInfo>"
        )
        status, body = self.post("/api/v2_soap", envelope(call), source=OTHER_CLIENT)
        assert status == 200, body[:300]
        assert INVOICE.encode() in body, body[:300]

    @contextlib.contextmanager
    def attacked(self) -> Iterator[Cost]:
        """Measure what happens meanwhile."""
        self.info()
        cost = Cost()
        before, memory_before = self._used(), self._memory()
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                cost.memory = max(cost.memory, self._memory() - memory_before)
                started = time.monotonic()
                self.info()
                cost.waits.append(time.monotonic() - started)
                over.wait(0.02)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield cost
        finally:
            over.set()
            watcher.join()
            cost.memory = max(cost.memory, self._memory() - memory_before)
        # What the other client cost is not the attack's: an info takes about a millisecond.
        cost.processor = max(self._used() - before - 0.002 * len(cost.waits), 0)
        cost.left_over = max(self._memory() - memory_before, 0)

    def _used(self) -> float:
        return sum(sum(worker.cpu_times()[:2]) for worker in self.workers())

    def _memory(self) -> int:
        with contextlib.suppress(psutil.NoSuchProcess):
            return max((int(worker.memory_info().rss) for worker in self.workers()), default=0)
        return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def target(database: Path, folder: Path, *, under: Sequence[str] = (), **settings: str) -> Iterator[Target]:
    """The demo shop behind a server with default settings, but for those given, ``under`` a command that watches it."""
    shutil.copy(database, folder / "shop.sqlite")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAGENTO_SOAP_")}
    environment |= {
        "MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite'}",
        "MAGENTO_SOAP_CONFIG": "-",
        "MAGENTO_SOAP_PAYMENT_METHODS": "demopay=magento_soap.demo.gateway:DemoPay",
    }
    environment |= {f"MAGENTO_SOAP_{name.upper()}": value for name, value in settings.items()}
    command = [*under, sys.executable, "-m", "magento_soap", "serve", "--port", str(port), "--workers", "2"]
    log = folder / "server.log"
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}", server, log)
            yield Target(port, psutil.Process(server.pid))
        finally:
            server.send_signal(signal.SIGTERM)
            if server.wait(30) != 0:
                pytest.fail(f"the server did not end well:\n{log.read_text()[-5000:]}")
