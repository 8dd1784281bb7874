"""The life of an invoice through Python's own xmlrpc. usage: life.py http://127.0.0.1:8080"""

from __future__ import annotations

import sys
import xmlrpc.client
from typing import Any

shop: Any = xmlrpc.client.ServerProxy(f"{sys.argv[1]}/api/xmlrpc", allow_none=True)


def call(path: str, *arguments: Any) -> Any:
    """Call an API method."""
    return shop.call(session, f"sales_order_invoice.{path}", list(arguments))


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def numbers(invoices: Any) -> str:
    """The numbers of a list's invoices."""
    return " ".join(invoice["increment_id"] for invoice in invoices)


def items(invoice: Any) -> str:
    """What was invoiced."""
    return ", ".join(f"{item['sku']} {item['qty']}" for item in invoice["items"])


def comments(invoice: Any) -> str:
    """What was said."""
    return ", ".join(comment["comment"] for comment in invoice["comments"])


session = shop.login("apiUser", "apiKey")
tell("login", len(session))

tell("list", numbers(call("list")))
tell("list_filter", numbers(call("list", {"order_currency_code": "EUR"})))
tell("list_one", numbers(call("list", {"order_currency_code": "USD", "state": 3})))
tell("list_none", numbers(call("list", {"state": "9"})))
tell("list_complex", numbers(call("list", {"state": {"in": [1, 3]}})))

invoice = call("info", "100000007")
tell("info", "{state} {grand_total} {order_currency_code} {order_increment_id}".format(**invoice))
tell("info_items", items(invoice))
tell("info_comments", comments(call("info", "100000008")))

number = call("create", "100000028", {"50": 1}, "one of four", False, False)
tell("create", number)
invoice = call("info", number)
tell("created", "{state} {grand_total} {order_increment_id}".format(**invoice))
tell("created_items", items(invoice))
tell("created_comments", comments(invoice))
tell("add_comment", call("addComment", number, "Grüße 日本 ☃ <b>&", False, False))
tell("commented", comments(call("info", number)))
tell("capture", call("capture", number))
tell("captured", call("info", number)["state"])
tell("void", call("void", number))
tell("voided", call("info", number)["state"])

number = call("create", "100000016", {})
tell("create_all", number)
tell("create_all_items", items(call("info", number)))
tell("cancel", call("cancel", number))
tell("canceled", call("info", number)["state"])

try:
    call("info", "999999999")
except xmlrpc.client.Fault as fault:
    tell("fault", f"{fault.faultCode} {fault.faultString}")

for resource in shop.resources(session):
    if resource["name"] == "sales_order_invoice":
        tell("resources", " ".join(method["path"] for method in resource["methods"]))
faults = shop.resourceFaults(session, "sales_order_invoice")
tell("resource_faults", " ".join(fault["code"] for fault in faults))
info = shop.call(session, "core_magento.info")
tell("magento_info", "{magento_version} {magento_edition}".format(**info))
tell("start_session", len(shop.startSession()))

tell("end_session", shop.endSession(session))
try:
    call("list")
except xmlrpc.client.Fault as fault:
    tell("after", f"{fault.faultCode} {fault.faultString}")
