"""Real SOAP clients against the real server over HTTP: zeep and PHP live through an invoice's whole life."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from zeep.helpers import serialize_object

from examples.python.magento_v2 import Offline, array, connect

from .conftest import copied_shop

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def client(shop_url: str) -> Any:
    return connect(shop_url)


@pytest.fixture(scope="module")
def shop(client: Any) -> Any:
    return client.service


@pytest.fixture(scope="module")
def session(shop: Any) -> str:
    return str(shop.login("apiUser", "apiKey"))


def test_zeep_lives_through_an_invoice(shop: Any, session: str) -> None:
    number = shop.salesOrderInvoiceCreate(session, "100000016", [], "made by zeep", "0", "0")
    made = shop.salesOrderInvoiceInfo(session, number)
    assert (made.state, made.grand_total, made.order_increment_id) == ("1", "145.0000", "100000016")
    assert [(line.sku, line.qty) for line in made["items"]] == [("product123", "2.0000")]
    assert [comment.comment for comment in made.comments] == ["made by zeep"]

    assert shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃", "1", "1") is True
    assert shop.salesOrderInvoiceCapture(session, number) is True
    paid = shop.salesOrderInvoiceInfo(session, number)
    assert paid.state == "2"
    assert {comment.comment for comment in paid.comments} == {"made by zeep", "Grüße 日本 ☃"}
    with pytest.raises(zeep.exceptions.Fault) as caught:
        shop.salesOrderInvoiceCancel(session, number)
    assert (caught.value.code, caught.value.message) == ("104", "Invoice cannot be canceled.")


def test_zeep_voids_what_was_captured_in_part(client: Any, shop: Any, session: str) -> None:
    part = array(client, "orderItemIdQtyArray", "orderItemIdQty", [{"order_item_id": 50, "qty": 1}])
    number = shop.salesOrderInvoiceCreate(session, "100000028", part, "", "0", "0")
    assert shop.salesOrderInvoiceCapture(session, number) is True
    assert shop.salesOrderInvoiceVoid(session, number) is True
    assert shop.salesOrderInvoiceInfo(session, number).state == "3"


def test_zeep_cancels_and_invoices_again(shop: Any, session: str) -> None:
    first = shop.salesOrderInvoiceInfo(session, "100000013")
    assert first.state == "1"
    assert shop.salesOrderInvoiceCancel(session, "100000013") is True
    again = shop.salesOrderInvoiceCreate(session, first.order_increment_id, [], "", "0", "0")
    assert shop.salesOrderInvoiceInfo(session, again).grand_total == first.grand_total


def test_zeep_filters_the_list(client: Any, shop: Any, session: str) -> None:
    def simple(**fields: str) -> dict[str, Any]:
        entries = [{"key": key, "value": value} for key, value in fields.items()]
        return {"filter": array(client, "associativeArray", "associativeEntity", entries)}

    paid = shop.salesOrderInvoiceList(session, simple(state="2"))
    assert paid
    assert {invoice.state for invoice in paid} == {"2"}
    wanted = [{"key": "state", "value": {"key": "in", "value": "1,3"}}]
    complex_filter = array(client, "complexFilterArray", "complexFilter", wanted)
    assert {i.state for i in shop.salesOrderInvoiceList(session, {"complex_filter": complex_filter})} == {"1", "3"}
    of_order = shop.salesOrderInvoiceList(session, simple(order_increment_id="100000001"))
    assert [invoice.increment_id for invoice in of_order] == ["100000001"]
    everything = shop.salesOrderInvoiceList(session, {})
    newest = sorted(everything, key=lambda i: (i.created_at, -int(i.invoice_id)), reverse=True)
    got = shop.salesOrderInvoiceList(session, simple(limit="2", page="2", order_by="-created_at"))
    assert [i.increment_id for i in got] == [i.increment_id for i in newest[2:4]]


def test_zeep_lives_through_an_invoice_in_v1(shop_url: str) -> None:
    """Scalars go out and Maps come back, with nothing but the WSDL to go by."""
    v1 = zeep.Client(f"{shop_url}/api/soap/?wsdl", transport=Offline()).service  # type: ignore[no-untyped-call]
    session = v1.login("apiUser", "apiKey")

    def info(number: str) -> dict[str, Any]:
        return {pair["key"]: pair["value"] for pair in v1.call(session, "order_invoice.info", number)}

    number = v1.call(session, "order_invoice.create", "100000001")
    made = info(number)
    assert (made["state"], made["order_increment_id"], made["email_sent"]) == ("1", "100000001", None)
    (line,) = ({pair["key"]: pair["value"] for pair in line["item"]} for line in made["items"]["_value_1"])
    assert (line["sku"], line["qty"]) == ("product123", "2.0000")
    assert v1.call(session, "order_invoice.capture", number) is True
    assert info(number)["state"] == "2"
    with pytest.raises(zeep.exceptions.Fault) as caught:
        v1.call(session, "order_invoice.cancel", number)
    assert (caught.value.code, caught.value.message) == ("104", "Invoice cannot be canceled.")
    assert v1.endSession(session) is True


def test_zeep_reads_what_the_api_says_of_itself(shop: Any, session: str) -> None:
    (invoices,) = [r for r in shop.resources(session) if r.name == "sales_order_invoice"]
    assert [m.path for m in invoices.methods] == [
        f"sales_order_invoice.{name}" for name in ("list", "info", "create", "addComment", "capture", "void", "cancel")
    ]
    assert [fault.code for fault in shop.globalFaults(session)] == list("0123456")
    assert [f.code for f in shop.resourceFaults("sales_order_invoice", session)] == ["100", "101", "102", "103", "104"]
    assert shop.magentoInfo(session).magento_version.startswith("1.9.")
    assert len(shop.startSession()) == 64


def test_zeep_is_refused_after_the_session_ended(shop: Any) -> None:
    session = shop.login("apiUser", "apiKey")
    assert shop.endSession(session) is True
    with pytest.raises(zeep.exceptions.Fault) as caught:
        shop.salesOrderInvoiceList(session, {})
    assert caught.value.code == "5"


def test_zeep_as_a_user_who_may_only_read(shop: Any) -> None:
    session = shop.login("readonly", "apiKey")
    assert shop.salesOrderInvoiceInfo(session, "200000006").grand_total == "384.9800"
    with pytest.raises(zeep.exceptions.Fault) as caught:
        shop.salesOrderInvoiceAddComment(session, "200000006", "x", "0", "0")
    assert (caught.value.code, caught.value.message) == ("2", "Access denied.")


def test_the_python_example_runs(demo_database: Path, tmp_path: Path) -> None:
    with copied_shop(demo_database, tmp_path) as url:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "python" / "life_of_an_invoice.py")],
            env={**os.environ, "MAGENTO_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    states = [line.split(": ")[1].split(",")[0] for line in done.stdout.splitlines() if line.startswith("invoice")]
    assert states == ["open", "paid", "canceled"]


PHP_LIFE = r"""
$shop = new SoapClient(getenv('MAGENTO_URL') . '/api/v2_soap/?wsdl', array('cache_wsdl' => WSDL_CACHE_NONE));
$session = $shop->login('apiUser', 'apiKey');
$qty = array(array('order_item_id' => 52, 'qty' => 1), array('order_item_id' => 53, 'qty' => 2));
$partly = $shop->salesOrderInvoiceCreate($session, '100000019', $qty, 'made by PHP', 1, true);
$rest = $shop->salesOrderInvoiceCreate($session, '100000019', array());
$info = $shop->salesOrderInvoiceInfo($session, $partly);
$online = $shop->salesOrderInvoiceCreate($session, '100000028', array());
$captured = $shop->salesOrderInvoiceCapture($session, $online);
$canceled = $shop->salesOrderInvoiceCancel($session, '100000013');
try {
    $shop->salesOrderInvoiceVoid($session, $rest);
    $fault = null;
} catch (SoapFault $e) {
    $fault = array($e->faultcode, $e->faultstring);
}
$names = array();
foreach ($shop->salesOrderInvoiceList($session) as $invoice) { $names[] = $invoice->increment_id; }
echo json_encode(compact('partly', 'rest', 'info', 'online', 'captured', 'canceled', 'fault', 'names'));
"""


PHP_LIFE_IN_V1 = r"""
$shop = new SoapClient(getenv('MAGENTO_URL') . '/api/soap/?wsdl', array('cache_wsdl' => WSDL_CACHE_NONE));
$session = $shop->login('apiUser', 'apiKey');
$call = function ($path, ...$args) use ($shop, $session) { return $shop->call($session, $path, $args); };
$partly = $call('order_invoice.create', '100000019', array(52 => 1, 53 => 2), 'made by PHP', true, true);
$info = $call('order_invoice.info', $partly);
$online = $call('order_invoice.create', '100000028', array());
$captured = $call('order_invoice.capture', $online);
$canceled = $call('order_invoice.cancel', '100000013');
$filters = array('state' => array('in' => array(1, 3)), 'order_by' => 'increment_id', 'limit' => 3);
$open = $call('order_invoice.list', $filters);
$nothing = $call('order_invoice.list', array('state' => 9));
$several = $shop->multiCall($session, array(
    array('order_invoice.info', $partly),
    array('order_invoice.void', array($partly)),
    array('nope.nope'),
    array('order_invoice.addComment', array('comment' => 'named', 'invoiceIncrementId' => $partly)),
));
$stopped = $shop->multiCall($session, array(array('nope.nope'), array('order_invoice.list')), array('break' => 1));
$resources = $shop->resources($session);
$faults = array($shop->resourceFaults('order_invoice', $session), $shop->resourceFaults($session, 'order_invoice'));
$codes = array_column($shop->globalFaults($session), 'code');
$ended = array($shop->endSession($session));
try {
    $call('order_invoice.list');
} catch (SoapFault $e) {
    $ended[] = $e->faultcode;
}
echo json_encode(compact('partly', 'info', 'online', 'captured', 'canceled', 'open', 'nothing', 'several', 'stopped',
    'resources', 'faults', 'codes', 'ended'));
