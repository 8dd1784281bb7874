"""The extensions of docs/extending.md, word for word: each takes the place of ours and is seen at work."""

from __future__ import annotations

import contextlib
import importlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from werkzeug.test import Client

from magento_soap.app import create_app, create_sales, open_database
from magento_soap.sales.invoicing.extensions import Extensions
from magento_soap.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "extending.md"
SECTION = re.compile(r"^## (?P<name>\w+)$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

SERVING = BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))[0]
EXTENSIONS = {
    found["name"]: BLOCK.findall(found["text"])[0] for found in SECTION.finditer(DOCUMENT.read_text(encoding="utf-8"))
}


class Shop:
    """The server with an extension, its doors and its tables."""

    def __init__(self, application: Any, url: str) -> None:
        self._client = Client(application)
        self._engine = sqlalchemy.create_engine(url)

    def invoice(self, order: int, **arguments: Any) -> Any:
        """Through Magento 2's REST: the invoice's entity id, or the message of the error."""
        path = f"/rest/V1/order/{order}/invoice"
        answer = self._client.post(path, json=arguments, auth=("apiUser", "apiKey")).get_json()
        return answer["message"] if isinstance(answer, dict) else answer

    def create(self, order: str) -> Any:
        """Through Magento 1's API: the invoice's number, or the message of the fault."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "sales_order_invoice.create", "params": [None, order]}
        answer = self._client.post("/api/jsonrpc", json=body, auth=("apiUser", "apiKey")).get_json()
        return answer["result"] if "result" in answer else answer["error"]["message"]

    def select(self, query: str) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text(query)).scalars())

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def extended(demo_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Shop]]:
    """Runs the lines of a section and those that serve them; gives the shop."""
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    monkeypatch.setenv("MAGENTO_SOAP_CONFIG", "-")
    monkeypatch.setenv("MAGENTO_SOAP_DATABASE_URL", url)
    monkeypatch.setenv("MAGENTO_SOAP_PAYMENT_METHODS", "demopay=magento_soap.demo.gateway:DemoPay")
    shops = []

    def run(name: str) -> Shop:
        module: dict[str, Any] = {"__name__": "shop"}
        exec(EXTENSIONS[name] + SERVING, module)  # as they stand in the document
        assert module["extensions"] != Extensions()
        shops.append(Shop(module["application"], url))
        return shops[-1]

    yield run
    for shop in shops:
        shop.close()


def test_the_document_shows_every_extension_point_of_the_service() -> None:
    assert list(EXTENSIONS) == [
        "OrderRepository",
        "InvoiceRepository",
        "InvoiceDocumentFactory",
        "OrderValidator",
        "PaymentAdapter",
        "OrderStateResolver",
    ]


def test_order_repository(extended: Callable[[str], Shop]) -> None:
    shop = extended("OrderRepository")
    assert isinstance(shop.invoice(3), int)
    history = "SELECT comment FROM sales_flat_order_status_history WHERE parent_id = 3 AND entity_name = 'invoice'"
    assert shop.select(history) == ["Through the API"]


def test_invoice_repository(extended: Callable[[str], Shop]) -> None:
    shop = extended("InvoiceRepository")
    entity_id = shop.invoice(3)
    lines = f"SELECT description FROM sales_flat_invoice_item WHERE parent_id = {entity_id} ORDER BY entity_id"
    assert shop.select(lines) == ["Nokia 2610 Phone", "煎茶 八女産 100g"]


def test_invoice_document_factory(extended: Callable[[str], Shop]) -> None:
    shop = extended("InvoiceDocumentFactory")
    arguments = {"extension_attributes": {"purchase_order": "4711"}}
    entity_id = shop.invoice(26, capture=True, arguments=arguments)  # the gateway is asked, so it is computed twice
    comments = "SELECT comment FROM sales_flat_invoice_comment WHERE parent_id = "
    assert shop.select(f"{comments}{entity_id}") == ["Purchase order 4711"]
    assert shop.select(f"{comments}{shop.invoice(3)}") == []


def test_order_validator(extended: Callable[[str], Shop]) -> None:
    shop = extended("OrderValidator")
    (guests,) = shop.select("SELECT min(entity_id) FROM sales_flat_order WHERE customer_is_guest = 1 AND state = 'new'")
    (number,) = shop.select(f"SELECT increment_id FROM sales_flat_order WHERE entity_id = {guests}")
    assert shop.invoice(guests) == (
        "Invoice Document Validation Error(s):\nOrders of guests are not invoiced automatically."
    )
    assert shop.create(number) == "Cannot do invoice for order."
    assert isinstance(shop.invoice(3), int)  # John has an account


def test_payment_adapter(extended: Callable[[str], Shop]) -> None:
    shop = extended("PaymentAdapter")
    number = shop.create("100000016")
    captured = f"SELECT state || ' ' || transaction_id FROM sales_flat_invoice WHERE increment_id = '{number}'"
    assert shop.select(captured) == ["2 cap-100000016"]


def test_order_state_resolver(extended: Callable[[str], Shop]) -> None:
    shop = extended("OrderStateResolver")
    status = "SELECT status FROM sales_flat_order WHERE entity_id = 3"
    assert isinstance(shop.invoice(3, items=[{"order_item_id": 5, "qty": 1}]), int)
    assert shop.select(status) == ["processing"]
    assert isinstance(shop.invoice(3), int)
    assert shop.select(status) == ["to_be_packed"]


def test_the_settings_name_extensions_for_server_and_command_line(
    demo_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    (tmp_path / "strict_shop.py").write_text(EXTENSIONS["OrderValidator"], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'shop.sqlite'}", extensions="strict_shop:extensions")
    module = importlib.import_module("strict_shop")
    with contextlib.closing(open_database(settings)) as database:
        assert create_sales(settings, database).invoices._extensions is module.extensions


@pytest.mark.parametrize("target", ["no_such_module:extensions", "json:loads"])
def test_extensions_that_are_none_are_told_at_once(target: str, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'shop.sqlite'}", extensions=target)
    with pytest.raises(ValueError, match=r"^extensions: "):
        create_app(settings)
