"""The same requests to PHP's own SoapServer, on our WSDL, and to us: the same arguments, or the same fault."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magento_soap.api.values import Struct
from magento_soap.protocols.soap import SoapEndpoint

from .wire import RecordingApi, ask, envelope, fault

HERE = Path(__file__).parent


pytestmark = pytest.mark.php

Reply = tuple[str, Any]


class Php:
    """PHP's development server with ``arguments.php``."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"

    def ask(self, body: bytes) -> Reply:
        request = urllib.request.Request(self.url, body, {"Content-Type": "text/xml; charset=utf-8"})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            content = error.read()
        _, code, text = fault(type("Answer", (), {"status": "500", "body": content})())
        return ("arguments", json.loads(text)) if code.endswith("arguments") else (code, text)


@pytest.fixture(scope="module")
def php(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Php]:
    wsdl = tmp_path_factory.mktemp("wsdl") / "v2.wsdl"
    wsdl.write_bytes(SoapEndpoint(RecordingApi()).wsdl("http://magentohost/api/v2_soap/"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["php", "-S", f"127.0.0.1:{port}", str(HERE / "arguments.php")]
    environment = {**os.environ, "MAGENTO_SOAP_TEST_WSDL": str(wsdl)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as server:
        assert server.stderr is not None
        server.stderr.readline()  # "Development Server started"
        try:
            yield Php(port)
        finally:
            server.terminate()


def plain(value: Any) -> Any:
    """Values as ``arguments.php`` writes them."""
    if isinstance(value, dict):
        members = {str(k): plain(v) for k, v in value.items()}
        return {"~": members or []} if isinstance(value, Struct) else members
    return [plain(v) for v in value] if isinstance(value, list) else value


def ours(body: bytes) -> Reply:
    answer, api = ask(body, None)
    if not api.asked:
        _, code, text = fault(answer)
        return code, text
    _, session, _, arguments = api.asked[0]
    return "arguments", [plain(session), *(plain(v) for v in arguments.values())]


def create(inside: str) -> str:
    return (
        "<ns1:salesOrderInvoiceCreate><sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>"
        f"{inside}</ns1:salesOrderInvoiceCreate>"
    )


def listing(inside: str) -> str:
    return f"<ns1:salesOrderInvoiceList><sessionId>s</sessionId>{inside}</ns1:salesOrderInvoiceList>"


def info(inside: str) -> str:
    return f"<ns1:salesOrderInvoiceInfo>{inside}</ns1:salesOrderInvoiceInfo>"


ITEM = "<item><order_item_id>5</order_item_id><qty>2</qty></item>"
PAIR = "<item><key>state</key><value>2</value></item>"

REQUESTS = {
    "typed array": create(
        "<itemsQty SOAP-ENC:arrayType='ns1:orderItemIdQty[2]' xsi:type='ns1:orderItemIdQtyArray'>"
        "<item xsi:type='ns1:orderItemIdQty'><order_item_id xsi:type='xsd:int'>5</order_item_id>"
        "<qty xsi:type='xsd:double'>2</qty></item><item><order_item_id>6</order_item_id><qty>1.5</qty></item>"
        "</itemsQty><comment>c</comment><email>1</email><includeComment>0</includeComment>"
    ),
    "untyped array": create(f"<itemsQty>{ITEM.replace('item>', 'q>')}</itemsQty>"),
    "empty array": create("<itemsQty/>"),
    "nil array": create("<itemsQty xsi:nil='true'/>"),
    "no array": create(""),
    "array of nil": create("<itemsQty><item xsi:nil='true'/></itemsQty>"),
    "Map": create("<itemsQty xsi:type='ns2:Map'><item><key>5</key><value>2</value></item></itemsQty>"),
    "array of Map": create(
        "<itemsQty SOAP-ENC:arrayType='ns2:Map[1]' xsi:type='SOAP-ENC:Array'><item xsi:type='ns2:Map'><item>"
        "<key>order_item_id</key><value>5</value></item><item><key>qty</key><value>2</value></item></item></itemsQty>"
    ),
    "missing member": create("<itemsQty><item><order_item_id>5</order_item_id></item></itemsQty>"),
    "strange member": create(f"<itemsQty>{ITEM.replace('</item>', '<foo>z</foo></item>')}</itemsQty>"),
    "empty number": create("<itemsQty><item><order_item_id>5</order_item_id><qty/></item></itemsQty>"),
    "nil number": create("<itemsQty><item><order_item_id>5</order_item_id><qty xsi:nil='1'/></item></itemsQty>"),
    "fraction as int": create("<itemsQty><item><order_item_id>5.5</order_item_id><qty>2</qty></item></itemsQty>"),
    "numbers as strings": create(
        "<itemsQty><item><order_item_id xsi:type='xsd:string'>5</order_item_id><qty xsi:type='xsd:string'>2</qty>"
        "</item></itemsQty>"
    ),
    "bad int": create("<itemsQty><item><order_item_id>x</order_item_id><qty>2</qty></item></itemsQty>"),
    "comma": create("<itemsQty><item><order_item_id>1</order_item_id><qty>2,5</qty></item></itemsQty>"),
    "references": create("<itemsQty href='#m1'/>")
    + "<multiRef id='m1' xsi:type='SOAP-ENC:Array' SOAP-ENC:arrayType='ns1:orderItemIdQty[1]'><i href='#m2'/>"
    "</multiRef><multiRef id='m2' xsi:type='ns1:orderItemIdQty'><order_item_id>9</order_item_id><qty>1</qty>"
    "</multiRef>",
    "int for string": info("<sessionId>s</sessionId><invoiceIncrementId xsi:type='xsd:int'>1</invoiceIncrementId>"),
    "bool for string": info(
        "<sessionId>s</sessionId><invoiceIncrementId xsi:type='xsd:boolean'>t</invoiceIncrementId>"
    ),
    "nil string": info("<sessionId>s</sessionId><invoiceIncrementId xsi:nil='true'/>"),
    "empty string": info("<sessionId>s</sessionId><invoiceIncrementId/>"),
    "children in a string": info("<sessionId>s</sessionId><invoiceIncrementId><a/></invoiceIncrementId>"),
    "blanks": info("<sessionId>s</sessionId><invoiceIncrementId> 1 </invoiceIncrementId>"),
    "array for string": info(
        "<sessionId>s</sessionId><invoiceIncrementId xsi:type='SOAP-ENC:Array'><i>1</i></invoiceIncrementId>"
    ),
    "parameter twice": info(
        "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId><invoiceIncrementId>2</invoiceIncrementId>"
    ),
    "character data": info("<sessionId>s</sessionId><invoiceIncrementId><![CDATA[<1>]]></invoiceIncrementId>"),
    "positional": info("<a>s</a><b>1</b>"),
    "positional surplus": info("<a>s</a><b>1</b><c/>"),
    "no parameters": info(""),
    "unknown operation": "<ns1:zz/>",
    "no filters": listing(""),
    "nil filters": listing("<filters xsi:nil='true'/>"),
    "empty filters": listing("<filters/>"),
    "simple filter": listing(
        "<filters><filter SOAP-ENC:arrayType='ns1:associativeEntity[1]' xsi:type='ns1:associativeArray'>"
        "<item xsi:type='ns1:associativeEntity'><key xsi:type='xsd:string'>state</key><value xsi:type='xsd:string'>2"
        "</value></item></filter></filters>"
    ),
    "complex filter": listing(
        "<filters><complex_filter><item><key>a</key><value><key>gt</key><value>3</value></value></item>"
        "</complex_filter></filters>"
    ),
    "empty filter": listing("<filters><filter/></filters>"),
    "filter twice": listing(f"<filters><filter>{PAIR}</filter><filter>{PAIR}</filter></filters>"),
    "filters as array": listing(
        f"<filters SOAP-ENC:arrayType='ns1:associativeEntity[1]' xsi:type='SOAP-ENC:Array'>{PAIR}</filters>"
    ),
    "white space around CDATA": info(
        "<sessionId> <![CDATA[s]]> </sessionId><b>1</b><invoiceIncrementId>\n<![CDATA[ 1 ]]>\n"
        "<![CDATA[2]]> </invoiceIncrementId>"
    ),
    "call with an id": info("<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>").replace(
        "Info>", "Info id='o0' SOAP-ENC:root='1'>", 1
    ),
    "namespace that is not a URI": (
        "<urn:salesOrderInvoiceInfo xmlns:urn='urn: Magento'><sessionId>s</sessionId>"
        "<invoiceIncrementId>1</invoiceIncrementId></urn:salesOrderInvoiceInfo>"
    ),
    "attribute with an undeclared prefix": info(
        "<sessionId i:type='d:string'>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>"
    ),
    "number with an undeclared prefix": info(
        "<sessionId>s</sessionId><invoiceIncrementId xsi:type='xs:int'>007</invoiceIncrementId>"
    ),
    "URI for a prefix": listing(
        "<filters xsi:type='http://xml.apache.org/xml-soap:Map'><item><key>state</key><value "
        "xsi:type='http://www.w3.org/2001/XMLSchema:int'>2</value></item></filters>"
    ),
    "xsd:array": create(f"<itemsQty xsi:type='xsd:array'>{ITEM}</itemsQty>"),
    "xsd:struct": listing(f"<filters xsi:type='xsd:struct'><filter xsi:type='xsd:array'>{PAIR}</filter></filters>"),
    "xsd:struct in an xsd:array": create(
        "<itemsQty xsi:type='xsd:array'><item xsi:type='xsd:struct'><order_item_id>5</order_item_id><qty>2</qty></item>"
        "</itemsQty>"
    ),
    "dangling reference": info("<sessionId>s</sessionId><invoiceIncrementId href='#zz'/>"),
}

# The whole body, where the envelope is part of the form.
BODIES = {
    **{
        encoding: envelope(info("<a>s</a><b>M\u00fcller</b>")).decode().replace("UTF-8", encoding).encode(codec)
        for encoding, codec in [
            ("cp850", "cp850"),
            ("ISO_8859-1", "latin-1"),
            ("macintosh", "mac-roman"),
            ("UTF-16", "utf-16-le"),
        ]
    },
    **{
        encoding: envelope(info(f"<a>s</a><b>{text}</b>")).decode().replace("UTF-8", encoding).encode(codec)
        for encoding, codec, text in [("windows-31j", "cp932", "請求書"), ("TIS-620", "tis-620", "ไทย")]
    },
    "NUL behind the document": envelope(info("<a>s</a><b>1</b>")) + b"\0",
    "xsi not declared": envelope(info("<a xsi:type='xsd:string'>s</a><b xsi:type='xsd:string'>1</b>")).replace(
        b"xmlns:xsi=", b"xmlns:other="
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_php_reads_the_same_body(php: Php, name: str) -> None:
    reply = php.ask(BODIES[name])
    assert ours(BODIES[name]) == reply
    assert reply[0] == "arguments"


@pytest.mark.parametrize("name", REQUESTS)
def test_php_reads_the_same(php: Php, name: str) -> None:
    body = envelope(REQUESTS[name])
    assert ours(body) == php.ask(body)
