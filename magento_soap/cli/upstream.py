"""``magento-soap upstream``: what the shop's own PHP still answers.

``report`` reads what all servers of the shop have counted (``storage.forwarded_counts``), and prints it as a table, as
JSON, or as counters for Prometheus. It asks neither the servers nor the shop.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import groupby
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from rich.markup import escape
from rich.table import Table

from magento_soap.storage import Database
from magento_soap.storage.forwarded_counts import ForwardedUse

from .configuration import command_settings, shop_database
from .terminal import MISUSED, fail, out, warn

DEFAULT_DAYS = 30

commands = typer.Typer(no_args_is_help=True, help="The shop's own PHP behind this server.")


class Format(str, Enum):
    """How the report is printed."""

    TABLE = "table"
    JSON = "json"
    PROMETHEUS = "prometheus"


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
