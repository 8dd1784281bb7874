// The life of an invoice through gSOAP, SOAP V1, with the code that wsdl2h and soapcpp2 -j generate. The answer of
// `call` may be of any type, for which the proxy has no place; that of `multiCall` is an array of pointers to such, so
// every call is made as the only one of a multiCall. usage: v1 http://127.0.0.1:8080

#include <initializer_list>
#include <iostream>
#include <string>
#include <utility>

#include "soapMage_USCOREApi_USCOREModel_USCOREServer_USCOREHandlerBindingProxy.h"
#include "Mage_USCOREApi_USCOREModel_USCOREServer_USCOREHandlerBinding.nsmap"

typedef Mage_USCOREApi_USCOREModel_USCOREServer_USCOREHandlerBindingProxy Shop;
typedef xsd__anyType Any;

static std::string session;

template <class Value> static void tell(const char *step, const Value &value)
{
    std::cout << step << '=' << value << '\n';
}

// Ends the program when a call failed.
static void check(Shop &shop, int result)
{
    if (result == SOAP_OK) return;
    soap_stream_fault(shop.soap, std::cerr);
    exit(1);
}

static Any *text(Shop &shop, const std::string &value)
{
    xsd__string_ *made = soap_new_xsd__string_(shop.soap);
    made->__item = value;
    return made;
}

static Any *map(Shop &shop, std::initializer_list<std::pair<const char *, Any *>> members)
{
    ns2__Map *made = soap_new_ns2__Map(shop.soap);
    for (const std::pair<const char *, Any *> &member : members) {
        ns2__mapItem *item = soap_new_ns2__mapItem(shop.soap);
        item->key = text(shop, member.first);
        item->value = member.second;
        made->item.push_back(item);
    }
    return made;
}

template <class Array> static Array *array(Shop &shop, Array *made, std::initializer_list<Any *> entries)
{
    made->__size = entries.size();
    made->__ptr = static_cast<Any **>(soap_malloc(shop.soap, entries.size() * sizeof(Any *)));
    std::copy(entries.begin(), entries.end(), made->__ptr);
    return made;
}

// Calls an API method with its arguments by name.
static Any *call(Shop &shop, const char *path, Any *arguments)
{
    Any *one = array(shop, soap_new_SOAP_ENC__Array(shop.soap), {text(shop, path), arguments});
    ns1__multiCallResponse answer;
    check(shop, shop.multiCall(session, array(shop, soap_new_FixedArray(shop.soap), {one}), NULL, answer));
    return answer.multiCallReturn->__ptr[0];
}

static std::string text(const Any *value)
{
    if (const xsd__boolean_ *flag = dynamic_cast<const xsd__boolean_ *>(value)) return flag->__item ? "true" : "false";
    const xsd__string_ *string = dynamic_cast<const xsd__string_ *>(value);
    return string ? string->__item : "";
}

// A member of a Map.
static const Any *get(const Any *value, const std::string &name)
{
    const ns2__Map *members = dynamic_cast<const ns2__Map *>(value);
    for (size_t i = 0; members && i < members->item.size(); i++)
        if (text(members->item[i]->key) == name) return members->item[i]->value;
    return NULL;
}

// Members of the Maps in an array.
static std::string joined(const char *separator, const Any *value, std::initializer_list<const char *> names)
{
    const SOAP_ENC__Array *entries = dynamic_cast<const SOAP_ENC__Array *>(value);
    std::string found;
    for (int i = 0; entries && i < entries->__size; i++) {
        std::string entry;
        for (const char *name : names) entry += (entry.empty() ? "" : " ") + text(get(entries->__ptr[i], name));
        found += (found.empty() ? "" : separator) + entry;
    }
    return found;
}

static std::string items(const Any *invoice) { return joined(", ", get(invoice, "items"), {"sku", "qty"}); }
static std::string comments(const Any *invoice) { return joined(", ", get(invoice, "comments"), {"comment"}); }

static std::string numbers(Shop &shop, std::initializer_list<std::pair<const char *, Any *>> filters)
{
    Any *arguments = map(shop, {{"filters", map(shop, filters)}});
    return joined(" ", call(shop, "sales_order_invoice.list", arguments), {"increment_id"});
}

static Any *with_number(Shop &shop, const char *method, const std::string &number)
{
    std::string path = std::string("sales_order_invoice.") + method;
    return call(shop, path.c_str(), map(shop, {{"invoiceIncrementId", text(shop, number)}}));
}

