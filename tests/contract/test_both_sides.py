"""Our server in front of a shop's PHP: clients that other people wrote call methods of both sides in one session."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from magento.api import API

from tests.conftest import missing, original_v2_wsdl, original_wsi_wsdl
from tests.interop.life import parse_output
from tests.php_shop import HERE, PhpShop, php_shop, require_php_shop

from .conftest import copied_shop, serving

pytestmark = pytest.mark.php

INVOICE = "200000006"
NODE = Path(__file__).parents[1] / "interop" / "node"
SECONDS = 120
SEEN = {
    "products": "cup empty",
    "info": INVOICE,
    "product": 'Tasse <Grün> & "blau" 🍵',
    "categories": "3 4",
    "suppliers": "jane@shop.example",
    "websites": "base b2b",
    "update": "true",
    "fault": "101 Product not exists.",
    "own_fault": "100 Requested shipment does not exists.",
    "magento": "1.9.4.5",
    "after": "5 Session expired. Try to relogin.",
}
"""What every client sees, whatever the style: the shop's answers and ours."""
CLIENTS = {
    "PHP SoapClient": ["php", str(HERE / "clients" / "client.php")],
    "zeep": [sys.executable, str(HERE / "clients" / "zeep_client.py")],
    "suds": [sys.executable, str(HERE / "clients" / "suds_client.py")],
    "node soap": ["node", str(HERE / "clients" / "client.mjs")],
}


@dataclass
class BothSides:
    """Our server, the shop behind it, and a session that was opened here."""

    url: str
    php: PhpShop
    session: str = ""

    @property
    def xml_rpc(self) -> Any:
        return xmlrpc.client.ServerProxy(f"{self.url}/api/xmlrpc/", allow_none=True)

    def json_rpc(self, request: Any) -> Any:
        return requests.post(f"{self.url}/api/jsonrpc/", json=request, timeout=SECONDS).json()

    def call(self, *params: Any, method: str = "call") -> Any:
        """The result or the error over JSON-RPC."""
        answer = self.json_rpc({"jsonrpc": "2.0", "method": method, "params": [self.session, *params], "id": 1})
        return answer["result"] if "result" in answer else answer["error"]


@contextmanager
def running(
    demo_database: Path,
    folder: Path,
    *,
    php_wsi: bool = False,
    wsdls: Mapping[str, bytes] | None = None,
    **settings: str,
) -> Iterator[BothSides]:
    require_php_shop()
    for part in ("php", "served"):
        (folder / part).mkdir()
    database = folder / "served" / "shop.sqlite"
    with (
        php_shop(database, folder / "php", wsi=php_wsi, wsdls=wsdls) as php,
        copied_shop(demo_database, folder / "served", upstream_url=php.url, **settings) as url,
    ):
        both = BothSides(url, php)
        both.session = both.xml_rpc.login("apiUser", "apiKey")
        yield both


@pytest.fixture(scope="module")
def started(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothSides]:
    with running(demo_database, tmp_path_factory.mktemp("both")) as both:
        yield both


@pytest.fixture
def both(started: BothSides) -> BothSides:
    started.php.calls()  # what others asked is forgotten
    return started


@pytest.fixture
def forwarding_more(demo_database: Path, tmp_path: Path) -> Iterator[BothSides]:
    """With methods that are forwarded although they are served, and methods that never are."""
    with running(
        demo_database,
        tmp_path,
        upstream_methods="sales_order_invoice.in*,core_magento.*",
        upstream_excluded_methods="catalog_product.update,ol_suppliers.*",
    ) as both:
        yield both


