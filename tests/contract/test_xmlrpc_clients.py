"""XML-RPC clients that others wrote, against the real server over HTTP: Python's own, and magento1-client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xmlrpc.client import DateTime, Fault, MultiCall, ServerProxy

import pytest
import suds
from magento import API, Invoice

PATH = "sales_order_invoice"


@pytest.fixture
def shop(shop_url: str) -> Iterator[Any]:
    with ServerProxy(f"{shop_url}/api/xmlrpc", allow_none=True) as proxy:
        yield proxy


@pytest.fixture
def session(shop: Any) -> str:
    return str(shop.login("apiUser", "apiKey"))


def test_python_lives_through_an_invoice(shop: Any, session: str) -> None:
    number = shop.call(session, f"{PATH}.create", ["100000016", {}, "made by Python", False, False])
    made = shop.call(session, f"{PATH}.info", [number])
    assert (made["state"], made["grand_total"], made["order_increment_id"]) == ("1", "145.0000", "100000016")
    assert [(line["sku"], line["qty"]) for line in made["items"]] == [("product123", "2.0000")]
    assert shop.call(session, f"{PATH}.addComment", [number, "Grüße 日本 ☃\r\n<b>&", True, True]) is True
    assert shop.call(session, "order_invoice.capture", [number]) is True
    paid = shop.call(session, f"{PATH}.info", [number])
    assert paid["state"] == "2"
    assert {comment["comment"] for comment in paid["comments"]} == {"made by Python", "Grüße 日本 ☃\n<b>&"}
    with pytest.raises(Fault) as caught:
        shop.call(session, f"{PATH}.cancel", [number])
    assert (caught.value.faultCode, caught.value.faultString) == (104, "Invoice cannot be canceled.")


def test_python_lists_and_filters(shop: Any, session: str) -> None:
    everything = shop.call(session, f"{PATH}.list")
    paid = shop.call(session, f"{PATH}.list", [{"state": "2"}])
    assert paid == [invoice for invoice in everything if invoice["state"] == "2"]
    assert 0 < len(paid) < len(everything)
    open_or_canceled = shop.call(session, f"{PATH}.list", [{"state": {"in": ["1", "3"]}}])
    assert {invoice["state"] for invoice in open_or_canceled} == {"1", "3"}
    assert shop.call(session, f"{PATH}.list", [{"increment_id": "no such"}]) == []
    assert [invoice["invoice_id"] for invoice in shop.call(session, f"{PATH}.list", [{"limit": 2, "page": 1}])] == [
        invoice["invoice_id"] for invoice in everything[:2]
    ]


def test_python_filters_with_dates_of_its_own(shop: Any, session: str) -> None:
    created = {invoice["created_at"] for invoice in shop.call(session, f"{PATH}.list")}
    midst = sorted(created)[len(created) // 2]
    for date in (datetime.fromisoformat(midst), DateTime(midst.replace("-", "").replace(" ", "T"))):
        for filters in ({"created_at": {"gteq": date}}, {"created_at": {"from": date, "date": True}}):
            found = {invoice["created_at"] for invoice in shop.call(session, f"{PATH}.list", [filters])}
            assert found == {time for time in created if time >= midst}
    with pytest.raises(Fault, match="101"):
        shop.call(session, f"{PATH}.list", [{"created_at": {"gteq": DateTime("today")}}])


def test_python_calls_several_at_once(shop: Any, session: str) -> None:
    """API-62 and RPC-30: Magento's multiCall, and XML-RPC's own."""
    info = f"{PATH}.info"
    found, missing = shop.multiCall(session, [[info, ["200000006"]], [info, ["nope"]]])
    assert found["grand_total"] == "384.9800"
    assert (missing["isFault"], missing["faultCode"]) == (True, "100")
    calls: Any = MultiCall(shop)
    calls.call(session, info, ["200000006"])
    calls.startSession()
    calls.call(session, info, ["nope"])
    results = calls()
    assert results[0] == found
    assert len(results[1]) in (32, 64)
    with pytest.raises(Fault, match="100"):
        results[2]


def test_python_lists_resources_and_faults(shop: Any, session: str) -> None:
    """API-5, API-6, API-63"""
    assert "call" in shop.system.listMethods()
    (invoices,) = [resource for resource in shop.resources(session) if resource["name"] == PATH]
    assert [method["name"] for method in invoices["methods"]][:3] == ["list", "info", "create"]
    assert [fault["code"] for fault in shop.globalFaults(session)] == list("0123456")
    assert [fault["code"] for fault in shop.resourceFaults(session, PATH)] == ["100", "101", "102", "103", "104"]


def test_python_without_a_session(shop: Any, session: str, shop_url: str) -> None:
    """SES-20: a nil session with HTTP Basic; RPC-32: without it, no nil."""
    assert shop.endSession(session) is True
    for session_id, code in ((session, 5), ("", 5), (None, 623)):
        with pytest.raises(Fault) as caught:
            shop.call(session_id, f"{PATH}.list")
        assert caught.value.faultCode == code
    host = shop_url.removeprefix("http://")
    with ServerProxy(f"http://apiUser:apiKey@{host}/index.php/api/xmlrpc/", allow_none=True) as proxy:
        basic: Any = proxy
        assert basic.call(None, f"{PATH}.info", ["200000006"])["grand_total"] == "384.9800"
        assert basic.call("", f"{PATH}.info", ["200000006"])["grand_total"] == "384.9800"
    with ServerProxy(f"http://apiUser:wrong@{host}/api/xmlrpc", allow_none=True) as proxy:
        stranger: Any = proxy
        with pytest.raises(Fault, match="Access denied"):
            stranger.call(None, f"{PATH}.info", ["200000006"])


def test_magento1_client_lives_through_invoices(shop_url: str) -> None:
    """Every method of its class ``Invoice``."""
    with Invoice(shop_url, "apiUser", "apiKey") as invoices:
        before = invoices.list()
        number = invoices.create("100000028", {"50": 1}, "made by magento1-client", False, False)
        made = invoices.info(number)
        assert (made["state"], made["items"][0]["qty"]) == ("1", "1.0000")
        assert invoices.addcomment(number, "thank you") is True
        assert invoices.capture(number) is True
        assert invoices.void(number) is True
        assert invoices.info(number)["state"] == "3"

        (waiting,) = invoices.list({"increment_id": "100000013"})
        order = invoices.info("100000013")["order_increment_id"]
        assert waiting["state"] == "1"
        assert invoices.cancel("100000013") is True
        again = invoices.create(order, {}, email=False)
        assert invoices.info(again)["grand_total"] == waiting["grand_total"]
        assert {invoice["increment_id"] for invoice in invoices.list()} == {
            number,
            again,
            *(invoice["increment_id"] for invoice in before),
        }
        with pytest.raises(Fault) as caught:
            invoices.info("nope")
        assert caught.value.faultCode == 100
        with pytest.raises(Fault) as caught:
            invoices.create("nope", {})
        assert caught.value.faultCode == 103


def test_magento1_client_calls_several_at_once(shop_url: str) -> None:
    with API(shop_url, "apiUser", "apiKey") as api:
        results = api.multiCall([[f"{PATH}.info", ["200000006"]], ["nope", []]])
    assert results[0]["grand_total"] == "384.9800"
    assert results[1]["faultCode"] == "3"


def test_magento1_client_over_soap(shop_url: str) -> None:
    """It cannot send a list that way to any server; what it can send, works."""
    with API(shop_url, "apiUser", "apiKey", protocol="soap") as api:
        info = {str(item.key): item.value for item in api.call(f"{PATH}.info", "200000006").item}
        assert info["grand_total"] == "384.9800"
        with pytest.raises(suds.WebFault, match="Requested"):
            api.call(f"{PATH}.info", "nope")
