<?php
// SOAP V2: a piece of an order from its invoice to a refund. Each run takes another piece of the same order.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$session = $proxy->login('apiUser', 'apiKey');

// Find the order, and the item to work on
$filters = array('filter' => array(array('key' => 'increment_id', 'value' => getenv('ORDER') ?: '100000034')));
$orders = $proxy->salesOrderList($session, $filters);
$orderId = $orders[0]->increment_id;
$order = $proxy->salesOrderInfo($session, $orderId);
$piece = array(array('order_item_id' => $order->items[0]->item_id, 'qty' => 1));
echo "order $orderId: {$order->items[0]->qty_invoiced} of {$order->items[0]->qty_ordered} invoiced\n";

// Invoice it, and take the money
$invoiceId = $proxy->salesOrderInvoiceCreate($session, $orderId, $piece, 'Thank you', '0', '0');
$proxy->salesOrderInvoiceCapture($session, $invoiceId);
echo "invoice $invoiceId\n";

// Ship it, with a tracking number
$shipmentId = $proxy->salesOrderShipmentCreate($session, $orderId, $piece, 'On its way', 0, 0);
echo "shipment $shipmentId\n";
$carriers = array_column($proxy->salesOrderShipmentGetCarriers($session, $orderId), 'value', 'key');
$trackId = $proxy->salesOrderShipmentAddTrack($session, $shipmentId, 'ups', $carriers['ups'], '1Z999');
echo "track $trackId: {$carriers['ups']}\n";

// Give the order a status that the shop's staff understand
$proxy->salesOrderAddComment($session, $orderId, 'partly_shipped', "Shipment $shipmentId", '0');

// Refund it, but not the shipping
$data = array('qtys' => $piece, 'shipping_amount' => 0);
$creditmemoId = $proxy->salesOrderCreditmemoCreate($session, $orderId, $data, 'Sorry', 0, 0, '');
echo "credit memo $creditmemoId\n";

$proxy->endSession($session);
