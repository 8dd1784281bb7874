"""The use cases of invoicing: create, comment, capture, void, cancel (API-20..26, INV, M2-8).

Each use case is one operation on an order; ``sales.operations`` explains the steps and runs them, ``accounting`` builds
and stores invoices, ``sales.paying`` asks the gateway where ``create``, ``capture`` and ``void`` need one.

With an idempotency key a use case can be repeated safely: the same request again gets the first response, and nothing
happens twice.
"""

from __future__ import annotations

from magento_soap.sales.comment import mailed_comment
from magento_soap.sales.errors import StatusNotChanged
from magento_soap.sales.invoice import PAID, Invoice
from magento_soap.sales.operations import OrderOperations, answer, claim, lock_order, reported_as
from magento_soap.sales.order import Order, payment_of
from magento_soap.sales.paying.attempts import Attempt
from magento_soap.sales.paying.calls import GatewayCall, GatewayCalls
from magento_soap.sales.payment import CAPTURE, VOID, PaymentMethod
from magento_soap.sales.ports import Clock, IdempotencyKey, PaymentMethods, Shop, UnitOfWork
from magento_soap.sales.states import mark_in_process
from magento_soap.sales.subject import subject_of

from .accounting import InvoiceAccounting, lock_invoice
from .capturing import capture_request, void_request
from .commands import AddComment, CreateInvoice, comment_row
from .extensions import Extensions
from .registration import can_cancel, can_capture, can_void, cancel


