"""Loosely typed arguments as connectors send them, in V1, XML-RPC and JSON-RPC (API-30..35, API-50, BUG-7..13)."""

from __future__ import annotations

import json
import shutil
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from structlog.testing import capture_logs
from werkzeug.test import Client as Http

from magento_soap.api.client import Client
from magento_soap.app import create_api, create_app
from magento_soap.settings import Settings
from magento_soap.storage import Database

ORDER = "100000003"  # 1 n2610-slider (item 4), 3 sencha-100 (item 5)
SHIRTS = "100000012"  # 2 shirt-red-m, a configurable (33) and its variant (34)
INVOICE = "200000006"
MAP = "http://xml.apache.org/xml-soap"


class Shop:
    """A demo shop, and ways to call it. Each gives the result, or the fault as ``code text``."""

    def __init__(self, http: Http, session: str, database: Database) -> None:
        self._http = http
        self._session = session
        self._database = database

    def json_rpc(self, method: str, *args: Any) -> Any:
        call = {"id": 1, "method": path_of(method), "params": [self._session, *args]}
        answer = self._http.post("/api/jsonrpc", json=call).get_json()
        return answer["result"] if "result" in answer else self._fault(answer["error"])

    def xml_rpc(self, method: str, *args: Any) -> Any:
        params = (self._session, path_of(method), list(args))
        answer = self._http.post("/api/xmlrpc", data=xmlrpc.client.dumps(params, "call", allow_none=True)).data
        try:
            ((result,), _) = xmlrpc.client.loads(answer)
        except xmlrpc.client.Fault as fault:
            return f"{fault.faultCode} {fault.faultString}"
        return result

    def v1(self, method: str, *args: Any) -> Any:
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:Magento" xmlns:x="'
            'http://www.w3.org/2001/XMLSchema-instance" xmlns:c="http://schemas.xmlsoap.org/soap/encoding/" xmlns:a="'
            f'{MAP}" xmlns:s="http://www.w3.org/2001/XMLSchema"><e:Body><m:call><sessionId>{self._session}</sessionId>'
            f"<resourcePath>{path_of(method)}</resourcePath>{encoded('args', list(args))}</m:call></e:Body>"
            "</e:Envelope>"
        )
        answer = etree.fromstring(self._http.post("/api/soap", data=envelope).data)
        if messages := [element.text for element in answer.iter("faultcode", "faultstring")]:
            return " ".join(map(str, messages))
        (result,) = answer.iter("callReturn")
        return list(result) if len(result) else result.text

    def _fault(self, error: Any) -> str:
        return f"{error['data']['faultCode']} {error['message']}"

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self._database.dump([table])[table])

    def lines(self, invoice: str) -> dict[str, str]:
        """Quantity by order item of the lines of an invoice."""
        (id_,) = (row["entity_id"] for row in self.rows("sales_flat_invoice") if row["increment_id"] == invoice)
        lines = self.rows("sales_flat_invoice_item")
        return {str(line["order_item_id"]): line["qty"] for line in lines if line["parent_id"] == id_}

    def comments(self) -> list[dict[str, Any]]:
        return sorted(self.rows("sales_flat_invoice_comment"), key=lambda row: int(row["entity_id"]))


def path_of(method: str) -> str:
    """The path of a method, of invoices unless it names another resource."""
    return method if "." in method else f"sales_order_invoice.{method}"


def encoded(name: str, value: Any) -> str:
    """A value as PHP's SoapClient writes it in V1."""
    if isinstance(value, list):
        items = "".join(encoded("item", each) for each in value)
        return f'<{name} c:arrayType="s:ur-type[{len(value)}]" x:type="c:Array">{items}</{name}>'
    if isinstance(value, dict):
        items = "".join(f"<item>{encoded('key', key)}{encoded('value', each)}</item>" for key, each in value.items())
        return f'<{name} x:type="a:Map">{items}</{name}>'
    if value is None:
        return f'<{name} x:nil="true"/>'
    if isinstance(value, bool):
        return f'<{name} x:type="s:boolean">{str(value).lower()}</{name}>'
    kind = {int: "int", float: "float"}.get(type(value), "string")
    return f'<{name} x:type="s:{kind}">{value}</{name}>'


@contextmanager
def demo_shop(demo_database: Path, folder: Path) -> Iterator[Shop]:
    url = f"sqlite:///{shutil.copy(demo_database, folder)}"
    database = Database(url)
    settings = Settings(database_url=url, login_attempts=0)
    session = create_api(settings, database).login(Client(), "apiUser", "apiKey")
    yield Shop(Http(create_app(settings, database)), session, database)
    database.close()


@pytest.fixture
def shop(demo_database: Path, tmp_path: Path) -> Iterator[Shop]:
    with demo_shop(demo_database, tmp_path) as shop:
        yield shop


