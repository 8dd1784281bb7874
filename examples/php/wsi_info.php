<?php
// Request example SOAP V2 (WS-I compliance mode)
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap_wsi/?wsdl'); 
$sessionId = $proxy->login((object)array('username' => 'apiUser', 'apiKey' => 'apiKey')); 
 
$result = $proxy->salesOrderInvoiceInfo((object)array('sessionId' => $sessionId->result, 'invoiceIncrementId' => '200000006'));   
var_dump($result->result);
