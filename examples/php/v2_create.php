<?php
// Request example SOAP V2 (create). PHP's SoapClient has no place for this map in the WSDL's type and sends two empty
// entries, so the whole order is invoiced, here as on every Magento; v2_capture.php shows the form that names items.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$sessionId = $proxy->login('apiUser', 'apiKey');

//Create invoice for order

// orderItemIdQty Array is Keyed with Order Item ID, with Value of qty to invoice
$qty = array('15' => '1', '16' => '1');

$invoiceIncrementId = $proxy->salesOrderInvoiceCreate(
    $sessionId,
    '200000008',
    $qty
);
var_dump($invoiceIncrementId);