int main(int, char **arguments)
{
    std::string address = std::string(arguments[1]) + "/api/soap/";
    Shop shop(address.c_str(), SOAP_C_UTFSTRING); // std::string holds UTF-8
    check(shop, shop.login("apiUser", "apiKey", session));
    tell("login", session.size());

    Any *three = text(shop, "3");
    tell("list", numbers(shop, {}));
    tell("list_filter", numbers(shop, {{"order_currency_code", text(shop, "EUR")}}));
    tell("list_one", numbers(shop, {{"order_currency_code", text(shop, "USD")}, {"state", three}}));
    tell("list_none", numbers(shop, {{"state", text(shop, "9")}}));
    Any *one_or_three = array(shop, soap_new_SOAP_ENC__Array(shop.soap), {text(shop, "1"), three});
    tell("list_complex", numbers(shop, {{"state", map(shop, {{"in", one_or_three}})}}));

    const Any *invoice = with_number(shop, "info", "100000007");
    tell("info", text(get(invoice, "state")) + ' ' + text(get(invoice, "grand_total")) + ' '
        + text(get(invoice, "order_currency_code")) + ' ' + text(get(invoice, "order_increment_id")));
    tell("info_items", items(invoice));
    tell("info_comments", comments(with_number(shop, "info", "100000008")));

    Any *order = text(shop, "100000028");
    Any *qty = map(shop, {{"50", text(shop, "1")}});
    Any *part = map(shop, {{"orderIncrementId", order}, {"itemsQty", qty}, {"comment", text(shop, "one of four")}});
    std::string number = text(call(shop, "sales_order_invoice.create", part));
    tell("create", number);
    invoice = with_number(shop, "info", number);
    tell("created", text(get(invoice, "state")) + ' ' + text(get(invoice, "grand_total")) + ' '
        + text(get(invoice, "order_increment_id")));
    tell("created_items", items(invoice));
    tell("created_comments", comments(invoice));
    Any *its = text(shop, number);
    Any *comment = map(shop, {{"invoiceIncrementId", its}, {"comment", text(shop, "Grüße 日本 ☃ <b>&")}});
    tell("add_comment", text(call(shop, "sales_order_invoice.addComment", comment)));
    tell("commented", comments(with_number(shop, "info", number)));
    tell("capture", text(with_number(shop, "capture", number)));
    tell("captured", text(get(with_number(shop, "info", number), "state")));
    tell("void", text(with_number(shop, "void", number)));
    tell("voided", text(get(with_number(shop, "info", number), "state")));

    Any *whole = map(shop, {{"orderIncrementId", text(shop, "100000016")}});
    number = text(call(shop, "sales_order_invoice.create", whole));
    tell("create_all", number);
    tell("create_all_items", items(with_number(shop, "info", number)));
    tell("cancel", text(with_number(shop, "cancel", number)));
    tell("canceled", text(get(with_number(shop, "info", number), "state")));

    // A fault within a multiCall is a Map.
    const Any *fault = with_number(shop, "info", "999999999");
    tell("fault", text(get(fault, "faultCode")) + ' ' + text(get(fault, "faultMessage")));

    ns1__resourcesResponse resources;
    check(shop, shop.resources(session, resources));
    for (int i = 0; i < resources.resourcesReturn->__size; i++) {
        const Any *resource = resources.resourcesReturn->__ptr[i];
        if (text(get(resource, "name")) == "sales_order_invoice")
            tell("resources", joined(" ", get(resource, "methods"), {"path"}));
    }
    ns1__resourceFaultsResponse faults;
    check(shop, shop.resourceFaults("sales_order_invoice", session, faults));
    std::string codes;
    for (int i = 0; i < faults.resourceFaultsReturn->__size; i++)
        codes += (i ? " " : "") + text(get(faults.resourceFaultsReturn->__ptr[i], "code"));
    tell("resource_faults", codes);
    const Any *installation = call(shop, "core_magento.info", map(shop, {}));
    tell("magento_info", text(get(installation, "magento_version")) + ' ' + text(get(installation, "magento_edition")));
    std::string unused;
    check(shop, shop.startSession(unused));
    tell("start_session", unused.size());

    bool ended;
    check(shop, shop.endSession(session, ended));
    tell("end_session", ended ? "true" : "false");
    ns1__multiCallResponse refused;
    if (shop.multiCall(session, soap_new_FixedArray(shop.soap), NULL, refused) != SOAP_OK)
        tell("after", std::string(*soap_faultcode(shop.soap)) + ' ' + shop.soap_fault_string());
    return 0;
}