class InvoiceService:
    """Invoices orders, and moves invoices through their life cycle.

    ``payments`` administers the unfinished payments of the shop.
    """

    def __init__(
        self,
        operations: OrderOperations,
        calls: GatewayCalls,
        accounting: InvoiceAccounting,
        *,
        payment_methods: PaymentMethods,
        shop: Shop,
        clock: Clock,
        extensions: Extensions,
    ) -> None:
        self._operations = operations
        self._calls = calls
        self._accounting = accounting
        self._payment_methods = payment_methods
        self._shop = shop
        self._clock = clock
        self._extensions = extensions
        self.payments = operations.unfinished

    def create(self, command: CreateInvoice, key: IdempotencyKey | None = None) -> Invoice:
        """Create, register and store an invoice, and return it with its ids (API-21).

        Raises OrderNotFound, CannotInvoice (ORD-6), InvalidQuantity (PREP-7, BUG-4) and PaymentError (ORD-16); with the
        capture case "online" also StatusNotChanged if the gateway fails.
        """

        def work(unit: UnitOfWork) -> Invoice | GatewayCall:
            if stored := claim(unit, key):
                return self._existing_invoice(unit, stored.result)
            order = lock_order(unit, command.order_increment_id, order_id=command.order_id)
            self._operations.ensure_nothing_pending(unit, order)
            invoice = self._accounting.build_invoice(order, command)
            method, adapter = self._method(order), self._extensions.payment_adapter
            if adapter.needs_gateway(order, invoice, method, command.capture_case):
                unit.increment_ids.ensure_available("invoice", order.store_id or 0)
                request = capture_request(order, invoice)
                return self._calls.begin(unit, CAPTURE, order, request, key, command=command.as_data())
            adapter.pay(order, invoice, method, command.capture_case)
            self._accounting.add(unit, order, invoice, command)
            answer(unit, key, invoice.increment_id)
            return invoice

        if command.capture_case != "online":
            created = self._operations.run(work, key, lambda attempt: _creates(attempt, command))
        else:
            with reported_as("Invoice capturing problem."):
                created = self._operations.run(work, key, lambda attempt: _creates(attempt, command))
        if isinstance(created, Attempt):
            number = created.invoice_increment_id
            return self._operations.transactions.run(lambda unit: self._existing_invoice(unit, number), repeatable=True)
        return created

    def add_comment(self, command: AddComment, key: IdempotencyKey | None = None) -> None:
        """Store a comment and queue the mail about it (API-22, BUG-32). Raises InvoiceNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order, invoice = lock_invoice(unit, command.invoice_increment_id)
            now = self._clock.now()
            invoice.comments.append(comment_row(command, now))
            invoice.updated_at = now
            unit.invoices.save(invoice)
            unit.notifier.commented(
                order, subject_of("invoice", invoice.entity_id), mailed_comment(command), command.notify
            )
            answer(unit, key)

        self._operations.change(work, key)

    def capture(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Capture the money of an open invoice through its payment method (API-23, INV-20..23).

        A capture that is pending at the gateway leaves the invoice open and the order in review (BUG-26). Raises
        InvoiceNotFound, and StatusNotChanged if the invoice cannot be captured or the gateway refuses or fails.
        """

        def work(unit: UnitOfWork) -> GatewayCall | None:
            if claim(unit, key):
                return None
            order, invoice = lock_invoice(unit, increment_id)
            self._operations.ensure_nothing_pending(unit, order)
            if not can_capture(invoice, payment_of(order), self._method(order)):
                raise StatusNotChanged("Invoice cannot be captured.")
            return self._calls.begin(unit, CAPTURE, order, capture_request(order, invoice), key)

        with reported_as("Invoice capturing problem."):
            self._operations.run(work, key, lambda attempt: _is_about(attempt, CAPTURE, increment_id))

    def void(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Void the authorization behind a paid invoice and cancel the invoice (API-24, INV-32).

        Raises InvoiceNotFound; StatusNotChanged if the gateway refuses or fails, and if the invoice cannot be voided: a
        paid invoice then stores that in its ``can_void_flag`` (INV-11, BUG-24).
        """

        def work(unit: UnitOfWork) -> GatewayCall | bool:
            if claim(unit, key):
                return True
            order, invoice = lock_invoice(unit, increment_id)
            self._operations.ensure_nothing_pending(unit, order)
            if not can_void(invoice, payment_of(order), self._method(order)):
                if invoice.state == PAID:
                    invoice.can_void_flag = 0
                    unit.invoices.save(invoice)
                return False
            return self._calls.begin(unit, VOID, order, void_request(order, invoice), key)

        with reported_as("Invoice void problem"):
            if self._operations.run(work, key, lambda attempt: _is_about(attempt, VOID, increment_id)) is False:
                raise StatusNotChanged("Invoice cannot be voided.")

    def cancel(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Cancel an open invoice, so that its items can be invoiced again (API-25, INV-33).

        Raises InvoiceNotFound, and StatusNotChanged if the invoice is not open.
        """

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order, invoice = lock_invoice(unit, increment_id)
            self._operations.ensure_nothing_pending(unit, order)
            if not can_cancel(invoice):
                raise StatusNotChanged("Invoice cannot be canceled.")
            mark_in_process(order, "invoice")
            now = self._clock.now()
            cancel(order, invoice, self._shop, now)
            self._accounting.save(unit, order, invoice, now)
            answer(unit, key)

        with reported_as("Invoice canceling problem."):
            self._operations.run(work, key)

    def _existing_invoice(self, unit: UnitOfWork, increment_id: str | None) -> Invoice:
        """An invoice that was created before."""
        return lock_invoice(unit, increment_id or "")[1]

    def _method(self, order: Order) -> PaymentMethod:
        return self._payment_methods.get(payment_of(order).method)


def _creates(attempt: Attempt, command: CreateInvoice) -> bool:
    """Whether the attempt captures the money of the invoice that the command creates."""
    if attempt.command is None:
        return False
    return CreateInvoice.from_data(attempt.command) == CreateInvoice.from_data(command.as_data())


def _is_about(attempt: Attempt, action: str, invoice_increment_id: str) -> bool:
    return attempt.command is None and (attempt.action, attempt.invoice_increment_id) == (action, invoice_increment_id)
