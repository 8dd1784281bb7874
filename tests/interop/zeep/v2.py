"""The life of an invoice through zeep, SOAP V2. usage: v2.py http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import zeep
from zeep.cache import InMemoryCache

SCHEMA = Path(__file__).parents[3] / "examples" / "python" / "soap_encoding.xsd"

# zeep always fetches the schema of SOAP's encoding from that address; what is in its cache it need not fetch.
cache = InMemoryCache()
cache.add("http://schemas.xmlsoap.org/soap/encoding/", SCHEMA.read_bytes())
client = zeep.Client(f"{sys.argv[1]}/api/v2_soap/?wsdl", transport=zeep.Transport(cache=cache))
shop = client.service


def array(array_type: str, item_type: str, *items: dict[str, Any]) -> Any:
    """An encoded array. Its items are "any element" to zeep, so each has to say what it is."""
    of = client.get_type(f"ns0:{item_type}")
    element = zeep.xsd.Element("item", of)
    return client.get_type(f"ns0:{array_type}")([zeep.xsd.AnyObject(element, of(**item)) for item in items])


def having(**columns: str) -> dict[str, Any]:
    """A filter of a list: columns that equal values."""
    entries = [{"key": key, "value": value} for key, value in columns.items()]
    return {"filter": array("associativeArray", "associativeEntity", *entries)}


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def numbers(invoices: Any) -> str:
    """The numbers of a list's invoices."""
    return " ".join(invoice.increment_id for invoice in invoices)


def items(invoice: Any) -> str:
    """What was invoiced."""
    return ", ".join(f"{item.sku} {item.qty}" for item in invoice["items"])


def comments(invoice: Any) -> str:
    """What was said."""
    return ", ".join(comment.comment for comment in invoice.comments)


session = shop.login("apiUser", "apiKey")
tell("login", len(session))

tell("list", numbers(shop.salesOrderInvoiceList(session, {})))
tell("list_filter", numbers(shop.salesOrderInvoiceList(session, having(order_currency_code="EUR"))))
tell("list_one", numbers(shop.salesOrderInvoiceList(session, having(order_currency_code="USD", state="3"))))
tell("list_none", numbers(shop.salesOrderInvoiceList(session, having(state="9"))))
open_or_canceled = {"key": "state", "value": {"key": "in", "value": "1,3"}}
filters = {"complex_filter": array("complexFilterArray", "complexFilter", open_or_canceled)}
tell("list_complex", numbers(shop.salesOrderInvoiceList(session, filters)))

invoice = shop.salesOrderInvoiceInfo(session, "100000007")
tell("info", f"{invoice.state} {invoice.grand_total} {invoice.order_currency_code} {invoice.order_increment_id}")
tell("info_items", items(invoice))
tell("info_comments", comments(shop.salesOrderInvoiceInfo(session, "100000008")))

qty = array("orderItemIdQtyArray", "orderItemIdQty", {"order_item_id": 50, "qty": 1})
number = shop.salesOrderInvoiceCreate(session, "100000028", qty, "one of four", "0", "0")
tell("create", number)
invoice = shop.salesOrderInvoiceInfo(session, number)
tell("created", f"{invoice.state} {invoice.grand_total} {invoice.order_increment_id}")
tell("created_items", items(invoice))
tell("created_comments", comments(invoice))
tell("add_comment", shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃ <b>&", "0", "0"))
tell("commented", comments(shop.salesOrderInvoiceInfo(session, number)))
tell("capture", shop.salesOrderInvoiceCapture(session, number))
tell("captured", shop.salesOrderInvoiceInfo(session, number).state)
tell("void", shop.salesOrderInvoiceVoid(session, number))
tell("voided", shop.salesOrderInvoiceInfo(session, number).state)

number = shop.salesOrderInvoiceCreate(session, "100000016", [], "", "0", "0")
tell("create_all", number)
tell("create_all_items", items(shop.salesOrderInvoiceInfo(session, number)))
tell("cancel", shop.salesOrderInvoiceCancel(session, number))
tell("canceled", shop.salesOrderInvoiceInfo(session, number).state)

try:
    shop.salesOrderInvoiceInfo(session, "999999999")
except zeep.exceptions.Fault as fault:
    tell("fault", f"{fault.code} {fault.message}")

for resource in shop.resources(session):
    if resource.name == "sales_order_invoice":
        tell("resources", " ".join(method.path for method in resource.methods))
tell("resource_faults", " ".join(fault.code for fault in shop.resourceFaults("sales_order_invoice", session)))
info = shop.magentoInfo(session)
tell("magento_info", f"{info.magento_version} {info.magento_edition}")
tell("start_session", len(shop.startSession()))

tell("end_session", shop.endSession(session))
try:
    shop.salesOrderInvoiceList(session, {})
except zeep.exceptions.Fault as fault:
    tell("after", f"{fault.code} {fault.message}")
