"""The command line, as its users see it: output, exit codes, and what is in the database afterwards."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy
from lxml import etree
from typer.testing import CliRunner, Result

from magento_soap import __version__
from magento_soap.api.keys import verify_key
from magento_soap.cli import app
from magento_soap.demo import demo_rows
from magento_soap.demo.orders import TOUR_ORDER
from magento_soap.demo.server import DemoServer
from magento_soap.sales.paying.attempts import ANSWERED, Attempt
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.ports import UnitOfWork
from magento_soap.server.serving import LAST_CALLS_SECONDS
from magento_soap.storage import Database
from tests.lab_bank import FILE, movements

from .conftest import wait_for


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a database file that does not exist yet, which the settings name."""
    for name in [name for name in os.environ if name.startswith("MAGENTO_SOAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'shops' / 'shop.sqlite'}"
    monkeypatch.setenv("MAGENTO_SOAP_DATABASE_URL", url)
    return url


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=typed)


def done(*arguments: str, typed: str | None = None) -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str, code: int = 1) -> str:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def test_version_and_help() -> None:
    assert __version__ in done("--version")
    assert "serve" in done("--help")


def test_init_creates_a_shop_that_fits(shop: str) -> None:
    assert "does not fit" in refused("db", "check")
    assert "Next:" in done("db", "init", "--currency", "eur")
    assert "fits" in done("db", "check")
    rows = json.loads(done("db", "dump"))
    assert {row["status"] for row in rows["sales_order_status"]} >= {"pending", "processing", "complete"}
    assert {row["entity_type_code"] for row in rows["eav_entity_type"]} >= {"order", "invoice"}
    config = {row["path"]: row["value"] for row in rows["core_config_data"]}
    assert config["currency/options/base"] == "EUR"


def test_init_does_not_touch_a_shop(shop: str) -> None:
    done("db", "init")
    assert "not touched" in refused("db", "init")


def test_init_own_tables_adds_only_ours(shop: str, tmp_path: Path) -> None:
    done("db", "init", "--own-tables")
    assert "the table is missing" in refused("db", "check")


def test_check_another_database(shop: str, tmp_path: Path) -> None:
    done("db", "init")
    assert "fits" in done("db", "check", shop)
    assert "sales_flat_order: the table is missing" in refused("db", "check", f"sqlite:///{tmp_path / 'other.sqlite'}")


def test_invoices_that_cannot_be_numbered_are_reported(shop: str) -> None:
    done("db", "init")
    database = Database(shop)
    types = database.dump(["eav_entity_type"])["eav_entity_type"]
    database.load({"eav_entity_type": [row | {"increment_model": "acme/increment"} for row in types]})
    database.close()
    assert 'increment model "acme/increment" is not supported' in refused("db", "check")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # it would serve, and says what it cannot do
        said = refused("serve", "--port", str(taken.getsockname()[1]))
    assert "Nothing can be invoiced." in said
    assert "is in use" in said


