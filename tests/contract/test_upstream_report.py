"""``magento-soap upstream report``: what still needs PHP."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from magento_soap.api.ports import ForwardedCount
from magento_soap.app import tidy
from magento_soap.cli import app
from magento_soap.cli.terminal import out
from magento_soap.settings import Settings
from magento_soap.storage import Database

from .test_cli import done, refused, run

JUNE_1, JUNE_2 = date(2025, 6, 1), date(2025, 6, 2)
EVER = ("--since", "2025-01-01")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A shop with one user, which the settings name."""
    for name in [name for name in os.environ if name.startswith("MAGENTO_SOAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(out, "width", 200)
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    monkeypatch.setenv("MAGENTO_SOAP_DATABASE_URL", url)
    database = Database(url)
    database.create()
    database.load({"api_user": [{"user_id": 7, "username": "erp", "created": "2024-01-01 00:00:00"}]})
    yield database
    database.close()


def forwarded(
    database: Database,
    method: str,
    day: date,
    *,
    calls: int = 1,
    failures: int = 0,
    user: int = 7,
    protocol: str = "V1",
) -> None:
    last_at = datetime(day.year, day.month, day.day, 8, 30)
    database.forwarded_counts.add([ForwardedCount(day, method, protocol, user, calls, failures, last_at)])


def cells(output: str) -> list[list[str]]:
    """The rows of a table."""
    lines = [line for line in output.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_methods_and_users_are_summed(database: Database) -> None:
    forwarded(database, "catalog_product.list", JUNE_2, calls=5, failures=2)
    forwarded(database, "catalog_product.list", JUNE_1, calls=3, protocol="XML-RPC")
    forwarded(database, "catalog_product.list", JUNE_1, user=8)
    forwarded(database, "acme.[bold]", JUNE_1)
    output = done("upstream", "report", *EVER)
    assert "Forwarded to PHP since 2025-01-01 (UTC)" in output
    assert cells(output) == [
        ["acme.[bold]", "erp", "V1", "1", "0", "2025-06-01", "2025-06-01"],
        ["catalog_product.list", "erp", "V1, XML-RPC", "8", "2", "2025-06-01", "2025-06-02"],
        ["catalog_product.list", "#8", "V1", "1", "0", "2025-06-01", "2025-06-01"],
    ]


def test_days_separately(database: Database) -> None:
    for day in (JUNE_2, JUNE_1):
        forwarded(database, "catalog_product.list", day)
        forwarded(database, "catalog_product.list", day, protocol="V2", failures=1)
    assert cells(done("upstream", "report", *EVER, "--by-day")) == [
        ["catalog_product.list", "erp", "V1, V2", "2", "1", "2025-06-01"],
        ["catalog_product.list", "erp", "V1, V2", "2", "1", "2025-06-02"],
    ]


def test_a_long_name_is_complete_on_a_narrow_screen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 80)
    forwarded(database, "acme_module_with_a_long_name.and_a_method_with_another_one", JUNE_1)
    parts = [row[0] for row in cells(done("upstream", "report", *EVER))]
    assert "".join(parts) == "acme_module_with_a_long_name.and_a_method_with_another_one"


def test_the_period(database: Database) -> None:
    today = database.clock.now().date()
    for age in (0, 4, 5, 29, 31, 400):
        forwarded(database, f"called.{age}", today - timedelta(days=age))

    def reported(*options: str) -> list[str]:
        return [row[0] for row in cells(done("upstream", "report", *options))]

    assert set(reported("--days", "5")) == {"called.0", "called.4"}
    assert set(reported()) == {"called.0", "called.4", "called.5", "called.29"}
    assert len(reported("--since", str(today - timedelta(days=31)))) == 5
    assert len(reported("--days", "401")) == 6


def test_nothing_was_forwarded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGENTO_SOAP_UPSTREAM_URL", "http://php-shop.internal/")
    expected = "If all connectors ran all their jobs in that time, PHP can be switched off.\n"
    assert done("upstream", "report") == f"Nothing was forwarded in the last 30 days. {expected}"
    forwarded(database, "old.method", JUNE_1)
    assert done("upstream", "report", "--days", "7") == f"Nothing was forwarded in the last 7 days. {expected}"
    assert done("upstream", "report", "--since", "2025-06-02") == f"Nothing was forwarded since 2025-06-02. {expected}"


def test_nothing_was_forwarded_because_nothing_is(database: Database) -> None:
    assert "The setting upstream_url is not set" in run("upstream", "report").output
    forwarded(database, "old.method", JUNE_1)
    assert "upstream_url" not in run("upstream", "report", *EVER).output


def test_json(database: Database) -> None:
    forwarded(database, "größe.\U0001f600", JUNE_1, calls=3, failures=1)
    forwarded(database, "größe.\U0001f600", JUNE_2, user=8, protocol="V2")
    first = {
        "method": "größe.\U0001f600",
        "user_id": 7,
        "username": "erp",
        "protocols": ["V1"],
        "first_day": "2025-06-01",
        "last_day": "2025-06-01",
        "calls": 3,
        "failures": 1,
        "last_at": "2025-06-01 08:30:00",
    }
    other_user = {"user_id": 8, "username": None, "protocols": ["V2"], "calls": 1, "failures": 0}
    june_2 = {"first_day": "2025-06-02", "last_day": "2025-06-02", "last_at": "2025-06-02 08:30:00"}
    assert json.loads(done("upstream", "report", *EVER, "--format", "json")) == {
        "since": "2025-01-01",
        "forwarded": [first, first | other_user | june_2],
    }
    assert json.loads(done("upstream", "report", "--format", "json"))["forwarded"] == []


def test_prometheus(database: Database) -> None:
    forwarded(database, 'a"\\.b', JUNE_1, calls=3, failures=1)
    forwarded(database, 'a"\\.b', JUNE_2, calls=4)
    forwarded(database, "a.c", database.clock.now().date(), user=8, protocol="V2")
    text = done("upstream", "report", "--format", "prometheus")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {name: family.type for name, family in families.items()} == {
        "magento_soap_forwarded_calls": "counter",
        "magento_soap_forwarded_failures": "counter",
    }
    samples = {
        (sample.name, *sample.labels.values()): sample.value for each in families.values() for sample in each.samples
    }
    assert samples == {
        ("magento_soap_forwarded_calls_total", 'a"\\.b', "V1", "erp"): 7,
        ("magento_soap_forwarded_calls_total", "a.c", "V2", "#8"): 1,
        ("magento_soap_forwarded_failures_total", 'a"\\.b', "V1", "erp"): 1,
        ("magento_soap_forwarded_failures_total", "a.c", "V2", "#8"): 0,
    }


def test_prometheus_without_samples(database: Database) -> None:
    text = done("upstream", "report", "--format", "prometheus")
    assert "# TYPE magento_soap_forwarded_calls_total counter" in text
    assert all(line.startswith("#") for line in text.splitlines())


@pytest.mark.parametrize("options", [("--days", "7"), ("--by-day",)])
def test_counters_never_fall(database: Database, options: tuple[str, ...]) -> None:
    assert "must never fall" in refused("upstream", "report", "--format", "prometheus", *options, code=2)


def test_one_period(database: Database) -> None:
    assert "not both" in refused("upstream", "report", "--days", "7", *EVER, code=2)
    assert run("upstream", "report", "--days", "0").exit_code == 2
    assert run("upstream", "report", "--since", "June").exit_code == 2


def test_without_the_table_the_report_says_how_to_create_it(tmp_path: Path) -> None:
    shop = {"MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{tmp_path / 'attached.sqlite'}", "MAGENTO_SOAP_CONFIG": "-"}
    result = CliRunner().invoke(app, ["upstream", "report"], env=shop)
    assert result.exit_code == 1
    expected = "needs the table magento_soap_forwarded. Create it with: magento-soap db init --own-tables"
    assert expected in " ".join(result.output.split())


def test_the_worker_forgets_methods_that_were_not_called_for_400_days(database: Database) -> None:
    today = database.clock.now().date()
    forwarded(database, "yearly.job", today - timedelta(days=399))
    forwarded(database, "former.job", today - timedelta(days=402))
    tidy(Settings(), database)
    assert [use.method for use in database.forwarded_counts.since()] == ["yearly.job"]
