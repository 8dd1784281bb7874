"""The life of an invoice through magento1-client, over XML-RPC. usage: life.py http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from typing import Any
from xmlrpc.client import Fault

from magento import Invoice


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def numbers(found: Any) -> str:
    """The numbers of a list's invoices."""
    return " ".join(invoice["increment_id"] for invoice in found)


def items(invoice: Any) -> str:
    """What was invoiced."""
    return ", ".join(f"{item['sku']} {item['qty']}" for item in invoice["items"])


def comments(invoice: Any) -> str:
    """What was said."""
    return ", ".join(comment["comment"] for comment in invoice["comments"])


with Invoice(sys.argv[1], "apiUser", "apiKey") as invoices:
    tell("login", len(invoices.session))

    tell("list", numbers(invoices.list()))
    tell("list_filter", numbers(invoices.list({"order_currency_code": "EUR"})))
    tell("list_one", numbers(invoices.list({"order_currency_code": "USD", "state": 3})))
    tell("list_none", numbers(invoices.list({"state": "9"})))
    tell("list_complex", numbers(invoices.list({"state": {"in": [1, 3]}})))

    invoice = invoices.info("100000007")
    tell("info", "{state} {grand_total} {order_currency_code} {order_increment_id}".format(**invoice))
    tell("info_items", items(invoice))
    tell("info_comments", comments(invoices.info("100000008")))

    number = invoices.create("100000028", {"50": 1}, "one of four", False, False)
    tell("create", number)
    invoice = invoices.info(number)
    tell("created", "{state} {grand_total} {order_increment_id}".format(**invoice))
    tell("created_items", items(invoice))
    tell("created_comments", comments(invoice))
    tell("add_comment", invoices.addcomment(number, "Grüße 日本 ☃ <b>&"))
    tell("commented", comments(invoices.info(number)))
    tell("capture", invoices.capture(number))
    tell("captured", invoices.info(number)["state"])
    tell("void", invoices.void(number))
    tell("voided", invoices.info(number)["state"])

    number = invoices.create("100000016", {})
    tell("create_all", number)
    tell("create_all_items", items(invoices.info(number)))
    tell("cancel", invoices.cancel(number))
    tell("canceled", invoices.info(number)["state"])

    try:
        invoices.info("999999999")
    except Fault as fault:
        tell("fault", f"{fault.faultCode} {fault.faultString}")

    for resource in invoices.client.resources(invoices.session):
        if resource["name"] == "sales_order_invoice":
            tell("resources", " ".join(method["path"] for method in resource["methods"]))
    faults = invoices.client.resourceFaults(invoices.session, "sales_order_invoice")
    tell("resource_faults", " ".join(fault["code"] for fault in faults))
    info = invoices.call("core_magento.info", [])
    tell("magento_info", "{magento_version} {magento_edition}".format(**info))
    tell("start_session", len(invoices.client.startSession()))

    tell("end_session", invoices.client.endSession(invoices.session))
    try:
        invoices.list()
    except Fault as fault:
        tell("after", f"{fault.faultCode} {fault.faultString}")
