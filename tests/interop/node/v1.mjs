// The life of an invoice through the npm package soap, SOAP V1: objects go out, Maps come back.
// usage: node v1.mjs http://127.0.0.1:8080

import soap from 'soap';

const client = await soap.createClientAsync(`${process.argv[2]}/api/soap/?wsdl`);

// Maps as objects, arrays, also of one, as arrays, and no attributes.
function plain(value) {
    if (typeof value !== 'object' || value === null) return value;
    const { attributes = {}, $value, item = [] } = value;
    if ('SOAP-ENC:arrayType' in attributes) return [].concat(item).map(plain);
    if (attributes['xsi:type']?.endsWith(':Map')) {
        return Object.fromEntries([].concat(item).map((pair) => [plain(pair.key), plain(pair.value)]));
    }
    return $value ?? null;
}

// Calls an API method with its arguments by name; these go as an object, whatever "anything" the WSDL declares.
async function call(path, args) {
    const [answer] = await client.callAsync({ sessionId, resourcePath: `sales_order_invoice.${path}`, args });
    return plain(answer.callReturn);
}

const tell = (step, value) => console.log(`${step}=${value}`);
const numbers = (invoices) => invoices.map((invoice) => invoice.increment_id).join(' ');
const items = (invoice) => invoice.items.map((item) => `${item.sku} ${item.qty}`).join(', ');
const comments = (invoice) => invoice.comments.map((comment) => comment.comment).join(', ');

const [{ loginReturn }] = await client.loginAsync({ username: 'apiUser', apiKey: 'apiKey' });
const sessionId = loginReturn.$value;
const list = (filters) => call('list', { filters });
const info = (invoiceIncrementId) => call('info', { invoiceIncrementId });
tell('login', sessionId.length);

tell('list', numbers(await list()));
tell('list_filter', numbers(await list({ order_currency_code: 'EUR' })));
tell('list_one', numbers(await list({ order_currency_code: 'USD', state: 3 })));
tell('list_none', numbers(await list({ state: 9 })));
tell('list_complex', numbers(await list({ state: { in: [1, 3] } })));

let invoice = await info('100000007');
tell('info', `${invoice.state} ${invoice.grand_total} ${invoice.order_currency_code} ${invoice.order_increment_id}`);
tell('info_items', items(invoice));
tell('info_comments', comments(await info('100000008')));

// A number cannot be the name of an element, so quantities go as a list of entries.
const itemsQty = [{ order_item_id: 50, qty: 1 }];
let number = await call('create', { orderIncrementId: '100000028', itemsQty, comment: 'one of four' });
tell('create', number);
invoice = await info(number);
tell('created', `${invoice.state} ${invoice.grand_total} ${invoice.order_increment_id}`);
tell('created_items', items(invoice));
tell('created_comments', comments(invoice));
tell('add_comment', await call('addComment', { invoiceIncrementId: number, comment: 'Grüße 日本 ☃ <b>&' }));
tell('commented', comments(await info(number)));
tell('capture', await call('capture', { invoiceIncrementId: number }));
tell('captured', (await info(number)).state);
tell('void', await call('void', { invoiceIncrementId: number }));
tell('voided', (await info(number)).state);

number = await call('create', { orderIncrementId: '100000016' });
tell('create_all', number);
tell('create_all_items', items(await info(number)));
tell('cancel', await call('cancel', { invoiceIncrementId: number }));
tell('canceled', (await info(number)).state);

// A fault is an Error with the parsed message in its root.
async function fault(promise) {
    const error = await promise.then(() => { throw new Error('no fault'); }, (failure) => failure);
    const { faultcode, faultstring } = error.root.Envelope.Body.Fault;
    return `${faultcode} ${faultstring}`;
}

tell('fault', await fault(info('999999999')));

const [{ resourcesReturn }] = await client.resourcesAsync({ sessionId });
const invoices = plain(resourcesReturn).find((resource) => resource.name === 'sales_order_invoice');
tell('resources', invoices.methods.map((method) => method.path).join(' '));
const [{ resourceFaultsReturn }] = await client.resourceFaultsAsync({ resourceName: 'sales_order_invoice', sessionId });
tell('resource_faults', plain(resourceFaultsReturn).map((one) => one.code).join(' '));
const [{ callReturn }] = await client.callAsync({ sessionId, resourcePath: 'core_magento.info' });
tell('magento_info', `${plain(callReturn).magento_version} ${plain(callReturn).magento_edition}`);
// The package refuses an operation without parts.
tell('start_session', await client.startSessionAsync({}).catch((error) => error.message));

const [{ endSessionReturn }] = await client.endSessionAsync({ sessionId });
tell('end_session', endSessionReturn.$value);
tell('after', await fault(list()));
