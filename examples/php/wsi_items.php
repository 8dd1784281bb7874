<?php
// Create for some items of an order in WS-I, the way the WSDL's type wants it.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap_wsi/?wsdl');
$sessionId = $proxy->login((object)array('username' => 'apiUser', 'apiKey' => 'apiKey'));

$result = $proxy->salesOrderInvoiceCreate((object)array(
    'sessionId' => $sessionId->result,
    'invoiceIncrementId' => getenv('ORDER') ?: '100000016',
    'itemsQty' => array('complexObjectArray' => array(
        array('order_item_id' => getenv('ORDER_ITEM') ?: '47', 'qty' => '1')
    ))
));
var_dump($result->result);
