"""The operations of sales invoices in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import Filters, Flag, Text
from magento_soap.protocols.soap.types.invoices import TYPES, Invoice, InvoiceArray
from magento_soap.protocols.soap.types.orders import OrderItemIdQtyArray

operation = ResourceOperations("sales_order_invoice")


class InvoiceService(ServiceBase):
    """Sales invoices. What is a boolean in V2 is text in WS-I: "1" (API-34)."""

    types = TYPES

    @operation(optional=("filters",))
    def salesOrderInvoiceList(ctx, sessionId: Text, filters: Filters) -> InvoiceArray:
        """Retrieve list of invoices by filters"""

    @operation()
    def salesOrderInvoiceInfo(ctx, sessionId: Text, invoiceIncrementId: Text) -> Invoice:
        """Retrieve invoice information"""

    @operation(
        # The WSDL calls the order's number invoiceIncrementId. Magento's documents show a request with the right name,
        # which generated clients drop unless the WSDL declares it.
        renamed={"invoiceIncrementId": "orderIncrementId"},
        other_names={"orderIncrementId": "invoiceIncrementId"},
        optional=("comment", "email", "includeComment"),
    )
    def salesOrderInvoiceCreate(
        ctx,
        sessionId: Text,
        invoiceIncrementId: Text,
        itemsQty: OrderItemIdQtyArray,
        comment: Text,
        email: Text,
        includeComment: Text,
    ) -> Text:
        """Create new invoice for order"""

    @operation(optional=("email", "includeComment"), wsi_returns=Text)
    def salesOrderInvoiceAddComment(
        ctx, sessionId: Text, invoiceIncrementId: Text, comment: Text, email: Text, includeComment: Text
    ) -> Flag:
        """Add new comment to shipment"""  # as in every Magento

    @operation(wsi_returns=Text)
    def salesOrderInvoiceCapture(ctx, sessionId: Text, invoiceIncrementId: Text) -> Flag:
        """Capture invoice"""

    @operation(wsi_returns=Text)
    def salesOrderInvoiceVoid(ctx, sessionId: Text, invoiceIncrementId: Text) -> Flag:
        """Void invoice"""

    @operation(wsi_returns=Text)
    def salesOrderInvoiceCancel(ctx, sessionId: Text, invoiceIncrementId: Text) -> Flag:
        """Cancel invoice"""
