"""The methods of ``sales_order_invoice``: from arguments to the domain's commands, from its errors to faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..invoicing.errors import (
    CannotInvoice,
    InvalidQuantity,
    InvoiceNotFound,
    InvoicingError,
    OrderNotFound,
    PaymentError,
    StatusNotChanged,
)
from ..invoicing.queries import InvalidFilter, InvoiceQueries
from ..invoicing.service import AddComment, CreateInvoice, InvoiceService
from .arguments import Parameter, quantities
from .faults import ApiFault, FaultTable
from .filters import parse
from .resources import Method, Resource, methods
from .values import Value, flag, text

ACL = "sales/order/invoice"

# Which fault a business error is (API-20..26, BUG-5).
FAULT_NAMES: dict[type[InvoicingError], str] = {
    InvoiceNotFound: "not_exists",
    InvalidFilter: "invalid_filter",
    CannotInvoice: "data_invalid",
    InvalidQuantity: "data_invalid",
    PaymentError: "data_invalid",
    OrderNotFound: "order_not_exists",
    StatusNotChanged: "status_not_changed",
}
PLAIN_TEXT = frozenset({"not_exists", "order_not_exists"})  # told in the table's own words

INVOICE_ID = Parameter("invoiceIncrementId", required=True)
EMAIL = Parameter("email", default=False)
INCLUDE_COMMENT = Parameter("includeComment", also=("includeInEmail",), default=False)


class InvoiceApi:
    """Handlers of the resource; arguments are plain values as a client sent them."""

    def __init__(self, service: InvoiceService, queries: InvoiceQueries, faults: FaultTable) -> None:
        self._service = service
        self._queries = queries
        self._faults = faults

    def resource(self) -> Resource:
        """The registry entry (API-1)."""

        def method(name: str, title: str, acl: str, handler: Callable[..., Any], *parameters: Parameter) -> Method:
            return Method(name, title, f"{ACL}/{acl}", parameters, handler)

        return Resource(
            name="sales_order_invoice",
            title="Invoice API",
            acl=ACL,
            v2_prefix="salesOrderInvoice",
            aliases=("order_invoice",),
            faults=self._faults,
            methods=methods(
                method("list", "Retrieve list of invoices by filters", "info", self.list, Parameter("filters")),
                method("info", "Retrieve invoice information", "info", self.info, INVOICE_ID),
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
                    Parameter("comment"),
                    EMAIL,
                    INCLUDE_COMMENT,
                ),
                method("capture", "Capture invoice", "capture", self.capture, INVOICE_ID),
                method("void", "Void invoice", "void", self.void, INVOICE_ID),
                method("cancel", "Cancel invoice", "cancel", self.cancel, INVOICE_ID),
            ),
        )

    def list(self, filters: Value) -> Iterator[dict[str, Any]]:
        """Invoices that meet the filters (API-42); faults 101."""
        with self._faults_of_errors():
            return self._queries.find(*parse(filters))

    def info(self, invoiceIncrementId: Value) -> dict[str, Any]:
        """All there is to know about an invoice (API-43); fault 100."""
        with self._faults_of_errors():
            found = self._queries.info(text(invoiceIncrementId))
            if found is None:
                raise InvoiceNotFound
            return found

    def create(
        self,
        orderIncrementId: Value,
        itemsQty: Value,
        comment: Value,
        email: Value,
        includeComment: Value,
    ) -> str:
        """Invoice an order, wholly or in part, and return the invoice's increment id (API-21); faults 102, 103."""
        with self._faults_of_errors():
            invoice = self._service.create(
                CreateInvoice(
                    order_increment_id=text(orderIncrementId),
                    quantities=quantities(itemsQty),
                    comment=None if comment is None else text(comment),
                    notify=self._flag("email", email),
                    is_customer_notified=self._notified(email),
                    include_comment=self._flag("includeComment", includeComment),
                )
            )
            return str(invoice.increment_id)

    def add_comment(self, invoiceIncrementId: Value, comment: Value, email: Value, includeComment: Value) -> bool:
        """Add a comment to an invoice (API-22); faults 100, 102."""
        with self._faults_of_errors():
            self._service.add_comment(
                AddComment(
                    invoice_increment_id=text(invoiceIncrementId),
                    comment=None if comment is None else text(comment),
                    notify=self._flag("email", email),
                    is_customer_notified=self._notified(email),
                    include_comment=self._flag("includeComment", includeComment),
                )
            )
            return True

    def capture(self, invoiceIncrementId: Value) -> bool:
        """Take the money of an open invoice (API-23); faults 100, 104."""
        with self._faults_of_errors():
            self._service.capture(text(invoiceIncrementId))
            return True

    def void(self, invoiceIncrementId: Value) -> bool:
        """Void the authorization behind a paid invoice (API-24); faults 100, 104."""
        with self._faults_of_errors():
            self._service.void(text(invoiceIncrementId))
            return True

    def cancel(self, invoiceIncrementId: Value) -> bool:
        """Cancel an open invoice (API-25); faults 100, 104."""
        with self._faults_of_errors():
            self._service.cancel(text(invoiceIncrementId))
            return True

    def _flag(self, name: str, value: Value) -> bool:
        try:
            return flag(value)
        except ValueError:
            raise ApiFault(
                self._faults["data_invalid"], f'Invalid value for "{name}"; yes or no is expected.'
            ) from None

    def _notified(self, email: Value) -> int | None:
        """What the comment's row says of the mail: a flag that was not sent stays NULL (DB-4)."""
        return None if email is None else int(self._flag("email", email))

    @contextmanager
    def _faults_of_errors(self) -> Iterator[None]:
        try:
            yield
        except InvoicingError as error:
            name = next(name for kind, name in FAULT_NAMES.items() if isinstance(error, kind))
            message = None if name in PLAIN_TEXT else str(error) or None
            raise ApiFault(self._faults[name], message) from error
