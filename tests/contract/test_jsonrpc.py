"""The requests of the documentation of JSON-RPC, word for word but for the session, against the demo shop over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import requests

DOCUMENTED_LIST = {
    "increment_id": "100000001",
    "invoice_id": 1,
    "order_id": 1,
    "order_increment_id": "100000001",
    "created_at": str,
    "state": 2,
    "grand_total": 150.00,
    "store_id": 1,
}
ADDRESS = ("firstname", "lastname", "street", "city", "region", "postcode", "country_id", "telephone")
DOCUMENTED_INFO = DOCUMENTED_LIST | {
    "subtotal": 140.00,
    "tax_amount": 0.00,
    "shipping_amount": 10.00,
    "discount_amount": 0.00,
    "billing_address": dict.fromkeys(ADDRESS, str),
    "shipping_address": dict.fromkeys(ADDRESS, str),
    "items": [
        {
            "item_id": 1,
            "parent_id": 1,
            "sku": "product123",
            "name": "Test Product",
            "qty": 2.0,
            "price": 70.00,
            "tax_amount": 0.00,
            "row_total": 140.00,
            "order_item_id": 1,
        }
    ],
}


def conforms(answer: Any, documented: Any) -> None:
    """The answer has every documented member, of the documented value and type, or of that type."""
    if isinstance(documented, dict):
        assert documented.keys() <= answer.keys()
        for name, value in documented.items():
            conforms(answer[name], value)
    elif isinstance(documented, list):
        assert len(answer) == len(documented)
        for each, value in zip(answer, documented, strict=True):
            conforms(each, value)
    elif isinstance(documented, type):
        assert isinstance(answer, documented)
    else:
        assert answer == documented
        assert isinstance(answer, (int, float) if isinstance(documented, float) else type(documented))


class Shop:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/api/jsonrpc"
        self.session = self.result("login", ["apiUser", "apiKey"])

    def post(self, body: Any, **options: Any) -> requests.Response:
        return requests.post(self.url, json=body, timeout=30, **options)

    def result(self, method: str, params: Any) -> Any:
        answer = self.post({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).json()
        assert answer.keys() == {"jsonrpc", "result", "id"}, answer
        return answer["result"]

    def call(self, path: str, args: Any) -> Any:
        """As the document has it: method ``call``, session, path, arguments."""
        return self.result("call", [self.session, path, args])

    def error(self, path: str, args: Any) -> Any:
        body = {"jsonrpc": "2.0", "method": "call", "params": [self.session, path, args], "id": 1}
        error = self.post(body).json()["error"]
        assert error["code"] == -32000
        return error["data"]


@pytest.fixture(scope="module")
def shop(shop_url: str) -> Shop:
    return Shop(shop_url)


def test_list_as_documented(shop: Shop) -> None:
    conforms(shop.call("sales_order_invoice.list", [{"order_increment_id": "100000001"}]), [DOCUMENTED_LIST])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"invoice_id": 1}, {"100000001"}),
        ({"invoice_id": [1, 2]}, {"100000001", "200000006"}),
        ({"increment_id": ["100000001", "200000006"]}, {"100000001", "200000006"}),
        ({"order_increment_id": ["100000001", "100000017"]}, {"100000001", "100000016"}),
        ({"state": 3, "created_at": {"gt": "2000-01-01"}}, {"100000014"}),
    ],
)
def test_documented_filters(shop: Shop, filters: Any, found: set[str]) -> None:
    assert {invoice["increment_id"] for invoice in shop.call("sales_order_invoice.list", [filters])} == found


def test_info_as_documented(shop: Shop) -> None:
    info = shop.call("sales_order_invoice.info", "100000001")
    conforms(info, DOCUMENTED_INFO)
    assert info["comments"] == [] or {"comment_id", "parent_id", "created_at", "comment"} <= info["comments"][0].keys()


def test_the_life_of_an_invoice_as_documented(shop: Shop) -> None:
    number = shop.call("sales_order_invoice.create", ["100000001", {"1": 2}, "Invoice created", True, True])
    assert isinstance(number, str)
    assert shop.call("sales_order_invoice.addComment", [number, "Payment received", True, True]) is True
    info = shop.call("sales_order_invoice.info", number)
    assert {comment["comment"] for comment in info["comments"]} == {"Invoice created", "Payment received"}
    conforms(info["comments"][0], {"comment_id": int, "parent_id": int, "created_at": str, "comment": str})
    assert shop.call("sales_order_invoice.cancel", number) is True
    assert shop.call("sales_order_invoice.capture", "100000016") is True
    assert shop.call("sales_order_invoice.void", "100000001") is True


def test_items_as_the_parameter_table_has_them(shop: Shop) -> None:
    items = [{"order_item_id": 52, "qty": 1}, {"order_item_id": 53, "qty": 1.0}]
    number = shop.call("sales_order_invoice.create", {"orderIncrementId": "100000019", "itemsQty": items})
    lines = shop.call("sales_order_invoice.info", number)["items"]
    assert [(line["order_item_id"], line["qty"]) for line in lines] == [(52, 1), (53, 1)]


@pytest.mark.parametrize(
    ("path", "args", "name", "code"),
    [
        ("list", [{"nope": 1}], "filters_invalid", "101"),
        ("info", "999", "invoice_not_exists", "100"),
        ("create", ["999"], "order_not_exists", "103"),
        ("create", ["100000008"], "order_not_invoiceable", "102"),
        ("create", ["100000003", {"999": 1}], "data_invalid", "102"),
        ("addComment", ["999", "x"], "invoice_not_exists", "100"),
        ("capture", "200000006", "invoice_not_capturable", "104"),
        ("void", "200000006", "invoice_not_voidable", "104"),
        ("cancel", "200000006", "invoice_not_cancelable", "104"),
        ("info", [], "invalid_request_param", "6"),
    ],
)
def test_documented_errors(shop: Shop, path: str, args: Any, name: str, code: str) -> None:
    assert shop.error(f"sales_order_invoice.{path}", args) == {"faultCode": code, "faultName": name}


def test_http_basic_stands_in_for_the_session(shop: Shop) -> None:
    body = {"jsonrpc": "2.0", "method": "sales_order_invoice.info", "params": [None, "200000006"], "id": 1}
    assert shop.post(body, auth=("apiUser", "apiKey")).json()["result"]["grand_total"] == 384.98
    assert shop.post(body, auth=("apiUser", "wrong")).json()["error"]["data"]["faultCode"] == "2"
    assert shop.post(body).json()["error"]["data"] == {"faultCode": "5", "faultName": "session_expired"}


def test_pages_of_a_list(shop: Shop) -> None:
    everything = [i["invoice_id"] for i in shop.call("sales_order_invoice.list", [])]
    page = shop.call("sales_order_invoice.list", [{"limit": 3, "page": 2}])
    assert [invoice["invoice_id"] for invoice in page] == everything[3:6]
    newest = shop.call("sales_order_invoice.list", [{"limit": 1, "order_by": "-invoice_id"}])
    assert [invoice["invoice_id"] for invoice in newest] == everything[-1:]


def test_several_calls_at_once(shop: Shop) -> None:
    calls = [["order_invoice.info", ["200000006"]], ["order_invoice.info", ["999"]], ["order_invoice.list"]]
    info, fault, invoices = shop.result("multiCall", [shop.session, calls])
    assert info["state"] == 2
    assert fault == {"isFault": True, "faultCode": "100", "faultMessage": "Requested shipment does not exists."}
    assert len(invoices) > 5
    assert len(shop.result("multiCall", [shop.session, calls, {"break": 1}])) == 2