@pytest.fixture(scope="module")
def reading(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that tests only read from."""
    with demo_shop(demo_database, tmp_path_factory.mktemp("reading")) as shop:
        yield shop


Call = Callable[..., Any]
ENDPOINTS: list[Call] = [Shop.v1, Shop.xml_rpc, Shop.json_rpc]
everywhere = pytest.mark.parametrize("call", ENDPOINTS, ids=lambda call: call.__name__)


@everywhere
@pytest.mark.parametrize(
    "items_qty",
    [
        {"sencha-100": 2},
        [{"order_item_id": "sencha-100", "qty": "2"}],
        [{"order_item_id": ["5"], "qty": 2}],
        {"5": "2"},
    ],
    ids=str,
)
def test_items_are_named_by_id_or_sku(shop: Shop, call: Call, items_qty: Any) -> None:
    assert shop.lines(call(shop, "create", ORDER, items_qty)) == {"5": "2.0000"}


@everywhere
def test_the_sku_of_a_configurable_product_is_also_its_variants(shop: Shop, call: Call) -> None:
    assert shop.lines(call(shop, "create", SHIRTS, {"shirt-red-m": 1})) == {"33": "1.0000", "34": "1.0000"}


@everywhere
@pytest.mark.parametrize("sku", ["no such", "x" * 5000, "cup"])
def test_a_sku_that_the_order_does_not_have(shop: Shop, call: Call, sku: str) -> None:
    shown = sku if len(sku) < 100 else f"{'x' * 97}..."
    assert call(shop, "create", ORDER, {sku: 1}) == f'102 Invalid qty to invoice item "{shown}"'
    assert call(shop, "create", ORDER, {"4": 1, sku: 1}).startswith("102 ")


@everywhere
def test_ids_in_containers(shop: Shop, call: Call) -> None:
    for wrapped in ([INVOICE], {"invoiceIncrementId": INVOICE}, [{"invoiceIncrementId ": INVOICE}], {"like": INVOICE}):
        assert call(shop, "addComment", wrapped, "found") in (True, "true")
    assert call(shop, "create", [{"orderIncrementId ": ORDER}]).isdecimal()


@everywhere
def test_operators_in_place_of_ids_find_nothing_bug_8(shop: Shop, call: Call) -> None:
    for operator in ({"like": "2%"}, {"neq": "x"}, {"gt": "0"}, {"from": "1", "to": "9"}, [INVOICE, INVOICE], [], {}):
        assert call(shop, "addComment", operator, "lost").startswith("100 ")
    assert call(shop, "create", {"like": "1%"}).startswith("103 ")


@everywhere
def test_flags_as_php_has_them_bug_13(shop: Shop, call: Call) -> None:
    flags: list[Any] = ["ti@example.com", "fatura", "2", ["1"], ["a", "b"], "false", "no", "off", ["0"], [], {}, None]
    with capture_logs() as logs:
        for email in flags:
            assert call(shop, "addComment", INVOICE, "hello", email) in (True, "true")
    assert "example.com" not in str(logs)
    stored = [row["is_customer_notified"] for row in shop.comments()[-len(flags) :]]
    assert [None if each is None else int(each) for each in stored[:-2]] == [1] * 5 + [0] * 5
    assert len(shop.rows("magento_soap_outbox")) == 5


@everywhere
@pytest.mark.parametrize("comment", [{"text": "hello"}, ["hello"], [], [[1, 2]]], ids=str)
def test_a_comment_is_text(shop: Shop, call: Call, comment: Any) -> None:
    before = shop.comments()
    for refused in (call(shop, "addComment", INVOICE, comment), call(shop, "create", ORDER, [], comment)):
        assert refused == '102 Invalid value for "comment"; text is expected.'
    assert shop.comments() == before


def test_a_comment_may_be_left_out_where_it_is_documented_so(shop: Shop) -> None:
    before = len(shop.comments())
    assert shop.v1("addComment", INVOICE) == "true"
    assert shop.xml_rpc("addComment", INVOICE) is True
    assert [row["comment"] for row in shop.comments()[before:]] == [None, None]
    assert shop.json_rpc("addComment", INVOICE).startswith("6 ")
    assert shop.json_rpc("addComment", INVOICE, None) is True


UNKNOWN = [
    *("state", "state=2", 5, True, ["state"], [["state", "2"]], [{"state": "2"}, {"order_id": "5"}], {"nope": "1"}),
    *({"filter": "state"}, {"filter": [{"value": "2"}]}, {"complex_filter": {"state": {"in": "1,2"}}}, {"page": 1}),
    *({"filters": {"state": "2"}}, {"item": [{"key": "state", "value": "2"}]}, {"state": {"is": "2"}}),
    {"limit": "9" * 30},
]


@everywhere
@pytest.mark.parametrize("filters", UNKNOWN, ids=lambda value: json.dumps(value)[:60])
def test_a_filter_that_is_not_understood_is_never_every_row(reading: Shop, call: Call, filters: Any) -> None:
    answer = call(reading, "list", filters)
    assert isinstance(answer, str)
    assert answer.startswith("101 ")
    assert len(answer) < 250


@everywhere
@pytest.mark.parametrize("nothing", [None, "", [], 0, False])
def test_no_filter_is_every_row(reading: Shop, call: Call, nothing: Any) -> None:
    assert len(call(reading, "list", nothing)) == len(reading.rows("sales_flat_invoice")) > 5


@everywhere
def test_a_filter_in_a_list_is_that_filter(reading: Shop, call: Call) -> None:
    open_ones = [row for row in reading.rows("sales_flat_invoice") if int(row["state"]) == 1]
    assert len(call(reading, "list", [{"state": "1"}])) == len(open_ones) > 0


def test_a_map_of_fields_without_a_list_around_it_is_the_filter(reading: Shop) -> None:
    everything = len(reading.json_rpc("list"))
    for filters in ({"state": 2}, {"state": 0}, {"state": None}):
        call = {"id": 1, "method": "call", "params": [reading._session, "sales_order_invoice.list", filters]}
        found = reading._http.post("/api/jsonrpc", json=call).get_json()["result"]
        assert {invoice["state"] for invoice in found} <= {filters["state"]}
        assert len(found) < everything
