"""The operations of sales orders in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import Filters, Flag, Integer, Text
from magento_soap.protocols.soap.types.orders import TYPES, ListedOrderArray, Order

operation = ResourceOperations("sales_order")


class OrderService(ServiceBase):
    """Sales orders. What is a boolean in V2 is an integer in WS-I: 1."""

    types = TYPES

    @operation()
    def salesOrderList(ctx, sessionId: Text, filters: Filters) -> ListedOrderArray:
        """Retrieve list of orders by filters"""

    @operation()
    def salesOrderInfo(ctx, sessionId: Text, orderIncrementId: Text) -> Order:
        """Retrieve order information"""

    @operation(optional=("comment", "notify"), wsi_returns=Integer, wsi_types={"notify": Integer})
    def salesOrderAddComment(
        ctx, sessionId: Text, orderIncrementId: Text, status: Text, comment: Text, notify: Text
    ) -> Flag:
        """Add comment to order"""

    @operation(wsi_returns=Integer)
    def salesOrderHold(ctx, sessionId: Text, orderIncrementId: Text) -> Flag:
        """Hold order"""

    @operation(wsi_returns=Integer)
    def salesOrderUnhold(ctx, sessionId: Text, orderIncrementId: Text) -> Flag:
        """Unhold order"""

    @operation(wsi_returns=Integer)
    def salesOrderCancel(ctx, sessionId: Text, orderIncrementId: Text) -> Flag:
        """Cancel order"""
