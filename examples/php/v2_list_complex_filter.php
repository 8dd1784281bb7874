<?php
// Request example SOAP V2 (complex filter)
$client = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');
$session = $client->login('apiUser', 'apiKey');

$complexFilter = array(
    'complex_filter' => array(
        array(
            'key' => 'state',
            'value' => array('key' => 'in', 'value' => '2,3')
        )
    )
);
$result = $client->salesOrderInvoiceList($session, $complexFilter);
var_dump ($result);
