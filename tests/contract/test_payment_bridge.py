"""The HTTP gateway as a shop meets it: example bridge, lost answers, documents, settings, codes that nothing serves."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from typer.testing import CliRunner
from werkzeug.test import Client
from zeep.exceptions import Fault

from examples.python.magento_v2 import array, connect
from magento_soap.app import create_app
from magento_soap.cli import app
from magento_soap.payments.http import HttpGateway
from magento_soap.sales.payment import GatewayRequest, Payment
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.unit.payments.http_provider import SECRET as PROVIDER_SECRET
from tests.unit.payments.http_provider import Reply, hangs_up, providing, says, sign
from tests.unit.protocols.soap.wire import envelope

from .conftest import serving
from .test_endpoints import Ask, json_rpc, soap_v1, xml_rpc
from .wsi_client import WsiClient, body_of

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "payments.md").read_text(encoding="utf-8")
REQUEST, ANSWER = re.findall(r"```json\n(.*)\n```", DOCUMENT)
SECRET = "a secret of the test shop"
NOT_AVAILABLE = "The requested Payment Method is not available."


def ask_file(file: Path, statement: str, *values: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        return database.execute(statement, values).fetchall()


@pytest.fixture
def shop_file(demo_database: Path, tmp_path: Path) -> Path:
    """A demo shop whose gateway orders were paid with PayPal Direct."""
    file = tmp_path / "shop.sqlite"
    shutil.copy(demo_database, file)
    ask_file(file, "UPDATE sales_flat_order_payment SET method = 'paypal_direct' WHERE method = 'demopay'")
    return file


# -- the example bridge ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def bridging(file: Path) -> Iterator[str]:
    """The URL of the example bridge, started as its page says."""
    script = ROOT / "examples" / "payment_bridge" / "bridge.py"
    command = [sys.executable, str(script), "--port", "0", "--file", str(file)]
    environment = {**os.environ, "BRIDGE_SECRET": SECRET}
    log = file.with_suffix(".log").open("w")
    with log, subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as bridge:
        try:
            assert bridge.stdout is not None
            said = re.search(r"http://\S+", bridge.stdout.readline())
            assert said, Path(log.name).read_text()
            yield said[0]
        finally:
            bridge.terminate()


def movements(file: Path) -> list[Any]:
    return ask_file(file, "SELECT action, authorization, amount FROM movements ORDER BY rowid")


def test_a_shop_captures_declines_and_voids_through_the_bridge(shop_file: Path, tmp_path: Path) -> None:
    books = tmp_path / "bridge.sqlite"
    with (
        bridging(books) as url,
        serving(
            f"sqlite:///{shop_file}",
            log=tmp_path / "server.log",
            payment_methods="paypal_direct=http",
            http_gateway_url=url,
            http_gateway_secret=SECRET,
        ) as shop_url,
    ):
        client = connect(shop_url)
        shop = client.service
        session = shop.login("apiUser", "apiKey")

        part = array(client, "orderItemIdQtyArray", "orderItemIdQty", [{"order_item_id": 50, "qty": 1}])
        number = shop.salesOrderInvoiceCreate(session, "100000028", part, "", "0", "0")
        assert shop.salesOrderInvoiceInfo(session, number).state == "1"
        assert shop.salesOrderInvoiceCapture(session, number)
        invoice = shop.salesOrderInvoiceInfo(session, number)
        assert invoice.state == "2"
        assert movements(books) == [("capture", "auth-100000028", "12.1500")]
        ((details,),) = ask_file(
            shop_file,
            "SELECT additional_information FROM sales_payment_transaction WHERE txn_type = 'capture' AND txn_id = ?",
            transaction_of(shop_file, number),
        )
        assert b"ExamplePay" in details
        with pytest.raises(Fault) as again:
            shop.salesOrderInvoiceCapture(session, number)
        assert again.value.code == "104"

        assert shop.salesOrderInvoiceVoid(session, number)
        assert shop.salesOrderInvoiceInfo(session, number).state == "3"
        assert movements(books)[1:] == [("void", "auth-100000028", None)]

        dear = "100000016"  # an open invoice, made dearer than the provider's customer can pay
        ask_file(shop_file, "UPDATE sales_flat_invoice SET base_grand_total = 2000 WHERE increment_id = ?", dear)
        with pytest.raises(Fault) as declined:
            shop.salesOrderInvoiceCapture(session, dear)
        assert (declined.value.code, declined.value.message) == ("104", "Insufficient funds.")
        assert shop.salesOrderInvoiceInfo(session, dear).state == "1"
        assert len(movements(books)) == 2


def transaction_of(shop_file: Path, number: str) -> str:
    statement = "SELECT transaction_id FROM sales_flat_invoice WHERE increment_id = ?"
    return str(ask_file(shop_file, statement, number)[0][0])


def test_the_bridge_says_the_same_again_and_moves_money_once(tmp_path: Path) -> None:
    books = tmp_path / "bridge.sqlite"
    body, key, now = REQUEST.encode(), json.loads(REQUEST)["idempotency_key"], time.time()

    def headers(content: bytes, timestamp: float) -> dict[str, str]:
        stamp = str(int(timestamp))
        signature = sign(stamp, content, SECRET)
        return {"X-Magento-Soap-Timestamp": stamp, "X-Magento-Soap-Signature": signature}

    with bridging(books) as url, httpx.Client(trust_env=False, base_url=url) as client:
        first, second = (client.post("/", content=body, headers=headers(body, now)) for _ in range(2))
        assert first.status_code == 200
        assert first.content == second.content
        assert first.headers["X-Magento-Soap-Signature"] == sign(key, first.content, SECRET)
        assert movements(books) == [("capture", "auth-100000016", "145.0000")]

        other = body.replace(b"145.0000", b"999.0000")
        assert client.post("/", content=other, headers=headers(other, now)).status_code == 422  # another one's key
        for refused in (headers(body, now), headers(other, now - 3600), {}):
            assert client.post("/", content=other, headers=refused).status_code == 401
        assert len(movements(books)) == 1


# -- lost answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["capture", "void"])
@pytest.mark.parametrize("failure", [hangs_up, says(b"<html>Oops</html>", 502, secret=None), says({"status": "?"})])
def test_a_client_that_asks_again_gets_the_first_payment(shop_file: Path, method: str, failure: Reply) -> None:
    invoice, status, problem = {
        "capture": ("100000016", "captured", "Invoice capturing problem."),
        "void": ("100000001", "voided", "Invoice void problem"),
    }[method]
    with providing() as provider:
        settings = Settings(
            database_url=f"sqlite:///{shop_file}",
            payment_methods={"paypal_direct": "http"},
            http_gateway_url=provider.url,
            http_gateway_secret=PROVIDER_SECRET,
            http_gateway_attempts=2,
        )
        database = Database(settings.database_url)
        try:
            ask = soap_v1(Client(create_app(settings, database)))
            session = ask("login", "apiUser", "apiKey")
            provider.replies_with(failure)
            assert ask("call", session, f"sales_order_invoice.{method}", [invoice]) == ("104", problem)
            (first, *others) = provider.received
            provider.replies_with(says({"status": status, "transaction_id": "T-77"}))
            assert ask("call", session, f"sales_order_invoice.{method}", [invoice]) is True
            (again,) = provider.received
            assert {request.body for request in (first, *others, again)} == {first.body}
            code, _ = ask("call", session, f"sales_order_invoice.{method}", [invoice])
            assert (code, len(provider.received)) == ("104", 1)
        finally:
            database.close()
    transactions = ask_file(shop_file, "SELECT txn_type FROM sales_payment_transaction WHERE txn_id = 'T-77'")
    assert transactions == [(method,)]


# -- the documented protocol -------------------------------------------------------------------------------------------


def test_the_documented_signatures_are_right() -> None:
    secret = re.search(r'http_gateway_secret = "(.*)"', DOCUMENT)
    timestamp = re.search(r"timestamp `(\d+)`", DOCUMENT)
    assert secret
    assert timestamp
    signed, answered = re.findall(r"```\n(sha256=\w+)\n```", DOCUMENT)
    assert signed == sign(timestamp[1], REQUEST.encode(), secret[1])
    assert answered == sign(json.loads(REQUEST)["idempotency_key"], ANSWER.encode(), secret[1])


def test_the_documented_messages_are_those_of_the_gateway() -> None:
    with providing() as provider:
        provider.replies_with(says(ANSWER.encode()))
        said = json.loads(REQUEST)
        request = GatewayRequest(
            order_increment_id=said["order"],
            invoice_increment_id=said["invoice"],
            payment=Payment(1, said["method"]),
            base_amount=Decimal(said["amount"]),
            base_currency_code=said["currency"],
            parent_txn_id=said["parent_transaction"],
            idempotency_key=said["idempotency_key"],
        )
        result = HttpGateway(said["method"], provider.url, PROVIDER_SECRET).capture(request)
        assert provider.received[0].body.decode() == REQUEST
    assert result.txn_id == json.loads(ANSWER)["transaction_id"]


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("db", "check"), ("serve", "--port", "1")])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "http_gateway_url and http_gateway_secret"),
        ({"http_gateway_url": "https://pay.example/"}, "http_gateway_url and http_gateway_secret"),
        (
            {
                "http_gateway_url": "https://pay.example/",
                "http_gateway_secret": SECRET,
                "http_gateway_timeout_seconds": "10",
            },
            "payment_lease_seconds must be longer",
        ),
    ],
)
def test_a_gateway_that_cannot_work_is_told_at_start(
    demo_database: Path, command: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    chosen = {"config": "-", "database_url": f"sqlite:///{demo_database}", "payment_methods": "paypal_direct=http"}
    environment = {f"MAGENTO_SOAP_{name.upper()}": value for name, value in (chosen | settings).items()}
    result = CliRunner(env=environment).invoke(app, command)
    assert result.exit_code == 1
    message = " ".join(result.output.split())
    assert message.startswith('payment method "paypal_direct": cannot load adapter "http": it ')
    assert said in message
    assert SECRET not in message


# -- codes that nothing serves -----------------------------------------------------------------------------------------


def soap_v2(shop: Client) -> Ask:
    """Calls a method of SOAP V2 as a call of V1 would."""

    def ask(operation: str, *arguments: Any) -> Any:
        if operation == "call":
            session, path, (number,) = arguments
            method = path.partition(".")[2]
            operation, arguments = f"salesOrderInvoice{method[0].upper()}{method[1:]}", (session, number)
        parts = "".join(f"<part>{argument}</part>" for argument in arguments)
        answer = shop.post("/api/v2_soap/", data=envelope(f"<ns1:{operation}>{parts}</ns1:{operation}>"))
        (result,) = etree.fromstring(answer.data)[0]
        if result.tag.endswith("Fault"):
            return result.findtext("faultcode"), result.findtext("faultstring")
        return result[0].text

    return ask


def wsi(shop: Client) -> Ask:
    """Calls a method of WS-I as a call of V1 would."""
    client = WsiClient(shop)

    def ask(operation: str, *arguments: Any) -> Any:
        if operation == "login":
            return client.session
        _, path, (number,) = arguments
        method = path.partition(".")[2]
        name = f"salesOrderInvoice{method[0].upper()}{method[1:]}RequestParam"
        result = body_of(client.ask(name, invoiceIncrementId=number))
        if result.tag.endswith("Fault"):
            return result.findtext("faultcode"), result.findtext("faultstring")
        return result.findtext("result")

    return ask


@pytest.mark.parametrize("endpoint", [soap_v1, soap_v2, wsi, xml_rpc, json_rpc])
def test_a_code_without_an_adapter_is_a_fault_at_every_endpoint(
    shop_file: Path, endpoint: Callable[[Client], Ask]
) -> None:
    settings = Settings(database_url=f"sqlite:///{shop_file}")
    database = Database(settings.database_url)
    try:
        ask = endpoint(Client(create_app(settings, database)))
        session = ask("login", "apiUser", "apiKey")
        assert ask("call", session, "sales_order_invoice.create", ["100000016"]) == ("102", NOT_AVAILABLE)
        assert ask("call", session, "sales_order_invoice.capture", ["100000016"]) == ("104", NOT_AVAILABLE)
        assert ask("call", session, "sales_order_invoice.void", ["100000001"]) == ("104", NOT_AVAILABLE)
        assert "Fault" not in str(ask("call", session, "sales_order_invoice.info", ["100000016"]))
    finally:
        database.close()
