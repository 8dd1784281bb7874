<?php
// PHP's SoapClient calls methods of both sides in one session. usage: php client.php v1|v2|wsi http://127.0.0.1:8080

function tell($step, $value)
{
    echo $step, '=', is_bool($value) ? var_export($value, true) : $value, "\n";
}

function fault($call)
{
    try {
        $call();
        return 'no fault';
    } catch (SoapFault $fault) {
        return "$fault->faultcode $fault->faultstring";
    }
}

[, $style, $url] = $argv;
$path = ['v1' => 'soap', 'v2' => 'v2_soap', 'wsi' => 'v2_soap_wsi'][$style];
$shop = new SoapClient("$url/api/$path/?wsdl", ['cache_wsdl' => WSDL_CACHE_NONE]);

// Each style in its own way: a path and a list; parts by position; one object each way.
function call($path, $operation, $parts = [])
{
    global $shop, $style, $session;
    if ($style === 'v1') {
        return $shop->call($session, $path, array_values($parts));
    }
    if ($style === 'v2') {
        return $shop->__soapCall($operation, array_merge([$session], array_values($parts)));
    }
    return $shop->__soapCall($operation, [(object) (['sessionId' => $session] + $parts)])->result;
}

// What is a list in one style is a list of one in another, or alone in a wrapper.
function plain($value)
{
    $value = json_decode(json_encode($value), true);
    return is_array($value) && array_keys($value) === ['complexObjectArray'] ? (array) $value['complexObjectArray'] : $value;
}

function entries($value)
{
    $entries = plain($value);
    return isset($entries[0]) || !$entries ? $entries : [$entries];
}

$session = $style === 'wsi'
    ? $shop->login((object) ['username' => 'apiUser', 'apiKey' => 'apiKey'])->result
    : $shop->login('apiUser', 'apiKey');
$product = ['productId' => 1];
$all = $style === 'wsi' ? ['filters' => (object) []] : [];
$data = ['product' => 1, 'productData' => $style === 'v1' ? ['price' => '2'] : (object) ['price' => '2']];
$data += $style === 'wsi' ? ['productId' => 1] : [];  // what it is called depends on the shop's version

$products = entries(call('catalog_product.list', 'catalogProductList', $all));
tell('products', implode(' ', array_column($products, 'sku')));
tell('info', plain(call('sales_order_invoice.info', 'salesOrderInvoiceInfo', ['invoiceIncrementId' => '200000006']))['increment_id']);
tell('product', plain(call('catalog_product.info', 'catalogProductInfo', $product))['name']);
tell('categories', implode(' ', plain($products[0]['category_ids'])));
tell('suppliers', implode(' ', array_column(entries(call('ol_suppliers.list', 'olSuppliersList', $all)), 'email')));
tell('websites', implode(' ', plain(call('ol_websites.list', 'olWebsitesList'))));
tell('update', (bool) call('catalog_product.update', 'catalogProductUpdate', $data));
tell('fault', fault(fn () => call('catalog_product.info', 'catalogProductInfo', ['productId' => 99])));
tell('own_fault', fault(fn () => call('sales_order_invoice.info', 'salesOrderInvoiceInfo', ['invoiceIncrementId' => '9'])));
tell('magento', plain(call('core_magento.info', 'magentoInfo'))['magento_version']);
$style === 'wsi' ? $shop->endSession((object) ['sessionId' => $session]) : $shop->endSession($session);
tell('after', fault(fn () => call('catalog_product.list', 'catalogProductList', $all)));
