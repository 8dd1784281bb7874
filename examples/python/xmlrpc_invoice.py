"""An order invoiced in part through XML-RPC, with nothing but Python's standard library.

Needs a running demo shop (``make demo``). ``MAGENTO_URL`` names another shop.
"""

from __future__ import annotations

import os
import xmlrpc.client
from typing import Any

URL = os.environ.get("MAGENTO_URL", "http://127.0.0.1:8080")
ORDER, ITEM = "200000008", "16"

shop: Any = xmlrpc.client.ServerProxy(f"{URL}/api/xmlrpc", allow_none=True)
session = shop.login("apiUser", "apiKey")

number = shop.call(session, "sales_order_invoice.create", [ORDER, {ITEM: 1}, "made over XML-RPC"])
invoice = shop.call(session, "sales_order_invoice.info", [number])
print(f"invoice {number}: {invoice['grand_total']} {invoice['order_currency_code']}")
for line in invoice["items"]:
    print(f"  {line['qty']} {line['name']}: {line['row_total']}")

try:
    shop.call(session, "sales_order_invoice.create", [ORDER, {ITEM: 99}])
except xmlrpc.client.Fault as fault:
    print(f"fault {fault.faultCode}: {fault.faultString}")
shop.endSession(session)