def test_load_and_dump_are_inverse(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.json.gz"
    file.write_bytes(gzip.compress(json.dumps(demo_rows()).encode()))
    assert "no tables yet" in refused("db", "load", str(file))
    done("db", "init")
    assert "Loaded" in done("db", "load", str(file))
    done("db", "dump", "first.json")
    assert "has orders already" in refused("db", "load", "first.json")
    done("db", "load", "first.json", "--replace")
    done("db", "dump", "second.json.gz")
    first = json.loads((tmp_path / "first.json").read_text(encoding="utf-8"))
    assert json.loads(gzip.decompress((tmp_path / "second.json.gz").read_bytes())) == first
    orders = {row["increment_id"]: row["grand_total"] for row in first["sales_flat_order"]}
    assert orders == {row["increment_id"]: row["grand_total"] for row in demo_rows()["sales_flat_order"]}


@pytest.mark.parametrize("text", ["not json", "[]", '{"sales_flat_order": 1}', '{"no_such_table": []}'])
def test_load_refuses_what_are_no_rows(shop: str, tmp_path: Path, text: str) -> None:
    done("db", "init")
    (tmp_path / "wrong.json").write_text(text, encoding="utf-8")
    refused("db", "load", "wrong.json")


def test_users_and_roles(shop: str) -> None:
    done("db", "init")
    done("role", "add", "Reading", "--allow", "sales/order/invoice/info", "--allow", "sales/order/invoice")
    assert "sales/order/invoice/info" in done("role", "list")
    assert "already" in refused("role", "add", "Reading", "--allow", "all")
    done("user", "add", "maria", "--key", "secret7", "--role", "Reading", "--email", "maria@example.com")
    assert "already" in refused("user", "add", "maria", "--key", "secret7")
    assert "no role" in refused("user", "add", "paul", "--key", "secret7", "--role", "Nothing")
    listed = done("user", "list")
    assert "maria" in listed
    assert "Reading" in listed
    assert "paul" not in listed

    database = Database(shop)
    first = database.accounts.user("maria")
    assert first is not None
    assert verify_key("secret7", first.api_key)
    done("user", "key", "maria", typed="another8\nanother8\n")
    second = database.accounts.user("maria")
    assert second is not None
    assert verify_key("another8", second.api_key)
    done("user", "disable", "maria")
    third = database.accounts.user("maria")
    assert third is not None
    assert not third.is_active
    assert "enabled" in done("user", "enable", "maria")
    fourth = database.accounts.user("maria")
    assert fourth is not None
    assert fourth.is_active
    assert fourth.api_key == third.api_key
    database.close()
    for command in ("disable", "enable"):
        assert "no user" in refused("user", command, "nobody")


def test_keys_must_meet_the_policy(shop: str) -> None:
    """SES-6."""
    done("db", "init")
    assert "at least of 6 characters" in refused("user", "add", "maria", "--key", "a1")
    assert "numeric and alphabetic" in refused("user", "add", "maria", "--key", "abcdefgh")


@pytest.mark.parametrize(
    ("contract", "path"),
    [
        ("v1", "/api/soap/"),
        ("v2", "/api/v2_soap/"),
        ("wsi", "/api/v2_soap_wsi/"),
        ("wsi-documented", "/api/v2_soap/"),
    ],
)
def test_wsdl(shop: str, tmp_path: Path, contract: str, path: str) -> None:
    done("wsdl", contract, "--base-url", "https://shop.example/", "--output", "wsdl/shop.wsdl")
    document = etree.parse(tmp_path / "wsdl" / "shop.wsdl")
    address = document.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert address.get("location") == f"https://shop.example{path}"
    assert not (tmp_path / "unused.sqlite").exists()


def test_a_wsdl_names_the_base_url_of_the_settings(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "http://magentohost/api/v2_soap/" in done("wsdl")
    monkeypatch.setenv("MAGENTO_SOAP_BASE_URL", "https://shop.example/m1")
    monkeypatch.setenv("MAGENTO_SOAP_ALLOWED_HOSTS", "shop.example")
    assert '"https://shop.example/m1/api/v2_soap/"' in done("wsdl")
    assert '"https://other.example/api/v2_soap/"' in done("wsdl", "--base-url", "https://other.example")
    assert "not a valid base URL" in refused("wsdl", "--base-url", "other.example")


@pytest.mark.parametrize(
    ("contract", "file"),
    [
        ("v1", "v1.wsdl"),
        ("v2", "v2.wsdl"),
        ("wsi", "v2-wsi.wsdl"),
        ("wsi-documented", "v2-wsi-documented.wsdl"),
    ],
)
def test_the_wsdl_in_the_repository_is_what_the_command_writes(shop: str, contract: str, file: str) -> None:
    kept = Path(__file__).parents[2] / "wsdl" / file
    assert done("wsdl", contract) == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("contract", ["v2", "wsi", "wsi-documented"])
def test_the_mode_of_the_server_does_not_change_a_contract(
    shop: str, monkeypatch: pytest.MonkeyPatch, contract: str
) -> None:
    without = done("wsdl", contract)
    monkeypatch.setenv("MAGENTO_SOAP_WSI", "true")
    monkeypatch.setenv("MAGENTO_SOAP_WSI_WSDL", "magento")
    assert done("wsdl", contract) == without


def test_an_invalid_setting_ends_the_program_with_one_line(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGENTO_SOAP_PORT", "0")
    assert "port (in MAGENTO_SOAP_PORT)" in refused("db", "check", code=2)


def test_a_database_that_cannot_be_reached(shop: str) -> None:
    said = refused("db", "check", "mysql+pymysql://someone:secret@127.0.0.1:1/shop")
    assert "cannot be used" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("0001", "revision 0001 is older than this program's {head}: magento-soap db init --own-tables"),
        ("9999", "revision 9999 was made by a newer magento-soap: update this program"),
    ],
)
def test_the_revision_of_our_own_tables_is_checked(shop: str, revision: str, told: str) -> None:
    done("db", "init")
    engine = sqlalchemy.create_engine(shop)
    with engine.begin() as connection:
        told = told.format(head=connection.exec_driver_sql("SELECT * FROM magento_soap_alembic_version").scalar_one())
        connection.exec_driver_sql(f"UPDATE magento_soap_alembic_version SET version_num = '{revision}'")
    for command in (["db", "check"], ["serve"], ["worker", "--once"]):
        assert f"magento_soap_alembic_version: {told}" in refused(*command)
    if revision == "9999":
        assert "locate revision" in refused("db", "init", "--own-tables")
    engine.dispose()


def test_serve_refuses_a_database_that_does_not_fit(shop: str) -> None:
    assert "does not fit" in refused("serve")


def test_serve_refuses_strangers_unless_it_knows_its_names(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "others can reach the server" in refused("serve", "--host", "0.0.0.0", code=2)
    for setting in ("BASE_URL", "ALLOWED_HOSTS"):
        with monkeypatch.context() as patched:
            patched.setenv(f"MAGENTO_SOAP_{setting}", "https://shop.example" if setting == "BASE_URL" else "*")
            assert "does not fit" in refused("serve", "--host", "0.0.0.0")  # the database, which comes next


def test_serve_refuses_a_port_that_is_taken(shop: str) -> None:
    done("db", "init")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "is in use" in refused("serve", "--port", str(taken.getsockname()[1]))


def test_serve_refuses_a_payment_method_that_does_not_load(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done("db", "init")
    monkeypatch.setenv("MAGENTO_SOAP_PAYMENT_METHODS", "acme=no.such.module:Gateway")
    assert "acme" in refused("serve")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("everybody", [False, True], ids=["server", "whole group, as Ctrl-C does"])
def test_serve_ends_cleanly(demo_database: Path, tmp_path: Path, stop: signal.Signals, everybody: bool) -> None:
    log = tmp_path / "log"
    port = free_port()
    environment = os.environ | {"MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{demo_database}", "MAGENTO_SOAP_CONFIG": "-"}
    command = [sys.executable, "-m", "magento_soap", "serve", "--port", port, "--workers", "2"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) as server,
        contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(port))) as idle,
    ):
        wait_for(f"http://127.0.0.1:{port}", server, log)
        idle.request("GET", "/api/v2_soap?wsdl")
        idle.getresponse().read()
        if everybody:
            os.killpg(server.pid, stop)
        else:
            server.send_signal(stop)
        assert server.wait(LAST_CALLS_SECONDS + 20) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    with socket.create_server(("127.0.0.1", int(port))):
        pass  # the port is free again


