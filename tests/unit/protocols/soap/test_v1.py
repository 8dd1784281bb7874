"""V1: ``call`` and ``multiCall`` with values of no declared type (API-60..62)."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.api.client import Client
from magento_soap.api.values import Value
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.references import References
from magento_soap.protocols.soap.untyped_reader import read_any

from .wire import RecordingApi, api_fault, envelope, fault, result


def ask(body: str, api: RecordingApi) -> Any:
    return SoapEndpoint(api, style="v1").answer(envelope(body), Client())


def call(args: str, path: str = "sales_order_invoice.info") -> str:
    return f"<ns1:call><sessionId>s</sessionId><resourcePath>{path}</resourcePath>{args}</ns1:call>"


def value(answer: Any) -> Value:
    found = result(answer)
    return read_any(found, References(found.getroottree().getroot()))


PAIR = '<item xsi:type="ns2:Map"><item><key>order_id</key><value>9</value></item></item>'


@pytest.mark.parametrize(
    ("args", "want"),
    [
        ("", None),
        ('<args xsi:nil="true"/>', None),
        ("<args>1</args>", "1"),
        ('<args xsi:type="xsd:string">1</args>', "1"),
        ('<args xsi:type="xsd:int">1</args>', 1),
        ('<args SOAP-ENC:arrayType="xsd:ur-type[1]" xsi:type="SOAP-ENC:Array"><item>1</item></args>', ["1"]),
        (f'<args xsi:type="SOAP-ENC:Array">{PAIR}</args>', [{"order_id": "9"}]),
        (f'<args SOAP-ENC:arrayType="ns2:Map[1]" xsi:type="SOAP-ENC:Array">{PAIR}</args>', [{"order_id": "9"}]),
        (f'<args xsi:type="xsd:anyType" SOAP-ENC:arrayType="xsd:anyType[1]">{PAIR}</args>', [{"order_id": "9"}]),
        ('<args SOAP-ENC:arrayType="x:unknown[1]"><i>1</i></args>', ["1"]),
        ('<args xsi:type="ns2:Map"><item><key>filters</key><value>x</value></item></args>', {"filters": "x"}),
        ("<args><order_id>9</order_id></args>", {"order_id": "9"}),
        ('<args xsi:type="xsd:array"><item>1</item></args>', ["1"]),
        ('<args xsi:type="xsd:struct"><order_id>9</order_id></args>', {"order_id": "9"}),
        ("<arguments><order_id>9</order_id></arguments>", {"order_id": "9"}),
        ("<args>1</args><other>2</other>", "1"),
    ],
)
def test_arguments_as_they_are_sent(args: str, want: Any) -> None:
    api = RecordingApi({})
    ask(call(args), api)
    assert api.asked == [("call", "s", "sales_order_invoice.info", want)]


def test_an_invoice_is_a_map_with_its_nulls() -> None:
    row = {"increment_id": "1", "email_sent": None, "items": [{"sku": "a"}], "comments": []}
    answer = ask(call("<args>1</args>"), RecordingApi(row))
    assert value(answer) == row
    assert b'xmlns:ns2="http://xml.apache.org/xml-soap"' in answer.body


def test_rows_may_come_from_an_iterator() -> None:
    answer = ask(call("", "sales_order_invoice.list"), RecordingApi(iter([{"a": "1"}, {"a": "2"}])))
    assert value(answer) == [{"a": "1"}, {"a": "2"}]
    assert b'arrayType="ns2:Map[2]"' in answer.body


def multi_call(options: str = "") -> str:
    calls = (
        '<calls xsi:type="SOAP-ENC:Array"><item xsi:type="SOAP-ENC:Array"><item>order_invoice.info</item>'
        '<item xsi:type="SOAP-ENC:Array"><item>1</item></item></item><item xsi:type="ns2:Map"><item>'
        '<key xsi:type="xsd:string">0</key><value>order_invoice.list</value></item></item></calls>'
    )
    return f"<ns1:multiCall><sessionId>s</sessionId>{calls}{options}</ns1:multiCall>"


FOUND = {"increment_id": "1", "email_sent": None}
MISSING = {"isFault": True, "faultCode": "100", "faultMessage": "Requested invoice does not exist."}
BREAK = '<options xsi:type="ns2:Map"><item><key>break</key><value xsi:type="xsd:int">1</value></item></options>'


@pytest.mark.parametrize(("options", "want"), [("", None), (BREAK, {"break": 1})])
def test_multi_call_passes_calls_and_options_on_api_62(options: str, want: Value) -> None:
    api = RecordingApi([FOUND, MISSING, True])
    answer = ask(multi_call(options), api)
    assert api.asked == [("multiCall", "s", [["order_invoice.info", ["1"]], ["order_invoice.list"]], want)]
    assert value(answer) == [FOUND, MISSING, True]
    assert b'SOAP-ENC:arrayType="xsd:ur-type[3]" xsi:type="ns1:FixedArray"' in answer.body


def test_multi_call_without_a_session_is_fault_5() -> None:
    answer = ask(multi_call(), RecordingApi(api_fault("5", "Session expired. Try to relogin.")))
    assert fault(answer)[:2] == (200, "5")


def test_fixed_arrays() -> None:
    answer = ask("<ns1:globalFaults><a>s</a></ns1:globalFaults>", RecordingApi([{"code": "0", "message": "m"}]))
    assert value(answer) == [{"code": "0", "message": "m"}]
    assert b'SOAP-ENC:arrayType="ns2:Map[1]" xsi:type="ns1:FixedArray"' in answer.body


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        ("<ns1:nope/>", 500, "SOAP-ENV:Server", "Procedure 'nope' not present"),
        ("<ns1:salesOrderInvoiceInfo/>", 500, "SOAP-ENV:Server", "Procedure 'salesOrderInvoiceInfo' not present"),
        ("<ns1:call/>", 500, "SOAP-ENV:Client", "Missing parameter"),
        ("<ns1:call><a/><b/><c/><d/></ns1:call>", 500, "SOAP-ENV:Client", "Error cannot find parameter"),
        (call('<args xsi:type="xsd:int">x</args>'), 500, "SOAP-ENV:Server", "Violation of encoding rules"),
        (call('<args href="#nowhere"/>'), 500, "SOAP-ENV:Server", "Unresolved reference '#nowhere'"),
        (call('<args href="#a" id="a"/>'), 500, "SOAP-ENV:Server", "Unresolved reference '#a'"),
        (call('<args xsi:type="ns2:Map"><item><key>a</key></item></args>'), 500, "SOAP-ENV:Server", "missing value"),
        (
            call('<args xsi:type="ns2:Map"><item><key xsi:nil="1"/><value/></item></args>'),
            500,
            "SOAP-ENV:Server",
            "only Strings or Longs",
        ),
        (call("<args>" + "<a>" * 200 + "</a>" * 200 + "</args>"), 500, "Sender", "Invalid XML"),
    ],
)
def test_what_cannot_be_read_never_reaches_the_api(body: str, status: int, code: str, text: str) -> None:
    api = RecordingApi()
    answered = fault(ask(body, api))
    assert answered[:2] == (status, code)
    assert text in answered[2]
    assert api.asked == []


def test_references_cannot_multiply_an_argument() -> None:
    levels = ""
    for level in range(9):
        items = f'<i href="#{level + 1}"/>' * 10
        levels += f'<m id="{level}" xsi:type="SOAP-ENC:Array">{items}</m>'
    api = RecordingApi()
    answer = ask(call("<args href='#0'/>") + levels + '<m id="9">x</m>', api)
    assert fault(answer)[1] == "SOAP-ENV:Server"
    assert api.asked == []
