<?php
// The documented faults, as a V2 client meets them.
$proxy = new SoapClient((getenv('MAGENTO_URL') ?: 'http://127.0.0.1:8080') . '/api/v2_soap/?wsdl');

function fault($what, $call)
{
    try {
        $call();
        echo "$what: no fault\n";
    } catch (SoapFault $fault) {
        echo "$what: $fault->faultcode $fault->faultstring\n";
    }
}

fault('wrong key', function () use ($proxy) { $proxy->login('apiUser', 'wrong'); });
fault('unknown session', function () use ($proxy) { $proxy->salesOrderInvoiceList('unknown'); });

$sessionId = $proxy->login('apiUser', 'apiKey');
fault('unknown invoice', function () use ($proxy, $sessionId) { $proxy->salesOrderInvoiceInfo($sessionId, '999'); });
fault('wrong filter', function () use ($proxy, $sessionId) {
    $proxy->salesOrderInvoiceList($sessionId, array('filter' => array(array('key' => 'nope', 'value' => '1'))));
});
fault('wrong item', function () use ($proxy, $sessionId) {
    $proxy->salesOrderInvoiceCreate($sessionId, '100000003', array(array('order_item_id' => 999999, 'qty' => 1)));
});
fault('unknown order', function () use ($proxy, $sessionId) {
    $proxy->salesOrderInvoiceCreate($sessionId, '999', array());
});
fault('capture of a paid invoice', function () use ($proxy, $sessionId) {
    $proxy->salesOrderInvoiceCapture($sessionId, '200000006');
});
