"""A shop for each client, what to do without a stack, and the table of what worked."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.conftest import missing
from tests.contract.conftest import copied_shop

from .stacks import ENDPOINTS, STACKS, Endpoint, Stack

REQUIRE_INTEROP = "MAGENTO_SOAP_REQUIRE_INTEROP"


@pytest.fixture(scope="session")
def served(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server's base URL and its shop's database."""
    folder = tmp_path_factory.mktemp("served")
    with copied_shop(demo_database, folder) as url:
        yield url, folder / "shop.sqlite"


@pytest.fixture
def shop_url(served: tuple[str, Path], demo_database: Path) -> str:
    """Base URL of a demo shop that nobody has used yet: to start a server takes longer than to put its shop back."""
    url, database = served
    with closing(sqlite3.connect(demo_database)) as unused, closing(sqlite3.connect(database)) as used:
        unused.backup(used)
    return url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix, where all of it was asked for."""
    if not os.environ.get(REQUIRE_INTEROP):
        return
    outcomes = dict(_outcomes(terminalreporter))
    table = Table("stack", *ENDPOINTS, title="Interoperability", title_justify="left")
    for stack in STACKS:
        table.add_row(stack.name, *(_cell(stack, endpoint, outcomes) for endpoint in ENDPOINTS))
    console = Console(width=100)
    with console.capture() as drawn:
        console.print(table)
    terminalreporter.write_line("")
    terminalreporter.write(drawn.get())


def _outcomes(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    """Ids of the tests and what became of each."""
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, ()):
            yield report.nodeid.rpartition("[")[2].rstrip("]"), outcome


def _cell(stack: Stack, endpoint: Endpoint, outcomes: dict[str, str]) -> str:
    outcome = outcomes.get(cell_id(stack, endpoint), "")
    if endpoint in stack.cannot:
        return f"cannot: {stack.cannot[endpoint]}" if outcome == "passed" else outcome
    return {"passed": "ok", "error": "failed"}.get(outcome, outcome)


def cell_id(stack: Stack, endpoint: Endpoint) -> str:
    """The id of the test of one cell of the matrix."""
    return f"{stack.name} {endpoint}"


def require(stack: Stack) -> None:
    """Skip the test when the machine has not got that stack; fail it where the stack must be."""
    lacks = stack.lacks()
    if lacks and os.environ.get(REQUIRE_INTEROP):
        pytest.fail(f"{lacks}, and {REQUIRE_INTEROP} is set", pytrace=False)
    if lacks and stack.everywhere:
        missing(lacks)
    if lacks:
        pytest.skip(lacks)


def cells() -> list[object]:
    """Every client as parameters of a test: its stack, its endpoint."""
    return [
        pytest.param(stack, endpoint, id=cell_id(stack, endpoint)) for stack in STACKS for endpoint in stack.clients
    ]
