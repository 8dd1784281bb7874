"""The operations of credit memos in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import Filters, Flag, Integer, Text
from magento_soap.protocols.soap.types.creditmemos import TYPES, CreditMemo, CreditMemoArray, CreditMemoData

operation = ResourceOperations("sales_order_creditmemo")


class CreditMemoService(ServiceBase):
    """Credit memos. What is a boolean in V2 is an integer in WS-I, and text in one case."""

    types = TYPES

    @operation(optional=("filters",))
    def salesOrderCreditmemoList(ctx, sessionId: Text, filters: Filters) -> CreditMemoArray:
        """Retrieve list of creditmemos by filters"""

    @operation()
    def salesOrderCreditmemoInfo(ctx, sessionId: Text, creditmemoIncrementId: Text) -> CreditMemo:
        """Retrieve creditmemo information"""

    @operation(
        optional=("creditmemoData", "comment", "notifyCustomer", "includeComment", "refundToStoreCreditAmount"),
    )
    def salesOrderCreditmemoCreate(
        ctx,
        sessionId: Text,
        orderIncrementId: Text,
        creditmemoData: CreditMemoData,
        comment: Text,
        notifyCustomer: Integer,
        includeComment: Integer,
        refundToStoreCreditAmount: Text,
    ) -> Text:
        """Create new creditmemo for order"""

    @operation(
        optional=("notifyCustomer", "includeComment"),
        wsi_returns=Integer,
        wsi_title="Add new comment to creditmemo",
    )
    def salesOrderCreditmemoAddComment(
        ctx,
        sessionId: Text,
        creditmemoIncrementId: Text,
        comment: Text,
        notifyCustomer: Integer,
        includeComment: Integer,
    ) -> Flag:
        """Add new comment to shipment"""  # in V2 of every Magento

    @operation(wsi_returns=Text)
    def salesOrderCreditmemoCancel(ctx, sessionId: Text, creditmemoIncrementId: Text) -> Flag:
        """Cancel creditmemo"""
