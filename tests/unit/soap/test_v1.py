"""V1: ``call`` and ``multiCall`` with values of no declared type (API-60..62)."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.api.dispatcher import Client
from magento_soap.api.values import Value
from magento_soap.soap import SoapEndpoint
from magento_soap.soap.reader import References, read_any

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


class Shop(RecordingApi):
    """Knows the invoice 1 only."""

    def call(self, client: Client, session_id: Value, path: Value, args: Value) -> Any:
        self.asked.append((path, args))
        if session_id != "s":
            raise api_fault("5", "Session expired. Try to relogin.")
        if args != ["1"]:
            raise api_fault("100", "Requested invoice does not exist.")
        return {"increment_id": "1"}


def multi_call(options: str = "", session: str = "s") -> str:
    def entry(number: str) -> str:
        return (
            '<item xsi:type="SOAP-ENC:Array"><item>sales_order_invoice.info</item>'
            f'<item xsi:type="SOAP-ENC:Array"><item>{number}</item></item></item>'
        )

    calls = f'<calls xsi:type="SOAP-ENC:Array">{entry("1")}{entry("2")}{entry("1")}</calls>'
    return f"<ns1:multiCall><sessionId>{session}</sessionId>{calls}{options}</ns1:multiCall>"


FOUND = {"increment_id": "1"}
MISSING = {"isFault": True, "faultCode": "100", "faultMessage": "Requested invoice does not exist."}
BREAK = '<options xsi:type="ns2:Map"><item><key>break</key><value>1</value></item></options>'


@pytest.mark.parametrize(("options", "want"), [("", [FOUND, MISSING, FOUND]), (BREAK, [FOUND, MISSING])])
def test_multi_call_keeps_faults_in_their_place_api_62(options: str, want: list[Any]) -> None:
    assert value(ask(multi_call(options), Shop())) == want


def test_multi_call_without_a_session_is_fault_5() -> None:
    api = Shop()
    assert fault(ask(multi_call(session="x"), api))[:2] == (200, "5")
    assert len(api.asked) == 1


def test_fixed_arrays() -> None:
    answer = ask("<ns1:globalFaults><a>s</a></ns1:globalFaults>", RecordingApi([{"code": "0", "message": "m"}]))
    assert value(answer) == [{"code": "0", "message": "m"}]
    assert b'SOAP-ENC:arrayType="ns2:Map[1]" xsi:type="ns1:FixedArray"' in answer.body
