// The life of an invoice through gSOAP, SOAP V2, with the code that wsdl2h and soapcpp2 -j generate.
// usage: v2 http://127.0.0.1:8080

#include <iostream>
#include <string>
#include <vector>

#include "soapMage_USCOREApi_USCOREModel_USCOREServer_USCOREV2_USCOREHandlerBindingProxy.h"
#include "Mage_USCOREApi_USCOREModel_USCOREServer_USCOREV2_USCOREHandlerBinding.nsmap"

typedef Mage_USCOREApi_USCOREModel_USCOREServer_USCOREV2_USCOREHandlerBindingProxy Shop;
typedef ns1__salesOrderInvoiceEntity Invoice;

static std::string session;

template <class Value> static void tell(const char *step, const Value &value)
{
    std::cout << step << '=' << std::boolalpha << value << '\n';
}

static std::string text(const std::string *value) { return value ? *value : ""; }

static void tell_fault(const char *step, Shop &shop)
{
    tell(step, std::string(*soap_faultcode(shop.soap)) + ' ' + shop.soap_fault_string());
}

// Ends the program when a call failed.
static void check(Shop &shop, int result)
{
    if (result == SOAP_OK) return;
    soap_stream_fault(shop.soap, std::cerr);
    exit(1);
}

// An encoded array is a pointer and a size.
template <class Array, class Entry>
static Array *array_of(Shop &shop, Array *array, const std::vector<Entry *> &entries)
{
    array->__size = entries.size();
    array->__ptr = static_cast<Entry **>(soap_malloc(shop.soap, entries.size() * sizeof(Entry *)));
    std::copy(entries.begin(), entries.end(), array->__ptr);
    return array;
}

static ns1__associativeEntity *pair(Shop &shop, const char *key, const char *value)
{
    return soap_new_req_ns1__associativeEntity(shop.soap, key, value);
}

static ns1__filters *having(Shop &shop, const std::vector<ns1__associativeEntity *> &entries)
{
    ns1__filters *filters = soap_new_ns1__filters(shop.soap);
    filters->filter = array_of(shop, soap_new_associativeArray(shop.soap), entries);
    return filters;
}

static std::string numbers(Shop &shop, ns1__filters *filters)
{
    ns1__salesOrderInvoiceListResponse answer;
    check(shop, shop.salesOrderInvoiceList(session, filters, answer));
    std::string found;
    for (int i = 0; i < answer.result->__size; i++)
        found += (i ? " " : "") + text(answer.result->__ptr[i]->increment_USCOREid);
    return found;
}

static Invoice *info(Shop &shop, const std::string &number)
{
    ns1__salesOrderInvoiceInfoResponse answer;
    check(shop, shop.salesOrderInvoiceInfo(session, number, answer));
    return answer.result;
}

static std::string items(const Invoice *invoice)
{
    std::string found;
    for (int i = 0; i < invoice->items->__size; i++) {
        const ns1__salesOrderInvoiceItemEntity *item = invoice->items->__ptr[i];
        found += (i ? ", " : "") + text(item->sku) + ' ' + text(item->qty);
    }
    return found;
}

static std::string comments(const Invoice *invoice)
{
    std::string found;
    for (int i = 0; i < invoice->comments->__size; i++)
        found += (i ? ", " : "") + text(invoice->comments->__ptr[i]->comment);
    return found;
}

