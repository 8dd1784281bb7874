"""The methods of ``sales_order_invoice``: from arguments to the domain's commands, from its errors to faults.

``INVOICE_FAULTS`` and ``FAULT_RULES`` declare the faults, ``InvoiceApi.resource`` the methods and their parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import structlog

from magento_soap.api.arguments import Parameter, quantities, quantity_to
from magento_soap.api.faults import (
    TRY_AGAIN_LATER,
    Fault,
    FaultRule,
    FaultRules,
    FaultTable,
    FaultTexts,
    ResourceFaults,
)
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, flag, identifier
from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    InvalidQuantity,
    InvoiceNotFound,
    OrderBeingChanged,
    OrderNotFound,
    PaymentError,
    StatusNotChanged,
)
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import DocumentQueries, InvalidFilter

from .comments import comment_text, notified
from .documents import DATA_RULES, DocumentReads

log = structlog.get_logger(__name__)

ACL = "sales/order/invoice"

INVOICE_FAULTS: Mapping[FaultTexts, FaultTable] = {
    "documented": FaultTable(
        Fault("100", "not_exists", "Requested shipment does not exists."),
        Fault("101", "invalid_filter", "Invalid filters given. Details in error message."),
        Fault("102", "data_invalid", "Invalid data given. Details in error message."),
        Fault("103", "order_not_exists", "Requested order does not exists"),
        Fault("104", "status_not_changed", "Invoice status not changed."),
    ),
    "openmage": FaultTable(
        Fault("100", "not_exists", "Requested invoice does not exist."),
        Fault("101", "invalid_filter", "Invalid filter given. Details in error message."),
        Fault("102", "data_invalid", "Invalid data given. Details in error message."),
        Fault("103", "order_not_exists", "Requested order not exists."),
        Fault("104", "status_not_changed", "Invoice status not changed"),
    ),
}
FAULT_RULES: FaultRules = {  # API-20..26, BUG-5
    InvoiceNotFound: FaultRule("not_exists", "invoice_not_exists", has_fixed_text=True),
    InvalidFilter: FaultRule("invalid_filter", "filters_invalid"),
    CannotInvoice: FaultRule("data_invalid", "order_not_invoiceable"),
    CannotNumber: FaultRule("data_invalid", "order_not_invoiceable"),
    InvalidQuantity: FaultRule("data_invalid", "data_invalid"),
    PaymentError: FaultRule("data_invalid", "data_invalid"),
    OrderNotFound: FaultRule("order_not_exists", "order_not_exists", has_fixed_text=True),
    StatusNotChanged: FaultRule("status_not_changed", "status_not_changed"),
    OrderBeingChanged: FaultRule("status_not_changed", TRY_AGAIN_LATER),
    **DATA_RULES,
}

INVOICE_ID = Parameter("invoiceIncrementId", required=True)
EMAIL = Parameter("email", default=False)
INCLUDE_COMMENT = Parameter("includeComment", also=("includeInEmail",), default=False)


class InvoiceApi:
    """Handlers of the resource; arguments are plain values as a client sent them."""

    def __init__(self, service: InvoiceService, queries: DocumentQueries, faults: FaultTable) -> None:
        self._service = service
        self._faults = ResourceFaults(faults, FAULT_RULES)
        self.reads = DocumentReads(queries, self._faults, InvoiceNotFound)

    def resource(self) -> Resource:
        """The registry entry (API-1)."""

        def method(name: str, title: str, acl: str, handler: Callable[..., object], *parameters: Parameter) -> Method:
            return Method(name, title, f"{ACL}/{acl}", parameters, handler, changes=True)

        return Resource(
            name="sales_order_invoice",
            title="Invoice API",
            acl=ACL,
            aliases=("order_invoice",),
            faults=self._faults.table,
            methods=methods(
                self.reads.list_method("Retrieve list of invoices by filters", f"{ACL}/info"),
                self.reads.info_method("Retrieve invoice information", f"{ACL}/info", INVOICE_ID),
                method(
                    "create",
                    "Create new invoice for order",
                    "create",
                    self.create,
                    Parameter("orderIncrementId", also=("invoiceIncrementId",), required=True),
                    Parameter("itemsQty", default=[]),
                    Parameter("comment"),
                    EMAIL,
                    INCLUDE_COMMENT,
                ),
                method(
                    "addComment",
                    "Add new comment to shipment",  # sic, in every Magento
                    "comment",
                    self.add_comment,
                    INVOICE_ID,
                    # Optional in V1's documents, required in JSON-RPC's and WS-I's; V2 sends null for it.
                    Parameter("comment", required=True, optional_in_v1=True),
                    EMAIL,
                    INCLUDE_COMMENT,
                ),
                method("capture", "Capture invoice", "capture", self.capture, INVOICE_ID),
                method("void", "Void invoice", "void", self.void, INVOICE_ID),
                method("cancel", "Cancel invoice", "cancel", self.cancel, INVOICE_ID),
            ),
        )

    def create(
        self,
        orderIncrementId: Value,
        itemsQty: Value,
        comment: Value,
        email: Value,
        includeComment: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> str:
        """Invoice an order, wholly or in part, and return the invoice's increment id (API-21); faults 102, 103."""
        with self._faults.reported():
            invoice = self._service.create(
                CreateInvoice(
                    order_increment_id=identifier(orderIncrementId),
                    quantities=quantities_to_invoice(itemsQty),
                    comment=comment_text(comment),
                    notify=flag("email", email),
                    is_customer_notified=notified("email", email),
                    include_comment=flag("includeComment", includeComment),
                ),
                key,
            )
            return str(invoice.increment_id)

    def add_comment(
        self,
        invoiceIncrementId: Value,
        comment: Value,
        email: Value,
        includeComment: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> bool:
        """Add a comment to an invoice (API-22); faults 100, 102."""
        with self._faults.reported():
            self._service.add_comment(
                AddComment(
                    invoice_increment_id=identifier(invoiceIncrementId),
                    comment=comment_text(comment),
                    notify=flag("email", email),
                    is_customer_notified=notified("email", email),
                    include_comment=flag("includeComment", includeComment),
                ),
                key,
            )
            return True

    def capture(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Take the money of an open invoice (API-23); faults 100, 104."""
        with self._faults.reported({StatusNotChanged: "invoice_not_capturable"}):
            self._service.capture(identifier(invoiceIncrementId), key)
            return True

    def void(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Void the authorization behind a paid invoice (API-24); faults 100, 104."""
        with self._faults.reported({StatusNotChanged: "invoice_not_voidable"}):
            self._service.void(identifier(invoiceIncrementId), key)
            return True

    def cancel(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Cancel an open invoice (API-25); faults 100, 104."""
        with self._faults.reported({StatusNotChanged: "invoice_not_cancelable"}):
            self._service.cancel(identifier(invoiceIncrementId), key)
            return True


def quantities_to_invoice(items_qty: Value) -> dict[int | str, Decimal] | None:
    """The policy of invoices: each quantity as it was sent, or None for everything that can be invoiced (API-31).

    Raises InvalidQuantity.
    """
    found = quantities(items_qty, quantity_to("invoice"))
    if found is not None and not found:
        log.warning("itemsQty held entries without item and quantity; the whole order is invoiced")
    return found or None
