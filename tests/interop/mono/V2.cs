// The life of an invoice through Mono, SOAP V2, with the class that wsdl.exe generates: parts go out and the
// result comes back. usage: mono client.exe http://127.0.0.1:8080

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Web.Services.Protocols;

public static class V2
{
    static readonly MagentoService shop = new MagentoService();
    static string session;

    static void Tell(string step, object value)
    {
        Console.WriteLine(step + "=" + (value is bool ? value.ToString().ToLower() : value));
    }

    static void TellFault(string step, Action call)
    {
        try { call(); } catch (SoapException fault) { Tell(step, fault.Code.Name + " " + fault.Message); }
    }

    static associativeEntity Pair(string key, string value)
    {
        return new associativeEntity { key = key, value = value };
    }

    static filters Having(params associativeEntity[] entries)
    {
        return new filters { filter = entries };
    }

    static string Numbers(filters filters)
    {
        var invoices = shop.salesOrderInvoiceList(session, filters);
        return string.Join(" ", invoices.Select(invoice => invoice.increment_id));
    }

    static salesOrderInvoiceEntity Info(string number)
    {
        return shop.salesOrderInvoiceInfo(session, number);
    }

    static string Items(salesOrderInvoiceEntity invoice)
    {
        return string.Join(", ", invoice.items.Select(item => item.sku + " " + item.qty));
    }

    static string Comments(salesOrderInvoiceEntity invoice)
    {
        return string.Join(", ", invoice.comments.Select(comment => comment.comment));
    }

    public static void Main(string[] arguments)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        shop.Url = arguments[0] + "/api/v2_soap/";
        session = shop.login("apiUser", "apiKey");
        Tell("login", session.Length);

        Tell("list", Numbers(null));
        Tell("list_filter", Numbers(Having(Pair("order_currency_code", "EUR"))));
        Tell("list_one", Numbers(Having(Pair("order_currency_code", "USD"), Pair("state", "3"))));
        Tell("list_none", Numbers(Having(Pair("state", "9"))));
        var openOrCanceled = new complexFilter { key = "state", value = Pair("in", "1,3") };
        Tell("list_complex", Numbers(new filters { complex_filter = new[] { openOrCanceled } }));

        var invoice = Info("100000007");
        Tell("info", invoice.state + " " + invoice.grand_total + " " + invoice.order_currency_code + " "
            + invoice.order_increment_id);
        Tell("info_items", Items(invoice));
        Tell("info_comments", Comments(Info("100000008")));

        var qty = new[] { new orderItemIdQty { order_item_id = 50, qty = 1 } };
        string number = shop.salesOrderInvoiceCreate(session, "100000028", qty, "one of four", null, null);
        Tell("create", number);
        invoice = Info(number);
        Tell("created", invoice.state + " " + invoice.grand_total + " " + invoice.order_increment_id);
        Tell("created_items", Items(invoice));
        Tell("created_comments", Comments(invoice));
        Tell("add_comment", shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃ <b>&", null, null));
        Tell("commented", Comments(Info(number)));
        Tell("capture", shop.salesOrderInvoiceCapture(session, number));
        Tell("captured", Info(number).state);
        Tell("void", shop.salesOrderInvoiceVoid(session, number));
        Tell("voided", Info(number).state);

        number = shop.salesOrderInvoiceCreate(session, "100000016", new orderItemIdQty[0], null, null, null);
        Tell("create_all", number);
        Tell("create_all_items", Items(Info(number)));
        Tell("cancel", shop.salesOrderInvoiceCancel(session, number));
        Tell("canceled", Info(number).state);

        TellFault("fault", () => Info("999999999"));

        var invoices = shop.resources(session).Single(resource => resource.name == "sales_order_invoice");
        Tell("resources", string.Join(" ", invoices.methods.Select(method => method.path)));
        var faults = shop.resourceFaults(session, "sales_order_invoice");
        Tell("resource_faults", string.Join(" ", faults.Select(fault => fault.code)));
        var info = shop.magentoInfo(session);
        Tell("magento_info", info.magento_version + " " + info.magento_edition);
        Tell("start_session", shop.startSession().Length);

        Tell("end_session", shop.endSession(session));
        TellFault("after", () => Numbers(null));
        Console.Out.Flush();
        EndProcess(0);
    }

    // Without Mono's shutdown, in which its runtime sometimes crashes after everything is done.
    [DllImport("libc", EntryPoint = "_exit")]
    static extern void EndProcess(int code);
}
