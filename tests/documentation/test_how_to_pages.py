"""The other pages of docs/architecture that tell how to add something, followed to the letter."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import Client

from magento_soap.app import create_app
from magento_soap.settings import Settings

from .following import copy_of_the_program, follow, run
from .pages import BLOCK, text_of

CALL = """
import json, sys
from werkzeug.test import Client
from docs.generate import application, method_table
from magento_soap.app import create_app
from magento_soap.settings import Settings

client = Client(create_app(Settings(database_url=sys.argv[1])))


def call(method, *params):
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/api/jsonrpc", json=body, auth=("apiUser", "apiKey")).json.get("result")

"""
OPERATION = """
print(json.dumps({
    "state": call("sales_order_invoice.state", None, "200000006"),
    "wsdl": client.get("/api/v2_soap?wsdl").text,
    "wsi": client.get("/api/v2_soap_wsi?wsdl").text,
    "table": method_table(application()),
}))
"""
PROTOCOL = """
session = call("login", "apiUser", "apiKey")
answers = [
    client.post("/api/plain", json=body)
    for body in (
        [session, "sales_order_invoice.info", ["200000006"]], [session, "sales_order_invoice.info", ["none"]], {}
    )
]
print(json.dumps([[answer.status_code, answer.json] for answer in answers]))
"""


@pytest.fixture
def shop(demo_database: Path, tmp_path: Path) -> str:
    """The URL of a demo shop."""
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    return f"sqlite:///{tmp_path / 'shop.sqlite'}"


def test_an_operation(tmp_path: Path, shop: str) -> None:
    program = copy_of_the_program(tmp_path / "program")
    follow(text_of("architecture/add-an-operation.md"), program)
    seen = json.loads(run(CALL + OPERATION, program, shop))
    assert seen["state"] == "2"
    assert 'operation name="salesOrderInvoiceState"' in seen["wsdl"]
    assert "salesOrderInvoiceStateRequestParam" in seen["wsi"]
    assert "| `sales_order_invoice.state` | `salesOrderInvoiceState` | `invoiceIncrementId` |" in seen["table"]


def test_a_protocol(tmp_path: Path, shop: str) -> None:
    program = copy_of_the_program(tmp_path / "program")
    follow(text_of("architecture/add-a-protocol.md"), program)
    info, fault, wrong = json.loads(run(CALL + PROTOCOL, program, shop))
    assert info[0] == 200
    assert info[1]["state"] == 2
    assert fault == [400, {"code": "100", "message": "Requested shipment does not exists."}]
    assert wrong[0] == 400


def test_a_payment_method(tmp_path: Path, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = text_of("architecture/add-a-payment-method.md")
    (module,) = [block["text"] for block in BLOCK.finditer(page) if block["language"] == "python"]
    (code, target) = re.findall(r'^(\w+) = "(acme:\w+)"$', page, re.MULTILINE)[0]
    (tmp_path / "acme.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as database, database:
        database.execute("UPDATE sales_flat_order_payment SET method = ? WHERE method = 'demopay'", [code])
    client = Client(create_app(Settings(database_url=shop, payment_methods={code: target})))
    body = {"jsonrpc": "2.0", "id": 1, "method": "sales_order_invoice.capture", "params": [None, "100000016"]}
    assert client.post("/api/jsonrpc", json=body, auth=("apiUser", "apiKey")).get_json()["result"] is True
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as database:
        query = "SELECT state, transaction_id FROM sales_flat_invoice WHERE increment_id = '100000016'"
        state, transaction = database.execute(query).fetchone()
    assert state == 2
    assert transaction.startswith("acme-")
