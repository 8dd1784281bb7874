"""``magento-soap upstream``: what still needs the shop's PHP, and whether both sides answer alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
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
from .terminal import FAILED, MISUSED, fail, out

commands = typer.Typer(no_args_is_help=True, help="The shop's own PHP behind this server.")

MAX_SHOWN = 50
"""How many differences of a response are printed."""


class Format(str, Enum):
    """How the report is printed."""

    TABLE = "table"
    JSON = "json"
    PROMETHEUS = "prometheus"


class Protocol(str, Enum):
    """The protocols over which both sides can be asked; the value is the adapter in the URL."""

    SOAP = "soap"
    XML_RPC = "xmlrpc"


@commands.command()
def report(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days, with today (UTC).")] = 30,
    by_day: Annotated[bool, typer.Option("--by-day", help="A line for each day.")] = False,
    output: Annotated[
        Format, typer.Option("--format", help="A table, JSON, or Prometheus' text format, which has sums of all days.")
    ] = Format.TABLE,
) -> None:
    """Show what was forwarded to the shop's PHP, by method, protocol and user: what still needs PHP."""
    with shop_database(command_settings(context)) as database:
        if not database.forwarded_counts.exists:
            fail("There is no table magento_soap_forwarded: magento-soap db init --own-tables creates it.")
        since = database.clock.now().date() - timedelta(days=days - 1)
        if output is Format.PROMETHEUS:
            out.file.write(_metrics(database.forwarded_counts.since()))
            return
        uses = database.forwarded_counts.since(since, by_day=by_day)
    if output is Format.JSON:
        out.file.write(json.dumps([asdict(use) for use in uses], default=_as_text, indent=2) + "\n")
    elif not uses:
        out.print(f"Nothing was forwarded since {since} (UTC).", highlight=False)
    else:
        out.print(_table(uses, by_day))


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


def _metrics(uses: Sequence[ForwardedUse]) -> str:
    class Forwarded(Collector):
        def collect(self) -> Iterator[CounterMetricFamily]:
            labels = ["method", "protocol", "user"]
            calls = CounterMetricFamily(
                "magento_soap_forwarded_calls", "Calls that were forwarded to the shop's PHP.", labels=labels
            )
            failures = CounterMetricFamily(
                "magento_soap_forwarded_failures", "Forwarded calls without a usable response.", labels=labels
            )
            for use in uses:
                values = [use.method, use.protocol, _user(use)]
                calls.add_metric(values, use.calls)
                failures.add_metric(values, use.failures)
            yield calls
            yield failures

    registry = CollectorRegistry()
    registry.register(Forwarded())
    return generate_latest(registry).decode()


def _table(uses: Sequence[ForwardedUse], by_day: bool) -> Table:
    days = ("day",) if by_day else ("first", "last")
    table = Table(*days, "method", "protocol", "user")
    table.add_column("calls", justify="right")
    table.add_column("failures", justify="right")
    for use in uses:
        seen = (use.last_day,) if by_day else (use.first_day, use.last_day)
        table.add_row(*map(str, seen), use.method, use.protocol, _user(use), str(use.calls), str(use.failures))
    return table


def _user(use: ForwardedUse) -> str:
    return use.username or f"deleted user {use.user_id}"


def _as_text(value: object) -> str:
    """Days and times in JSON."""
    return str(value)


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