def test_demo_makes_a_first_invoice_and_a_connectors_run_every_time(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "magento_soap", "demo", "--exit-after-invoice", "--port", port]
    command += ["--folder", str(tmp_path)]
    environment = os.environ | {"COLUMNS": "120"}
    for run, number in enumerate(("200000007", "200000008")):
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert f"Invoice {number}" in shown.stdout
        assert f"http://127.0.0.1:{port}/api/v2_soap?wsdl" in shown.stdout
        assert "番茶" in shown.stdout
        calls = dict(re.findall(r"│ (salesOrder\w+|endSession) +│ (.*?) +│", shown.stdout))
        assert calls["salesOrderInvoiceCreate"] == f"invoice {100000017 + run}"
        assert calls["salesOrderInvoiceCapture"] == "true"
        assert calls["salesOrderShipmentCreate"] == f"shipment {100000004 + run}"
        assert calls["salesOrderShipmentGetCarriers"] == "custom, dhl, fedex, ups, usps, dhlint"
        assert calls["salesOrderAddComment"] == "true"
        assert calls["salesOrderCreditmemoCreate"] == f"credit memo {100000002 + run}"
        assert list(calls)[-1] == "endSession"


def test_demo_explains_a_shop_without_the_order_of_the_run(tmp_path: Path) -> None:
    command = ["demo", "--exit-after-invoice", "--port", free_port(), "--folder", str(tmp_path)]
    assert DemoServer(tmp_path / "demo.sqlite", 8080).create()
    with contextlib.closing(sqlite3.connect(tmp_path / "demo.sqlite")) as database, database:
        database.execute("UPDATE sales_flat_order SET increment_id = 'x' WHERE increment_id = ?", [TOUR_ORDER])
    assert "--fresh" in refused(*command)


