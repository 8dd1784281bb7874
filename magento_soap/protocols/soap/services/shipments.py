"""The operations of shipments in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import AssociativeArray, Filters, Flag, Integer, Text
from magento_soap.protocols.soap.types.orders import OrderItemIdQtyArray
from magento_soap.protocols.soap.types.shipments import TYPES, Shipment, ShipmentArray

operation = ResourceOperations("sales_order_shipment")


class ShipmentService(ServiceBase):
    """Shipments. Two responses are called ``shipmentIncrementId`` in V2, whatever they are."""

    types = TYPES

    @operation(optional=("filters",))
    def salesOrderShipmentList(ctx, sessionId: Text, filters: Filters) -> ShipmentArray:
        """Retrieve list of shipments by filters"""

    @operation()
    def salesOrderShipmentInfo(ctx, sessionId: Text, shipmentIncrementId: Text) -> Shipment:
        """Retrieve shipment information"""

    @operation(optional=("comment",), result="shipmentIncrementId")
    def salesOrderShipmentCreate(
        ctx,
        sessionId: Text,
        orderIncrementId: Text,
        itemsQty: OrderItemIdQtyArray,
        comment: Text,
        email: Integer,
        includeComment: Integer,
    ) -> Text:
        """Create new shipment for order"""

    @operation(optional=("comment",), result="shipmentIncrementId", wsi_returns=Integer)
    def salesOrderShipmentAddComment(
        ctx, sessionId: Text, shipmentIncrementId: Text, comment: Text, email: Text, includeInEmail: Text
    ) -> Flag:
        """Add new comment to shipment"""

    @operation()
    def salesOrderShipmentAddTrack(
        ctx, sessionId: Text, shipmentIncrementId: Text, carrier: Text, title: Text, trackNumber: Text
    ) -> Integer:
        """Add new tracking number"""

    @operation(optional=("comment",), wsi_returns=Integer)
    def salesOrderShipmentSendInfo(ctx, sessionId: Text, shipmentIncrementId: Text, comment: Text) -> Flag:
        """Send shipment info"""

    @operation(wsi_returns=Integer)
    def salesOrderShipmentRemoveTrack(ctx, sessionId: Text, shipmentIncrementId: Text, trackId: Text) -> Flag:
        """Remove tracking number"""

    @operation(as_pairs=True)
    def salesOrderShipmentGetCarriers(ctx, sessionId: Text, orderIncrementId: Text) -> AssociativeArray:
        """Retrieve list of allowed carriers for order"""
