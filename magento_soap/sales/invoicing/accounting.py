"""Building and storing invoices, and applying gateway answers to them (``paying.calls.Accounting``).

The use cases in ``service`` build an invoice and store it; with an online capture the gateway is asked in between, and
``apply`` builds and stores the invoice once the answer is known.
"""

from __future__ import annotations

from datetime import datetime

from magento_soap.sales.comment import mailed_comment
from magento_soap.sales.errors import CannotInvoice, InvoiceNotFound, InvoiceRejected, PaymentUnsettled
from magento_soap.sales.invoice import OPEN, PAID, Invoice
from magento_soap.sales.operations import lock_order
from magento_soap.sales.order import Order
from magento_soap.sales.paying.attempts import Attempt
from magento_soap.sales.payment import CAPTURE, GatewayRequest, GatewayResult
from magento_soap.sales.ports import Clock, Shop, UnitOfWork
from magento_soap.sales.states import mark_in_process
from magento_soap.sales.subject import subject_of

from .capturing import amount_of, apply_capture, apply_void, capture_request, void_request
from .commands import CreateInvoice, comment_row
from .extensions import Extensions, InvoiceDocuments
from .preparation import by_item_id
from .registration import register
from .validation import invoice_problems

CANNOT_INVOICE = "Cannot do invoice for order."


class InvoiceAccounting:
    """Invoices in a unit of work whose order is locked."""

    def __init__(self, shop: Shop, clock: Clock, extensions: Extensions) -> None:
        self._shop = shop
        self._clock = clock
        self._documents = extensions.invoice_document_factory or InvoiceDocuments(shop)
        self._validator = extensions.order_validator
        self._states = extensions.order_state_resolver

    def build_invoice(self, order: Order, command: CreateInvoice) -> Invoice:
        """A computed and registered invoice, not stored yet (PREP, TOT, INV-2).

        Raises CannotInvoice (ORD-6) and InvalidQuantity (PREP-7, BUG-4), or InvoiceRejected with all problems if the
        command says so.
        """
        objections = self._validator.validate(order)
        if objections and not command.collect_all_problems:
            raise CannotInvoice(CANNOT_INVOICE)
        quantities = by_item_id(order, command.quantities)
        if command.collect_all_problems:
            problems = [*invoice_problems(order, quantities), *objections]
            if problems:
                raise InvoiceRejected(problems)
        mark_in_process(order, "invoice")
        invoice = self._documents.create(order, quantities or None, command.arguments or {})
        register(order, invoice)
        return invoice

    def add(self, unit: UnitOfWork, order: Order, invoice: Invoice, command: CreateInvoice) -> None:
        """Number and store a registered invoice, save its order, and queue the mail."""
        now = self._clock.now()
        invoices = unit.invoices
        self._states.resolve(order, self._shop, now)
        invoice.created_at = invoice.updated_at = now
        if command.comment is not None:
            invoice.comments.append(comment_row(command, now))
        invoice.increment_id = unit.increment_ids.next("invoice", order.store_id or 0)
        invoices.add(invoice)
        unit.orders.save(order)
        queued = unit.notifier.created(
            order, subject_of("invoice", invoice.entity_id), mailed_comment(command), command.notify
        )
        if queued and command.notify:  # BUG-13: only a queued mail counts as sent
            invoice.email_sent = 1
            invoices.save(invoice)

    def save(self, unit: UnitOfWork, order: Order, invoice: Invoice, now: datetime) -> None:
        """Save a changed invoice and its order, which moves to the state that the change implies."""
        self._states.resolve(order, self._shop, now)
        unit.invoices.save(invoice)
        unit.orders.save(order)

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        """What the gateway is asked for that attempt; locks its order."""
        if attempt.command is not None:
            order = lock_order(unit, order_id=attempt.order_id)
            return capture_request(order, self.build_invoice(order, CreateInvoice.from_data(attempt.command)))
        order, invoice = lock_invoice(unit, attempt.invoice_increment_id or "")
        return (capture_request if attempt.action == CAPTURE else void_request)(order, invoice)

    def apply(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        """Create, pay or cancel the invoice as the gateway answered; returns its increment id.

        Raises PaymentUnsettled if the order has changed so that the answer does not fit; the journal keeps the answer.
        """
        if attempt.command is not None:
            order, command = lock_order(unit, order_id=attempt.order_id), CreateInvoice.from_data(attempt.command)
            invoice = self.build_invoice(order, command)
            self._apply_capture(attempt, order, invoice, result)
            self.add(unit, order, invoice, command)
            return invoice.increment_id
        order, invoice = lock_invoice(unit, attempt.invoice_increment_id or "")
        mark_in_process(order, "invoice")
        now = self._clock.now()
        if attempt.action == CAPTURE:
            self._apply_capture(attempt, order, invoice, result)
        elif invoice.state == PAID:
            apply_void(order, invoice, result, self._shop, now)
        else:
            raise PaymentUnsettled(f"Invoice {invoice.increment_id} was changed while its payment was voided.")
        self.save(unit, order, invoice, now)
        return invoice.increment_id

    def _apply_capture(self, attempt: Attempt, order: Order, invoice: Invoice, result: GatewayResult) -> None:
        if invoice.state != OPEN or amount_of(invoice) != attempt.base_amount:
            raise PaymentUnsettled(f"Order {order.increment_id} was changed while {attempt.base_amount} was captured.")
        apply_capture(order, invoice, result, self._shop, self._clock.now())


def lock_invoice(unit: UnitOfWork, increment_id: str) -> tuple[Order, Invoice]:
    """Lock and load the order of that invoice, and the invoice. Raises InvoiceNotFound."""
    found = unit.orders.lock_for_invoice(increment_id)
    if found is None:
        raise InvoiceNotFound("Requested invoice does not exist.")
    return found
