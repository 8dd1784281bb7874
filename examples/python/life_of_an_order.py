"""A piece of an order from its invoice to a refund, through zeep. Each run takes another piece of the same order.

Needs ``pip install zeep`` and a running demo shop (``make demo``). ``MAGENTO_URL`` names another shop, ``ORDER`` one of
its orders with an online payment method.
"""

from __future__ import annotations

import os

from magento_v2 import array, connect

ORDER = os.environ.get("ORDER", "100000036")

client = connect(os.environ.get("MAGENTO_URL", "http://127.0.0.1:8080"))
shop = client.service
session = shop.login("apiUser", "apiKey")

wanted = array(client, "associativeArray", "associativeEntity", [{"key": "increment_id", "value": ORDER}])
(found,) = shop.salesOrderList(session, {"filter": wanted})
order = shop.salesOrderInfo(session, found.increment_id)
item = order["items"][0]
print(f"order {order.increment_id}: {item.qty_invoiced} of {item.qty_ordered} invoiced")
piece = array(client, "orderItemIdQtyArray", "orderItemIdQty", [{"order_item_id": int(item.item_id), "qty": 1}])

invoice = shop.salesOrderInvoiceCreate(session, ORDER, piece, "Thank you", "0", "0")
shop.salesOrderInvoiceCapture(session, invoice)
print(f"invoice {invoice}")

shipment = shop.salesOrderShipmentCreate(session, ORDER, piece, "On its way", 0, 0)
print(f"shipment {shipment}")
carriers = {pair.key: pair.value for pair in shop.salesOrderShipmentGetCarriers(session, ORDER)}
track = shop.salesOrderShipmentAddTrack(session, shipment, "ups", carriers["ups"], "1Z999")
print(f"track {track}: {carriers['ups']}")

shop.salesOrderAddComment(session, ORDER, "partly_shipped", f"Shipment {shipment}", "0")

refund = {"qtys": piece, "shipping_amount": 0}
creditmemo = shop.salesOrderCreditmemoCreate(session, ORDER, refund, "Sorry", 0, 0, "")
print(f"credit memo {creditmemo}")
shop.endSession(session)
