"""The life of an invoice through zeep, SOAP V2 with WS-I: plain dicts and lists. usage: wsi.py http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from typing import Any

import zeep

client = zeep.Client(f"{sys.argv[1]}/api/v2_soap_wsi/?wsdl")
shop = client.service


def having(**columns: str) -> dict[str, Any]:
    """A filter of a list: columns that equal values."""
    return {"filter": {"complexObjectArray": [{"key": key, "value": value} for key, value in columns.items()]}}


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def numbers(invoices: Any) -> str:
    """The numbers of a list's invoices; an empty list is None to zeep."""
    return " ".join(invoice.increment_id for invoice in invoices or [])


def items(invoice: Any) -> str:
    """What was invoiced."""
    return ", ".join(f"{item.sku} {item.qty}" for item in invoice["items"].complexObjectArray)


def comments(invoice: Any) -> str:
    """What was said."""
    return ", ".join(comment.comment for comment in invoice.comments.complexObjectArray)


session = shop.login("apiUser", "apiKey")
tell("login", len(session))

tell("list", numbers(shop.salesOrderInvoiceList(session)))
tell("list_filter", numbers(shop.salesOrderInvoiceList(session, having(order_currency_code="EUR"))))
tell("list_one", numbers(shop.salesOrderInvoiceList(session, having(order_currency_code="USD", state="3"))))
tell("list_none", numbers(shop.salesOrderInvoiceList(session, having(state="9"))))
open_or_canceled = {"key": "state", "value": {"key": "in", "value": "1,3"}}
filters = {"complex_filter": {"complexObjectArray": [open_or_canceled]}}
tell("list_complex", numbers(shop.salesOrderInvoiceList(session, filters)))

invoice = shop.salesOrderInvoiceInfo(session, "100000007")
tell("info", f"{invoice.state} {invoice.grand_total} {invoice.order_currency_code} {invoice.order_increment_id}")
tell("info_items", items(invoice))
tell("info_comments", comments(shop.salesOrderInvoiceInfo(session, "100000008")))

qty = {"complexObjectArray": [{"order_item_id": 50, "qty": 1}]}
number = shop.salesOrderInvoiceCreate(session, "100000028", qty, "one of four")
tell("create", number)
invoice = shop.salesOrderInvoiceInfo(session, number)
tell("created", f"{invoice.state} {invoice.grand_total} {invoice.order_increment_id}")
tell("created_items", items(invoice))
tell("created_comments", comments(invoice))
tell("add_comment", shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃ <b>&"))
tell("commented", comments(shop.salesOrderInvoiceInfo(session, number)))
tell("capture", shop.salesOrderInvoiceCapture(session, number))
tell("captured", shop.salesOrderInvoiceInfo(session, number).state)
tell("void", shop.salesOrderInvoiceVoid(session, number))
tell("voided", shop.salesOrderInvoiceInfo(session, number).state)

number = shop.salesOrderInvoiceCreate(session, "100000016", {})
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
        tell("resources", " ".join(method.path for method in resource.methods.complexObjectArray))
tell("resource_faults", " ".join(fault.code for fault in shop.resourceFaults(session, "sales_order_invoice")))
info = shop.magentoInfo(session)
tell("magento_info", f"{info.magento_version} {info.magento_edition}")
tell("start_session", len(shop.startSession()))

tell("end_session", shop.endSession(session))
try:
    shop.salesOrderInvoiceList(session)
except zeep.exceptions.Fault as fault:
    tell("after", f"{fault.code} {fault.message}")
