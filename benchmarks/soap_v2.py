"""SOAP V2 against stock Spyne: the same calls, on the same shop, in the same run, at the WSGI callable.

Stock Spyne is its own ``Soap11`` protocol and ``WsgiApplication`` with our services and types: sessions, rules and
database are the same, only the road between bytes and values differs. Calls alternate (ours, stock, ours, stock ...),
so that whatever else the machine does meets both. Run it with ``python -m benchmarks.soap_v2``.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

from lxml import etree
from rich.console import Console
from rich.table import Table
from spyne import Application
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.app import create_api, create_app
from magento_soap.demo import demo_rows
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.namespaces import SERVICE as NAMESPACE
from magento_soap.protocols.soap.protocol import Call
from magento_soap.protocols.soap.services import V2_SERVICES
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.conftest import SERVERS, empty_database

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

INVOICE = "200000006"  # the documented one: one item, one comment
ORDER = "100000003"  # not invoiced, to be copied
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="{envelope}" xmlns:ns1="{namespace}"><SOAP-ENV:Body>'
    "<{call}>{parts}</{call}></SOAP-ENV:Body></SOAP-ENV:Envelope>"
)


Rows = dict[str, list[dict[str, Any]]]
Ask = Callable[[Mapping[str, str]], bytes]
Result = tuple[str, float, float]  # the operation, and microseconds of a call, ours and stock


class Canned(Dispatcher):
    """An API that has its answers ready: what is left to measure is the SOAP layer."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {path: list(each) if isinstance(each, Iterator) else each for path, each in answers.items()}

    def call(self, client: Client, session_id: Any, path: Any, args: Any, *, typed: bool = False) -> Any:  # noqa: ARG002 (the port's method)
        """The answer for that path; a list comes as an iterator, as from the database."""
        answer = self._answers[path]
        return iter(answer) if isinstance(answer, list) else answer


def stock_spyne(api: Dispatcher) -> WSGIApplication:
    """Our services behind Spyne as it comes: document/literal, which is all it has."""

    def identify(context: Any) -> None:
        context.udc = Call(Client())

    def collect(context: Any) -> None:  # stock Spyne wants the rows of a list in a list
        context.out_object = [list(part) if isinstance(part, Iterator) else part for part in context.out_object]

    application = Application(V2_SERVICES, NAMESPACE, "Stock", in_protocol=Soap11(), out_protocol=Soap11())
    application.api = api
    application.event_manager.add_listener("method_call", identify)
    application.event_manager.add_listener("method_return_object", collect)
    wsgi: WSGIApplication = WsgiApplication(application)
    return wsgi


def asking(app: WSGIApplication, operation: str, prefix: str = "") -> Ask:
    """A function that sends a call of the operation with the given parts and returns the body of the answer."""
    base: WSGIEnvironment = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/api/v2_soap/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "wsgi.url_scheme": "http",
    }
    statuses: list[str] = []

    def start_response(status: str, *_: Any) -> Any:
        statuses.append(status)

    start: StartResponse = start_response

    def ask(parts: Mapping[str, str]) -> bytes:
        written = "".join(f"<{prefix}{name}>{value}</{prefix}{name}>" for name, value in parts.items())
        body = SOAP.format(envelope=ENVELOPE, namespace=NAMESPACE, call=f"ns1:{operation}", parts=written).encode()
        environ = base | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
        answer = b"".join(app(environ, start))
        if statuses.pop() != "200 OK" or b"<faultcode>" in answer:
            raise SystemExit(f"{operation} failed: {answer.decode()}")
        return answer

    return ask


def leaves(answer: bytes) -> list[tuple[str, str]]:
    """The values of an answer, each with its name: what any two encodings of it have in common."""
    found = (element for element in etree.fromstring(answer).iter(etree.Element) if len(element) == 0 and element.text)
    return sorted((etree.QName(element).localname, element.text or "") for element in found)


class Comparison:
    """One operation, ours and stock, over the same values."""

    def __init__(self, operation: str, ours: WSGIApplication, stock: WSGIApplication) -> None:
        self._sides = (asking(ours, operation), asking(stock, f"{operation}Request", "ns1:"))

    def check(self, parts: Mapping[str, str]) -> None:
        """End the program unless both sides answer the same."""
        ours, stock = (leaves(ask(parts)) for ask in self._sides)
        if ours != stock:
            raise SystemExit(f"the answers differ: {set(ours) ^ set(stock)}")

    def times(self, each: Iterator[Mapping[str, str]], rounds: int) -> tuple[float, float]:
        """Median microseconds of a call, ours and stock; every call takes the next parts."""
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for ask, times in zip(self._sides, taken, strict=True):
                parts = next(each)
                begin = perf_counter()
                ask(parts)
                times.append(perf_counter() - begin)
        ours, stock = (statistics.median(times) * 1e6 for times in taken)
        return ours, stock


