"""What happened to the demo shop's orders after they were placed, done by the invoicing domain at the time it happened.

Invoices, captures, comments and cancels go through the same ``InvoiceService`` that serves clients. For shipping,
refunds, canceled orders and reviews there is no service yet: this module writes their quantities and sums, and the
domain decides which state follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.invoicing.service import AddComment, CreateInvoice, InvoiceService
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Transactions, UnitOfWork
from magento_soap.sales.states import CANCELED, HOLDED, change_state, settle
from magento_soap.storage import Database

from .orders import GATEWAY, Canceled, DemoOrder, InvoiceCanceled, Invoiced, Refunded, Shipped, StateChanged

T = TypeVar("T")

LATER = timedelta(minutes=10)  # between an order's last event and what happened after it
BETWEEN_COMMENTS = timedelta(minutes=2)

# The column that says which order a row is of.
ORDER_COLUMNS = {
    "sales_flat_order": "entity_id",
    "sales_flat_order_item": "order_id",
    "sales_flat_order_payment": "parent_id",
    "sales_flat_invoice": "order_id",
}
# Which sums of an order become which when all of it is canceled or refunded.
CANCELED_SUMS = {
    "subtotal_canceled": "subtotal",
    "discount_canceled": "discount_amount",
    "tax_canceled": "tax_amount",
    "shipping_canceled": "shipping_amount",
    "total_canceled": "grand_total",
}
REFUNDED_SUMS = {
    "subtotal_refunded": "subtotal_invoiced",
    "discount_refunded": "discount_invoiced",
    "tax_refunded": "tax_invoiced",
    "shipping_refunded": "shipping_invoiced",
    "total_offline_refunded": "total_paid",
}


class SetClock:
    """ports.Clock: the time that was set."""

    def __init__(self) -> None:
        self.time = datetime.min

    def now(self) -> datetime:
        """That time."""
        return self.time


class GivenNumbers:
    """ports.IncrementIds: the invoice gets the number that was given, as documents of an older shop keep theirs."""

    def __init__(self) -> None:
        self.number = ""

    def ensure_available(self, store_id: int) -> None:
        """It always is."""

    def next_invoice_id(self, store_id: int) -> str:
        """That number."""
        return self.number


class _NumberedTransactions:
    """ports.Transactions whose invoices get the given numbers."""

    def __init__(self, transactions: Transactions, numbers: GivenNumbers) -> None:
        self._transactions = transactions
        self._numbers = numbers

    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        """Run ``work`` in one transaction."""

        def numbered(unit: UnitOfWork) -> T:
            unit.increment_ids = self._numbers
            return work(unit)

        return self._transactions.run(numbered, repeatable=repeatable)


class History:
    """Lets events happen to orders that have been placed. ``clock`` is the one that the database was opened with."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self._database = database
        self._clock = clock
        self._numbers = GivenNumbers()
        self._service = InvoiceService(
            transactions=_NumberedTransactions(database.transactions, self._numbers),
            payment_methods=PaymentMethods({GATEWAY: "magento_soap.demo.gateway:DemoPay"}),
            shop=database.shop,
            clock=clock,
        )

    def replay(self, order: DemoOrder, order_id: int) -> None:
        """Let all events of the order happen, each at its time."""
        self._clock.time = order.created
        for event in order.events:
            if isinstance(event, Invoiced):
                self._clock.time = event.created
                self._invoice(order, event)
            elif isinstance(event, InvoiceCanceled):
                self._service.cancel(event.number)
            else:
                self._clock.time += LATER
                self._change(order_id, event)

    def _invoice(self, order: DemoOrder, event: Invoiced) -> None:
        """Create the invoice with its first comment, capture it if it was captured, and add the other comments."""
        first, *others = event.comments or (None,)
        self._numbers.number = event.number
        self._service.create(CreateInvoice(order.number, event.quantities, first, is_customer_notified=1))
        if event.captured:
            self._service.capture(event.number)
        for comment in others:
            self._clock.time += BETWEEN_COMMENTS
            self._service.add_comment(AddComment(event.number, comment, is_customer_notified=1))

    def _change(self, order_id: int, event: Shipped | Refunded | Canceled | StateChanged) -> None:
        def work(unit: UnitOfWork) -> None:
            order = unit.orders.lock_by_id(order_id)
            if order is None:
                raise LookupError(order_id)
            shop, now = self._database.shop, self._clock.now()
            if isinstance(event, StateChanged):
                change_state(order, event.state, shop, now)
            elif isinstance(event, Canceled):
                for item in order.items:
                    item.qty_canceled = item.qty_ordered
                change_state(order, CANCELED, shop, now)
            else:
                _ship(order)
                if isinstance(event, Refunded):
                    _refund(order)
                settle(order, shop, now)
            unit.orders.save(order)

        if event == StateChanged(HOLDED):
            self._copy("sales_flat_order", order_id, {"hold_before_state": "state", "hold_before_status": "status"})
        self._database.transactions.run(work)
        if isinstance(event, Canceled):
            self._copy("sales_flat_order", order_id, CANCELED_SUMS)
            self._copy("sales_flat_order_payment", order_id, {"amount_canceled": "amount_ordered"})
        elif isinstance(event, Refunded):
            self._copy("sales_flat_order", order_id, REFUNDED_SUMS)
            self._copy(
                "sales_flat_order_item",
                order_id,
                {"amount_refunded": "row_invoiced", "tax_refunded": "tax_invoiced"},
            )
            self._copy(
                "sales_flat_order_payment",
                order_id,
                {"amount_refunded": "amount_paid", "shipping_refunded": "shipping_captured"},
            )
            self._copy(
                "sales_flat_invoice", order_id, {"base_total_refunded": "base_grand_total"}, is_used_for_refund=1
            )

    def _copy(self, name: str, order_id: int, columns: Mapping[str, str], **more: int) -> None:
        """Set columns of the order's rows to other columns, amounts in both currencies, and ``more`` to values."""
        table = self._database.tables[name]
        pairs = dict(columns)
        pairs |= {
            f"base_{target}": f"base_{source}" for target, source in columns.items() if f"base_{target}" in table.c
        }
        values = {target: table.c[source] for target, source in pairs.items()} | more
        with self._database.engine.begin() as connection:
            connection.execute(table.update().where(table.c[ORDER_COLUMNS[name]] == order_id).values(values))


def _ship(order: Order) -> None:
    for item in order.items:
        if not item.is_virtual:
            item.qty_shipped = item.qty_ordered


def _refund(order: Order) -> None:
    order.total_refunded = order.total_paid
    for item in order.items:
        if not item.is_dummy:
            item.qty_refunded = item.qty_invoiced
