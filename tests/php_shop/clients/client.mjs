// The npm package soap calls methods of both sides in one session. usage: node client.mjs v1|v2|wsi http://127.0.0.1:8080

import { createRequire } from 'node:module';

const soap = createRequire(new URL('../../interop/node/', import.meta.url))('soap');

const [, , style, url] = process.argv;
const path = { v1: 'soap', v2: 'v2_soap', wsi: 'v2_soap_wsi' }[style];
const client = await soap.createClientAsync(`${url}/api/${path}/?wsdl`);
const tell = (step, value) => console.log(`${step}=${value}`);

// Maps and structs as objects, arrays as arrays, whatever the style.
function plain(value) {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const { attributes = {}, $value, ...members } = value;
    if ('SOAP-ENC:arrayType' in attributes) return [].concat(members.item ?? []).map(plain);
    if (attributes['xsi:type']?.endsWith(':Map')) {
        return Object.fromEntries([].concat(members.item ?? []).map((pair) => [plain(pair.key), plain(pair.value)]));
    }
    if ('complexObjectArray' in members) return [].concat(members.complexObjectArray).map(plain);
    if ($value !== undefined) return $value;
    return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]));
}

async function call(resourcePath, operation, parts = {}) {
    if (style === 'v1') {
        const [answer] = await client.callAsync({ sessionId, resourcePath, args: parts });
        return plain(answer.callReturn);
    }
    const [answer] = await client[`${operation}Async`]({ sessionId, ...parts });
    return plain(Object.values(answer).find((part) => part !== null));
}

async function fault(promise) {
    const error = await promise.then(() => { throw new Error('no fault'); }, (failure) => failure);
    const { faultcode, faultstring } = error.root.Envelope.Body.Fault;
    return `${faultcode} ${faultstring}`;
}

const [login] = await client.loginAsync({ username: 'apiUser', apiKey: 'apiKey' });
const sessionId = plain(Object.values(login)[0]);

const products = await call('catalog_product.list', 'catalogProductList');
tell('products', products.map((product) => product.sku).join(' '));
tell('info', (await call('sales_order_invoice.info', 'salesOrderInvoiceInfo', { invoiceIncrementId: '200000006' })).increment_id);
tell('product', (await call('catalog_product.info', 'catalogProductInfo', { productId: '1' })).name);
tell('categories', products[0].category_ids.join(' '));
tell('suppliers', (await call('ol_suppliers.list', 'olSuppliersList')).map((one) => one.email).join(' '));
tell('websites', (await call('ol_websites.list', 'olWebsitesList')).join(' '));
const data = { product: '1', productData: { price: '2' } };
tell('update', Boolean(await call('catalog_product.update', 'catalogProductUpdate', data)));
tell('fault', await fault(call('catalog_product.info', 'catalogProductInfo', { productId: '99' })));
tell('own_fault', await fault(call('sales_order_invoice.info', 'salesOrderInvoiceInfo', { invoiceIncrementId: '9' })));
tell('magento', (await call('core_magento.info', 'magentoInfo')).magento_version);
await client.endSessionAsync({ sessionId });
tell('after', await fault(call('catalog_product.list', 'catalogProductList')));
