"""The stand-in for a shop's PHP, asked directly: it must be what the tests of forwarding take it for."""

from __future__ import annotations

import json
import shutil
import subprocess
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep

from examples.python.magento_v2 import Offline
from tests.php_shop import PhpShop, php_shop

pytestmark = pytest.mark.php

SECONDS = 60
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>"""
CALL = "<call><sessionId>{}</sessionId><resourcePath>{}</resourcePath></call>"


@pytest.fixture(scope="module", params=[False, True], ids=["v2", "wsi"])
def wsi(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def shop(wsi: bool, demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhpShop]:
    folder = tmp_path_factory.mktemp("php")
    shutil.copy(demo_database, folder / "shop.sqlite")
    with php_shop(folder / "shop.sqlite", folder, wsi=wsi) as started:
        yield started


@pytest.fixture(scope="module")
def xml_rpc(shop: PhpShop) -> Any:
    return xmlrpc.client.ServerProxy(f"{shop.url}/api/xmlrpc/", allow_none=True)


@pytest.fixture(scope="module")
def session(xml_rpc: Any) -> str:
    return str(xml_rpc.login("apiUser", "apiKey"))


def post(shop: PhpShop, content: str, path: str = "/api/soap/") -> requests.Response:
    headers = {"Content-Type": "text/xml"}
    return requests.post(f"{shop.url}{path}", ENVELOPE.format(content), headers=headers, timeout=SECONDS)


def test_phps_client_in_v1(shop: PhpShop, session: str) -> None:
    script = """
        $shop = new SoapClient(null, ['location' => $argv[1], 'uri' => 'urn:Magento']);
        $calls = [['catalog_product.info', 1], ['nope.nope'], ['magerpsync.values', ['<&> 🍵', null]]];
        echo json_encode($shop->multiCall($argv[2], $calls));
    """
    command = ["php", "-r", script, f"{shop.url}/index.php/api/soap/", session]
    output = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True).stdout
    product, fault, values = json.loads(output)
    assert product["sku"] == "cup"
    assert fault == {"isFault": True, "faultCode": "3", "faultMessage": "Invalid api path."}
    assert values == {
        "int": 5,
        "float": 1.5,
        "null": None,
        "true": True,
        "list": [1, "a", []],
        "args": ["<&> 🍵", None],
    }


def test_zeep_with_the_wsdl(shop: PhpShop, session: str, wsi: bool) -> None:
    client = zeep.Client(f"{shop.url}/api/v2_soap/?wsdl=1", transport=Offline())  # type: ignore[no-untyped-call]
    style = {"Mage_Api_Model_Server_Wsi_HandlerPort"} if wsi else {"Mage_Api_Model_Server_V2_HandlerPort"}
    assert set(client.wsdl.services["MagentoService"].ports) == style
    tree = client.service.catalogCategoryTree(sessionId=session, parentId="1", storeView="")
    assert tree.name == "Root"
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.service.olSuppliersInfo(sessionId=session, supplierId=8)
    assert (caught.value.code, caught.value.message) == ("102", "Supplier not exists.")


def test_faults_of_the_api_are_bare_codes_with_status_200(shop: PhpShop, session: str) -> None:
    for content, code in (
        (CALL.format(session, "nope.nope"), "3"),
        (CALL.format("0" * 32, "catalog_product.list"), "5"),
        (CALL.format(session, "catalog_product.info"), "101"),
    ):
        response = post(shop, content)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "text/xml; charset=UTF-8")
        assert f"<faultcode>{code}</faultcode>" in response.text


def test_faults_of_phps_server_are_its_own(shop: PhpShop) -> None:
    response = post(shop, "<nope/>", "/api/v2_soap/")
    assert (response.status_code, response.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    assert "Procedure 'nope' not present" in response.text


def test_v2_has_a_line_for_each_tag(shop: PhpShop, session: str, wsi: bool) -> None:
    name = "ns:olWebsitesListRequestParam" if wsi else "ns:olWebsitesList"
    content = f'<{name} xmlns:ns="urn:Magento"><sessionId>{session}</sessionId></{name}>'
    response = post(shop, content, "/api/v2_soap/")
    assert "<SOAP-ENV:Body>\n<" in response.text
    assert "><" not in response.text
    assert int(response.headers["Content-Length"]) == len(response.content)


def test_xml_rpc_is_strict(xml_rpc: Any, session: str) -> None:
    assert xml_rpc.call(session, "ol_websites.list") == ["base", "b2b"]
    with pytest.raises(xmlrpc.client.Fault, match=r"623.*signature"):
        xml_rpc.call(session, "catalog_product.info", "1")


def test_json_rpc_is_that_of_openmage(shop: PhpShop, session: str) -> None:
    def answer(**request: Any) -> Any:
        response = requests.post(f"{shop.url}/api/jsonrpc/", json=request, timeout=SECONDS)
        return response.json() if response.content else None

    info = {"method": "catalog_product.info", "params": [session, 99]}
    error = {"code": -32000, "message": "Product not exists.", "data": {}}
    assert answer(jsonrpc="2.0", id=1, **info) == {"error": error, "id": "1", "jsonrpc": "2.0"}
    assert answer(id=1, **info) == {"error": error, "id": "1"}
    assert answer(**info) is None


def test_every_call_is_recorded_once(shop: PhpShop, session: str) -> None:
    shop.calls()
    post(shop, CALL.format(session, "ol_websites.list"), "/index.php/api/soap/")
    (call,) = shop.calls()
    assert (call.protocol, call.uri, call.content_type) == ("v1", "/index.php/api/soap/", "text/xml")
    assert call.body == ENVELOPE.format(CALL.format(session, "ol_websites.list")).encode()
