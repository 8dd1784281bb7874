"""``magento-soap upstream``: what was forwarded, and whether both sides answer alike, against a shop's PHP."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest

from .conftest import copied_shop
from .test_both_sides import BothSides, running

pytestmark = pytest.mark.php

SECONDS = 120
Run = Callable[..., subprocess.CompletedProcess[str]]


def commands(database: Path, **settings: str) -> Run:
    """Runs ``magento-soap upstream ...`` on that shop."""
    environment = {f"MAGENTO_SOAP_{name.upper()}": value for name, value in settings.items()}
    environment |= {"MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{database}", "MAGENTO_SOAP_CONFIG": "-", "COLUMNS": "200"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "magento_soap", "upstream", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
        )

    return run


@pytest.fixture
def both(demo_database: Path, tmp_path: Path) -> Iterator[BothSides]:
    with running(demo_database, tmp_path) as both:
        yield both


@pytest.fixture
def run(both: BothSides, tmp_path: Path) -> Run:
    return commands(tmp_path / "served" / "shop.sqlite", upstream_url=both.php.url)


def test_the_report_shows_what_was_forwarded_once_the_server_has_stopped(demo_database: Path, tmp_path: Path) -> None:
    database = tmp_path / "served" / "shop.sqlite"
    with running(demo_database, tmp_path) as both:
        for _ in range(3):
            both.call("ol_websites.list")
            both.call("sales_order_invoice.list")
        both.xml_rpc.multiCall(both.session, [["catalog_product.list"], ["ol_websites.list"]])
        with pytest.raises(Fault):
            both.xml_rpc.call(both.session, "catalog_product.info", [99])
    lines = json.loads(commands(database)("report", "--format", "json").stdout)["forwarded"]
    assert [
        (line["method"], line["protocols"], line["username"], line["calls"], line["failures"]) for line in lines
    ] == [
        ("catalog_product.info", ["XML-RPC"], "apiUser", 1, 0),
        ("catalog_product.list", ["XML-RPC"], "apiUser", 1, 0),
        ("ol_websites.list", ["JSON-RPC", "XML-RPC"], "apiUser", 4, 0),
    ]


def test_a_method_is_reported_while_the_server_runs_and_even_if_it_is_killed(both: BothSides, run: Run) -> None:
    assert run("report").stdout.startswith("Nothing was forwarded in the last 30 days.")
    both.call("ol_websites.list")
    table = run("report", "--by-day")
    assert table.returncode == 0
    assert re.search(r"ol_websites\.list.*apiUser.*JSON-RPC.* 1 .* 0 .*\d{4}-\d\d-\d\d ", table.stdout)
    metrics = run("report", "--format", "prometheus").stdout
    labels = '{method="ol_websites.list",protocol="JSON-RPC",user="apiUser"}'
    assert f"magento_soap_forwarded_calls_total{labels} 1.0" in metrics
    assert f"magento_soap_forwarded_failures_total{labels} 0.0" in metrics
    assert "# TYPE magento_soap_forwarded_calls_total counter" in metrics


def test_failures_are_reported(both: BothSides, run: Run, demo_database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "down"
    folder.mkdir()
    with copied_shop(demo_database, folder, upstream_url="http://127.0.0.1:9") as url:
        down = BothSides(url, both.php)
        down.session = down.xml_rpc.login("apiUser", "apiKey")
        with pytest.raises(Fault, match=r"1.*Internal Error"):
            down.xml_rpc.call(down.session, "ol_websites.list")
        (line,) = json.loads(commands(folder / "shop.sqlite")("report", "--format", "json").stdout)["forwarded"]
    assert (line["calls"], line["failures"]) == (1, 1)


@pytest.mark.parametrize("protocol", ["soap", "xmlrpc"])
def test_check_prints_what_differs(both: BothSides, run: Run, protocol: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls.txt"
    calls.write_text('# what the ERP reads\nsales_order_invoice.info ["200000006"]\ncore_magento.info\n')
    done = run("check", str(calls), "--user", "apiUser", "--protocol", protocol)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert re.fullmatch(r'sales_order_invoice\.info \["200000006"\]: \d+ differences', lines[0])
    assert any("increment_id: here '200000006', in the shop 'from PHP'" in line for line in lines)
    assert any(re.fullmatch(r"  and \d+ more", line) for line in lines)
    assert any("magento_version: here '1.9.4.5', in the shop 'from PHP'" in line for line in lines)
    assert both.xml_rpc.call(both.session, "ol_websites.list"), "sessions of others go on"


def test_check_without_a_list_sends_reads_without_arguments(run: Run, both: BothSides) -> None:
    both.php.calls()
    done = run("check", "--user", "apiUser")
    compared = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert any(re.fullmatch(r"sales_order_invoice\.list: \d+ differences", line) for line in compared)
    assert "core_magento.info: 2 differences" in compared
    assert [line for line in compared if re.match(r"\w+\.(?:create|capture)\b", line)] == []
    assert len(both.php.calls()) == len(compared)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--user", "nobody"], "There is no active user 'nobody'."),
        (
            ["LIST", "--user", "apiUser"],
            "line 1: sales_order_invoice.create changes something; only reads are compared",
        ),
    ],
)
def test_check_refuses_what_cannot_be_compared(
    run: Run, both: BothSides, tmp_path: Path, arguments: list[str], problem: str
) -> None:
    calls = tmp_path / "calls.txt"
    calls.write_text("sales_order_invoice.create\n")
    both.php.calls()
    done = run("check", *(str(calls) if each == "LIST" else each for each in arguments))
    assert (done.returncode, done.stderr.strip()) == (1, problem)
    assert both.php.calls() == []


def test_check_needs_a_shop(both: BothSides, tmp_path: Path) -> None:
    done = commands(tmp_path / "served" / "shop.sqlite")("check", "--user", "apiUser")
    assert (done.returncode, done.stderr.strip()) == (2, "upstream_url is not set: there is no shop to compare with.")


def test_shadow_mode_logs_where_reads_differ(demo_database: Path, tmp_path: Path) -> None:
    with running(demo_database, tmp_path, upstream_shadow_percent="100", log_format="json") as both:
        both.php.calls()
        assert both.call("sales_order_invoice.info", ["200000006"])["increment_id"] == "200000006"
        log, found, deadline = tmp_path / "served" / "server.log", list[Any](), time.monotonic() + SECONDS
        while not found and time.monotonic() < deadline:
            time.sleep(0.02)
            found = [json.loads(line) for line in log.read_text().splitlines() if "answers otherwise" in line]
        (entry,) = found
    assert entry["call"] == "sales_order_invoice.info"
    assert "result.grand_total" in entry["places"]
