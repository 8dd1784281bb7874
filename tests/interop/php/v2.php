<?php
// The life of an invoice through PHP's SoapClient, SOAP V2. The WSDL is all that it needs.
// usage: php v2.php http://127.0.0.1:8080

function tell($step, $value)
{
    echo $step, '=', is_bool($value) ? var_export($value, true) : $value, "\n";
}

function numbers($invoices)
{
    return implode(' ', array_map(function ($invoice) { return $invoice->increment_id; }, $invoices));
}

function items($invoice)
{
    return implode(', ', array_map(function ($item) { return "$item->sku $item->qty"; }, $invoice->items));
}

function comments($invoice)
{
    return implode(', ', array_map(function ($comment) { return $comment->comment; }, $invoice->comments));
}

$shop = new SoapClient($argv[1] . '/api/v2_soap/?wsdl', array('cache_wsdl' => WSDL_CACHE_NONE));
$session = $shop->login('apiUser', 'apiKey');
tell('login', strlen($session));

tell('list', numbers($shop->salesOrderInvoiceList($session)));
$filters = array('filter' => array(array('key' => 'order_currency_code', 'value' => 'EUR')));
tell('list_filter', numbers($shop->salesOrderInvoiceList($session, $filters)));
$filters = array('filter' => array(
    array('key' => 'order_currency_code', 'value' => 'USD'),
    array('key' => 'state', 'value' => '3'),
));
tell('list_one', numbers($shop->salesOrderInvoiceList($session, $filters)));
$filters = array('filter' => array(array('key' => 'state', 'value' => '9')));
tell('list_none', numbers($shop->salesOrderInvoiceList($session, $filters)));
$filters = array('complex_filter' => array(
    array('key' => 'state', 'value' => array('key' => 'in', 'value' => '1,3')),
));
tell('list_complex', numbers($shop->salesOrderInvoiceList($session, $filters)));

$invoice = $shop->salesOrderInvoiceInfo($session, '100000007');
tell('info', "$invoice->state $invoice->grand_total $invoice->order_currency_code $invoice->order_increment_id");
tell('info_items', items($invoice));
tell('info_comments', comments($shop->salesOrderInvoiceInfo($session, '100000008')));

$qty = array(array('order_item_id' => 50, 'qty' => 1));
$number = $shop->salesOrderInvoiceCreate($session, '100000028', $qty, 'one of four', '0', '0');
tell('create', $number);
$invoice = $shop->salesOrderInvoiceInfo($session, $number);
tell('created', "$invoice->state $invoice->grand_total $invoice->order_increment_id");
tell('created_items', items($invoice));
tell('created_comments', comments($invoice));
tell('add_comment', $shop->salesOrderInvoiceAddComment($session, $number, 'Grüße 日本 ☃ <b>&', '0', '0'));
tell('commented', comments($shop->salesOrderInvoiceInfo($session, $number)));
tell('capture', $shop->salesOrderInvoiceCapture($session, $number));
tell('captured', $shop->salesOrderInvoiceInfo($session, $number)->state);
tell('void', $shop->salesOrderInvoiceVoid($session, $number));
tell('voided', $shop->salesOrderInvoiceInfo($session, $number)->state);

$number = $shop->salesOrderInvoiceCreate($session, '100000016', array());
tell('create_all', $number);
tell('create_all_items', items($shop->salesOrderInvoiceInfo($session, $number)));
tell('cancel', $shop->salesOrderInvoiceCancel($session, $number));
tell('canceled', $shop->salesOrderInvoiceInfo($session, $number)->state);

try {
    $shop->salesOrderInvoiceInfo($session, '999999999');
} catch (SoapFault $fault) {
    tell('fault', "$fault->faultcode $fault->faultstring");
}

foreach ($shop->resources($session) as $resource) {
    if ($resource->name === 'sales_order_invoice') {
        tell('resources', implode(' ', array_map(function ($method) { return $method->path; }, $resource->methods)));
    }
}
// The WSDL declares the resource before the session; Magento's own examples pass the session first. Both work here.
$faults = $shop->resourceFaults('sales_order_invoice', $session);
tell('resource_faults', implode(' ', array_map(function ($fault) { return $fault->code; }, $faults)));
$info = $shop->magentoInfo($session);
tell('magento_info', "$info->magento_version $info->magento_edition");
tell('start_session', strlen($shop->startSession()));

tell('end_session', $shop->endSession($session));
try {
    $shop->salesOrderInvoiceList($session);
} catch (SoapFault $fault) {
    tell('after', "$fault->faultcode $fault->faultstring");
}
