"""The first invoice: what a client of the demo shop does, over HTTP, with nothing but an XML library."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from lxml import etree

from .shop import API_KEY, API_USER, WHOLESALE_ITEM_ID, WHOLESALE_ORDER

SOAP_ENV = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_ENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACE = "urn:Magento"

# What to show of an open shop; a new door adds a line.
DOORS = (
    ("SOAP V2", "/api/v2_soap"),
    ("SOAP V2, WSDL", "/api/v2_soap?wsdl"),
    ("SOAP V1", "/api/soap"),
    ("SOAP V1, WSDL", "/api/soap?wsdl"),
    ("XML-RPC", "/api/xmlrpc"),
    ("JSON-RPC", "/api/jsonrpc"),
)

ENVELOPE = f"""<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP_ENV}" xmlns:SOAP-ENC="{SOAP_ENC}"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="{XSI}" xmlns:ns1="{NAMESPACE}"
  SOAP-ENV:encodingStyle="{SOAP_ENC}"><SOAP-ENV:Body/></SOAP-ENV:Envelope>"""


class SoapFault(Exception):
    """What the server answered instead of a result."""


class SoapClient:
    """Just enough of a client for SOAP V2: one method, ``call``."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=30)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def call(self, operation: str, **parts: Any) -> etree._Element:
        """Call an operation with named parts; returns the answer's one part. Raises SoapFault, OSError."""
        envelope = etree.fromstring(ENVELOPE)
        request = etree.SubElement(envelope[0], f"{{{NAMESPACE}}}{operation}")
        for name, value in parts.items():
            _write(request, name, value)
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": "urn:Mage_Api_Model_Server_V2_HandlerAction",
        }
        self._connection.request("POST", "/api/v2_soap", etree.tostring(envelope, encoding="utf-8"), headers)
        answer = etree.fromstring(self._connection.getresponse().read())
        fault = answer.find(f".//{{{SOAP_ENV}}}Fault")
        if fault is not None:
            raise SoapFault(f"{fault.findtext('faultcode')}: {fault.findtext('faultstring')}")
        return answer[-1][0][0]


def make_first_invoice(host: str, port: int) -> dict[str, Any]:
    """Log in, invoice one piece of the wholesale order, and read the invoice back.

    Returns the invoice as ``salesOrderInvoiceInfo`` gives it: texts by name, lists of such for items and comments.
    """
    with closing(SoapClient(host, port)) as client:
        return _first_invoice(client)


def _first_invoice(client: SoapClient) -> dict[str, Any]:
    session = client.call("login", username=API_USER, apiKey=API_KEY).text
    number = client.call(
        "salesOrderInvoiceCreate",
        sessionId=session,
        invoiceIncrementId=WHOLESALE_ORDER,  # the WSDL calls the order's number so
        itemsQty=[{"order_item_id": WHOLESALE_ITEM_ID, "qty": 1.0}],
        comment="一番目の請求書 🍵 first invoice, made over SOAP",
        email="0",
        includeComment="0",
    ).text
    invoice = client.call("salesOrderInvoiceInfo", sessionId=session, invoiceIncrementId=number)
    client.call("endSession", sessionId=session)
    return {
        child.tag: [{field.tag: field.text for field in entry} for entry in child] if len(child) else child.text
        for child in invoice
    }


def _write(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, name)
    if isinstance(value, list):
        element.set(f"{{{XSI}}}type", "ns1:orderItemIdQtyArray")
        element.set(f"{{{SOAP_ENC}}}arrayType", f"ns1:orderItemIdQty[{len(value)}]")
        for entry in value:
            _write(element, "item", entry)
    elif isinstance(value, dict):
        element.set(f"{{{XSI}}}type", "ns1:orderItemIdQty")
        for key, part in value.items():
            _write(element, key, part)
    else:
        kind = {int: "int", float: "double"}.get(type(value), "string")
        element.set(f"{{{XSI}}}type", f"xsd:{kind}")
        element.text = str(value)
