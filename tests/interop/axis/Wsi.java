// The life of an invoice through Java's Axis 1.4, SOAP V2 with WS-I, with the classes that WSDL2Java generates:
// an object of all parts goes out, one with the result comes back. usage: java Wsi http://127.0.0.1:8080

import java.io.PrintStream;
import java.net.URL;
import java.util.Arrays;
import java.util.stream.Collectors;

import Magento.*;
import org.apache.axis.AxisFault;

public class Wsi {
    static PrintStream out;
    static Mage_Api_Model_Server_Wsi_HandlerPortType shop;
    static String session;

    static SalesOrderInvoiceEntity[] list(Filters filters) throws Exception {
        return shop.salesOrderInvoiceList(new SalesOrderInvoiceListRequestParam(session, filters)).getResult();
    }

    static SalesOrderInvoiceEntity info(String number) throws Exception {
        return shop.salesOrderInvoiceInfo(new SalesOrderInvoiceInfoRequestParam(session, number)).getResult();
    }

    static void tell(String step, Object value) {
        out.println(step + "=" + value);
    }

    static String numbers(SalesOrderInvoiceEntity[] invoices) {
        return Arrays.stream(invoices).map(SalesOrderInvoiceEntity::getIncrement_id).collect(Collectors.joining(" "));
    }

    static String items(SalesOrderInvoiceEntity invoice) {
        return Arrays.stream(invoice.getItems()).map(item -> item.getSku() + " " + item.getQty())
            .collect(Collectors.joining(", "));
    }

    static String comments(SalesOrderInvoiceEntity invoice) {
        return Arrays.stream(invoice.getComments()).map(SalesOrderInvoiceCommentEntity::getComment)
            .collect(Collectors.joining(", "));
    }

    static Filters having(String... keysAndValues) {
        AssociativeEntity[] entries = new AssociativeEntity[keysAndValues.length / 2];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new AssociativeEntity(keysAndValues[2 * i], keysAndValues[2 * i + 1]);
        }
        return new Filters(entries, null);
    }

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, true, "UTF-8");
        URL address = new URL(arguments[0] + "/api/v2_soap_wsi/");
        shop = new MagentoServiceLocator().getMage_Api_Model_Server_Wsi_HandlerPort(address);
        session = shop.login(new LoginParam("apiUser", "apiKey")).getResult();
        tell("login", session.length());

        tell("list", numbers(list(null)));
        tell("list_filter", numbers(list(having("order_currency_code", "EUR"))));
        Filters canceled = having("order_currency_code", "USD", "state", "3");
        tell("list_one", numbers(list(canceled)));
        tell("list_none", numbers(list(having("state", "9"))));
        ComplexFilter openOrCanceled = new ComplexFilter("state", new AssociativeEntity("in", "1,3"));
        Filters filters = new Filters(null, new ComplexFilter[] {openOrCanceled});
        tell("list_complex", numbers(list(filters)));

        SalesOrderInvoiceEntity invoice = info("100000007");
        tell("info", invoice.getState() + " " + invoice.getGrand_total() + " " + invoice.getOrder_currency_code() + " "
            + invoice.getOrder_increment_id());
        tell("info_items", items(invoice));
        tell("info_comments", comments(info("100000008")));

        OrderItemIdQty[] qty = {new OrderItemIdQty(50, 1)};
        SalesOrderInvoiceCreateRequestParam part =
            new SalesOrderInvoiceCreateRequestParam(session, "100000028", qty, "one of four", null, null);
        String number = shop.salesOrderInvoiceCreate(part).getResult();
        tell("create", number);
        invoice = info(number);
        tell("created", invoice.getState() + " " + invoice.getGrand_total() + " " + invoice.getOrder_increment_id());
        tell("created_items", items(invoice));
        tell("created_comments", comments(invoice));
        SalesOrderInvoiceAddCommentRequestParam comment =
            new SalesOrderInvoiceAddCommentRequestParam(session, number, "Grüße 日本 ☃ <b>&", "0", "0");
        tell("add_comment", shop.salesOrderInvoiceAddComment(comment).getResult());
        tell("commented", comments(info(number)));
        SalesOrderInvoiceCaptureRequestParam toCapture = new SalesOrderInvoiceCaptureRequestParam(session, number);
        tell("capture", shop.salesOrderInvoiceCapture(toCapture).getResult());
        tell("captured", info(number).getState());
        SalesOrderInvoiceVoidRequestParam toVoid = new SalesOrderInvoiceVoidRequestParam(session, number);
        tell("void", shop.salesOrderInvoiceVoid(toVoid).getResult());
        tell("voided", info(number).getState());

        OrderItemIdQty[] everything = {};
        SalesOrderInvoiceCreateRequestParam whole =
            new SalesOrderInvoiceCreateRequestParam(session, "100000016", everything, null, null, null);
        number = shop.salesOrderInvoiceCreate(whole).getResult();
        tell("create_all", number);
        tell("create_all_items", items(info(number)));
        SalesOrderInvoiceCancelRequestParam toCancel = new SalesOrderInvoiceCancelRequestParam(session, number);
        tell("cancel", shop.salesOrderInvoiceCancel(toCancel).getResult());
        tell("canceled", info(number).getState());

        try {
            info("999999999");
        } catch (AxisFault fault) {
            tell("fault", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }

        for (ApiEntity resource : shop.resources(new ResourcesRequestParam(session)).getResult()) {
            if (resource.getName().equals("sales_order_invoice")) {
                tell("resources", Arrays.stream(resource.getMethods()).map(ApiMethodEntity::getPath)
                    .collect(Collectors.joining(" ")));
            }
        }
        ResourceFaultsParam question = new ResourceFaultsParam(session, "sales_order_invoice");
        tell("resource_faults", Arrays.stream(shop.resourceFaults(question).getResult())
            .map(ExistsFaltureEntity::getCode).collect(Collectors.joining(" ")));
        MagentoInfoEntity info = shop.magentoInfo(new MagentoInfoRequestParam(session)).getResult();
        tell("magento_info", info.getMagento_version() + " " + info.getMagento_edition());
        tell("start_session", shop.startSession().getResult().length());

        tell("end_session", shop.endSession(new EndSessionParam(session)).isResult());
        try {
            list(null);
        } catch (AxisFault fault) {
            tell("after", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }
    }
}
