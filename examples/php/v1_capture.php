<?php
// Request example SOAP V1 (capture)
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/soap/?wsdl');
$session = $proxy->login('apiUser', 'apiKey');

$orderIncrementId = getenv('ORDER') ?: '100000016';

//Create invoice for order
$invoiceIncrementId = $proxy->call(
    $session,
    'sales_order_invoice.create',
    array(
        'orderIncrementId' => $orderIncrementId,
        array('order_item_id' => getenv('ORDER_ITEM') ?: '47', 'qty' => '1')
    )
);
var_dump($invoiceIncrementId);

//Capture invoice amount
$result = $proxy->call(
    $session,
    'sales_order_invoice.capture',
    $invoiceIncrementId
);
var_dump($result);
