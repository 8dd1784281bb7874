<?php
// Request example SOAP V2 (list of all invoices)
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$sessionId = $proxy->login('apiUser', 'apiKey');

$result = $proxy->salesOrderInvoiceList($sessionId);
var_dump($result);
