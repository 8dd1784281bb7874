<?php
// Request example SOAP V2 (create with item quantities, then capture). The order's payment method can capture, so the
// invoice is made open and its money is taken by the second call.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$sessionID = $proxy->login('apiUser', 'apiKey');

$orderIncrementId = getenv('ORDER') ?: '100000016';

//Create invoice for order
$qty = array(
    array('order_item_id' => getenv('ORDER_ITEM') ?: '47', 'qty' => '1')
);
$invoiceIncrementId = $proxy->salesOrderInvoiceCreate(
     $sessionID,
     $orderIncrementId,
     $qty);
var_dump($invoiceIncrementId);

//Capture invoice amount
$result = $proxy->salesOrderInvoiceCapture(
     $sessionID,
     $invoiceIncrementId
);
var_dump($result);
