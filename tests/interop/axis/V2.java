// The life of an invoice through Java's Axis 1.4, SOAP V2, with the classes that WSDL2Java generates.
// usage: java V2 http://127.0.0.1:8080

import java.io.PrintStream;
import java.net.URL;
import java.util.Arrays;
import java.util.stream.Collectors;

import Magento.*;
import org.apache.axis.AxisFault;

public class V2 {
    static PrintStream out;

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
        URL address = new URL(arguments[0] + "/api/v2_soap/");
        Mage_Api_Model_Server_V2_HandlerPortType shop =
            new MagentoServiceLocator().getMage_Api_Model_Server_V2_HandlerPort(address);
        String session = shop.login("apiUser", "apiKey");
        tell("login", session.length());

        tell("list", numbers(shop.salesOrderInvoiceList(session, null)));
        tell("list_filter", numbers(shop.salesOrderInvoiceList(session, having("order_currency_code", "EUR"))));
        Filters canceled = having("order_currency_code", "USD", "state", "3");
        tell("list_one", numbers(shop.salesOrderInvoiceList(session, canceled)));
        tell("list_none", numbers(shop.salesOrderInvoiceList(session, having("state", "9"))));
        ComplexFilter openOrCanceled = new ComplexFilter("state", new AssociativeEntity("in", "1,3"));
        Filters filters = new Filters(null, new ComplexFilter[] {openOrCanceled});
        tell("list_complex", numbers(shop.salesOrderInvoiceList(session, filters)));

        SalesOrderInvoiceEntity invoice = shop.salesOrderInvoiceInfo(session, "100000007");
        tell("info", invoice.getState() + " " + invoice.getGrand_total() + " " + invoice.getOrder_currency_code() + " "
            + invoice.getOrder_increment_id());
        tell("info_items", items(invoice));
        tell("info_comments", comments(shop.salesOrderInvoiceInfo(session, "100000008")));

        OrderItemIdQty[] qty = {new OrderItemIdQty(50, 1)};
        String number = shop.salesOrderInvoiceCreate(session, "100000028", qty, "one of four", "0", "0");
        tell("create", number);
        invoice = shop.salesOrderInvoiceInfo(session, number);
        tell("created", invoice.getState() + " " + invoice.getGrand_total() + " " + invoice.getOrder_increment_id());
        tell("created_items", items(invoice));
        tell("created_comments", comments(invoice));
        tell("add_comment", shop.salesOrderInvoiceAddComment(session, number, "Grüße 日本 ☃ <b>&", "0", "0"));
        tell("commented", comments(shop.salesOrderInvoiceInfo(session, number)));
        tell("capture", shop.salesOrderInvoiceCapture(session, number));
        tell("captured", shop.salesOrderInvoiceInfo(session, number).getState());
        tell("void", shop.salesOrderInvoiceVoid(session, number));
        tell("voided", shop.salesOrderInvoiceInfo(session, number).getState());

        number = shop.salesOrderInvoiceCreate(session, "100000016", null, null, null, null);
        tell("create_all", number);
        tell("create_all_items", items(shop.salesOrderInvoiceInfo(session, number)));
        tell("cancel", shop.salesOrderInvoiceCancel(session, number));
        tell("canceled", shop.salesOrderInvoiceInfo(session, number).getState());

        try {
            shop.salesOrderInvoiceInfo(session, "999999999");
        } catch (AxisFault fault) {
            tell("fault", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }

        for (ApiEntity resource : shop.resources(session)) {
            if (resource.getName().equals("sales_order_invoice")) {
                tell("resources", Arrays.stream(resource.getMethods()).map(ApiMethodEntity::getPath)
                    .collect(Collectors.joining(" ")));
            }
        }
        tell("resource_faults", Arrays.stream(shop.resourceFaults("sales_order_invoice", session))
            .map(ExistsFaltureEntity::getCode).collect(Collectors.joining(" ")));
        MagentoInfoEntity info = shop.magentoInfo(session);
        tell("magento_info", info.getMagento_version() + " " + info.getMagento_edition());
        tell("start_session", shop.startSession().length());

        tell("end_session", shop.endSession(session));
        try {
            shop.salesOrderInvoiceList(session, null);
        } catch (AxisFault fault) {
            tell("after", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }
    }
}