def shop_rows(invoices: int, orders: int) -> Rows:
    """The demo shop, with so many invoices in all and so many copies of an order that is not invoiced."""
    rows: Rows = {name: [dict(row) for row in content] for name, content in demo_rows().items()}
    known = rows["sales_flat_invoice"]
    sample = next(row for row in known if row["increment_id"] == INVOICE)
    first = max(row["entity_id"] for row in known) + 1
    more = range(first, first + invoices - len(known))
    known += [sample | {"entity_id": number, "increment_id": str(700_000_000 + number)} for number in more]

    order_id = next(row["entity_id"] for row in rows["sales_flat_order"] if row["increment_id"] == ORDER)
    for table, key, parent in (
        ("sales_flat_order", "entity_id", "entity_id"),
        ("sales_flat_order_item", "item_id", "order_id"),
        ("sales_flat_order_payment", "entity_id", "parent_id"),
        ("sales_flat_order_grid", "entity_id", "entity_id"),
    ):
        originals = [row for row in rows[table] if row[parent] == order_id]
        next_key = count(100_000)
        for number in range(orders):
            copied = {parent: 100_000 + number}
            for original in originals:
                row = original | {key: next(next_key)} | copied
                if "increment_id" in row:
                    row["increment_id"] = order_number(number)
                rows[table].append(row)
    return rows


def order_number(number: int) -> str:
    """The number of a copied order."""
    return str(600_000_000 + number)


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and URL of an empty database of each kind that there is; it is dropped before the next one."""
    for name, dialect in (("SQLite", "sqlite"), ("MariaDB or MySQL", "mysql")):
        if dialect not in SERVERS or os.environ.get(SERVERS[dialect]):
            with empty_database(dialect, folder) as url:
                yield name, url


def compare(
    reads: Mapping[str, tuple[Mapping[str, str], int]], ours: WSGIApplication, stock: WSGIApplication
) -> Iterator[Result]:
    """Operations that only read, each with its parts and the number of rounds."""
    for operation, (parts, rounds) in reads.items():
        comparison = Comparison(f"salesOrderInvoice{operation}", ours, stock)
        comparison.check(parts)
        yield operation, *comparison.times(repeat(parts), rounds)


def measure(url: str, counts: argparse.Namespace) -> Iterator[tuple[str, Result]]:
    """All operations on a shop in the empty database of that URL, then the SOAP layer by itself."""
    database = Database(url)
    try:
        database.create()
        database.load(shop_rows(counts.invoices, 2 * counts.creates))
        settings = Settings(database_url=url)
        api = create_api(settings, database)
        session = {"sessionId": api.login(Client(), "apiUser", "apiKey")}
        info = session | {"invoiceIncrementId": INVOICE}
        reads = {"Info": (info, counts.infos), "List": (session, counts.lists)}

        paths = {"sales_order_invoice.info": [INVOICE], "sales_order_invoice.list": []}
        canned = Canned({path: api.call(Client(), session["sessionId"], path, args) for path, args in paths.items()})
        for result in compare(reads, SoapEndpoint(canned), stock_spyne(canned)):
            yield "SOAP alone", result

        ours, stock = create_app(settings, database), stock_spyne(api)
        for result in compare(reads, ours, stock):
            yield "whole call", result
        orders = (session | {"invoiceIncrementId": order_number(number)} for number in count())
        creating = Comparison("salesOrderInvoiceCreate", ours, stock)
        yield "whole call", ("Create", *creating.times(orders, counts.creates))
    finally:
        database.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print medians and ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soap_v2", description="SOAP V2 against stock Spyne.")
    for name, default, meaning in (
        ("infos", 300, "calls of salesOrderInvoiceInfo, ours and stock each"),
        ("lists", 15, "calls of salesOrderInvoiceList"),
        ("creates", 40, "calls of salesOrderInvoiceCreate"),
        ("invoices", 1000, "invoices in the shop, all of which a list lists"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{meaning} (%(default)s)")
    counts = parser.parse_args(arguments)

    table = Table("database", "measured", "operation", title="Medians, microseconds a call")
    for column in ("ours", "stock Spyne", "ratio"):
        table.add_column(column, justify="right")
    with TemporaryDirectory() as folder:
        for name, url in databases(Path(folder)):
            for what, (operation, ours, stock) in measure(url, counts):
                table.add_row(name, what, operation, f"{ours:,.0f}", f"{stock:,.0f}", f"{stock / ours:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
