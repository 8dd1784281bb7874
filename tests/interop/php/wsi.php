<?php
// The life of an invoice through PHP's SoapClient, SOAP V2 with WS-I: one array of parts goes out, ->result comes back.
// usage: php wsi.php http://127.0.0.1:8080

function tell($step, $value)
{
    echo $step, '=', is_bool($value) ? var_export($value, true) : $value, "\n";
}

// An empty array has no complexObjectArray.
function entries($array)
{
    return isset($array->complexObjectArray) ? $array->complexObjectArray : array();
}

function numbers($answer)
{
    return implode(' ', array_map(function ($invoice) { return $invoice->increment_id; }, entries($answer->result)));
}

function items($invoice)
{
    return implode(', ', array_map(function ($item) { return "$item->sku $item->qty"; }, entries($invoice->items)));
}

function comments($invoice)
{
    return implode(', ', array_map(function ($comment) { return $comment->comment; }, entries($invoice->comments)));
}

// Without SOAP_SINGLE_ELEMENT_ARRAYS an array of one would be that one.
$options = array('features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'cache_wsdl' => WSDL_CACHE_NONE);
$shop = new SoapClient($argv[1] . '/api/v2_soap_wsi/?wsdl', $options);
$session = $shop->login(array('username' => 'apiUser', 'apiKey' => 'apiKey'))->result;
tell('login', strlen($session));

function having($columns)
{
    $entries = array();
    foreach ($columns as $key => $value) {
        $entries[] = array('key' => $key, 'value' => $value);
    }
    return array('filter' => array('complexObjectArray' => $entries));
}

tell('list', numbers($shop->salesOrderInvoiceList(array('sessionId' => $session))));
$filters = having(array('order_currency_code' => 'EUR'));
tell('list_filter', numbers($shop->salesOrderInvoiceList(array('sessionId' => $session, 'filters' => $filters))));
$filters = having(array('order_currency_code' => 'USD', 'state' => '3'));
tell('list_one', numbers($shop->salesOrderInvoiceList(array('sessionId' => $session, 'filters' => $filters))));
$filters = having(array('state' => '9'));
tell('list_none', numbers($shop->salesOrderInvoiceList(array('sessionId' => $session, 'filters' => $filters))));
$filters = array('complex_filter' => array('complexObjectArray' => array(
    array('key' => 'state', 'value' => array('key' => 'in', 'value' => '1,3')),
)));
tell('list_complex', numbers($shop->salesOrderInvoiceList(array('sessionId' => $session, 'filters' => $filters))));

function info($number)
{
    global $shop, $session;
    return $shop->salesOrderInvoiceInfo(array('sessionId' => $session, 'invoiceIncrementId' => $number))->result;
}

$invoice = info('100000007');
tell('info', "$invoice->state $invoice->grand_total $invoice->order_currency_code $invoice->order_increment_id");
tell('info_items', items($invoice));
tell('info_comments', comments(info('100000008')));

$number = $shop->salesOrderInvoiceCreate(array(
    'sessionId' => $session,
    'invoiceIncrementId' => '100000028', // the WSDL calls the order's number so
    'itemsQty' => array('complexObjectArray' => array(array('order_item_id' => 50, 'qty' => 1))),
    'comment' => 'one of four',
))->result;
tell('create', $number);
$invoice = info($number);
tell('created', "$invoice->state $invoice->grand_total $invoice->order_increment_id");
tell('created_items', items($invoice));
tell('created_comments', comments($invoice));
$its = array('sessionId' => $session, 'invoiceIncrementId' => $number);
tell('add_comment', $shop->salesOrderInvoiceAddComment($its + array('comment' => 'Grüße 日本 ☃ <b>&'))->result);
tell('commented', comments(info($number)));
tell('capture', $shop->salesOrderInvoiceCapture($its)->result);
tell('captured', info($number)->state);
tell('void', $shop->salesOrderInvoiceVoid($its)->result);
tell('voided', info($number)->state);

$order = array('sessionId' => $session, 'invoiceIncrementId' => '100000016', 'itemsQty' => array());
$number = $shop->salesOrderInvoiceCreate($order)->result;
tell('create_all', $number);
tell('create_all_items', items(info($number)));
$its = array('sessionId' => $session, 'invoiceIncrementId' => $number);
tell('cancel', $shop->salesOrderInvoiceCancel($its)->result);
tell('canceled', info($number)->state);

try {
    info('999999999');
} catch (SoapFault $fault) {
    tell('fault', "$fault->faultcode $fault->faultstring");
}

foreach (entries($shop->resources(array('sessionId' => $session))->result) as $resource) {
    if ($resource->name === 'sales_order_invoice') {
        $paths = array_map(function ($method) { return $method->path; }, entries($resource->methods));
        tell('resources', implode(' ', $paths));
    }
}
$question = array('resourceName' => 'sales_order_invoice', 'sessionId' => $session);
$faults = entries($shop->resourceFaults($question)->result);
tell('resource_faults', implode(' ', array_map(function ($fault) { return $fault->code; }, $faults)));
$installation = $shop->magentoInfo(array('sessionId' => $session))->result;
tell('magento_info', "$installation->magento_version $installation->magento_edition");
tell('start_session', strlen($shop->startSession()->result));

tell('end_session', $shop->endSession(array('sessionId' => $session))->result);
try {
    $shop->salesOrderInvoiceList(array('sessionId' => $session));
} catch (SoapFault $fault) {
    tell('after', "$fault->faultcode $fault->faultstring");
}
