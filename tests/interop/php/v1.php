<?php
// The life of an invoice through PHP's SoapClient, SOAP V1: arrays go out and nested arrays come back.
// usage: php v1.php http://127.0.0.1:8080

function tell($step, $value)
{
    echo $step, '=', is_bool($value) ? var_export($value, true) : $value, "\n";
}

function numbers($invoices)
{
    return implode(' ', array_column($invoices, 'increment_id'));
}

function items($invoice)
{
    return implode(', ', array_map(function ($item) { return "$item[sku] $item[qty]"; }, $invoice['items']));
}

function comments($invoice)
{
    return implode(', ', array_column($invoice['comments'], 'comment'));
}

$shop = new SoapClient($argv[1] . '/api/soap/?wsdl', array('cache_wsdl' => WSDL_CACHE_NONE));
$session = $shop->login('apiUser', 'apiKey');
tell('login', strlen($session));

tell('list', numbers($shop->call($session, 'sales_order_invoice.list')));
$filters = array('order_currency_code' => 'EUR');
tell('list_filter', numbers($shop->call($session, 'sales_order_invoice.list', array($filters))));
$filters = array('order_currency_code' => 'USD', 'state' => 3);
tell('list_one', numbers($shop->call($session, 'sales_order_invoice.list', array($filters))));
$filters = array('state' => '9');
tell('list_none', numbers($shop->call($session, 'sales_order_invoice.list', array($filters))));
$filters = array('state' => array('in' => array(1, 3)));
tell('list_complex', numbers($shop->call($session, 'sales_order_invoice.list', array($filters))));

$invoice = $shop->call($session, 'sales_order_invoice.info', '100000007');
tell('info', "$invoice[state] $invoice[grand_total] $invoice[order_currency_code] $invoice[order_increment_id]");
tell('info_items', items($invoice));
tell('info_comments', comments($shop->call($session, 'sales_order_invoice.info', '100000008')));

$arguments = array('100000028', array('50' => 1), 'one of four', false, false);
$number = $shop->call($session, 'sales_order_invoice.create', $arguments);
tell('create', $number);
$invoice = $shop->call($session, 'sales_order_invoice.info', $number);
tell('created', "$invoice[state] $invoice[grand_total] $invoice[order_increment_id]");
tell('created_items', items($invoice));
tell('created_comments', comments($invoice));
$arguments = array($number, 'Grüße 日本 ☃ <b>&', false, false);
tell('add_comment', $shop->call($session, 'sales_order_invoice.addComment', $arguments));
tell('commented', comments($shop->call($session, 'sales_order_invoice.info', $number)));
tell('capture', $shop->call($session, 'sales_order_invoice.capture', $number));
tell('captured', $shop->call($session, 'sales_order_invoice.info', $number)['state']);
tell('void', $shop->call($session, 'sales_order_invoice.void', $number));
tell('voided', $shop->call($session, 'sales_order_invoice.info', $number)['state']);

$number = $shop->call($session, 'sales_order_invoice.create', array('100000016', array()));
tell('create_all', $number);
tell('create_all_items', items($shop->call($session, 'sales_order_invoice.info', $number)));
tell('cancel', $shop->call($session, 'sales_order_invoice.cancel', $number));
tell('canceled', $shop->call($session, 'sales_order_invoice.info', $number)['state']);

try {
    $shop->call($session, 'sales_order_invoice.info', '999999999');
} catch (SoapFault $fault) {
    tell('fault', "$fault->faultcode $fault->faultstring");
}

foreach ($shop->resources($session) as $resource) {
    if ($resource['name'] === 'sales_order_invoice') {
        tell('resources', implode(' ', array_column($resource['methods'], 'path')));
    }
}
$faults = $shop->resourceFaults('sales_order_invoice', $session);
tell('resource_faults', implode(' ', array_column($faults, 'code')));
$info = $shop->call($session, 'core_magento.info');
tell('magento_info', "$info[magento_version] $info[magento_edition]");
tell('start_session', strlen($shop->startSession()));

tell('end_session', $shop->endSession($session));
try {
    $shop->call($session, 'sales_order_invoice.list');
} catch (SoapFault $fault) {
    tell('after', "$fault->faultcode $fault->faultstring");
}
