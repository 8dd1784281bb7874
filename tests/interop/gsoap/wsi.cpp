// The life of an invoice through gSOAP, SOAP V2 with WS-I, with the code that wsdl2h and soapcpp2 -j generate: an
// object of all parts goes out, one with the result comes back. usage: wsi http://127.0.0.1:8080

#include <iostream>
#include <string>
#include <vector>

#include "soapMage_USCOREApi_USCOREModel_USCOREServer_USCOREWsi_USCOREHandlerBindingProxy.h"
#include "Mage_USCOREApi_USCOREModel_USCOREServer_USCOREWsi_USCOREHandlerBinding.nsmap"

typedef Mage_USCOREApi_USCOREModel_USCOREServer_USCOREWsi_USCOREHandlerBindingProxy Shop;
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

static ns1__associativeEntity *pair(Shop &shop, const char *key, const char *value)
{
    return soap_new_req_ns1__associativeEntity(shop.soap, key, value);
}

static ns1__filters *having(Shop &shop, const std::vector<ns1__associativeEntity *> &entries)
{
    ns1__filters *filters = soap_new_ns1__filters(shop.soap);
    filters->filter = soap_new_ns1__associativeArray(shop.soap);
    filters->filter->complexObjectArray = entries;
    return filters;
}

static std::string numbers(Shop &shop, ns1__filters *filters)
{
    _ns1__salesOrderInvoiceListRequestParam question;
    question.sessionId = session;
    question.filters = filters;
    _ns1__salesOrderInvoiceListResponseParam answer;
    check(shop, shop.salesOrderInvoiceList(&question, answer));
    std::string found;
    for (const Invoice *invoice : answer.result->complexObjectArray)
        found += (found.empty() ? "" : " ") + text(invoice->increment_USCOREid);
    return found;
}

static Invoice *info(Shop &shop, const std::string &number)
{
    _ns1__salesOrderInvoiceInfoRequestParam question;
    question.sessionId = session;
    question.invoiceIncrementId = number;
    _ns1__salesOrderInvoiceInfoResponseParam answer;
    check(shop, shop.salesOrderInvoiceInfo(&question, answer));
    return answer.result;
}

static std::string items(const Invoice *invoice)
{
    std::string found;
    for (const ns1__salesOrderInvoiceItemEntity *item : invoice->items->complexObjectArray)
        found += (found.empty() ? "" : ", ") + text(item->sku) + ' ' + text(item->qty);
    return found;
}

static std::string comments(const Invoice *invoice)
{
    std::string found;
    for (const ns1__salesOrderInvoiceCommentEntity *comment : invoice->comments->complexObjectArray)
        found += (found.empty() ? "" : ", ") + text(comment->comment);
    return found;
}

// Quantities, or everything that is left of an order.
static std::string create(Shop &shop, std::string order, std::vector<ns1__orderItemIdQty *> quantities,
                          std::string *comment)
{
    _ns1__salesOrderInvoiceCreateRequestParam question;
    question.sessionId = session;
    question.invoiceIncrementId = order; // the WSDL calls the order's number so
    question.itemsQty = soap_new_ns1__orderItemIdQtyArray(shop.soap);
    question.itemsQty->complexObjectArray = quantities;
    question.comment = comment;
    _ns1__salesOrderInvoiceCreateResponseParam answer;
    check(shop, shop.salesOrderInvoiceCreate(&question, answer));
    return answer.result;
}

