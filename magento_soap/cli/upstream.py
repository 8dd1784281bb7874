"""``magento-soap upstream``: what the shop's own PHP still answers, and whether both sides answer alike.

``report`` reads what all servers of the shop have counted (``storage.forwarded_counts``), and prints it as a table, as
JSON, or as counters for Prometheus. It asks neither the servers nor the shop. ``check`` sends reads to both sides
(``upstream.check``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from rich.markup import escape
from rich.table import Table

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.app import create_api, create_registry, create_upstream
from magento_soap.protocols.forwarding import MessageFormat
from magento_soap.protocols.soap.contracts import CONTRACTS
from magento_soap.protocols.soap.endpoint import SoapEndpoint, client_messages
from magento_soap.protocols.xmlrpc import XmlRpcEndpoint, XmlRpcMessages
from magento_soap.storage import Database
from magento_soap.storage.forwarded_counts import ForwardedUse
from magento_soap.upstream.check import Read, check, default_reads, parse_reads
from magento_soap.upstream.comparison import Difference
from magento_soap.upstream.exchange import UpstreamFailure, UpstreamRequest
from magento_soap.upstream.headers import own_headers

from .configuration import command_settings, or_fail, shop_database
from .terminal import FAILED, MISUSED, fail, out, warn

DEFAULT_DAYS = 30
MAX_SHOWN = 50
"""How many differences of a response are printed."""

commands = typer.Typer(no_args_is_help=True, help="The shop's own PHP behind this server.")


class Format(str, Enum):
    """How the report is printed."""

    TABLE = "table"
    JSON = "json"
    PROMETHEUS = "prometheus"


class Protocol(str, Enum):
    """The protocols over which both sides can be asked; the value is the adapter in the URL."""

    SOAP = "soap"
    XML_RPC = "xmlrpc"


@dataclass(frozen=True)
class Line:
    """A line of the report: a user's calls of a method over all protocols, on one day or in the whole period (UTC)."""

    method: str
    user_id: int
    username: str | None
    protocols: tuple[str, ...]
    first_day: date
    last_day: date
    calls: int
    failures: int
    last_at: datetime


@commands.command()
def report(
    context: typer.Context,
    *,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36500, help="Only the last so many days; 30 by default.", show_default=False),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only this day (UTC) and later.", show_default=False)
    ] = None,
    by_day: Annotated[bool, typer.Option("--by-day", help="Each day separately.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the report.")] = Format.TABLE,
) -> None:
    """Report what was forwarded to PHP, by method and user. PHP can be switched off when nothing is."""
    if days is not None and since is not None:
        fail("Give --days or --since, not both.", MISUSED)
    if format_ is Format.PROMETHEUS and (days is not None or by_day):
        fail("Counters must never fall: --format prometheus takes neither --days nor --by-day.", MISUSED)
    settings = command_settings(context)
    with shop_database(settings) as database:
        _ensure_table(database)
        first_day = since.date() if since is not None else None
        if first_day is None and format_ is not Format.PROMETHEUS:
            first_day = database.clock.now().date() - timedelta(days=(days or DEFAULT_DAYS) - 1)
        uses = database.forwarded_counts.since(first_day, by_day=by_day)
    if format_ is Format.PROMETHEUS:
        sys.stdout.write(_prometheus_text(uses))
        return
    lines = list(_lines(uses, by_day=by_day))
    if format_ is Format.JSON:
        sys.stdout.write(_json_text(first_day, lines))
        return
    period = f"since {first_day}" if since is not None else f"in the last {days or DEFAULT_DAYS} days"
    if lines:
        out.print(_table(f"Forwarded to PHP {period} (UTC)", lines, by_day=by_day))
        return
    out.print(
        f"Nothing was forwarded {period}. If all connectors ran all their jobs in that time, PHP can be switched off.",
        highlight=False,
        soft_wrap=True,
    )
    if settings.upstream_url is None:
        warn("The setting upstream_url is not set: with these settings, a server forwards nothing.")


@commands.command("check")
def check_responses(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            show_default=False,
            help="A list of calls. Without it, every read without required arguments is sent.",
        ),
    ] = None,
    *,
    user: Annotated[str, typer.Option(help="The API user that makes the calls.")],
    protocol: Annotated[Protocol, typer.Option(help="SOAP V1, or XML-RPC.")] = Protocol.SOAP,
) -> None:
    """Send reads to both sides, this server and the shop's PHP, and print where their responses differ.

    Each line of the list has a path and, if any, the arguments as JSON: sales_order_invoice.info ["100000001"]. If one
    of the methods changes anything, nothing is sent.
    """
    settings = command_settings(context)
    upstream = or_fail(lambda: create_upstream(settings))
    if upstream is None:
        fail("upstream_url is not set: there is no shop to compare with.", MISUSED)
    own_settings = settings.model_copy(update={"upstream_url": None})  # this side forwards nothing
    with shop_database(settings) as database:
        registry = or_fail(lambda: create_registry(own_settings, database))
        reads = default_reads(registry)
        if file is not None:
            lines = file.read_text(encoding="utf-8").splitlines()
            reads = or_fail(lambda: parse_reads(lines, registry))
        api = create_api(own_settings, database)
        messages, ours = _own_side(protocol, api, settings.namespace)

        def theirs(body: bytes) -> bytes:
            headers = [("Content-Type", messages.content_type), *own_headers()]
            return upstream.ask(UpstreamRequest("POST", f"/api/{protocol.value}/", headers, body), messages)

        with _session(database, user, api) as session_id:
            try:
                differ = [_print(*compared) for compared in check(reads, session_id, messages, ours, theirs)]
            except (UpstreamFailure, ValueError) as error:
                fail(f"There is no response of the shop to compare with: {error}")
    if any(differ):
        raise typer.Exit(FAILED)


