"""Envelopes for the tests of SOAP, an API that remembers what it was asked, and a plain look at answers."""

from __future__ import annotations

from typing import Any

from lxml import etree

from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault, Fault
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.values import Struct, Value
from magento_soap.protocols.soap.endpoint import Answer, SoapEndpoint

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
NAMESPACES = (
    'xmlns:ns1="urn:Magento" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns2="http://xml.apache.org/xml-soap" '
    'xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"'
)


class RecordingApi:
    """Answers every call with ``answer`` (or raises it), and keeps what was asked."""

    def __init__(self, answer: Any = True) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def _answer(self, *asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def login(self, client: Client, username: Value, api_key: Value) -> str:
        return str(self._answer("login", client, username, api_key))

    def start_session(self) -> str:
        return str(self._answer("startSession"))

    def end_session(self, session_id: Value) -> bool:
        return bool(self._answer("endSession", session_id))

    def call(self, client: Client, session_id: Value, path: Value, args: Value, *, typed: bool = False) -> Any:
        return self._answer("call", session_id, path, args)

    def multi_call(
        self, client: Client, session_id: Value, calls: Value, options: Value, *, typed: bool = False
    ) -> Any:
        return self._answer("multiCall", session_id, calls, options)

    def resources(self, client: Client, session_id: Value) -> Any:
        return self._answer("resources", session_id)

    def global_faults(self, client: Client, session_id: Value) -> Any:
        return self._answer("globalFaults")

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> Any:
        return self._answer("resourceFaults", session_id, resource_name)

    def unserved(self, client: Client, session_id: Value, operation: str) -> ForwardedCall | None:
        return None


def api_fault(code: str, message: str) -> ApiFault:
    return ApiFault(Fault(code, "name", message))


def envelope(body: str, header: str = "", soap: str = SOAP11, attributes: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="{soap}" {NAMESPACES} {attributes}>'
        f"{header}<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    ).encode()


def info(inside: str = "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>") -> str:
    return f"<ns1:salesOrderInvoiceInfo>{inside}</ns1:salesOrderInvoiceInfo>"


def ask(body: bytes | str, answer: Any = True) -> tuple[Answer, RecordingApi]:
    """Send a body (text goes into an envelope) to a server of its own."""
    api = RecordingApi(answer)
    endpoint = SoapEndpoint(api)
    return endpoint.answer(envelope(body) if isinstance(body, str) else body, Client("127.0.0.1")), api


def arguments(body: bytes | str) -> Any:
    """What the API was asked with for a call of an invoice method."""
    answer, api = ask(body, [] if b"List" in (body if isinstance(body, bytes) else body.encode()) else True)
    assert api.asked, answer.body.decode()
    return api.asked[0][-1]


def fault(answer: Answer) -> tuple[int, str, str]:
    """Status, code and text of an answer that is a fault."""
    root = etree.fromstring(answer.body)
    code = root.find(".//faultcode")
    text = root.find(".//faultstring")
    if code is None:
        code, text = root.find(f".//{{{SOAP12}}}Value"), root.find(f".//{{{SOAP12}}}Text")
    assert code is not None
    assert text is not None
    return int(answer.status[:3]), code.text or "", text.text or ""


def result(answer: Answer) -> etree._Element:
    """The element of the result."""
    assert answer.status.startswith("200"), answer.body.decode()
    body = next(e for e in etree.fromstring(answer.body) if str(e.tag).endswith("Body"))
    return next(e for e in body[0] if not str(e.tag).startswith("{http://www.w3.org/2003/05/soap-rpc}"))


def without_structs(value: Any) -> Any:
    """Structs as plain dicts marked as such, to compare them strictly."""
    if isinstance(value, Struct):
        return ("struct", {k: without_structs(v) for k, v in value.items()})
    if isinstance(value, dict):
        return {k: without_structs(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_structs(v) for v in value]
    return value
