"""A first invoice and a connector's typical run, over HTTP with nothing but an XML library, as any client would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from lxml import etree

from .orders import TOUR_ORDER, UPS, WHOLESALE_ITEM_ID, WHOLESALE_ORDER
from .shop import API_KEY, API_USER

SOAP_ENV = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_ENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACE = "urn:Magento"

ENDPOINTS = (
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


# The types of parts and members that are no simple values; those of arrays with the type of their items.
STRUCTS = {"filters": "filters", "creditmemoData": "salesOrderCreditmemoData"}
ARRAYS = {
    "itemsQty": ("orderItemIdQtyArray", "orderItemIdQty"),
    "qtys": ("orderItemIdQtyArray", "orderItemIdQty"),
    "filter": ("associativeArray", "associativeEntity"),
}


class SoapFault(Exception):
    """The fault that the server returned instead of a result."""


class SoapClient:
    """A minimal client for SOAP V2."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def call(self, operation: str, **parts: Any) -> etree._Element:
        """Call an operation with named parts; returns the response's only part. Raises SoapFault, OSError."""
        envelope = etree.fromstring(ENVELOPE)
        request = etree.SubElement(envelope[0], f"{{{NAMESPACE}}}{operation}")
        for name, value in parts.items():
            _write(request, name, value)
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": "urn:Mage_Api_Model_Server_V2_HandlerAction",
        }
        self._connection.request("POST", "/api/v2_soap", etree.tostring(envelope, encoding="utf-8"), headers)
        response = etree.fromstring(self._connection.getresponse().read())
        fault = response.find(f".//{{{SOAP_ENV}}}Fault")
        if fault is not None:
            raise SoapFault(f"{fault.findtext('faultcode')}: {fault.findtext('faultstring')}")
        return response[-1][0][0]


def make_first_invoice(host: str, port: int) -> dict[str, Any]:
    """Log in, invoice one unit of the wholesale order, and read the invoice back.

    Returns the invoice as ``salesOrderInvoiceInfo`` gives it: texts by name, lists of these for items and comments.
    """
    with closing(SoapClient(host, port)) as client:
        return _first_invoice(client)


def _first_invoice(client: SoapClient) -> dict[str, Any]:
    session = client.call("login", username=API_USER, apiKey=API_KEY).text
    number = client.call(
        "salesOrderInvoiceCreate",
        sessionId=session,
        invoiceIncrementId=WHOLESALE_ORDER,  # the order's number; the WSDL has this name for it
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


def connector_run(host: str, port: int) -> Iterator[tuple[str, str]]:
    """Take a piece of an order from its invoice to a refund, as connectors do; gives each call and its short result.

    Raises SoapFault, OSError.
    """
    with closing(SoapClient(host, port)) as client:
        session = client.call("login", username=API_USER, apiKey=API_KEY).text

        def call(operation: str, **parts: Any) -> etree._Element:
            return client.call(operation, sessionId=session, **parts)

        filters = {"filter": [{"key": "increment_id", "value": TOUR_ORDER}]}
        listed = call("salesOrderList", filters=filters)
        yield "salesOrderList", ", ".join(f"{order.findtext('increment_id')}" for order in listed)

        order = call("salesOrderInfo", orderIncrementId=TOUR_ORDER)
        (item,) = order.iterfind("items/item")
        yield "salesOrderInfo", f"{order.findtext('state')}, {item.findtext('qty_ordered')} {item.findtext('name')}"

        piece = [{"order_item_id": int(item.findtext("item_id", "")), "qty": 1.0}]
        parts: dict[str, Any] = {"itemsQty": piece, "comment": "Thank you", "email": "0", "includeComment": "0"}
        invoice = call("salesOrderInvoiceCreate", invoiceIncrementId=TOUR_ORDER, **parts).text
        yield "salesOrderInvoiceCreate", f"invoice {invoice}"
        captured = call("salesOrderInvoiceCapture", invoiceIncrementId=invoice).text
        yield "salesOrderInvoiceCapture", str(captured)

        parts = {"itemsQty": piece, "comment": "One of many parcels", "email": 0, "includeComment": 0}
        shipment = call("salesOrderShipmentCreate", orderIncrementId=TOUR_ORDER, **parts).text
        yield "salesOrderShipmentCreate", f"shipment {shipment}"
        carriers = call("salesOrderShipmentGetCarriers", orderIncrementId=TOUR_ORDER)
        yield "salesOrderShipmentGetCarriers", ", ".join(str(carrier.findtext("key")) for carrier in carriers)
        parts = {"carrier": UPS.carrier_code, "title": UPS.title, "trackNumber": UPS.track_number}
        track = call("salesOrderShipmentAddTrack", shipmentIncrementId=shipment, **parts).text
        yield "salesOrderShipmentAddTrack", f"track {track}"

        parts = {"status": "partly_shipped", "comment": f"Sent with {UPS.title}", "notify": "0"}
        commented = call("salesOrderAddComment", orderIncrementId=TOUR_ORDER, **parts).text
        yield "salesOrderAddComment", str(commented)

        data = {"qtys": piece, "shipping_amount": 0.0}
        parts = {"creditmemoData": data, "comment": "One bag was torn", "notifyCustomer": 0, "includeComment": 0}
        creditmemo = call("salesOrderCreditmemoCreate", orderIncrementId=TOUR_ORDER, **parts).text
        yield "salesOrderCreditmemoCreate", f"credit memo {creditmemo}"
        yield "endSession", str(call("endSession").text)


def _write(parent: etree._Element, name: str, value: object, type_: str = "") -> None:
    """Add an element with that value, typed as in the WSDL."""
    element = etree.SubElement(parent, name)
    if isinstance(value, list):
        array, item = ARRAYS[name]
        element.set(f"{{{XSI}}}type", f"ns1:{array}")
        element.set(f"{{{SOAP_ENC}}}arrayType", f"ns1:{item}[{len(value)}]")
        for entry in value:
            _write(element, "item", entry, item)
    elif isinstance(value, Mapping):
        element.set(f"{{{XSI}}}type", f"ns1:{type_ or STRUCTS[name]}")
        for key, part in value.items():
            _write(element, key, part)
    else:
        kind = {int: "int", float: "double"}.get(type(value), "string")
        element.set(f"{{{XSI}}}type", f"xsd:{kind}")
        element.text = str(value)