def _ensure_table(database: Database) -> None:
    counts = database.forwarded_counts
    if not counts.exists:
        fail(f"The report needs the table {counts.table.name}. Create it with: magento-soap db init --own-tables")


def _lines(uses: Sequence[ForwardedUse], *, by_day: bool) -> Iterator[Line]:
    """The lines of uses that are sorted by day (if ``by_day``), method and user."""
    for _, same in groupby(uses, key=lambda use: (by_day and use.first_day, use.method, use.user_id)):
        group = list(same)
        yield Line(
            method=group[0].method,
            user_id=group[0].user_id,
            username=group[0].username,
            protocols=tuple(use.protocol for use in group),
            first_day=min(use.first_day for use in group),
            last_day=max(use.last_day for use in group),
            calls=sum(use.calls for use in group),
            failures=sum(use.failures for use in group),
            last_at=max(use.last_at for use in group),
        )


def _table(title: str, lines: Sequence[Line], *, by_day: bool) -> Table:
    table = Table(title=title)
    for name in ("method", "user", "protocols"):
        table.add_column(name, overflow="fold")
    for name in ("calls", "failures"):
        table.add_column(name, justify="right")
    for name in ("day",) if by_day else ("first day", "last day"):
        table.add_column(name, no_wrap=True)
    for line in lines:
        days = [str(line.first_day)] if by_day else [str(line.first_day), str(line.last_day)]
        user, protocols = _user_label(line.user_id, line.username), ", ".join(line.protocols)
        table.add_row(escape(line.method), escape(user), protocols, str(line.calls), str(line.failures), *days)
    return table


def _json_text(first_day: date | None, lines: Sequence[Line]) -> str:
    content = {"since": first_day, "forwarded": [asdict(line) for line in lines]}
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def _prometheus_text(uses: Sequence[ForwardedUse]) -> str:
    registry = CollectorRegistry()
    registry.register(_ForwardedCalls(uses))
    return generate_latest(registry).decode()


class _ForwardedCalls(Collector):
    """The table as counters. A process of its own prints them, so no counters of the servers' processes are needed."""

    def __init__(self, uses: Sequence[ForwardedUse]) -> None:
        self._uses = uses

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Both counters, with a sample for each method, protocol and user."""
        labels = ("method", "protocol", "user")
        calls = CounterMetricFamily("magento_soap_forwarded_calls", "Calls forwarded to the shop's PHP.", labels=labels)
        failures = CounterMetricFamily("magento_soap_forwarded_failures", "Forwarded calls that failed.", labels=labels)
        for use in self._uses:
            values = (use.method, use.protocol, _user_label(use.user_id, use.username))
            calls.add_metric(values, use.calls)
            failures.add_metric(values, use.failures)
        yield calls
        yield failures


def _user_label(user_id: int, username: str | None) -> str:
    """The name of a user, or the number of one that has been deleted."""
    return f"#{user_id}" if username is None else username


def _own_side(protocol: Protocol, api: Dispatcher, namespace: str) -> tuple[MessageFormat, Callable[[bytes], bytes]]:
    """The messages of a protocol, and this server's responses to them, without HTTP."""
    if protocol is Protocol.XML_RPC:
        xml_rpc = XmlRpcEndpoint(api)
        return XmlRpcMessages(), lambda body: xml_rpc.answer(body, Client(speaks_v1=True))
    soap = SoapEndpoint(api, style="v1", namespace=namespace)
    return client_messages(CONTRACTS["v1"], namespace)[False], lambda body: soap.answer(body, Client()).body


@contextmanager
def _session(database: Database, username: str, api: Dispatcher) -> Iterator[str]:
    """A session of that user, known to both sides, that ends with the context."""
    accounts = database.accounts
    user = accounts.user(username)
    if user is None or not user.is_active:
        fail(f"There is no active user {username!r}.")
    session_id = api.start_session()
    accounts.open_session(user.user_id, session_id, database.clock.now(), accounts.session_timeout())
    try:
        yield session_id
    finally:
        accounts.end_session(session_id)


def _print(read: Read, differing: Sequence[Difference]) -> bool:
    """Print what differs; whether anything does."""
    found = "the same" if not differing else f"{len(differing)} difference{'s' if len(differing) > 1 else ''}"
    lines = [f"{read}: {found}", *(f"  {difference}" for difference in differing[:MAX_SHOWN])]
    if len(differing) > MAX_SHOWN:
        lines.append(f"  and {len(differing) - MAX_SHOWN} more")
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    return bool(differing)