def test_demo_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "is in use" in refused("demo", "--folder", str(tmp_path), "--port", port)


def test_unfinished_payments_are_listed_and_settled(shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGENTO_SOAP_PAYMENT_METHODS", "demopay=tests.lab_bank:Bank")
    monkeypatch.setenv(FILE, str(tmp_path / "bank.sqlite"))
    (tmp_path / "shops").mkdir()
    database = Database(shop)
    database.create()
    database.load(demo_rows())
    assert "100000017" not in done("payments", "list")
    unfinished = Attempt(
        key="k1",
        action="capture",
        order_id=27,
        order_increment_id="100000017",
        invoice_increment_id="100000016",
        method="demopay",
        base_amount=Decimal("384.9800"),
        base_currency_code="USD",
        parent_txn_id="auth-100000017",
        asked_at=datetime(2024, 1, 1),
        leased_until=datetime(2024, 1, 1),
    )
    other = replace(unfinished, key="k2", method="gone", order_id=28, order_increment_id="100000018")

    def write(unit: UnitOfWork) -> None:
        unit.payments.write(unfinished)
        unit.payments.write(other)

    database.transactions.run(write)
    listed = done("payments", "list")
    assert (
        "k1: order 100000017, invoice 100000016: capture of 384.9800 USD through demopay, asked, since 2024" in listed
    )
    told = refused("payments", "reconcile")
    assert "k1: settled" in told
    assert "k2: The requested Payment Method is not available." in told
    assert "1 payments are unfinished" in told
    assert movements(tmp_path / "bank.sqlite") == [("capture", "100000017", Decimal("384.98"))]
    (invoice,) = (row for row in database.dump(["sales_flat_invoice"])["sales_flat_invoice"] if row["order_id"] == 27)
    assert invoice["state"] == 2
    assert "no unfinished payment" in refused("payments", "decide", "nothing", "done")
    database.transactions.run(lambda unit: unit.payments.write(replace(other, leased_until=datetime(2199, 1, 1))))
    told = refused("payments", "decide", "k2", "not-done")
    assert told == "The gateway is being asked about this payment, until 2199-01-01 00:00:00 UTC at the latest."
    assert "k2: in progress elsewhere" in refused("payments", "reconcile")
    answered = replace(other, state=ANSWERED, result=GatewayResult(txn_id="cap-1"))
    database.transactions.run(lambda unit: unit.payments.write(answered))
    assert "known already: answered" in refused("payments", "decide", "k2", "not-done")
    assert "k2: settled" in done("payments", "decide", "k2", "booked")
    database.transactions.run(lambda unit: unit.payments.write(other))
    assert "k2: refused" in done("payments", "decide", "k2", "not-done")
    assert done("payments", "reconcile") == ""
    database.close()
