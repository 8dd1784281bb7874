<?php
// SOAP V1: a piece of an order from its invoice to a refund. Each run takes another piece of the same order.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/soap/?wsdl');
$session = $proxy->login('apiUser', 'apiKey');

// Find the order, and the item to work on
$orders = $proxy->call($session, 'sales_order.list', array(array('increment_id' => getenv('ORDER') ?: '100000033')));
$orderId = $orders[0]['increment_id'];
$order = $proxy->call($session, 'sales_order.info', $orderId);
$piece = array($order['items'][0]['item_id'] => 1);
echo "order $orderId: {$order['items'][0]['qty_invoiced']} of {$order['items'][0]['qty_ordered']} invoiced\n";

// Invoice it, and take the money
$invoiceId = $proxy->call($session, 'sales_order_invoice.create', array($orderId, $piece, 'Thank you'));
$proxy->call($session, 'sales_order_invoice.capture', $invoiceId);
echo "invoice $invoiceId\n";

// Ship it, with a tracking number
$shipmentId = $proxy->call($session, 'sales_order_shipment.create', array($orderId, $piece, 'On its way'));
echo "shipment $shipmentId\n";
$carriers = $proxy->call($session, 'sales_order_shipment.getCarriers', $orderId);
$trackId = $proxy->call($session, 'sales_order_shipment.addTrack', array($shipmentId, 'ups', $carriers['ups'], '1Z999'));
echo "track $trackId: {$carriers['ups']}\n";

// Give the order a status that the shop's staff understand
$proxy->call($session, 'sales_order.addComment', array($orderId, 'partly_shipped', "Shipment $shipmentId", false));

// Refund it, but not the shipping
$data = array('qtys' => $piece, 'shipping_amount' => 0);
$creditmemoId = $proxy->call($session, 'sales_order_creditmemo.create', array($orderId, $data, 'Sorry'));
echo "credit memo $creditmemoId\n";

$proxy->endSession($session);
