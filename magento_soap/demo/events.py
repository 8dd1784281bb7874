"""What happened to the demo shop's orders after they were placed, done by the invoicing domain at the time it happened.

Invoices, captures, comments and cancels go through the same ``InvoiceService`` that serves clients. For shipping,
refunds, canceled orders and reviews there is no service yet: this module writes their quantities and sums, and the
domain decides which state follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.order import Order
from magento_soap.sales.ports import UnitOfWork
from magento_soap.sales.services import SalesServices
from magento_soap.sales.states import CANCELED, HOLDED, apply_implied_state, change_state
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import entity_type_id

from .orders import GATEWAY, Canceled, DemoOrder, InvoiceCanceled, Invoiced, Refunded, Shipped, StateChanged

LATER = timedelta(minutes=10)  # between an order's last event and what happened after it
BETWEEN_COMMENTS = timedelta(minutes=2)

# The column that says which order a row is of.
ORDER_COLUMNS = {
    "sales_flat_order": "entity_id",
    "sales_flat_order_item": "order_id",
    "sales_flat_order_payment": "parent_id",
    "sales_flat_invoice": "order_id",
}
# What each column gets when all of an order is canceled or refunded: the value of another column, or a number.
CANCELED_COLUMNS: Mapping[str, Mapping[str, str | int]] = {
    "sales_flat_order": {
        "subtotal_canceled": "subtotal",
        "discount_canceled": "discount_amount",
        "tax_canceled": "tax_amount",
        "shipping_canceled": "shipping_amount",
        "total_canceled": "grand_total",
    },
    "sales_flat_order_payment": {"amount_canceled": "amount_ordered"},
}
REFUNDED_COLUMNS: Mapping[str, Mapping[str, str | int]] = {
    "sales_flat_order": {
        "subtotal_refunded": "subtotal_invoiced",
        "discount_refunded": "discount_invoiced",
        "tax_refunded": "tax_invoiced",
        "shipping_refunded": "shipping_invoiced",
        "total_offline_refunded": "total_paid",
    },
    "sales_flat_order_item": {"amount_refunded": "row_invoiced", "tax_refunded": "tax_invoiced"},
    "sales_flat_order_payment": {"amount_refunded": "amount_paid", "shipping_refunded": "shipping_captured"},
    "sales_flat_invoice": {"base_total_refunded": "base_grand_total", "is_used_for_refund": 1},
}


class DemoClock:
    """ports.Clock: it stands still at ``time`` until somebody sets it."""

    def __init__(self) -> None:
        self.time = datetime.min

    def now(self) -> datetime:
        """The time that was set."""
        return self.time


class History:
    """Lets events happen to orders that have been placed. ``clock`` is the one that the database was opened with."""

    def __init__(self, database: Database, clock: DemoClock) -> None:
        self._database = database
        self._clock = clock
        self._sales = SalesServices(
            transactions=database.transactions,
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
                self._sales.invoices.cancel(event.number)
            else:
                self._clock.time += LATER
                self._change(order_id, event)

    def _invoice(self, order: DemoOrder, event: Invoiced) -> None:
        """Create the invoice with its first comment, capture it if it was captured, and add the other comments."""
        first, *others = event.comments or (None,)
        self._set_next_number(event.number)
        self._sales.invoices.create(CreateInvoice(order.number, event.quantities, first, is_customer_notified=1))
        if event.captured:
            self._sales.invoices.capture(event.number)
        for comment in others:
            self._clock.time += BETWEEN_COMMENTS
            self._sales.invoices.add_comment(AddComment(event.number, comment, is_customer_notified=1))

    def _set_next_number(self, number: str) -> None:
        """Let the next invoice of the store have that number: the data is not in the order of the numbers."""
        stores = self._database.tables["eav_entity_store"]
        counter = (stores.c.entity_type_id == entity_type_id("invoice")) & (stores.c.increment_prefix == number[0])
        with self._database.engine.begin() as connection:
            connection.execute(stores.update().where(counter).values(increment_last_id=str(int(number) - 1)))

    def _change(self, order_id: int, event: Shipped | Refunded | Canceled | StateChanged) -> None:
        """Let something happen to the whole order."""

        def work(unit: UnitOfWork) -> None:
            order = unit.orders.lock_by_id(order_id)
            if order is None:
                raise LookupError(order_id)
            self._apply(order, event)
            unit.orders.save(order)

        if event == StateChanged(HOLDED):
            before = {"hold_before_state": "state", "hold_before_status": "status"}
            self._set_columns("sales_flat_order", order_id, before)
        self._database.transactions.run(work)
        columns = {Canceled: CANCELED_COLUMNS, Refunded: REFUNDED_COLUMNS}.get(type(event), {})
        for table, values in columns.items():
            self._set_columns(table, order_id, values)

    def _apply(self, order: Order, event: Shipped | Refunded | Canceled | StateChanged) -> None:
        """Change the order's quantities, and bring it into the state that follows."""
        shop, now = self._database.shop, self._clock.now()
        if isinstance(event, StateChanged):
            change_state(order, event.state, shop, now)
            return
        if isinstance(event, Canceled):
            for item in order.items:
                item.qty_canceled = item.qty_ordered
            change_state(order, CANCELED, shop, now)
            return
        for item in order.items:
            item.qty_shipped = item.qty_shipped if item.is_virtual else item.qty_ordered
            if isinstance(event, Refunded) and not item.is_dummy:
                item.qty_refunded = item.qty_invoiced
        if isinstance(event, Refunded):
            order.total_refunded = order.total_paid
        apply_implied_state(order, shop, now)

    def _set_columns(self, name: str, order_id: int, columns: Mapping[str, str | int]) -> None:
        """Set columns of the order's rows in a table; where amounts have a base column, that too."""
        table = self._database.tables[name]
        values = {target: table.c[source] if isinstance(source, str) else source for target, source in columns.items()}
        values |= {
            f"base_{target}": table.c[f"base_{source}"]
            for target, source in columns.items()
            if f"base_{target}" in table.c
        }
        with self._database.engine.begin() as connection:
            connection.execute(table.update().where(table.c[ORDER_COLUMNS[name]] == order_id).values(values))
