"""The use cases of invoicing: create, comment, capture, void, cancel (API-20..26, INV, M2-8).

Each is one unit of work: lock the order, load, check, compute, write, commit. Work that met a deadlock is run again
from the start, so nothing in it outlives it, except what a payment gateway answered: money is asked for only once
(BUG-27).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from . import gateway
from .errors import CannotInvoice, InvoiceNotFound, InvoicingError, OrderNotFound, PaymentError, StatusNotChanged
from .invoice import PAID, Comment, Invoice
from .lifecycle import can_cancel, can_capture, can_void, cancel, pay, payment_of, register
from .order import Order
from .payment import GatewayRequest, GatewayResult, PaymentMethod
from .ports import Clock, PaymentMethods, Shop, Transactions, UnitOfWork
from .preparation import prepare_invoice
from .states import can_invoice, settle
from .totals import collect_totals

log = logging.getLogger(__name__)

CaptureCase = Literal["online", "offline", "not_capture"]


@dataclass(frozen=True)
class CreateInvoice:
    """Invoice an order, wholly or in part.

    ``quantities`` maps order item ids to quantities; None or empty is everything that can be invoiced.
    ``capture_case`` None leaves it to the payment method (INV-4). A ``comment`` that is not None gets a row, "" one
    without text; ``include_comment`` puts it into the mail.
    """

    order_increment_id: str
    quantities: Mapping[int, Decimal] | None = None
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False
    capture_case: CaptureCase | None = None


@dataclass(frozen=True)
class AddComment:
    """Comment on an invoice, in whatever state; a comment that is None gets a row without text (API-33)."""

    invoice_increment_id: str
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False


class InvoiceService:
    """Invoices orders and moves invoices through their life."""

    def __init__(self, transactions: Transactions, payment_methods: PaymentMethods, shop: Shop, clock: Clock) -> None:
        self._transactions = transactions
        self._payment_methods = payment_methods
        self._shop = shop
        self._clock = clock

    def create(self, command: CreateInvoice) -> Invoice:
        """Create, register and store an invoice, and return it with its ids (API-21).

        Raises OrderNotFound, CannotInvoice (ORD-6), InvalidQuantity (PREP-7, BUG-4) and PaymentError (ORD-16); with the
        capture case "online" also StatusNotChanged, when the gateway fails.
        """
        once = _OnceAsked()

        def work(unit: UnitOfWork) -> Invoice:
            order = unit.orders.lock(command.order_increment_id)
            if order is None:
                raise OrderNotFound("Requested order not exists.")
            if not can_invoice(order):
                raise CannotInvoice("Cannot do invoice for order.")
            now = self._reached_through_invoice(order)
            invoice = prepare_invoice(order, command.quantities)
            collect_totals(order, invoice, weee_in_subtotal=self._shop.weee_in_subtotal(order.store_id))
            register(order, invoice)
            self._settle_payment(order, invoice, command.capture_case, once, now)
            settle(order, self._shop, now)

            invoice.created_at = invoice.updated_at = now
            if command.comment is not None:
                invoice.comments.append(_comment(command, now))
            invoice.increment_id = unit.increment_ids.next_invoice_id(order.store_id or 0)
            unit.invoices.add(invoice)
            unit.orders.save(order)
            queued = unit.notifier.invoice_created(order, invoice, _mailed(command), command.notify)
            if queued and command.notify:  # BUG-13: only what was queued counts as sent
                invoice.email_sent = 1
                unit.invoices.save(invoice)
            return invoice

        if command.capture_case == "online":
            with _told_as("Invoice capturing problem."):
                return self._transactions.run(work)
        return self._transactions.run(work)

    def add_comment(self, command: AddComment) -> None:
        """Store a comment and queue the mail that tells of it (API-22, BUG-32). Raises InvoiceNotFound."""

        def work(unit: UnitOfWork) -> None:
            order, invoice = _lock(unit, command.invoice_increment_id)
            now = self._clock.now()
            invoice.comments.append(_comment(command, now))
            invoice.updated_at = now
            unit.invoices.save(invoice)
            unit.notifier.comment_added(order, invoice, _mailed(command), command.notify)

        self._transactions.run(work)

    def capture(self, increment_id: str) -> None:
        """Capture the money of an open invoice through its payment method (API-23, INV-20..23).

        A capture that is pending at the gateway leaves the invoice open and the order in review (BUG-26). Raises
        InvoiceNotFound, and StatusNotChanged when the invoice cannot be captured or the gateway refuses or fails.
        """
        once = _OnceAsked()

        def work(unit: UnitOfWork) -> None:
            order, invoice = _lock(unit, increment_id)
            method = self._method(order)
            if not can_capture(invoice, payment_of(order), method):
                raise StatusNotChanged("Invoice cannot be captured.")
            now = self._reached_through_invoice(order)
            gateway.capture(order, invoice, once(method.capture), self._shop, now)
            self._save(unit, order, invoice, now)

        with _told_as("Invoice capturing problem."):
            self._transactions.run(work)

    def void(self, increment_id: str) -> None:
        """Void the authorization behind a paid invoice and cancel the invoice (API-24, INV-32).

        Raises InvoiceNotFound, and StatusNotChanged when the invoice cannot be voided, which a paid one remembers
        (INV-11, BUG-24), or when the gateway refuses or fails.
        """
        once = _OnceAsked()

        def work(unit: UnitOfWork) -> bool:
            order, invoice = _lock(unit, increment_id)
            method = self._method(order)
            if not can_void(invoice, payment_of(order), method):
                if invoice.state == PAID:
                    invoice.can_void_flag = 0
                    unit.invoices.save(invoice)
                return False
            now = self._reached_through_invoice(order)
            gateway.void(order, invoice, once(method.void), self._shop, now)
            self._save(unit, order, invoice, now)
            return True

        with _told_as("Invoice void problem"):
            if not self._transactions.run(work):
                raise StatusNotChanged("Invoice cannot be voided.")

    def cancel(self, increment_id: str) -> None:
        """Cancel an open invoice, so that its items can be invoiced again (API-25, INV-33).

        Raises InvoiceNotFound, and StatusNotChanged when the invoice is not open.
        """

        def work(unit: UnitOfWork) -> None:
            order, invoice = _lock(unit, increment_id)
            if not can_cancel(invoice):
                raise StatusNotChanged("Invoice cannot be canceled.")
            now = self._reached_through_invoice(order)
            cancel(order, invoice, self._shop, now)
            self._save(unit, order, invoice, now)

        with _told_as("Invoice canceling problem."):
            self._transactions.run(work)

    def _reached_through_invoice(self, order: Order) -> datetime:
        """Mark the order as one that an invoice moves (INV-41, INV-46); returns the present second."""
        order.entity_name = "invoice"
        order.is_in_process = True
        return self._clock.now()

    def _method(self, order: Order) -> PaymentMethod:
        return self._payment_methods.get(payment_of(order).method)

    def _settle_payment(
        self, order: Order, invoice: Invoice, case: CaptureCase | None, once: _OnceAsked, now: datetime
    ) -> None:
        """Capture a registered invoice, count it as paid, or leave it open (INV-4)."""
        method = self._method(order)
        capturable = can_capture(invoice, payment_of(order), method)
        if capturable and case == "online":
            gateway.capture(order, invoice, once(method.capture), self._shop, now)
        elif case == "offline" or not (capturable or method.is_gateway):
            invoice.can_void_flag = 0
            pay(order, invoice)

    def _save(self, unit: UnitOfWork, order: Order, invoice: Invoice, now: datetime) -> None:
        settle(order, self._shop, now)
        unit.invoices.save(invoice)
        unit.orders.save(order)


class _OnceAsked:
    """Keeps a gateway's answers, so that work that is run again does not ask again (BUG-27)."""

    def __init__(self) -> None:
        self._answers: dict[tuple[object, ...], GatewayResult] = {}

    def __call__(self, action: gateway.Action) -> gateway.Action:
        """The same action, asked once for the same thing."""

        def ask(request: GatewayRequest) -> GatewayResult:
            key = (request.invoice_increment_id, request.base_amount, request.parent_txn_id)
            if key not in self._answers:
                self._answers[key] = action(request)
            return self._answers[key]

        return ask


def _lock(unit: UnitOfWork, increment_id: str) -> tuple[Order, Invoice]:
    found = unit.orders.lock_for_invoice(increment_id)
    if found is None:
        raise InvoiceNotFound("Requested invoice does not exist.")
    return found


def _comment(command: CreateInvoice | AddComment, now: datetime) -> Comment:
    return Comment(
        comment=command.comment or None,
        is_customer_notified=command.is_customer_notified,
        is_visible_on_front=int(command.is_visible_on_front),
        created_at=now,
    )


def _mailed(command: CreateInvoice | AddComment) -> str:
    """What the mail tells of the comment (MAIL-4)."""
    return (command.comment or "") if command.include_comment else ""


@contextmanager
def _told_as(problem: str) -> Iterator[None]:
    """A refusal in the gateway's words, any other failure as ``problem``, its details only in the log (API-23..25)."""
    try:
        yield
    except PaymentError as refusal:
        raise StatusNotChanged(str(refusal)) from refusal
    except InvoicingError:
        raise
    except Exception as failure:
        log.exception("%s", problem)
        raise StatusNotChanged(problem) from failure
