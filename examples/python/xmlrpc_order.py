"""A piece of an order from its invoice to a refund, through XML-RPC, with nothing but Python's standard library.

Each run takes another piece of the same order. Needs a running demo shop (``make demo``). ``MAGENTO_URL`` names another
shop, ``ORDER`` one of its orders with an online payment method.
"""

from __future__ import annotations

import os
import xmlrpc.client
from typing import Any

URL = os.environ.get("MAGENTO_URL", "http://127.0.0.1:8080")
ORDER = os.environ.get("ORDER", "100000037")

shop: Any = xmlrpc.client.ServerProxy(f"{URL}/api/xmlrpc", allow_none=True)
session = shop.login("apiUser", "apiKey")


def call(path: str, *arguments: object) -> Any:
    return shop.call(session, path, list(arguments))


(found,) = call("sales_order.list", {"increment_id": ORDER})
order = call("sales_order.info", found["increment_id"])
item = order["items"][0]
print(f"order {order['increment_id']}: {item['qty_invoiced']} of {item['qty_ordered']} invoiced")
piece = {str(item["item_id"]): 1}

invoice = call("sales_order_invoice.create", ORDER, piece, "Thank you")
call("sales_order_invoice.capture", invoice)
print(f"invoice {invoice}")

shipment = call("sales_order_shipment.create", ORDER, piece, "On its way")
print(f"shipment {shipment}")
carriers = call("sales_order_shipment.getCarriers", ORDER)
track = call("sales_order_shipment.addTrack", shipment, "ups", carriers["ups"], "1Z999")
print(f"track {track}: {carriers['ups']}")

call("sales_order.addComment", ORDER, "partly_shipped", f"Shipment {shipment}", False)

creditmemo = call("sales_order_creditmemo.create", ORDER, {"qtys": piece, "shipping_amount": 0}, "Sorry")
print(f"credit memo {creditmemo}")
shop.endSession(session)
