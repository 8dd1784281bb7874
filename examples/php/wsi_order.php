<?php
// SOAP V2 (WS-I compliance mode): a piece of an order from its invoice to a refund. Each run takes another piece of the
// same order.
$proxy = new SoapClient(
    (getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap_wsi/?wsdl',
    array('features' => SOAP_SINGLE_ELEMENT_ARRAYS)
);
$session = $proxy->login(array('username' => 'apiUser', 'apiKey' => 'apiKey'))->result;

// Calls an operation in the session: one object goes out, and the result is a member of the one that comes back
$call = function ($operation, array $parts = array()) use ($proxy, $session) {
    return $proxy->$operation(array('sessionId' => $session) + $parts)->result;
};

// Find the order, and the item to work on
$entries = array(array('key' => 'increment_id', 'value' => getenv('ORDER') ?: '100000035'));
$orders = $call('salesOrderList', array('filters' => array('filter' => array('complexObjectArray' => $entries))));
$orderId = $orders->complexObjectArray[0]->increment_id;
$item = $call('salesOrderInfo', array('orderIncrementId' => $orderId))->items->complexObjectArray[0];
$piece = array('complexObjectArray' => array(array('order_item_id' => $item->item_id, 'qty' => 1)));
echo "order $orderId: {$item->qty_invoiced} of {$item->qty_ordered} invoiced\n";

// Invoice it, and take the money
$invoiceId = $call('salesOrderInvoiceCreate', array(
    'invoiceIncrementId' => $orderId, 'itemsQty' => $piece, 'comment' => 'Thank you', 'email' => '0', 'includeComment' => '0'
));
$call('salesOrderInvoiceCapture', array('invoiceIncrementId' => $invoiceId));
echo "invoice $invoiceId\n";

// Ship it, with a tracking number
$shipmentId = $call('salesOrderShipmentCreate', array(
    'orderIncrementId' => $orderId, 'itemsQty' => $piece, 'comment' => 'On its way', 'email' => 0, 'includeComment' => 0
));
echo "shipment $shipmentId\n";
$carriers = $call('salesOrderShipmentGetCarriers', array('orderIncrementId' => $orderId))->complexObjectArray;
$carriers = array_column($carriers, 'value', 'key');
$trackId = $call('salesOrderShipmentAddTrack', array(
    'shipmentIncrementId' => $shipmentId, 'carrier' => 'ups', 'title' => $carriers['ups'], 'trackNumber' => '1Z999'
));
echo "track $trackId: {$carriers['ups']}\n";

// Give the order a status that the shop's staff understand
$call('salesOrderAddComment', array(
    'orderIncrementId' => $orderId, 'status' => 'partly_shipped', 'comment' => "Shipment $shipmentId", 'notify' => 0
));

// Refund it, but not the shipping
$data = array('qtys' => $piece, 'shipping_amount' => 0);
$creditmemoId = $call('salesOrderCreditmemoCreate', array(
    'orderIncrementId' => $orderId, 'creditmemoData' => $data, 'comment' => 'Sorry',
    'notifyCustomer' => 0, 'includeComment' => 0, 'refundToStoreCreditAmount' => ''
));
echo "credit memo $creditmemoId\n";

$call('endSession');
