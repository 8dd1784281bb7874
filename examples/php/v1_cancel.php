<?php
// Request example SOAP V1 (cancel)
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/soap/?wsdl');
$session = $proxy->login('apiUser', 'apiKey');

$invoiceIncrementId = getenv('INVOICE') ?: '100000013';

$result = $proxy->call(
    $session,
    'sales_order_invoice.cancel',
    $invoiceIncrementId
);
var_dump($result);
