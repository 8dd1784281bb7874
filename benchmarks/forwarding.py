"""What forwarding costs, and what a shop that hangs costs our own calls, on one server in one run.

*Latency*: the same request, alternately sent to a stand-in for the shop and through our server to it. *Throughput*:
``salesOrderInvoiceInfo`` from eight clients, alternately with nothing else going on and with as many forwarded calls
waiting for the stand-in as the server allows. Run it with ``python -m benchmarks.forwarding``.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from xmlrpc.client import dumps, loads

from rich.console import Console
from rich.table import Table

from magento_soap.demo import demo_rows
from magento_soap.protocols.xmlrpc import document
from magento_soap.storage import Database
from tests.contract.conftest import copied_shop
from tests.scripted_shop import ScriptedShop, response, scripted_shop

WORKERS, CONNECTIONS = 2, 16
CLIENTS = 8
INVOICE = "200000006"
PRODUCTS = [{"product_id": str(number), "sku": f"sku-{number}", "name": "A product"} for number in range(50)]
ANSWER = response(document(PRODUCTS))


@dataclass(frozen=True)
class Latency:
    """Milliseconds of each call: directly, and forwarded."""

    direct: Sequence[float]
    forwarded: Sequence[float]

    @property
    def added(self) -> float:
        """The difference of the medians."""
        return statistics.median(self.forwarded) - statistics.median(self.direct)


@dataclass(frozen=True)
class Throughput:
    """Calls per second in each window: undisturbed, and while forwarded calls wait."""

    undisturbed: Sequence[float]
    waiting: Sequence[float]

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return statistics.median(self.waiting) / statistics.median(self.undisturbed)


@dataclass(frozen=True)
class Window:
    """How many windows of each kind are measured, and how long each is."""

    count: int
    seconds: float


class StandIn:
    """What the stand-in does with a request: answer at once, or hold the answer back."""

    def __init__(self) -> None:
        self._released = threading.Event()
        self._released.set()
        self._held = 0
        self._lock = threading.Lock()

    def __call__(self, connection: socket) -> None:
        """Answer."""
        with self._lock:
            self._held += 1
        self._released.wait()
        with self._lock:
            self._held -= 1
        connection.sendall(ANSWER)

    @contextmanager
    def holding(self, wanted: int, call: Callable[[], object]) -> Iterator[None]:
        """Have that many calls wait for their answers, and answer them in the end."""
        self._released.clear()
        threads = [threading.Thread(target=call, daemon=True) for _ in range(wanted)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 10
        while self._held < wanted // 2 and time.monotonic() < deadline:  # the system distributes them among the workers
            time.sleep(0.01)
        try:
            yield
        finally:
            self._released.set()
            for thread in threads:
                thread.join()


def post(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    """The body of the response to an XML-RPC request. Raises Fault."""
    connection.request("POST", "/api/xmlrpc/", body, {"Content-Type": "text/xml"})
    answer = connection.getresponse().read()
    loads(answer)
    return answer


def connected(url: str) -> http.client.HTTPConnection:
    """A connection to the host of a URL."""
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)


def request(session: str, path: str, *args: object) -> bytes:
    """A call over XML-RPC."""
    return dumps((session, path, list(args)), "call").encode()


def measure_latency(direct: str, server: str, body: bytes, calls: int) -> Latency:
    """Call both alternately, each time with a new connection, as PHP's clients do."""

    def milliseconds(url: str) -> float:
        with closing(connected(url)) as connection:
            started = time.perf_counter()
            post(connection, body)
            return (time.perf_counter() - started) * 1000

    pairs = [(milliseconds(direct), milliseconds(server)) for _ in range(calls + 5)][5:]
    return Latency([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def calls_per_second(url: str, body: bytes, seconds: float) -> float:
    """How many calls eight clients make in a second."""
    counts = [0] * CLIENTS
    ending = time.perf_counter() + seconds

    def call(number: int) -> None:
        with closing(connected(url)) as connection:
            while time.perf_counter() < ending:
                post(connection, body)
                counts[number] += 1

    threads = [threading.Thread(target=call, args=[number]) for number in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def measure_throughput(stand_in: StandIn, url: str, own: bytes, foreign: bytes, window: Window) -> Throughput:
    """Measure windows of both kinds alternately."""

    def forward() -> None:
        with closing(connected(url)) as connection:
            connection.request("POST", "/api/xmlrpc/", foreign, {"Content-Type": "text/xml"})
            connection.getresponse().read()  # a fault, if too many wait already

    undisturbed, waiting = [], []
    for _ in range(window.count):
        undisturbed.append(calls_per_second(url, own, window.seconds))
        with stand_in.holding(WORKERS * CONNECTIONS, forward):
            waiting.append(calls_per_second(url, own, window.seconds))
    return Throughput(undisturbed, waiting)


@contextmanager
def running(stand_in: StandIn) -> Iterator[tuple[ScriptedShop, str]]:
    """The stand-in, and the URL of our server in front of it."""
    with TemporaryDirectory() as name, scripted_shop(stand_in) as shop:
        folder = Path(name)
        (folder / "demo").mkdir()
        database = Database(f"sqlite:///{folder / 'demo' / 'shop.sqlite'}")
        database.create()
        database.load(demo_rows())
        database.close()
        settings = {"upstream_url": shop.url, "upstream_connections": str(CONNECTIONS)}
        with copied_shop(folder / "demo" / "shop.sqlite", folder, **settings) as url:
            yield shop, url


def spread(values: Sequence[float]) -> str:
    """Median, and the range of the middle half."""
    low, median, high = statistics.quantiles(values, n=4)
    return f"{median:,.2f} ({low:,.2f} to {high:,.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="calls of each kind for the latency")
    parser.add_argument("--windows", type=int, default=5, help="windows of each kind for the throughput")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a window")
    options = parser.parse_args(arguments)
    stand_in = StandIn()
    with running(stand_in) as (shop, url):
        with closing(connected(url)) as connection:
            ((session,), _) = loads(post(connection, dumps(("apiUser", "apiKey"), "login").encode()))
        foreign, own = (
            request(str(session), "catalog_product.list"),
            request(str(session), "sales_order_invoice.info", INVOICE),
        )
        latency = measure_latency(shop.url, url, foreign, options.calls)
        throughput = measure_throughput(stand_in, url, own, foreign, Window(options.windows, options.seconds))
    table = Table("measured", "directly, or undisturbed", "forwarded, or while calls wait", "difference")
    table.add_row(
        "latency of a forwarded call, ms", spread(latency.direct), spread(latency.forwarded), f"{latency.added:+.2f} ms"
    )
    table.add_row(
        "info, calls per second",
        spread(throughput.undisturbed),
        spread(throughput.waiting),
        f"x {throughput.ratio:.3f}",
    )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
