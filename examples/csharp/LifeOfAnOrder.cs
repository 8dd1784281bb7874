// A piece of an order from its invoice to a refund, over SOAP V2 with the class that wsdl.exe generates. Each run takes
// another piece of the same order.
//
//     wsdl -out:shop.cs 'http://127.0.0.1:8080/api/v2_soap/?wsdl'
//     mcs -out:order.exe -r:System.Web.Services shop.cs examples/csharp/LifeOfAnOrder.cs
//     mono order.exe

using System;
using System.Linq;

public static class LifeOfAnOrder
{
    public static void Main()
    {
        var shop = new MagentoService();
        shop.Url = (Environment.GetEnvironmentVariable("MAGENTO_URL") ?? "http://127.0.0.1:8080") + "/api/v2_soap/";
        var session = shop.login("apiUser", "apiKey");

        // Find the order, and the item to work on
        var number = Environment.GetEnvironmentVariable("ORDER") ?? "100000038";
        var wanted = new associativeEntity { key = "increment_id", value = number };
        var order = shop.salesOrderList(session, new filters { filter = new[] { wanted } }).Single().increment_id;
        var item = shop.salesOrderInfo(session, order).items[0];
        Console.WriteLine("order {0}: {1} of {2} invoiced", order, item.qty_invoiced, item.qty_ordered);
        var piece = new[] { new orderItemIdQty { order_item_id = int.Parse(item.item_id), qty = 1 } };

        // Invoice it, and take the money
        var invoice = shop.salesOrderInvoiceCreate(session, order, piece, "Thank you", "0", "0");
        shop.salesOrderInvoiceCapture(session, invoice);
        Console.WriteLine("invoice {0}", invoice);

        // Ship it, with a tracking number
        var shipment = shop.salesOrderShipmentCreate(session, order, piece, "On its way", 0, 0);
        Console.WriteLine("shipment {0}", shipment);
        var carriers = shop.salesOrderShipmentGetCarriers(session, order);
        var title = carriers.Single(carrier => carrier.key == "ups").value;
        var track = shop.salesOrderShipmentAddTrack(session, shipment, "ups", title, "1Z999");
        Console.WriteLine("track {0}: {1}", track, title);

        // Give the order a status that the shop's staff understand
        shop.salesOrderAddComment(session, order, "partly_shipped", "Shipment " + shipment, "0");

        // Refund it, but not the shipping: the generated class sends an amount only if it is told so
        var refund = new salesOrderCreditmemoData { qtys = piece, shipping_amount = 0, shipping_amountSpecified = true };
        var creditmemo = shop.salesOrderCreditmemoCreate(session, order, refund, "Sorry", 0, 0, "");
        Console.WriteLine("credit memo {0}", creditmemo);

        shop.endSession(session);
    }
}
