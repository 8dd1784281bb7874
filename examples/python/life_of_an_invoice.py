"""The life of an invoice through zeep: order -> open invoice -> comment -> capture, and another one canceled.

Needs ``pip install zeep`` and a running demo shop (``make demo``). ``MAGENTO_URL`` names another shop, ``ORDERS`` two
of its orders with an online payment method.
"""

from __future__ import annotations

import os

from magento_v2 import array, connect

CAPTURED, CANCELED = os.environ.get("ORDERS", "100000016,100000028").split(",")
STATES = {"1": "open", "2": "paid", "3": "canceled"}

client = connect(os.environ.get("MAGENTO_URL", "http://127.0.0.1:8080"))
shop = client.service
session = shop.login("apiUser", "apiKey")


def show(invoice_id: str) -> None:
    invoice = shop.salesOrderInvoiceInfo(session, invoice_id)
    print(f"invoice {invoice_id}: {STATES[invoice.state]}, {invoice.grand_total} {invoice.order_currency_code}")


first = shop.salesOrderInvoiceCreate(session, CAPTURED, [], "", "0", "0")
show(first)
shop.salesOrderInvoiceAddComment(session, first, "thank you", "0", "0")
shop.salesOrderInvoiceCapture(session, first)
show(first)

second = shop.salesOrderInvoiceCreate(session, CANCELED, [], "", "0", "0")
shop.salesOrderInvoiceCancel(session, second)
show(second)

canceled = array(client, "associativeArray", "associativeEntity", [{"key": "state", "value": "3"}])
for invoice in shop.salesOrderInvoiceList(session, {"filter": canceled}):
    print(f"canceled: {invoice.increment_id}")
shop.endSession(session)