@pytest.mark.parametrize("style", ["v1", "v2", "wsi"])
@pytest.mark.parametrize("client", CLIENTS)
def test_one_client_calls_both_sides_in_one_session(both: BothSides, client: str, style: str) -> None:
    if client == "node soap" and not (shutil.which("node") and (NODE / "node_modules" / "soap").is_dir()):
        missing("there is no node, or npm ci was not run in tests/interop/node")
    done = subprocess.run(
        [*CLIENTS[client], style, both.url], capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    assert parse_output(done.stdout) == SEEN, done.stderr
    assert [call.protocol for call in both.php.calls()] == [style] * 6, "served methods must not reach PHP"


@pytest.mark.parametrize(
    ("style", "original"), [("v2", original_v2_wsdl), ("wsi", original_wsi_wsdl)], ids=["v2", "wsi"]
)
def test_the_same_with_the_wsdl_of_a_real_shop(
    demo_database: Path, tmp_path: Path, style: str, original: Callable[[], bytes]
) -> None:
    """It has 150 operations, and one of them becomes that of the custom module."""
    document = original().replace(b"catalogProductLinkTypes", b"olWebsitesList")
    with running(demo_database, tmp_path, wsdls={style: document}) as both:
        done = subprocess.run(
            [*CLIENTS["PHP SoapClient"], style, both.url],
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert parse_output(done.stdout) == SEEN, done.stderr


def test_a_shop_in_ws_i_mode_and_a_server_in_ws_i_mode(demo_database: Path, tmp_path: Path) -> None:
    script = """
        $shop = new SoapClient($argv[1], ['cache_wsdl' => WSDL_CACHE_NONE]);
        $session = ['sessionId' => $argv[2]];
        $products = $shop->catalogProductList((object) $session)->result->complexObjectArray;
        $invoice = $shop->salesOrderInvoiceInfo((object) ($session + ['invoiceIncrementId' => $argv[3]]))->result;
        echo $products[0]->sku, ' ', $invoice->increment_id;
    """
    with running(demo_database, tmp_path, php_wsi=True, wsi="true") as both:
        command = ["php", "-r", script, f"{both.url}/api/v2_soap/?wsdl", both.session, INVOICE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.stdout == f"cup {INVOICE}", done.stderr
        assert [(call.protocol, call.uri) for call in both.php.calls()] == [("wsi", "/api/v2_soap/")]


def test_magento1_client_calls_both_sides(both: BothSides) -> None:
    with API(both.url, "apiUser", "apiKey") as shop:
        assert [product["sku"] for product in shop.call("catalog_product.list", [])] == ["cup", "empty"]
        assert shop.call("sales_order_invoice.info", [INVOICE])["increment_id"] == INVOICE
        assert shop.call("ol_websites.list", []) == ["base", "b2b"]
        assert shop.multiCall([["ol_websites.list"], ["sales_order_invoice.info", [INVOICE]]])[0] == ["base", "b2b"]


def test_xml_rpc_calls_both_sides(both: BothSides) -> None:
    shop, session = both.xml_rpc, both.session
    assert [product["sku"] for product in shop.call(session, "catalog_product.list")] == ["cup", "empty"]
    assert shop.call(session, "sales_order_invoice.info", [INVOICE])["increment_id"] == INVOICE
    values = shop.call(session, "magerpsync.values", [1, "zwei", [3], {"vier": None}])
    assert values == {
        "int": 5,
        "float": 1.5,
        "null": None,
        "true": True,
        "list": [1, "a", []],
        "args": [1, "zwei", [3], {"vier": None}],
    }
    with pytest.raises(xmlrpc.client.Fault, match=r"101.*Product not exists"):
        shop.call(session, "catalog_product.info", [99])
    with pytest.raises(xmlrpc.client.Fault, match=r"3.*Invalid api path"):
        shop.call(session, "no_such.method")


def test_json_rpc_calls_both_sides(both: BothSides) -> None:
    assert [product["sku"] for product in both.call("catalog_product.list")] == ["cup", "empty"]
    assert both.call("sales_order_invoice.info", [INVOICE])["increment_id"] == INVOICE
    assert both.call("catalog_product.info", [99]) == {"code": -32000, "message": "Product not exists.", "data": {}}
    answer = both.json_rpc({"method": "catalog_product.info", "params": [both.session, 1], "id": 7})
    assert (answer["result"]["sku"], answer["id"]) == ("cup", "7"), (
        "a path as the method; a number as text, as OpenMage"
    )


def test_a_forwarded_notification_is_no_failure(both: BothSides) -> None:
    """OpenMage answers it with status 200 and nothing else."""
    params = [both.session, "catalog_product.update", [1, {}]]
    request: Any = {"jsonrpc": "2.0", "method": "call", "params": params}
    response = requests.post(f"{both.url}/api/jsonrpc/", json=request, timeout=SECONDS)
    assert (response.ok, response.content) == (True, b"")
    assert len(both.php.calls()) == 1
    log = (both.php.wsdls.parent / "served" / "server.log").read_text(encoding="utf-8")
    assert "0 bytes" not in log


MIXED: Sequence[Any] = (
    ["ol_websites.list"],
    ["sales_order_invoice.info", [INVOICE]],
    ["catalog_product.info", [99]],
    ["catalog_product.info", [1]],
    ["sales_order_invoice.info", ["9"]],
    ["no_such.method"],
)


def summary(results: Sequence[Any]) -> list[Any]:
    """What is recognizable of each result of MIXED."""
    return [
        each if isinstance(each, list) else each.get("faultCode") or each.get("increment_id") or each.get("sku")
        for each in results
    ]


ALL: Sequence[Any] = (["base", "b2b"], INVOICE, "101", "cup", "100", "3")


@pytest.mark.parametrize(
    ("protocol", "options", "expected"),
    [
        *((protocol, {}, ALL) for protocol in ("V1", "XML-RPC", "JSON-RPC")),
        *((protocol, {"break": 1}, ALL[:3]) for protocol in ("V1", "JSON-RPC")),  # XML-RPC takes no options in a struct
    ],
)
def test_a_mixed_multi_call_runs_in_order(
    both: BothSides, protocol: str, options: dict[str, int], expected: Sequence[Any]
) -> None:
    if protocol == "V1":
        results = v1_multi_call(both, list(MIXED), options)
    elif protocol == "XML-RPC":
        results = both.xml_rpc.multiCall(both.session, list(MIXED))
    else:
        results = both.call(list(MIXED), options, method="multiCall")
    assert summary(results) == list(expected)
    foreign = 2 if options else 4
    assert [call.protocol for call in both.php.calls()] == [protocol.lower().replace("-", "")] * foreign


def v1_multi_call(both: BothSides, calls: Any, options: Any) -> Any:
    """Through PHP's client."""
    script = (
        "$shop = new SoapClient($argv[1], ['cache_wsdl' => WSDL_CACHE_NONE]);"
        "echo json_encode($shop->multiCall($argv[2], json_decode($argv[3], true), json_decode($argv[4], true)));"
    )
    command = ["php", "-r", script, f"{both.url}/api/soap/?wsdl", both.session, json.dumps(calls), json.dumps(options)]
    return json.loads(subprocess.run(command, capture_output=True, timeout=SECONDS, check=True).stdout)


ARGUMENTS: Sequence[Any] = (
    "1",
    None,
    [],
    {"id": 1},
    [{"a": {"b": [1, 2.5, None, True, ""]}}],
    [[], {}, [[]]],
    ['Tasse <Grün> & "blau" 🍵', "a\nb\tc  ", "007"],
    [{"52": 1, "53": 2}, {"0": "x", "1": "y"}, {"a b": 1, "<": 2}],
)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=repr)
@pytest.mark.parametrize("protocol", ["V1", "XML-RPC", "JSON-RPC"])
def test_a_mixed_multi_call_gives_the_shop_the_arguments_as_they_were_sent(
    both: BothSides, protocol: str, arguments: Any
) -> None:
    def results(*calls: Any) -> Any:
        if protocol == "V1":
            return v1_multi_call(both, calls, {})
        if protocol == "XML-RPC":
            return both.xml_rpc.multiCall(both.session, calls)
        return both.call(calls, method="multiCall")

    foreign = ["magerpsync.values", arguments]
    (unchanged,) = results(foreign)
    assert "args" in unchanged
    assert results(["sales_order_invoice.info", [INVOICE]], foreign)[1] == unchanged


def test_a_file_reaches_the_shop_whatever_it_is_sent_with(both: BothSides) -> None:
    file = b"\x89PNG\r\n\x1a\n\x00\xff\xfe"
    foreign: list[Any] = ["magerpsync.digest", [xmlrpc.client.Binary(file)]]
    digest = hashlib.sha256(file).hexdigest()
    assert both.xml_rpc.call(both.session, *foreign) == digest
    assert both.xml_rpc.multiCall(both.session, [["sales_order_invoice.info", [INVOICE]], foreign])[1] == digest
    multicall = xmlrpc.client.MultiCall(both.xml_rpc)
    multicall.call(both.session, *foreign)
    results: Any = multicall()
    assert list(results) == [digest]


def test_a_multi_call_that_is_all_the_shops_is_one_request(both: BothSides) -> None:
    calls = [["ol_websites.list"], ["catalog_product.info", [99]]]
    results = both.xml_rpc.multiCall(both.session, calls)
    assert summary(results) == [["base", "b2b"], "101"]
    (call,) = both.php.calls()
    assert call.body == xmlrpc.client.dumps((both.session, calls), "multiCall").encode()


def test_calls_of_a_batch_go_where_they_belong(both: BothSides) -> None:
    multicall = xmlrpc.client.MultiCall(both.xml_rpc)
    multicall.call(both.session, "ol_websites.list")
    multicall.call(both.session, "sales_order_invoice.info", [INVOICE])
    results: Any = multicall()
    websites, info = results
    assert (websites, info["increment_id"]) == (["base", "b2b"], INVOICE)
    answers = both.json_rpc(
        [
            {"jsonrpc": "2.0", "method": "call", "params": [both.session, path, args], "id": number}
            for number, (path, args) in enumerate(
                [("sales_order_invoice.info", [INVOICE]), ("catalog_product.info", [9])]
            )
        ]
    )
    assert answers[0]["result"]["increment_id"] == INVOICE
    assert answers[1]["error"]["data"]["faultCode"] == "101"


def test_resources_are_those_of_both_sides(both: BothSides) -> None:
    for resources in (both.xml_rpc.resources(both.session), both.call(method="resources")):
        by_name = {resource["name"]: resource for resource in resources}
        assert by_name["catalog_product"]["title"] == "catalog_product of the shop"
        assert by_name["sales_order_invoice"]["title"] != "sales_order_invoice of the shop"
        methods = [method["name"] for method in by_name["sales_order_invoice"]["methods"]]
        assert methods == ["list", "info", "create", "addComment", "capture", "void", "cancel"]
        assert next(iter(by_name)) == "core_magento"


def ask_php(both: BothSides, style: str, operation: str, **parts: Any) -> Any:
    """The result of an operation, or code and text of its fault, through PHP's client; parts by name or in order."""
    script = """
        $shop = new SoapClient($argv[1], ['cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
        $parts = json_decode($argv[3], true);
        try {
            echo json_encode($shop->__soapCall($argv[2], $argv[4] ? [$parts] : array_values($parts)));
        } catch (SoapFault $fault) {
            echo json_encode("$fault->faultcode $fault->faultstring");
        }
    """
    path, literal = {"v2": ("v2_soap", ""), "wsi": ("v2_soap_wsi", "1")}[style]
    parts = {"sessionId": both.session, **parts}
    command = ["php", "-r", script, f"{both.url}/api/{path}/?wsdl", operation, json.dumps(parts), literal]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    return result["result"] if literal and isinstance(result, dict) else result


def entries(array: Any) -> Any:
    """The entries of an array in either style."""
    return array["complexObjectArray"] if isinstance(array, dict) else array


def test_resources_are_those_of_both_sides_in_v2(both: BothSides) -> None:
    by_name = {resource["name"]: resource for resource in ask_php(both, "v2", "resources")}
    assert by_name["catalog_product"]["title"] == "catalog_product of the shop"
    assert [method["path"] for method in by_name["ol_suppliers"]["methods"]] == [
        "ol_suppliers.list",
        "ol_suppliers.info",
    ]
    assert "sales_order_invoice.capture" in [each["path"] for each in by_name["sales_order_invoice"]["methods"]]
    assert "42" in [fault["code"] for fault in ask_php(both, "v2", "globalFaults")]


def test_a_shop_whose_ws_i_cannot_list_resources_leaves_ours(both: BothSides) -> None:
    """``resources`` and ``globalFaults`` fail in every Magento's WS-I."""
    resources = entries(ask_php(both, "wsi", "resources"))
    assert "sales_order_invoice" in [resource["name"] for resource in resources]
    assert {fault["code"] for fault in entries(ask_php(both, "wsi", "globalFaults"))} >= set("0123456")


@pytest.mark.parametrize("style", ["v2", "wsi"])
def test_types_that_contain_themselves_are_in_the_merged_wsdl(both: BothSides, style: str) -> None:
    store = {"storeView": ""}
    tree = ask_php(both, style, "catalogCategoryTree", parentId="1", **store)
    (kitchen,) = entries(tree["children"])
    (cups,) = entries(kitchen["children"])
    assert (tree["name"], kitchen["name"], cups["name"]) == ("Root", "Küche", "Tassen & <Teller>")


def test_faults_are_listed_by_whoever_has_them(both: BothSides) -> None:
    shop, session = both.xml_rpc, both.session
    assert shop.resourceFaults(session, "catalog_product") == [{"code": "101", "message": "Product not exists."}]
    own = [fault["code"] for fault in shop.resourceFaults(session, "sales_order_invoice")]
    assert own == ["100", "101", "102", "103", "104"]
    global_faults = {fault["code"]: fault["message"] for fault in shop.globalFaults(session)}
    assert global_faults["42"] == "A fault of this shop only."
    assert {"0", "1", "2", "3", "4", "5", "6"} < global_faults.keys()


def test_requests_and_responses_pass_byte_for_byte(both: BothSides) -> None:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- as it is -->\n<SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:Magento"><SOAP-ENV:Body>'
        f"<ns1:call><sessionId>{both.session}</sessionId>\r\n<resourcePath>catalog_product.list</resourcePath><args/>"
        "</ns1:call></SOAP-ENV:Body></SOAP-ENV:Envelope>\n\n"
    ).encode()
    headers = {
        "Content-Type": 'text/xml; charset="utf-8"',
        "SOAPAction": '"urn:Mage_Api_Model_Server_HandlerAction"',
        "User-Agent": "ERP/1.0",
        "Authorization": "Basic YTpi",
        "X-Forwarded-For": "192.0.2.66",
        "Keep-Alive": "1",
    }
    response = requests.post(f"{both.url}/index.php/api/soap/", body, headers=headers, timeout=SECONDS)
    direct = requests.post(f"{both.php.url}/index.php/api/soap/", body, headers=headers, timeout=SECONDS)
    forwarded, _ = both.php.calls()
    assert forwarded.body == body
    assert (forwarded.uri, forwarded.content_type) == ("/index.php/api/soap/", 'text/xml; charset="utf-8"')
    own = both.url.removeprefix("http://")
    assert forwarded.headers == {
        "HTTP_HOST": both.php.url.removeprefix("http://"),
        "HTTP_CONNECTION": "close",
        "HTTP_SOAPACTION": headers["SOAPAction"],
        "HTTP_USER_AGENT": "ERP/1.0",
        "HTTP_AUTHORIZATION": "Basic YTpi",
        "HTTP_ACCEPT": "*/*",
        "HTTP_ACCEPT_ENCODING": "identity",
        "HTTP_VIA": "1.1 magento-soap",
        "HTTP_X_FORWARDED_FOR": "127.0.0.1",
        "HTTP_X_FORWARDED_HOST": own,
        "HTTP_X_FORWARDED_PROTO": "http",
        "HTTP_CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_TYPE": 'text/xml; charset="utf-8"',
    }
    assert response.content == direct.content
    assert response.status_code == direct.status_code == 200
    for name in ("Content-Type", "X-Powered-By"):
        assert response.headers[name] == direct.headers[name]


def test_the_session_is_checked_before_the_shop_is_asked(both: BothSides) -> None:
    with pytest.raises(xmlrpc.client.Fault, match=r"5.*Session expired"):
        both.xml_rpc.call("0" * 32, "catalog_product.list")
    assert both.php.calls() == []


def test_a_session_opened_in_the_shop_works_here(both: BothSides) -> None:
    session = xmlrpc.client.ServerProxy(f"{both.php.url}/api/xmlrpc/").login("apiUser", "apiKey")
    assert both.xml_rpc.call(session, "sales_order_invoice.info", [INVOICE])["increment_id"] == INVOICE
    assert both.xml_rpc.call(session, "ol_websites.list") == ["base", "b2b"]
    assert both.xml_rpc.endSession(session) is True
    with pytest.raises(xmlrpc.client.Fault, match=r"5.*Session expired"):
        xmlrpc.client.ServerProxy(f"{both.php.url}/api/xmlrpc/").call(session, "ol_websites.list")


def test_patterns_move_methods_from_one_side_to_the_other(forwarding_more: BothSides) -> None:
    shop, session = forwarding_more.xml_rpc, forwarding_more.session
    assert shop.call(session, "sales_order_invoice.info", [INVOICE])["increment_id"] == "from PHP"
    assert shop.call(session, "order_invoice.info", [INVOICE])["increment_id"] == "from PHP"
    assert shop.call(session, "core_magento.info")["magento_version"] == "from PHP"
    assert shop.call(session, "sales_order_invoice.list")[0]["increment_id"] != "from PHP"
    for path in ("catalog_product.update", "ol_suppliers.list"):
        with pytest.raises(xmlrpc.client.Fault, match=r"3.*Invalid api path"):
            shop.call(session, path)
    listed = {resource["name"]: resource["methods"] for resource in shop.resources(session)}
    assert "ol_suppliers" not in listed
    assert [method["name"] for method in listed["catalog_product"]] == ["list", "info"]


@pytest.mark.parametrize("style", ["v2", "wsi"])
def test_patterns_move_operations_from_one_side_to_the_other(forwarding_more: BothSides, style: str) -> None:
    """Code generated from the merged WSDL knows the shop's own members of what the shop answers."""
    both = forwarding_more
    info = ask_php(both, style, "salesOrderInvoiceInfo", invoiceIncrementId=INVOICE)
    assert info == {"increment_id": "from PHP", "note": "of the shop"}
    assert ask_php(both, style, "magentoInfo")["magento_version"] == "from PHP"
    assert len(entries(ask_php(both, style, "salesOrderInvoiceList", filters=None))) > 1
    both.php.calls()
    assert "not present" in ask_php(both, style, "olSuppliersInfo", supplierId=7)
    assert both.php.calls() == []


def test_a_large_response_is_compressed_for_those_who_want_it(both: BothSides) -> None:
    """The shop is asked for plain text; what the client gets is between it and us."""
    body = xmlrpc.client.dumps((both.session, "magerpsync.values", ["x" * 200_000]), "call")
    plain, compressed = (
        requests.post(f"{both.url}/api/xmlrpc/", body, headers={"Accept-Encoding": encoding}, timeout=SECONDS)
        for encoding in ("identity", "gzip")
    )
    assert hashlib.sha256(plain.content).digest() == hashlib.sha256(compressed.content).digest()
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert int(plain.headers["Content-Length"]) > 200_000


def test_the_last_good_wsdl_outlives_the_shop_and_a_restart(demo_database: Path, tmp_path: Path) -> None:
    with running(demo_database, tmp_path) as both:
        first = requests.get(f"{both.url}/api/v2_soap/?wsdl", timeout=SECONDS)
        assert first.status_code == 200
        assert b'operation name="catalogProductList"' in first.content
        assert b'operation name="salesOrderInvoiceCreate"' in first.content
        assert f"{both.url}/api/v2_soap/".encode() in first.content
        assert both.php.url.encode() not in first.content
        tag = {"If-None-Match": first.headers["ETag"]}
        assert requests.get(f"{both.url}/api/v2_soap/?wsdl", headers=tag, timeout=SECONDS).status_code == 304
    database = f"sqlite:///{tmp_path / 'served' / 'shop.sqlite'}"
    with serving(database, log=tmp_path / "again.log", upstream_url=both.php.url) as url:
        again = requests.get(f"{url}/api/v2_soap/?wsdl", timeout=SECONDS)
        assert again.content == first.content.replace(both.url.encode(), url.encode())
        unknown = requests.get(f"{url}/api/v2_soap_wsi/?wsdl", timeout=SECONDS)
        assert (unknown.status_code, unknown.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
        assert int(unknown.headers["Retry-After"]) > 0
        v1 = requests.get(f"{url}/api/soap/?wsdl", timeout=SECONDS)
        assert b'operation name="call"' in v1.content
