<?php
// Request example SOAP V2 (WS-I compliance mode), for a shop with the setting wsi. It calls the order's number
// orderIncrementId, which the WSDL of /api/v2_soap knows beside invoiceIncrementId. PHP has no place for this map in the
// WSDL's type, so the whole order is invoiced; wsi_items.php shows the form that names items.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$sessionId = $proxy->login((object)array('username' => 'apiUser', 'apiKey' => 'apiKey'));

$result = $proxy->salesOrderInvoiceCreate((object)array('sessionId' => $sessionId->result, 'orderIncrementId' => '200000008', 'itemsQty' => array('15' => '1',  '16' => '1'), 'comment' => null,
    'email' => null,
    'includeComment' => null
));
var_dump($result->result);
