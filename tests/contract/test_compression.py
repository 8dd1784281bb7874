"""Compressed requests and answers at every endpoint, over HTTP, and with PHP's SoapClient."""

from __future__ import annotations

import gzip
import json
import subprocess
import zlib
from collections.abc import Mapping
from typing import Any
from xmlrpc.client import dumps

import pytest
import requests

from tests.unit.protocols.soap.wire import envelope

LOGIN = "<username>apiUser</username><apiKey>apiKey</apiKey>"
BASIC = ("apiUser", "apiKey")
REQUESTS: Mapping[str, tuple[str, bytes]] = {
    "SOAP V1": ("/api/soap/", envelope(f"<ns1:login>{LOGIN}</ns1:login>")),
    "SOAP V2": ("/api/v2_soap/", envelope(f"<ns1:login>{LOGIN}</ns1:login>")),
    "WS-I": ("/api/v2_soap_wsi/", envelope(f"<ns1:loginParam>{LOGIN}</ns1:loginParam>")),
    "XML-RPC": ("/api/xmlrpc", dumps(("apiUser", "apiKey"), "login").encode()),
    "JSON-RPC": (
        "/api/jsonrpc",
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "login", "params": list(BASIC)}).encode(),
    ),
    "REST": ("/rest/V1/integration/admin/token", json.dumps({"username": BASIC[0], "password": BASIC[1]}).encode()),
}
REFUSED = {
    "SOAP V1": (500, "<faultcode>SOAP-ENV:Client</faultcode><faultstring>Request cannot be read: "),
    "SOAP V2": (500, "<faultcode>SOAP-ENV:Client</faultcode><faultstring>Request cannot be read: "),
    "WS-I": (500, "<faultcode>SOAP-ENV:Client</faultcode><faultstring>Request cannot be read: "),
    "XML-RPC": (200, "<value><int>630</int></value>"),
    "JSON-RPC": (415, '"code":-32600'),
    "REST": (415, '{"message": "Unsupported Media Type"'),
}


def send(url: str, path: str, body: bytes, encoding: str) -> requests.Response:
    return requests.post(url + path, body, headers={"Content-Encoding": encoding}, timeout=10)


@pytest.mark.parametrize("endpoint", REQUESTS)
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_request_is_answered_like_any_other(shop_url: str, endpoint: str, encoding: str) -> None:
    path, body = REQUESTS[endpoint]
    plain = requests.post(shop_url + path, body, timeout=10)
    compressed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    answer = send(shop_url, path, compressed, encoding)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, plain.headers["Content-Type"])
    assert len(answer.text) == len(plain.text)  # session ids differ
    assert "ault" not in answer.text


@pytest.mark.parametrize("endpoint", REQUESTS)
def test_an_encoding_that_is_not_known_is_refused_in_the_words_of_the_protocol(shop_url: str, endpoint: str) -> None:
    path, body = REQUESTS[endpoint]
    status, text = REFUSED[endpoint]
    answer = send(shop_url, path, body, "br")
    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize("endpoint", REQUESTS)
def test_a_broken_stream_is_refused_in_the_words_of_the_protocol(shop_url: str, endpoint: str) -> None:
    path, body = REQUESTS[endpoint]
    status, text = REFUSED[endpoint]
    answer = send(shop_url, path, gzip.compress(body)[:-3], "gzip")
    assert answer.status_code == {415: 400}.get(status, status)
    assert text.replace("Unsupported Media Type", "Bad Request") in answer.text


PHP = """
    $options = array('compression' => %s, 'cache_wsdl' => WSDL_CACHE_NONE, 'trace' => true);
    $shop = new SoapClient(getenv('MAGENTO_URL') . '%s/?wsdl', $options);
    $session = $shop->login('apiUser', 'apiKey');
    %s
    echo json_encode(array(
        'invoices' => count($list),
        'sent' => preg_match('/^Content-Encoding: (\\S+)/mi', $shop->__getLastRequestHeaders(), $m) ? $m[1] : '',
        'received' => preg_match('/^Content-Encoding: (\\S+)/mi', $shop->__getLastResponseHeaders(), $m) ? $m[1] : '',
    ));
"""
LISTS = {
    "/api/soap": "$list = $shop->call($session, 'sales_order_invoice.list');",
    "/api/v2_soap": "$list = $shop->salesOrderInvoiceList($session);",
}


@pytest.mark.php
@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("compression", "sent", "received"),
    [
        ("SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 9", "gzip", "gzip"),
        ("SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_DEFLATE | 5", "deflate", "gzip"),
        ("SOAP_COMPRESSION_GZIP | 1", "gzip", ""),
        ("SOAP_COMPRESSION_ACCEPT", "", "gzip"),
    ],
)
def test_php_with_compression(shop_url: str, path: str, compression: str, sent: str, received: str) -> None:
    code = PHP % (compression, path, LISTS[path])
    done = subprocess.run(
        ["php", "-r", code], env={"MAGENTO_URL": shop_url}, capture_output=True, text=True, timeout=60, check=False
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen == {"invoices": 22, "sent": sent, "received": received}, done.stderr
