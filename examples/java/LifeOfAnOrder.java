// A piece of an order from its invoice to a refund, over SOAP V2 with the classes that Axis 1.4 generates. Each run takes
// another piece of the same order.
//
//     java -cp "$AXIS" org.apache.axis.wsdl.WSDL2Java -o generated 'http://127.0.0.1:8080/api/v2_soap/?wsdl'
//     javac -cp "$AXIS:generated" -d generated generated/Magento/*.java examples/java/LifeOfAnOrder.java
//     java -cp "$AXIS:generated" LifeOfAnOrder
//
// AXIS is a class path of axis, axis-jaxrpc, axis-saaj, commons-discovery, commons-logging and wsdl4j.

import java.net.URL;

import Magento.*;

public class LifeOfAnOrder {
    static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    public static void main(String[] arguments) throws Exception {
        URL address = new URL(setting("MAGENTO_URL", "http://127.0.0.1:8080") + "/api/v2_soap/");
        Mage_Api_Model_Server_V2_HandlerPortType shop =
            new MagentoServiceLocator().getMage_Api_Model_Server_V2_HandlerPort(address);
        String session = shop.login("apiUser", "apiKey");

        // Find the order, and the item to work on
        AssociativeEntity[] wanted = {new AssociativeEntity("increment_id", setting("ORDER", "100000039"))};
        String order = shop.salesOrderList(session, new Filters(wanted, null))[0].getIncrement_id();
        SalesOrderItemEntity item = shop.salesOrderInfo(session, order).getItems()[0];
        System.out.println("order " + order + ": " + item.getQty_invoiced() + " of " + item.getQty_ordered() + " invoiced");
        OrderItemIdQty[] piece = {new OrderItemIdQty(Integer.parseInt(item.getItem_id()), 1)};

        // Invoice it, and take the money
        String invoice = shop.salesOrderInvoiceCreate(session, order, piece, "Thank you", "0", "0");
        shop.salesOrderInvoiceCapture(session, invoice);
        System.out.println("invoice " + invoice);

        // Ship it, with a tracking number
        String shipment = shop.salesOrderShipmentCreate(session, order, piece, "On its way", 0, 0);
        System.out.println("shipment " + shipment);
        String title = "";
        for (AssociativeEntity carrier : shop.salesOrderShipmentGetCarriers(session, order)) {
            if (carrier.getKey().equals("ups")) {
                title = carrier.getValue();
            }
        }
        int track = shop.salesOrderShipmentAddTrack(session, shipment, "ups", title, "1Z999");
        System.out.println("track " + track + ": " + title);

        // Give the order a status that the shop's staff understand
        shop.salesOrderAddComment(session, order, "partly_shipped", "Shipment " + shipment, "0");

        // Refund it, but not the shipping
        SalesOrderCreditmemoData refund = new SalesOrderCreditmemoData();
        refund.setQtys(piece);
        refund.setShipping_amount(0.0);
        String creditmemo = shop.salesOrderCreditmemoCreate(session, order, refund, "Sorry", 0, 0, "");
        System.out.println("credit memo " + creditmemo);

        shop.endSession(session);
    }
}