int main(int, char **arguments)
{
    std::string address = std::string(arguments[1]) + "/api/v2_soap_wsi/";
    Shop shop(address.c_str(), SOAP_C_UTFSTRING); // std::string holds UTF-8
    _ns1__loginParam user;
    user.username = "apiUser";
    user.apiKey = "apiKey";
    _ns1__loginResponseParam opened;
    check(shop, shop.login(&user, opened));
    session = opened.result;
    tell("login", session.size());

    tell("list", numbers(shop, NULL));
    tell("list_filter", numbers(shop, having(shop, {pair(shop, "order_currency_code", "EUR")})));
    tell("list_one", numbers(shop, having(shop, {pair(shop, "order_currency_code", "USD"), pair(shop, "state", "3")})));
    tell("list_none", numbers(shop, having(shop, {pair(shop, "state", "9")})));
    ns1__filters *filters = soap_new_ns1__filters(shop.soap);
    filters->complex_USCOREfilter = soap_new_ns1__complexFilterArray(shop.soap);
    filters->complex_USCOREfilter->complexObjectArray.push_back(
        soap_new_req_ns1__complexFilter(shop.soap, "state", pair(shop, "in", "1,3")));
    tell("list_complex", numbers(shop, filters));

    Invoice *invoice = info(shop, "100000007");
    tell("info", text(invoice->state) + ' ' + text(invoice->grand_USCOREtotal) + ' '
        + text(invoice->order_USCOREcurrency_USCOREcode) + ' ' + text(invoice->order_USCOREincrement_USCOREid));
    tell("info_items", items(invoice));
    tell("info_comments", comments(info(shop, "100000008")));

    std::string one_of_four = "one of four";
    std::string number =
        create(shop, "100000028", {soap_new_req_ns1__orderItemIdQty(shop.soap, 50, 1)}, &one_of_four);
    tell("create", number);
    invoice = info(shop, number);
    tell("created", text(invoice->state) + ' ' + text(invoice->grand_USCOREtotal) + ' '
        + text(invoice->order_USCOREincrement_USCOREid));
    tell("created_items", items(invoice));
    tell("created_comments", comments(invoice));
    _ns1__salesOrderInvoiceAddCommentRequestParam comment;
    comment.sessionId = session;
    comment.invoiceIncrementId = number;
    comment.comment = "Grüße 日本 ☃ <b>&";
    _ns1__salesOrderInvoiceAddCommentResponseParam commented;
    check(shop, shop.salesOrderInvoiceAddComment(&comment, commented));
    tell("add_comment", commented.result);
    tell("commented", comments(info(shop, number)));
    _ns1__salesOrderInvoiceCaptureRequestParam to_capture;
    to_capture.sessionId = session;
    to_capture.invoiceIncrementId = number;
    _ns1__salesOrderInvoiceCaptureResponseParam captured;
    check(shop, shop.salesOrderInvoiceCapture(&to_capture, captured));
    tell("capture", captured.result);
    tell("captured", text(info(shop, number)->state));
    _ns1__salesOrderInvoiceVoidRequestParam to_void;
    to_void.sessionId = session;
    to_void.invoiceIncrementId = number;
    _ns1__salesOrderInvoiceVoidResponseParam voided;
    check(shop, shop.salesOrderInvoiceVoid(&to_void, voided));
    tell("void", voided.result);
    tell("voided", text(info(shop, number)->state));

    number = create(shop, "100000016", {}, NULL);
    tell("create_all", number);
    tell("create_all_items", items(info(shop, number)));
    _ns1__salesOrderInvoiceCancelRequestParam to_cancel;
    to_cancel.sessionId = session;
    to_cancel.invoiceIncrementId = number;
    _ns1__salesOrderInvoiceCancelResponseParam canceled;
    check(shop, shop.salesOrderInvoiceCancel(&to_cancel, canceled));
    tell("cancel", canceled.result);
    tell("canceled", text(info(shop, number)->state));

    _ns1__salesOrderInvoiceInfoRequestParam unknown;
    unknown.sessionId = session;
    unknown.invoiceIncrementId = "999999999";
    _ns1__salesOrderInvoiceInfoResponseParam nothing;
    if (shop.salesOrderInvoiceInfo(&unknown, nothing) != SOAP_OK) tell_fault("fault", shop);

    _ns1__resourcesRequestParam which;
    which.sessionId = session;
    _ns1__resourcesResponseParam resources;
    check(shop, shop.resources(&which, resources));
    for (const ns1__apiEntity *resource : resources.result->complexObjectArray) {
        if (resource->name != "sales_order_invoice") continue;
        std::string paths;
        for (const ns1__apiMethodEntity *method : resource->methods->complexObjectArray)
            paths += (paths.empty() ? "" : " ") + method->path;
        tell("resources", paths);
    }
    _ns1__resourceFaultsParam what;
    what.sessionId = session;
    what.resourceName = "sales_order_invoice";
    _ns1__resourceFaultsResponseParam faults;
    check(shop, shop.resourceFaults(&what, faults));
    std::string codes;
    for (const ns1__existsFaltureEntity *fault : faults.result->complexObjectArray)
        codes += (codes.empty() ? "" : " ") + fault->code;
    tell("resource_faults", codes);
    _ns1__magentoInfoRequestParam whose;
    whose.sessionId = session;
    _ns1__magentoInfoResponseParam installation;
    check(shop, shop.magentoInfo(&whose, installation));
    tell("magento_info", installation.result->magento_USCOREversion + ' ' + installation.result->magento_USCOREedition);
    _ns1__startSessionResponseParam started;
    check(shop, shop.startSession(started));
    tell("start_session", started.result.size());

    _ns1__endSessionParam end;
    end.sessionId = session;
    _ns1__endSessionResponseParam ended;
    check(shop, shop.endSession(&end, ended));
    tell("end_session", ended.result);
    _ns1__salesOrderInvoiceListRequestParam late;
    late.sessionId = session;
    _ns1__salesOrderInvoiceListResponseParam refused;
    if (shop.salesOrderInvoiceList(&late, refused) != SOAP_OK) tell_fault("after", shop);
    return 0;
}
