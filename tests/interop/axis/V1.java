// The life of an invoice through Java's Axis 1.4, SOAP V1, with the classes that WSDL2Java generates: Maps are Maps.
// usage: java V1 http://127.0.0.1:8080

import java.io.PrintStream;
import java.net.URL;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.namespace.QName;

import Magento.*;
import org.apache.axis.AxisFault;
import org.apache.axis.encoding.ser.BeanDeserializerFactory;

public class V1 {
    static PrintStream out;
    static Mage_Api_Model_Server_HandlerPortType shop;
    static String session;

    static Object call(String path, Object... arguments) throws Exception {
        return shop.call(session, "sales_order_invoice." + path, arguments);
    }

    static Map<?, ?> info(String number) throws Exception {
        return (Map<?, ?>) call("info", number);
    }

    static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> made = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            made.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return made;
    }

    static String joined(String separator, Object array, String... names) {
        return Arrays.stream((Object[]) array)
            .map(entry -> Arrays.stream(names).map(name -> (String) ((Map<?, ?>) entry).get(name))
                .collect(Collectors.joining(" ")))
            .collect(Collectors.joining(separator));
    }

    static void tell(String step, Object value) {
        out.println(step + "=" + value);
    }

    static void tellList(String step, Object... filters) throws Exception {
        tell(step, joined(" ", call("list", filters), "increment_id"));
    }

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, true, "UTF-8");
        URL address = new URL(arguments[0] + "/api/soap/");
        MagentoServiceLocator locator = new MagentoServiceLocator();
        shop = locator.getMage_Api_Model_Server_HandlerPort(address);
        // An empty array is one of xsd:ur-type, as on every Magento, and Axis must be told what that is.
        QName anything = new QName("http://www.w3.org/2001/XMLSchema", "ur-type");
        locator.getTypeMappingRegistry().getTypeMapping("http://schemas.xmlsoap.org/soap/encoding/").register(
            Object.class, anything, null, new BeanDeserializerFactory(Object.class, anything));
        session = shop.login("apiUser", "apiKey");
        tell("login", session.length());

        tellList("list");
        tellList("list_filter", map("order_currency_code", "EUR"));
        tellList("list_one", map("order_currency_code", "USD", "state", 3));
        tellList("list_none", map("state", 9));
        tellList("list_complex", map("state", map("in", new Integer[] {1, 3})));

        Map<?, ?> invoice = info("100000007");
        tell("info", invoice.get("state") + " " + invoice.get("grand_total") + " " + invoice.get("order_currency_code")
            + " " + invoice.get("order_increment_id"));
        tell("info_items", joined(", ", invoice.get("items"), "sku", "qty"));
        tell("info_comments", joined(", ", info("100000008").get("comments"), "comment"));

        String number = (String) call("create", "100000028", map("50", 1), "one of four", false, false);
        tell("create", number);
        invoice = info(number);
        tell("created", invoice.get("state") + " " + invoice.get("grand_total") + " "
            + invoice.get("order_increment_id"));
        tell("created_items", joined(", ", invoice.get("items"), "sku", "qty"));
        tell("created_comments", joined(", ", invoice.get("comments"), "comment"));
        tell("add_comment", call("addComment", number, "Grüße 日本 ☃ <b>&", false, false));
        tell("commented", joined(", ", info(number).get("comments"), "comment"));
        tell("capture", call("capture", number));
        tell("captured", info(number).get("state"));
        tell("void", call("void", number));
        tell("voided", info(number).get("state"));

        number = (String) call("create", "100000016");
        tell("create_all", number);
        tell("create_all_items", joined(", ", info(number).get("items"), "sku", "qty"));
        tell("cancel", call("cancel", number));
        tell("canceled", info(number).get("state"));

        try {
            info("999999999");
        } catch (AxisFault fault) {
            tell("fault", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }

        for (Object resource : shop.resources(session)) {
            Map<?, ?> described = (Map<?, ?>) resource;
            if (described.get("name").equals("sales_order_invoice")) {
                tell("resources", joined(" ", described.get("methods"), "path"));
            }
        }
        tell("resource_faults", joined(" ", shop.resourceFaults("sales_order_invoice", session), "code"));
        Map<?, ?> info = (Map<?, ?>) shop.call(session, "core_magento.info", null);
        tell("magento_info", info.get("magento_version") + " " + info.get("magento_edition"));
        tell("start_session", shop.startSession().length());

        tell("end_session", shop.endSession(session));
        try {
            call("list");
        } catch (AxisFault fault) {
            tell("after", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }
    }
}
