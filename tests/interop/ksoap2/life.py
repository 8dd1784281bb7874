"""The life of an invoice in the envelopes that kSOAP2 writes; the library itself is in no index that we install from.

usage: life.py V1|V2|WS-I http://127.0.0.1:8080
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

URLS = {"V1": "soap", "V2": "v2_soap", "WS-I": "v2_soap_wsi"}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ENVELOPE = (
    '<v:Envelope xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:d="http://www.w3.org/2001/XMLSchema" '
    'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/" xmlns:v="http://schemas.xmlsoap.org/soap/envelope/">'
    '<v:Header /><v:Body><n0:{0} id="o0" c:root="1" xmlns:n0="urn:Magento">{1}</n0:{0}></v:Body></v:Envelope>'
)
endpoint = sys.argv[1]


class SoapFault(Exception):
    """A fault: its code and its text."""


class Struct(dict[str, Any]):
    """A SoapObject of that name among others: ``Struct(name, key=...)``; dicts without one are Maps."""

    def __init__(self, name: str, **properties: Any) -> None:
        super().__init__(properties)
        self.name = name


def encoded(name: str, value: Any) -> str:
    """A property as ``SoapSerializationEnvelope`` writes it."""
    if value is None:
        return f'<{name} i:null="true" />'
    if isinstance(value, Struct):
        inside = "".join(encoded(*each) for each in value.items())
        return f'<{name} i:type="n0:{value.name}">{inside}</{name}>'
    if isinstance(value, Mapping):
        pairs = (f"<item>{encoded('key', key)}{encoded('value', part)}</item>" for key, part in value.items())
        return f'<{name} i:type="n1:Map" xmlns:n1="http://xml.apache.org/xml-soap">{"".join(pairs)}</{name}>'
    if isinstance(value, list):
        items = "".join(encoded("item", each) for each in value)
        return f'<{name} i:type="c:Array" c:arrayType="d:anyType[{len(value)}]">{items}</{name}>'
    kind = "int" if isinstance(value, int) else "string"
    return f'<{name} i:type="d:{kind}">{escape(str(value))}</{name}>'


def literal(name: str, value: Any) -> str:
    """A property with ``dotNet`` and ``implicitTypes``."""
    if isinstance(value, list):
        value = {"complexObjectArray": value}
    if isinstance(value, Mapping):
        parts = ((key, part) for key, each in value.items() for part in (each if key == COMPLEX else [each]))
        return f"<n0:{name}>{''.join(literal(*part) for part in parts)}</n0:{name}>"
    return f"<n0:{name}>{escape(str(value))}</n0:{name}>"


COMPLEX = "complexObjectArray"


def decoded(element: ElementTree.Element) -> Any:
    """A value: Maps and structs as dicts, arrays as lists."""
    kind = element.get(f"{XSI}type", "").rpartition(":")[2]
    if kind == "Map":
        return {pair[0].text: decoded(pair[1]) for pair in element}
    if kind.endswith("Array") or kind.startswith("ArrayOf") or (len(element) and element[0].tag == COMPLEX):
        return [decoded(part) for part in element]
    if len(element):
        return {part.tag: decoded(part) for part in element}
    return element.text == "true" if kind == "boolean" else element.text or ""


def send(operation: str, **properties: Any) -> Any:
    """Call an operation; its result."""
    write: Callable[[str, Any], str] = literal if endpoint == "WS-I" else encoded
    body = ENVELOPE.format(operation, "".join(write(*each) for each in properties.items()))
    headers = {
        "User-Agent": "ksoap2-android/2.6.0+",
        "SOAPAction": f"urn:Magento/{operation}",
        "Content-Type": "text/xml",
    }
    request = urllib.request.Request(f"{sys.argv[2]}/api/{URLS[endpoint]}/", body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            content = response.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    ((answer,),) = ElementTree.fromstring(content)
    if answer.tag.endswith("}Fault"):
        raise SoapFault(f"{answer.findtext('faultcode')} {answer.findtext('faultstring')}")
    return decoded(answer[0]) if len(answer) else None


def api(operation: str, path: str, *args: Any, **parts: Any) -> Any:
    """Call a method: in V1 by its path with ``args``, elsewhere by its operation with ``parts``."""
    if endpoint == "V1":
        return send("call", sessionId=session, resourcePath=f"sales_order_invoice.{path}", args=list(args))
    return send(operation + ("RequestParam" if endpoint == "WS-I" else ""), sessionId=session, **parts)


def plain(operation: str, **parts: Any) -> Any:
    """Call an operation that is none of the invoices'."""
    return send(operation + ("Param" if endpoint == "WS-I" else ""), **parts)


