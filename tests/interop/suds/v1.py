"""The life of an invoice through suds, SOAP V1: Maps go out and come back. usage: v1.py http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import suds
from suds.client import Client

client = Client(f"{sys.argv[1]}/api/soap/?wsdl", cache=None)
shop = client.service


def encoded(value: Any) -> Any:
    """A dict as a Map. Arguments go by name, in a Map of their own: suds sends no list where "anything" is declared."""
    if not isinstance(value, Mapping):
        return value
    apache_map = client.factory.create("{http://xml.apache.org/xml-soap}Map")
    for key, part in value.items():
        item = client.factory.create("{http://xml.apache.org/xml-soap}mapItem")
        item.key, item.value = key, encoded(part)
        apache_map.item.append(item)
    return apache_map


def plain(value: Any) -> Any:
    """A Map as a dict, an array as a list."""
    if isinstance(value, list):
        return [plain(part) for part in value]
    if not isinstance(value, suds.sudsobject.Object):
        return value
    members = getattr(value, "item", [])
    if type(value).__name__ == "Map":
        return {pair.key: plain(pair.value) for pair in members}
    return plain(members)


def call(path: str, **arguments: Any) -> Any:
    """Call an API method with its arguments by name."""
    return plain(shop.call(session, f"sales_order_invoice.{path}", encoded(arguments)))


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
tell("list_filter", numbers(call("list", filters={"order_currency_code": "EUR"})))
tell("list_one", numbers(call("list", filters={"order_currency_code": "USD", "state": "3"})))
tell("list_none", numbers(call("list", filters={"state": "9"})))
tell("list_complex", numbers(call("list", filters={"state": {"in": {"0": "1", "1": "3"}}})))

invoice = call("info", invoiceIncrementId="100000007")
tell("info", "{state} {grand_total} {order_currency_code} {order_increment_id}".format(**invoice))
tell("info_items", items(invoice))
tell("info_comments", comments(call("info", invoiceIncrementId="100000008")))

number = call("create", orderIncrementId="100000028", itemsQty={"50": 1}, comment="one of four")
tell("create", number)
invoice = call("info", invoiceIncrementId=number)
tell("created", "{state} {grand_total} {order_increment_id}".format(**invoice))
tell("created_items", items(invoice))
tell("created_comments", comments(invoice))
tell("add_comment", call("addComment", invoiceIncrementId=number, comment="Grüße 日本 ☃ <b>&"))
tell("commented", comments(call("info", invoiceIncrementId=number)))
tell("capture", call("capture", invoiceIncrementId=number))
tell("captured", call("info", invoiceIncrementId=number)["state"])
tell("void", call("void", invoiceIncrementId=number))
tell("voided", call("info", invoiceIncrementId=number)["state"])

number = shop.call(session, "sales_order_invoice.create", "100000016")  # a single argument may go as it is
tell("create_all", number)
tell("create_all_items", items(call("info", invoiceIncrementId=number)))
tell("cancel", call("cancel", invoiceIncrementId=number))
tell("canceled", call("info", invoiceIncrementId=number)["state"])

try:
    call("info", invoiceIncrementId="999999999")
except suds.WebFault as fault:
    tell("fault", f"{fault.fault.faultcode} {fault.fault.faultstring}")

for resource in plain(shop.resources(session)):
    if resource["name"] == "sales_order_invoice":
        tell("resources", " ".join(method["path"] for method in resource["methods"]))
faults = plain(shop.resourceFaults("sales_order_invoice", session))
tell("resource_faults", " ".join(fault["code"] for fault in faults))
info = plain(shop.call(session, "core_magento.info"))
tell("magento_info", "{magento_version} {magento_edition}".format(**info))
tell("start_session", len(shop.startSession()))

tell("end_session", shop.endSession(session))
try:
    call("list")
except suds.WebFault as fault:
    tell("after", f"{fault.fault.faultcode} {fault.fault.faultstring}")