int main(int, char **arguments)
{
    std::string address = std::string(arguments[1]) + "/api/v2_soap/";
    Shop shop(address.c_str(), SOAP_C_UTFSTRING); // std::string holds UTF-8
    check(shop, shop.login("apiUser", "apiKey", session));
    tell("login", session.size());

    tell("list", numbers(shop, NULL));
    tell("list_filter", numbers(shop, having(shop, {pair(shop, "order_currency_code", "EUR")})));
    tell("list_one", numbers(shop, having(shop, {pair(shop, "order_currency_code", "USD"), pair(shop, "state", "3")})));
    tell("list_none", numbers(shop, having(shop, {pair(shop, "state", "9")})));
    std::vector<ns1__complexFilter *> open_or_canceled(1);
    open_or_canceled[0] = soap_new_req_ns1__complexFilter(shop.soap, "state", pair(shop, "in", "1,3"));
    ns1__filters *filters = soap_new_ns1__filters(shop.soap);
    filters->complex_USCOREfilter = array_of(shop, soap_new_complexFilterArray(shop.soap), open_or_canceled);
    tell("list_complex", numbers(shop, filters));

    Invoice *invoice = info(shop, "100000007");
    tell("info", text(invoice->state) + ' ' + text(invoice->grand_USCOREtotal) + ' '
        + text(invoice->order_USCOREcurrency_USCOREcode) + ' ' + text(invoice->order_USCOREincrement_USCOREid));
    tell("info_items", items(invoice));
    tell("info_comments", comments(info(shop, "100000008")));

    std::vector<ns1__orderItemIdQty *> quantities(1, soap_new_req_ns1__orderItemIdQty(shop.soap, 50, 1));
    orderItemIdQtyArray *qty = array_of(shop, soap_new_orderItemIdQtyArray(shop.soap), quantities);
    std::string number;
    bool done;
    check(shop, shop.salesOrderInvoiceCreate(session, "100000028", qty, "one of four", "0", "0", number));
    tell("create", number);
    invoice = info(shop, number);
    tell("created", text(invoice->state) + ' ' + text(invoice->grand_USCOREtotal) + ' '
        + text(invoice->order_USCOREincrement_USCOREid));
    tell("created_items", items(invoice));
    tell("created_comments", comments(invoice));
    check(shop, shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃ <b>&", "0", "0", done));
    tell("add_comment", done);
    tell("commented", comments(info(shop, number)));
    check(shop, shop.salesOrderInvoiceCapture(session, number, done));
    tell("capture", done);
    tell("captured", text(info(shop, number)->state));
    check(shop, shop.salesOrderInvoiceVoid(session, number, done));
    tell("void", done);
    tell("voided", text(info(shop, number)->state));

    check(shop, shop.salesOrderInvoiceCreate(session, "100000016", NULL, "", "0", "0", number));
    tell("create_all", number);
    tell("create_all_items", items(info(shop, number)));
    check(shop, shop.salesOrderInvoiceCancel(session, number, done));
    tell("cancel", done);
    tell("canceled", text(info(shop, number)->state));

    ns1__salesOrderInvoiceInfoResponse nothing;
    if (shop.salesOrderInvoiceInfo(session, "999999999", nothing) != SOAP_OK) tell_fault("fault", shop);

    ns1__resourcesResponse resources;
    check(shop, shop.resources(session, resources));
    for (int i = 0; i < resources.resourcesReturn->__size; i++) {
        const ns1__apiEntity *resource = resources.resourcesReturn->__ptr[i];
        if (resource->name != "sales_order_invoice") continue;
        std::string paths;
        for (int j = 0; j < resource->methods->__size; j++)
            paths += (j ? " " : "") + resource->methods->__ptr[j]->path;
        tell("resources", paths);
    }
    ns1__resourceFaultsResponse faults;
    check(shop, shop.resourceFaults("sales_order_invoice", session, faults));
    std::string codes;
    for (int i = 0; i < faults.resourceFaultsReturn->__size; i++)
        codes += (i ? " " : "") + faults.resourceFaultsReturn->__ptr[i]->code;
    tell("resource_faults", codes);
    ns1__magentoInfoResponse installation;
    check(shop, shop.magentoInfo(session, installation));
    tell("magento_info", installation.info->magento_USCOREversion + ' ' + installation.info->magento_USCOREedition);
    std::string unused;
    check(shop, shop.startSession(unused));
    tell("start_session", unused.size());

    check(shop, shop.endSession(session, done));
    tell("end_session", done);
    ns1__salesOrderInvoiceListResponse refused;
    if (shop.salesOrderInvoiceList(session, NULL, refused) != SOAP_OK) tell_fault("after", shop);
    return 0;
}
