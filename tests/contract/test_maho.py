"""Clients of a Maho shop: its namespace, and ``mahoInfo`` beside ``magentoInfo``."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from lxml import etree
from werkzeug.test import Client

from magento_soap.app import create_app
from magento_soap.settings import Settings
from magento_soap.storage import Database

from .conftest import copied_shop

Namespace = Literal["urn:Magento", "urn:OpenMage", "urn:Maho"]
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
VERSION = {"maho_version": "25.1.0"}

Open = Callable[[Namespace], Client]


@pytest.fixture
def opened(demo_database: Path, tmp_path: Path) -> Iterator[Open]:
    """The demo shop, in process, with any namespace."""
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    database = Database(url)
    yield lambda namespace: Client(create_app(Settings(database_url=url, namespace=namespace), database))
    database.close()


def soap(shop: Client, path: str, call: str, namespace: str = "urn:Maho") -> etree._Element:
    """The element that answers a call with HTTP Basic in the place of a session."""
    sent = f'<e:Envelope xmlns:e="{SOAP}" xmlns:m="{namespace}"><e:Body>{call}</e:Body></e:Envelope>'
    return etree.fromstring(shop.post(path, data=sent, auth=("apiUser", "apiKey")).data)[0][0]


@pytest.mark.parametrize("namespace", ["urn:Magento", "urn:OpenMage", "urn:Maho"])
def test_maho_info_is_understood_whatever_the_namespace(opened: Open, namespace: Namespace) -> None:
    shop = opened(namespace)
    for path, call in (("/api/v2_soap", "mahoInfo"), ("/api/v2_soap_wsi", "mahoInfoRequestParam")):
        answer = soap(shop, path, f"<m:{call}><sessionId/></m:{call}>")
        assert etree.QName(answer).namespace == namespace
        (version,) = answer[0]
        assert (version.tag, version.text) == ("maho_version", VERSION["maho_version"])


@pytest.mark.parametrize("path", ["core_maho.info", "maho.info"])
def test_maho_info_has_a_path(opened: Open, path: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": [None, path]}
    answer = opened("urn:Magento").post("/api/jsonrpc", json=body, auth=("apiUser", "apiKey"))
    assert answer.get_json()["result"] == VERSION


def test_maho_info_needs_the_right_of_magento_info(opened: Open) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "core_maho.info", "params": [None]}
    answer = opened("urn:Maho").post("/api/jsonrpc", json=body, auth=("readonly", "apiKey"))
    assert answer.get_json()["error"]["message"] == "Access denied."


@pytest.mark.parametrize("namespace", ["urn:Magento", "urn:OpenMage", "urn:Maho"])
def test_only_a_maho_shop_lists_it(opened: Open, namespace: Namespace) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "resources", "params": [None]}
    answer = opened(namespace).post("/api/jsonrpc", json=body, auth=("apiUser", "apiKey"))
    names = [resource["name"] for resource in answer.get_json()["result"]]
    assert "core_magento" in names
    assert ("core_maho" in names) is (namespace == "urn:Maho")


@pytest.mark.parametrize("namespace", ["urn:Magento", "urn:Maho"])
def test_types_may_be_of_mahos_namespace(opened: Open, namespace: Namespace) -> None:
    """A filter of a typed client, whatever the setting."""
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    entry = '<item xsi:type="m:associativeEntity"><key>increment_id</key><value>200000006</value></item>'
    call = (
        f'<m:salesOrderInvoiceList xmlns:xsi="{xsi}"><sessionId/><filters xsi:type="m:filters">'
        f'<filter xsi:type="m:associativeArray">{entry}</filter></filters></m:salesOrderInvoiceList>'
    )
    found = soap(opened(namespace), "/api/v2_soap", call)
    assert [e.text for e in found.iter("increment_id")][:1] == ["200000006"]
    assert len(found[0]) == 1


PHP = """
    $shop = new SoapClient(getenv('MAGENTO_URL') . '/api/v2_soap/?wsdl', array('cache_wsdl' => WSDL_CACHE_NONE));
    $session = $shop->login('apiUser', 'apiKey');
    echo json_encode(array($shop->mahoInfo($session), $shop->magentoInfo($session)));
"""


@pytest.mark.php
def test_php_with_the_wsdl_of_a_maho_shop(demo_database: Path, tmp_path: Path) -> None:
    with copied_shop(demo_database, tmp_path, namespace="urn:Maho") as url:
        done = subprocess.run(
            ["php", "-r", PHP], env={"MAGENTO_URL": url}, capture_output=True, text=True, timeout=60, check=False
        )
    answers: Any = json.loads(done.stdout)
    assert answers == [VERSION, {"magento_version": "1.9.4.5", "magento_edition": "Community"}], done.stderr
