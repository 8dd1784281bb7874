// The life of an invoice through the npm package soap, SOAP V2 with WS-I.
// usage: node wsi.mjs http://127.0.0.1:8080

import soap from 'soap';

const client = await soap.createClientAsync(`${process.argv[2]}/api/v2_soap_wsi/?wsdl`);

// Calls an operation; gives the answer's result. Parts go by name.
async function call(operation, parts) {
    const [{ result }] = await client[`${operation}Async`](parts);
    return result;
}

// The entries of an array; an empty one is null.
const entries = (array) => array?.complexObjectArray ?? [];
const tell = (step, value) => console.log(`${step}=${value}`);
const numbers = (invoices) => entries(invoices).map((invoice) => invoice.increment_id).join(' ');
const items = (invoice) => entries(invoice.items).map((item) => `${item.sku} ${item.qty}`).join(', ');
const comments = (invoice) => entries(invoice.comments).map((comment) => comment.comment).join(', ');

const sessionId = await call('login', { username: 'apiUser', apiKey: 'apiKey' });
const list = (filters) => call('salesOrderInvoiceList', { sessionId, filters });
const info = (invoiceIncrementId) => call('salesOrderInvoiceInfo', { sessionId, invoiceIncrementId });
tell('login', sessionId.length);

tell('list', numbers(await list()));
const having = (...complexObjectArray) => ({ filter: { complexObjectArray } });
tell('list_filter', numbers(await list(having({ key: 'order_currency_code', value: 'EUR' }))));
const canceled = [{ key: 'order_currency_code', value: 'USD' }, { key: 'state', value: '3' }];
tell('list_one', numbers(await list(having(...canceled))));
tell('list_none', numbers(await list(having({ key: 'state', value: '9' }))));
const openOrCanceled = [{ key: 'state', value: { key: 'in', value: '1,3' } }];
tell('list_complex', numbers(await list({ complex_filter: { complexObjectArray: openOrCanceled } })));

let invoice = await info('100000007');
tell('info', `${invoice.state} ${invoice.grand_total} ${invoice.order_currency_code} ${invoice.order_increment_id}`);
tell('info_items', items(invoice));
tell('info_comments', comments(await info('100000008')));

let number = await call('salesOrderInvoiceCreate', {
    sessionId,
    invoiceIncrementId: '100000028', // the WSDL calls the order's number so
    itemsQty: { complexObjectArray: [{ order_item_id: 50, qty: 1 }] },
    comment: 'one of four',
});
tell('create', number);
invoice = await info(number);
tell('created', `${invoice.state} ${invoice.grand_total} ${invoice.order_increment_id}`);
tell('created_items', items(invoice));
tell('created_comments', comments(invoice));
const comment = { sessionId, invoiceIncrementId: number, comment: 'Grüße 日本 ☃ <b>&', email: '0', includeComment: '0' };
tell('add_comment', await call('salesOrderInvoiceAddComment', comment));
tell('commented', comments(await info(number)));
tell('capture', await call('salesOrderInvoiceCapture', { sessionId, invoiceIncrementId: number }));
tell('captured', (await info(number)).state);
tell('void', await call('salesOrderInvoiceVoid', { sessionId, invoiceIncrementId: number }));
tell('voided', (await info(number)).state);

number = await call('salesOrderInvoiceCreate', { sessionId, invoiceIncrementId: '100000016' });
tell('create_all', number);
tell('create_all_items', items(await info(number)));
tell('cancel', await call('salesOrderInvoiceCancel', { sessionId, invoiceIncrementId: number }));
tell('canceled', (await info(number)).state);

// A fault is an Error with the parsed message in its root.
async function fault(promise) {
    const error = await promise.then(() => { throw new Error('no fault'); }, (failure) => failure);
    const { faultcode, faultstring } = error.root.Envelope.Body.Fault;
    return `${faultcode} ${faultstring}`;
}

tell('fault', await fault(info('999999999')));

const resources = await call('resources', { sessionId });
const invoices = entries(resources).find((resource) => resource.name === 'sales_order_invoice');
tell('resources', entries(invoices.methods).map((method) => method.path).join(' '));
const faults = await call('resourceFaults', { sessionId, resourceName: 'sales_order_invoice' });
tell('resource_faults', entries(faults).map((one) => one.code).join(' '));
const installation = await call('magentoInfo', { sessionId });
tell('magento_info', `${installation.magento_version} ${installation.magento_edition}`);
tell('start_session', (await call('startSession', {})).length);

tell('end_session', await call('endSession', { sessionId }));
tell('after', await fault(list()));