"""


def run_php(code: str, url: str) -> dict[str, Any]:
    """The JSON that a PHP script prints."""
    done = subprocess.run(
        ["php", "-r", code],
        env={**os.environ, "MAGENTO_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.mark.php
def test_php_lives_through_an_invoice(demo_database: Path, tmp_path: Path) -> None:
    with copied_shop(demo_database, tmp_path) as url:
        seen = run_php(PHP_LIFE, url)
    assert seen["info"]["increment_id"] == seen["partly"]
    assert [line["qty"] for line in seen["info"]["items"]] == ["1.0000", "2.0000"]
    assert seen["info"]["comments"][0]["comment"] == "made by PHP"
    assert "total_qty" not in seen["info"]  # the WSDL has no such member
    assert (seen["captured"], seen["canceled"]) == (True, True)
    assert seen["fault"] == ["104", "Invoice cannot be voided."]
    assert {seen["partly"], seen["rest"], seen["online"]} <= set(seen["names"])


@pytest.mark.php
def test_php_lives_through_an_invoice_in_v1(demo_database: Path, tmp_path: Path) -> None:
    with copied_shop(demo_database, tmp_path) as url:
        seen = run_php(PHP_LIFE_IN_V1, url)
    info = seen["info"]
    assert (info["increment_id"], info["total_qty"], info["transaction_id"]) == (seen["partly"], "3.0000", None)
    assert [line["qty"] for line in info["items"]] == ["1.0000", "2.0000"]
    assert [comment["comment"] for comment in info["comments"]] == ["made by PHP"]
    assert (seen["captured"], seen["canceled"], seen["nothing"]) == (True, True, [])
    assert {row["state"] for row in seen["open"]} == {"1", "3"}
    numbers = [row["increment_id"] for row in seen["open"]]
    assert len(numbers) == 3
    assert numbers == sorted(numbers)

    info, refused, wrong, named = seen["several"]
    assert (info["increment_id"], named) == (seen["partly"], True)
    assert refused == {"isFault": True, "faultCode": "104", "faultMessage": "Invoice cannot be voided."}
    assert wrong == {"isFault": True, "faultCode": "3", "faultMessage": "Invalid api path."}
    assert seen["stopped"] == [wrong]

    (invoices,) = (resource for resource in seen["resources"] if resource["name"] == "sales_order_invoice")
    assert (invoices["aliases"], invoices["description"]) == (["order_invoice"], None)
    assert invoices["methods"][0]["aliases"] == ["order_invoice.list"]
    assert seen["faults"][0] == seen["faults"][1]
    assert [fault["code"] for fault in seen["faults"][0]] == ["100", "101", "102", "103", "104"]
    assert seen["codes"] == list("0123456")
    assert seen["ended"] == [True, "5"]


def post(url: str, path: str, body: bytes) -> requests.Response:
    return requests.post(f"{url}{path}", data=body, timeout=30)


XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENVELOPE = '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>{}</E:Body></E:Envelope>'
BAD_INPUT = [
    ("", "Sender", "Invalid XML"),
    ("not XML", "Sender", "Invalid XML"),
    ("<unclosed>", "Sender", "Invalid XML"),
    ('<?xml version="1.0" encoding="nonsense"?><a/>', "Sender", "Invalid XML"),
    ("<html/>", "env:VersionMismatch", "Wrong Version"),
    ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "Sender", "Detected use of ENTITY"),
    ("<!DOCTYPE a><a/>", "SOAP-ENV:Server", "DTD are not supported by SOAP"),
    (" " * (9 * 1024 * 1024), "SOAP-ENV:Client", "Request is too large"),
    (ENVELOPE.format(""), "SOAP-ENV:Client", 'looks like we got "Body" without function call'),
    (ENVELOPE.format("<noSuchOperation/>"), "SOAP-ENV:Server", "Procedure 'noSuchOperation' not present"),
    (ENVELOPE.format("<login><username>apiUser</username><apiKey>no</apiKey></login>"), "2", "Access denied."),
    (ENVELOPE.format("<login><username>apiUser</username></login>"), "6", "Required parameter is missing"),
]
BAD_CALLS = [
    ("<call/>", "SOAP-ENV:Client", "Missing parameter"),
    ("<call><sessionId><a/></sessionId></call>", "SOAP-ENV:Server", "Violation of encoding rules"),
    ("<call><sessionId>no</sessionId></call>", "5", "Session expired. Try to relogin."),
    ("<call><sessionId>{session}</sessionId></call>", "3", "Invalid api path."),
    ("<call><sessionId>{session}</sessionId><resourcePath>order.items</resourcePath></call>", "3", "Invalid api path."),
    (
        "<call><sessionId>{session}</sessionId><resourcePath>order_invoice.info</resourcePath></call>",
        "100",
        "Requested shipment does not exists.",
    ),
    (
        "<call><sessionId>{session}</sessionId><resourcePath>order_invoice.info</resourcePath><args"
        ' xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="e:anyType[0]"/></call>',
        "6",
        "Required parameter is missing",
    ),
    (
        "<call><sessionId>{session}</sessionId><resourcePath>order_invoice.create</resourcePath>"
        "<args><item>100000003</item><item><a>1</a></item></args></call>",
        "103",
        "Requested order does not exists",
    ),
    ("<multiCall><sessionId>no</sessionId></multiCall>", "5", "Session expired. Try to relogin."),
    ("<salesOrderInvoiceInfo/>", "SOAP-ENV:Server", "Procedure 'salesOrderInvoiceInfo' not present"),
    ("<resourceFaults><a>{session}</a><b>nope</b></resourceFaults>", "3", "Invalid api path."),
]
BAD_V2_CALLS = [
    ("<salesOrderInvoiceInfo/>", "SOAP-ENV:Client", "Missing parameter"),
    (
        "<salesOrderInvoiceInfo><sessionId><a/></sessionId></salesOrderInvoiceInfo>",
        "SOAP-ENV:Server",
        "Violation of encoding rules",
    ),
    (
        "<salesOrderInvoiceInfo><sessionId>no</sessionId></salesOrderInvoiceInfo>",
        "5",
        "Session expired. Try to relogin.",
    ),
    ("<call/>", "SOAP-ENV:Server", "Procedure 'call' not present"),
]
AT_EACH_ENDPOINT = [
    *(("/api/soap/", *bad) for bad in BAD_INPUT),
    *(("/api/soap/", ENVELOPE.format(call), code, text) for call, code, text in BAD_CALLS),
    *(("/api/v2_soap/", *bad) for bad in BAD_INPUT),
    *(("/api/v2_soap/", ENVELOPE.format(call), code, text) for call, code, text in BAD_V2_CALLS),
]


@pytest.mark.parametrize("case", AT_EACH_ENDPOINT, ids=lambda case: f"{case[0]} {case[1][-90:].strip()}")
def test_bad_input_gets_a_fault_and_writes_nothing(
    shop_url: str, shop: Any, session: str, case: tuple[str, str, str, str]
) -> None:
    path, body, code, text = case
    before = serialize_object(shop.salesOrderInvoiceList(session, {}))
    answer = post(shop_url, path, body.replace("{session}", session).encode())
    assert answer.status_code == (200 if code.isdigit() else 500)
    assert f">{code}<" in answer.text
    assert text in answer.text.replace("&quot;", '"').replace("&#39;", "'").replace("&apos;", "'")
    assert "Traceback" not in answer.text
    assert serialize_object(shop.salesOrderInvoiceList(session, {})) == before


@pytest.mark.parametrize("session", ["", "<sessionId/>", f'<sessionId xmlns:xsi="{XSI}" xsi:nil="true"/>'])
def test_http_basic_stands_in_for_a_session(shop_url: str, session: str) -> None:
    """SES-20."""
    path, args = "<resourcePath>order_invoice.info</resourcePath>", "<args>200000006</args>"
    body = ENVELOPE.format(f"<call>{session}{path}{args}</call>")
    for key, wanted in (("apiKey", ">384.9800<"), ("wrong", "<faultcode>2<")):
        answer = requests.post(f"{shop_url}/api/soap/", data=body, auth=("apiUser", key), timeout=30)
        assert wanted in answer.text
    assert "<faultcode>5<" in post(shop_url, "/api/soap/", body.encode()).text


@pytest.mark.parametrize("path", ["/api/soap/", "/api/v2_soap/"])
@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_compressed_body_that_does_not_say_so_is_no_xml(
    shop_url: str, path: str, compress: Callable[[bytes], bytes]
) -> None:
    answer = post(shop_url, path, compress(ENVELOPE.format("<startSession/>").encode()))
    assert answer.status_code == 500
    assert "<faultcode>Sender</faultcode><faultstring>Invalid XML</faultstring>" in answer.text


def test_the_wsdl_names_the_address_that_the_client_used(shop_url: str) -> None:
    for path in (
        "/api/v2_soap/?wsdl",
        "/api/v2_soap?wsdl=1",
        "/index.php/api/v2_soap/index/?wsdl",
    ):
        answer = requests.get(shop_url + path, timeout=30)
        assert answer.headers["Content-Type"] == "text/xml; charset=UTF-8"
        assert f'location="{shop_url}{path.partition("?")[0]}"' in answer.text
    legacy = requests.get(f"{shop_url}/api.php?type=v2_soap&wsdl=1", timeout=30)
    assert f'location="{shop_url}/api.php?type=v2_soap"' in legacy.text
    other = requests.get(f"{shop_url}/api/v2_soap/?wsdl", headers={"Host": "localhost"}, timeout=30)
    assert 'location="http://localhost/api/v2_soap/"' in other.text
    for path in ("/api/?wsdl", "/api/soap/?wsdl", "/api.php?wsdl=1"):
        first = requests.get(shop_url + path, timeout=30).text
        assert 'name="Mage_Api_Model_Server_HandlerPort"' in first
        assert f'location="{shop_url}{path.partition("?")[0]}"' in first
    spoofed = requests.get(f"{shop_url}/api/v2_soap/?wsdl", headers={"X-Forwarded-Host": "evil.example"}, timeout=30)
    assert "evil.example" not in spoofed.text


@pytest.mark.parametrize("path", ["/", "/api/nope/", "/api/v2_soap/nope/", "/api/v2_soap/index.php"])
def test_other_paths_are_not_found(shop_url: str, path: str) -> None:
    assert requests.get(shop_url + path, timeout=30).status_code == 404


def test_an_unknown_adapter_is_a_client_error(shop_url: str) -> None:
    answer = requests.get(f"{shop_url}/api.php?type=nope", timeout=30)  # BUG-34
    assert (answer.status_code, answer.text) == (400, "Invalid webservice adapter specified.\n")
