"""What happened to the demo shop's orders after they were placed, done by the sales domain at the time it happened.

Everything goes through the same ``SalesServices`` that serve clients, but for the review of a payment: gateways start
one, and no service does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.operations import lock_order
from magento_soap.sales.ports import UnitOfWork
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import CreateShipment
from magento_soap.sales.states import PAYMENT_REVIEW, change_state
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import entity_type_id

from .orders import (
    GATEWAY,
    Canceled,
    DemoOrder,
    Event,
    Held,
    InvoiceCanceled,
    Invoiced,
    Numbered,
    Refunded,
    Reviewed,
    Shipped,
)

LATER = timedelta(minutes=10)  # between an order's last event and what happened after it
BETWEEN_COMMENTS = timedelta(minutes=2)


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

    def replay(self, order: DemoOrder) -> None:
        """Let all events of the order happen, each at its time."""
        self._clock.time = order.created
        for event in order.events:
            if isinstance(event, Invoiced):
                self._clock.time = event.created
            elif not isinstance(event, InvoiceCanceled):
                self._clock.time += LATER
            if isinstance(event, Numbered):
                self._set_next_number(event)
            self._apply(order.number, event)

    def _apply(self, order: str, event: Event) -> None:
        if isinstance(event, Invoiced):
            self._invoice(order, event)
        elif isinstance(event, InvoiceCanceled):
            self._sales.invoices.cancel(event.number)
        elif isinstance(event, Shipped):
            self._sales.shipments.create(CreateShipment(order, event.quantities, event.comment, tracks=event.tracks))
        elif isinstance(event, Refunded):
            self._sales.creditmemos.create(
                CreateCreditMemo(
                    order,
                    event.quantities,
                    base_shipping=event.base_shipping,
                    comment=event.comment,
                    is_customer_notified=0,
                    is_offline=True,
                )
            )
        elif isinstance(event, Canceled):
            self._sales.orders.cancel(order)
        elif isinstance(event, Held):
            self._sales.orders.hold(order)
        elif isinstance(event, Reviewed):
            self._review(order)

    def _invoice(self, order: str, event: Invoiced) -> None:
        """Create the invoice with its first comment, capture it if it was captured, and add the other comments."""
        first, *others = event.comments or (None,)
        self._sales.invoices.create(CreateInvoice(order, event.quantities, first, is_customer_notified=1))
        if event.captured:
            self._sales.invoices.capture(event.number)
        for comment in others:
            self._clock.time += BETWEEN_COMMENTS
            self._sales.invoices.add_comment(AddComment(event.number, comment, is_customer_notified=1))

    def _set_next_number(self, event: Numbered) -> None:
        """Let the store's next document of that kind have that number: the data is not in the order of the numbers."""
        stores = self._database.tables["eav_entity_store"]
        counter = (stores.c.entity_type_id == entity_type_id(event.kind)) & (
            stores.c.increment_prefix == event.number[0]
        )
        with self._database.engine.begin() as connection:
            connection.execute(stores.update().where(counter).values(increment_last_id=str(int(event.number) - 1)))

    def _review(self, increment_id: str) -> None:
        """Let the gateway review the payment."""

        def work(unit: UnitOfWork) -> None:
            order = lock_order(unit, increment_id)
            change_state(order, PAYMENT_REVIEW, self._database.shop, self._clock.now())
            unit.orders.save(order)

        self._database.transactions.run(work)