def listed(**fields: str) -> Any:
    """The invoices whose fields have these values."""
    entries = [Struct("associativeEntity", key=key, value=value) for key, value in fields.items()]
    return api("salesOrderInvoiceList", "list", fields, filters=Struct("filters", filter=entries))


def info(number: str) -> Any:
    """One invoice."""
    return api("salesOrderInvoiceInfo", "info", number, invoiceIncrementId=number)


def create(order: str, qty: Mapping[int, int] | None, comment: str) -> Any:
    """A new invoice's number."""
    items = [Struct("orderItemIdQty", order_item_id=item, qty=n) for item, n in qty.items()] if qty else []
    parts = {"invoiceIncrementId": order, "itemsQty": items, "comment": comment}
    return api("salesOrderInvoiceCreate", "create", order, qty, comment, **parts)


def change(method: str, number: str) -> Any:
    """Capture, void or cancel an invoice."""
    return api(f"salesOrderInvoice{method.capitalize()}", method, number, invoiceIncrementId=number)


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def numbers(invoices: Any) -> str:
    """The numbers of a list's invoices."""
    return " ".join(invoice["increment_id"] for invoice in invoices or [])


def items(invoice: Any) -> str:
    """What was invoiced."""
    return ", ".join(f"{item['sku']} {item['qty']}" for item in invoice["items"])


def comments(invoice: Any) -> str:
    """What was said."""
    return ", ".join(comment["comment"] for comment in invoice["comments"])


session = plain("login", username="apiUser", apiKey="apiKey")
tell("login", len(session))

tell("list", numbers(listed()))
tell("list_filter", numbers(listed(order_currency_code="EUR")))
tell("list_one", numbers(listed(order_currency_code="USD", state="3")))
tell("list_none", numbers(listed(state="9")))
one_of = Struct("complexFilter", key="state", value=Struct("associativeEntity", key="in", value="1,3"))
filters = Struct("filters", complex_filter=[one_of])
tell("list_complex", numbers(api("salesOrderInvoiceList", "list", {"state": {"in": ["1", "3"]}}, filters=filters)))

invoice = info("100000007")
tell("info", "{state} {grand_total} {order_currency_code} {order_increment_id}".format(**invoice))
tell("info_items", items(invoice))
tell("info_comments", comments(info("100000008")))

number = create("100000028", {50: 1}, "one of four")
tell("create", number)
invoice = info(number)
tell("created", "{state} {grand_total} {order_increment_id}".format(**invoice))
tell("created_items", items(invoice))
tell("created_comments", comments(invoice))
greeting = "Grüße 日本 ☃ <b>&"
added = api("salesOrderInvoiceAddComment", "addComment", number, greeting, invoiceIncrementId=number, comment=greeting)
tell("add_comment", added)
tell("commented", comments(info(number)))
tell("capture", change("capture", number))
tell("captured", info(number)["state"])
tell("void", change("void", number))
tell("voided", info(number)["state"])

number = create("100000016", None, "")
tell("create_all", number)
tell("create_all_items", items(info(number)))
tell("cancel", change("cancel", number))
tell("canceled", info(number)["state"])

try:
    info("999999999")
except SoapFault as fault:
    tell("fault", fault)

about = "RequestParam" if endpoint == "WS-I" else ""
for resource in send(f"resources{about}", sessionId=session):
    if resource["name"] == "sales_order_invoice":
        tell("resources", " ".join(method["path"] for method in resource["methods"]))
faults = plain("resourceFaults", resourceName="sales_order_invoice", sessionId=session)
tell("resource_faults", " ".join(fault["code"] for fault in faults))
if endpoint == "V1":
    version = send("call", sessionId=session, resourcePath="core_magento.info")
else:
    version = send(f"magentoInfo{about}", sessionId=session)
tell("magento_info", "{magento_version} {magento_edition}".format(**version))
tell("start_session", len(send("startSession")))

tell("end_session", plain("endSession", sessionId=session))
try:
    listed()
except SoapFault as fault:
    tell("after", fault)
