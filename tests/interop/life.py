"""The life of an invoice in the demo shop, step by step, and what every client must see of it."""

from __future__ import annotations

from collections.abc import Mapping

EVERY_INVOICE = (
    "100000001 200000006 200000001 200000002 100000002 100000003 200000003 200000004 100000010 100000004 100000005 "
    "100000006 100000016 100000013 100000014 100000015 100000007 100000011 100000012 100000008 100000009 200000005"
)
METHODS = ("list", "info", "create", "addComment", "capture", "void", "cancel")

LIFE: Mapping[str, str] = {
    # a session; clients print the length of its id
    "login": "64",
    # lists: all, by one column, by two, with nothing to be found, by state 1 or 3
    "list": EVERY_INVOICE,
    "list_filter": "100000003 200000003",
    "list_one": "100000014",
    "list_none": "",
    "list_complex": "100000016 100000013 100000014",
    # an invoice with two lines, another with two comments
    "info": "2 106.6100 USD 100000019",
    "info_items": "product123 1.0000, cup 6.0000",
    "info_comments": "Zweiter Kommentar: Grüße <b>&</b> bis bald, ありがとうございます 🍵",
    # one piece of four invoiced, commented, captured, voided
    "create": "100000017",
    "created": "1 12.1500 100000028",
    "created_items": "cup 1.0000",
    "created_comments": "one of four",
    "add_comment": "true",
    "commented": "Grüße 日本 ☃ <b>&, one of four",
    "capture": "true",
    "captured": "2",
    "void": "true",
    "voided": "3",
    # a whole order invoiced, that is, without quantities, and the invoice canceled
    "create_all": "100000018",
    "create_all_items": "product123 2.0000",
    "cancel": "true",
    "canceled": "3",
    # a fault: its code, its text
    "fault": "100 Requested shipment does not exists.",
    # what the API says of itself
    "resources": " ".join(f"sales_order_invoice.{method}" for method in METHODS),
    "resource_faults": "100 101 102 103 104",
    "magento_info": "1.9.4.5 Community",
    "start_session": "64",
    # the end, and a call after it
    "end_session": "true",
    "after": "5 Session expired. Try to relogin.",
}

SAYING_YES = ("add_comment", "capture", "void", "cancel")
"""Steps whose answer is true; what else is a boolean is ``end_session``."""


def parse_output(output: str) -> dict[str, str]:
    """Parse the output of a client: a line ``step=value`` for each step."""
    return dict(line.split("=", 1) for line in output.splitlines())
