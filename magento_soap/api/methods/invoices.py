"""The methods of ``sales_order_invoice``: from arguments to the domain's commands, from its errors to faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from magento_soap.api.arguments import Parameter, quantities
from magento_soap.api.budget import Budget
from magento_soap.api.faults import TRY_AGAIN_LATER, ApiFault, FaultTable
from magento_soap.api.filters import parse
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, flag, identifier, text, typed
from magento_soap.sales.errors import (
    CannotInvoice,
    IdempotencyKeyReused,
    IdempotencyKeysNotKept,
    InvalidQuantity,
    InvoiceNotFound,
    OrderBeingChanged,
    OrderNotFound,
    PaymentError,
    SalesError,
    StatusNotChanged,
)
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import InvalidFilter, InvoiceQueries

ACL = "sales/order/invoice"

# Which fault a business error is (API-20..26, BUG-5), and what the documentation of JSON-RPC calls it.
FAULT_NAMES: dict[type[SalesError], tuple[str, str]] = {
    InvoiceNotFound: ("not_exists", "invoice_not_exists"),
    InvalidFilter: ("invalid_filter", "filters_invalid"),
    CannotInvoice: ("data_invalid", "order_not_invoiceable"),
    InvalidQuantity: ("data_invalid", "data_invalid"),
    PaymentError: ("data_invalid", "data_invalid"),
    IdempotencyKeyReused: ("data_invalid", "data_invalid"),
    IdempotencyKeysNotKept: ("data_invalid", "data_invalid"),
    OrderNotFound: ("order_not_exists", "order_not_exists"),
    StatusNotChanged: ("status_not_changed", "status_not_changed"),
    OrderBeingChanged: ("status_not_changed", TRY_AGAIN_LATER),
}
PLAIN_TEXT = frozenset({"not_exists", "order_not_exists"})  # told in the table's own words

FILTERS = Parameter("filters", takes_map=True)
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
            typed_handler = typed_handlers.get(name)
            changes, filters = typed_handler is None, FILTERS in parameters
            return Method(name, title, f"{ACL}/{acl}", parameters, handler, typed_handler, changes, filters)

        typed_handlers: dict[str, Callable[..., Any]] = {"list": self.list_typed, "info": self.info_typed}  # only read

        return Resource(
            name="sales_order_invoice",
            title="Invoice API",
            acl=ACL,
            aliases=("order_invoice",),
            faults=self._faults,
            methods=methods(
                method("list", "Retrieve list of invoices by filters", "info", self.list, FILTERS),
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

    def list(self, filters: Value, *, budget: Budget) -> Iterator[dict[str, Any]]:
        """Invoices that meet the filters (API-42); faults 101."""
        with self._faults_of_errors():
            return self._queries.find(*parse(filters, budget))

    def list_typed(self, filters: Value, *, budget: Budget) -> Iterator[dict[str, Any]]:
        """The same with order number and store, numbers as numbers; faults 101."""
        with self._faults_of_errors():
            rows = self._queries.find(*parse(filters, budget), with_order=True)
        return (self._native(row) for row in rows)

    def info(self, invoiceIncrementId: Value) -> dict[str, Any]:
        """All there is to know about an invoice (API-43); fault 100."""
        return self._found(self._queries.info(identifier(invoiceIncrementId)))

    def info_typed(self, invoiceIncrementId: Value) -> dict[str, Any]:
        """The same with both addresses, numbers as numbers; fault 100."""
        return self._native(self._found(self._queries.info(identifier(invoiceIncrementId), with_addresses=True)))

    def _found(self, invoice: dict[str, Any] | None) -> dict[str, Any]:
        if invoice is None:
            raise ApiFault(self._faults["not_exists"], name="invoice_not_exists")
        return invoice

    def _native(self, row: dict[str, Any]) -> dict[str, Any]:
        return typed(row, self._queries.kinds)

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
        with self._faults_of_errors():
            invoice = self._service.create(
                CreateInvoice(
                    order_increment_id=identifier(orderIncrementId),
                    quantities=quantities(itemsQty),
                    comment=self._comment(comment),
                    notify=flag("email", email),
                    is_customer_notified=_notified(email),
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
        with self._faults_of_errors():
            self._service.add_comment(
                AddComment(
                    invoice_increment_id=identifier(invoiceIncrementId),
                    comment=self._comment(comment),
                    notify=flag("email", email),
                    is_customer_notified=_notified(email),
                    include_comment=flag("includeComment", includeComment),
                ),
                key,
            )
            return True

    def capture(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Take the money of an open invoice (API-23); faults 100, 104."""
        with self._faults_of_errors(not_changed="invoice_not_capturable"):
            self._service.capture(identifier(invoiceIncrementId), key)
            return True

    def void(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Void the authorization behind a paid invoice (API-24); faults 100, 104."""
        with self._faults_of_errors(not_changed="invoice_not_voidable"):
            self._service.void(identifier(invoiceIncrementId), key)
            return True

    def cancel(self, invoiceIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Cancel an open invoice (API-25); faults 100, 104."""
        with self._faults_of_errors(not_changed="invoice_not_cancelable"):
            self._service.cancel(identifier(invoiceIncrementId), key)
            return True

    def _comment(self, value: Value) -> str | None:
        """The text of a comment; a list or a map is fault 102."""
        if isinstance(value, (list, dict)):
            raise ApiFault(self._faults["data_invalid"], 'Invalid value for "comment"; text is expected.')
        return None if value is None else text(value)

    @contextmanager
    def _faults_of_errors(self, not_changed: str = "status_not_changed") -> Iterator[None]:
        try:
            yield
        except SalesError as error:
            found = next((names for kind, names in FAULT_NAMES.items() if isinstance(error, kind)), None)
            if found is None:
                raise
            name, documented = found
            message = None if name in PLAIN_TEXT else str(error) or None
            documented = not_changed if isinstance(error, StatusNotChanged) else documented
            raise ApiFault(self._faults[name], message, documented) from error


def _notified(email: Value) -> int | None:
    """What the comment's row says of the mail: a flag that was not sent stays NULL (DB-4)."""
    return None if email is None else int(flag("email", email))
