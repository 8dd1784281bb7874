"""The use cases of invoicing: create, comment, capture, void, cancel (API-20..26, INV, M2-8).

Each is one unit of work: lock the order, load, check, compute, write, commit. Work that met a deadlock is run again
from the start, so nothing in it outlives it. Where a gateway has to be asked there are several units, and a journal
that knows how far things went (``gateway_calls``).

A ``request`` makes a use case repeatable: the same request again gets the first answer, and nothing is done twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from magento_soap.sales.errors import (
    CannotInvoice,
    InvoiceNotFound,
    InvoiceRejected,
    InvoicingError,
    OrderNotFound,
    OutcomeUnknown,
    PaymentError,
    PaymentUnsettled,
    StatusNotChanged,
)
from magento_soap.sales.invoice import OPEN, PAID, Comment, Invoice
from magento_soap.sales.order import Order
from magento_soap.sales.paying import gateway
from magento_soap.sales.paying.attempts import LEASE, GatewayCalls, UnfinishedPayment
from magento_soap.sales.payment import CAPTURE, VOID, Attempt, GatewayRequest, GatewayResult, PaymentMethod
from magento_soap.sales.ports import (
    CaptureCase,
    Clock,
    IdempotencyKey,
    PaymentMethods,
    Shop,
    StoredResponse,
    Transactions,
    UnitOfWork,
)

from .extensions import ExtendedTransactions, Extensions, InvoiceDocuments
from .preparation import ItemQuantities, by_item_id
from .registration import can_cancel, can_capture, can_void, cancel, payment_of, register
from .validation import invoice_problems

log = logging.getLogger(__name__)

T = TypeVar("T")
Asked = tuple[Attempt, GatewayRequest]

CANNOT_INVOICE = "Cannot do invoice for order."


@dataclass(frozen=True)
class CreateInvoice:
    """Invoice an order, wholly or in part.

    The order is named by its number, or by ``order_id``, its entity id. ``quantities`` says how many of which items: a
    number is an item's id, a text its id or SKU; None or empty is everything that can be invoiced. ``capture_case``
    None leaves it to the payment method (INV-4). A ``comment`` that is not None gets a row, "" one without text;
    ``include_comment`` puts it into the mail.
    ``arguments`` are for extensions. ``collect_all_problems``: refuse with every problem (M2-4), not with the first.
    """

    order_increment_id: str = ""
    quantities: ItemQuantities | None = None
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False
    capture_case: CaptureCase | None = None
    order_id: int | None = None
    arguments: Mapping[str, Any] | None = None
    collect_all_problems: bool = False


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

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        shop: Shop,
        clock: Clock,
        extensions: Extensions | None = None,
        *,
        lease: timedelta = LEASE,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        most_waiting: int | None = None,
    ) -> None:
        self._extensions = extensions or Extensions()
        self._transactions = ExtendedTransactions(transactions, self._extensions)
        self._payment_methods = payment_methods
        self._shop = shop
        self._clock = clock
        self._documents = self._extensions.invoice_document_factory or InvoiceDocuments(shop)
        self._calls = GatewayCalls(
            self._transactions,
            payment_methods,
            clock,
            self,
            lease=lease,
            pause=pause,
            monotonic=monotonic,
            most_waiting=most_waiting,
        )

    def create(self, command: CreateInvoice, key: IdempotencyKey | None = None) -> Invoice:
        """Create, register and store an invoice, and return it with its ids (API-21).

        Raises OrderNotFound, CannotInvoice (ORD-6), InvalidQuantity (PREP-7, BUG-4) and PaymentError (ORD-16); with the
        capture case "online" also StatusNotChanged, when the gateway fails.
        """

        def work(unit: UnitOfWork) -> Invoice | Asked:
            if answered := _claimed(unit, key):
                return self._existing_invoice(unit, answered.result)
            order = self._lock_order(unit, command)
            self._ensure_nothing_pending(unit, order)
            invoice = self._build_invoice(order, command)
            method = self._method(order)
            adapter = self._extensions.payment_adapter
            if adapter.needs_gateway(order, invoice, method, command.capture_case):
                unit.increment_ids.ensure_available("invoice", order.store_id or 0)
                asked = gateway.capture_request(order, invoice)
                return self._calls.begin(unit, CAPTURE, order, asked, key, command=_as_data(command))
            adapter.pay(order, invoice, method, command.capture_case)
            self._add(unit, order, invoice, command)
            _answer(unit, key, invoice.increment_id)
            return invoice

        def is_about_it(attempt: Attempt) -> bool:
            return attempt.command is not None and _command(attempt.command) == _command(_as_data(command))

        if command.capture_case != "online":
            done = self._run(work, key, is_about_it)
        else:
            with _reported_as("Invoice capturing problem."):
                done = self._run(work, key, is_about_it)
        if isinstance(done, Attempt):
            number = done.invoice_increment_id
            return self._transactions.run(lambda unit: self._existing_invoice(unit, number), repeatable=True)
        return done

    def add_comment(self, command: AddComment, key: IdempotencyKey | None = None) -> None:
        """Store a comment and queue the mail that tells of it (API-22, BUG-32). Raises InvoiceNotFound."""

        def work(unit: UnitOfWork) -> None:
            if _claimed(unit, key):
                return
            order, invoice = _lock(unit, command.invoice_increment_id)
            now = self._clock.now()
            invoice.comments.append(_comment(command, now))
            invoice.updated_at = now
            unit.invoices.save(invoice)
            unit.notifier.comment_added(order, invoice, _mailed(command), command.notify)
            _answer(unit, key)

        self._transactions.run(work)

    def capture(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Capture the money of an open invoice through its payment method (API-23, INV-20..23).

        A capture that is pending at the gateway leaves the invoice open and the order in review (BUG-26). Raises
        InvoiceNotFound, and StatusNotChanged when the invoice cannot be captured or the gateway refuses or fails.
        """

        def work(unit: UnitOfWork) -> Asked | None:
            if _claimed(unit, key):
                return None
            order, invoice = _lock(unit, increment_id)
            self._ensure_nothing_pending(unit, order)
            if not can_capture(invoice, payment_of(order), self._method(order)):
                raise StatusNotChanged("Invoice cannot be captured.")
            asked = gateway.capture_request(order, invoice)
            return self._calls.begin(unit, CAPTURE, order, asked, key)

        with _reported_as("Invoice capturing problem."):
            self._run(work, key, lambda attempt: _is_about(attempt, CAPTURE, increment_id))

    def void(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Void the authorization behind a paid invoice and cancel the invoice (API-24, INV-32).

        Raises InvoiceNotFound, and StatusNotChanged when the invoice cannot be voided, which a paid one remembers
        (INV-11, BUG-24), or when the gateway refuses or fails.
        """

        def work(unit: UnitOfWork) -> Asked | bool:
            if _claimed(unit, key):
                return True
            order, invoice = _lock(unit, increment_id)
            self._ensure_nothing_pending(unit, order)
            if not can_void(invoice, payment_of(order), self._method(order)):
                if invoice.state == PAID:
                    invoice.can_void_flag = 0
                    unit.invoices.save(invoice)
                return False
            asked = gateway.void_request(order, invoice)
            return self._calls.begin(unit, VOID, order, asked, key)

        with _reported_as("Invoice void problem"):
            if self._run(work, key, lambda attempt: _is_about(attempt, VOID, increment_id)) is False:
                raise StatusNotChanged("Invoice cannot be voided.")

    def cancel(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Cancel an open invoice, so that its items can be invoiced again (API-25, INV-33).

        Raises InvoiceNotFound, and StatusNotChanged when the invoice is not open.
        """

        def work(unit: UnitOfWork) -> None:
            if _claimed(unit, key):
                return
            order, invoice = _lock(unit, increment_id)
            self._ensure_nothing_pending(unit, order)
            if not can_cancel(invoice):
                raise StatusNotChanged("Invoice cannot be canceled.")
            now = self._mark_in_process(order)
            cancel(order, invoice, self._shop, now)
            self._save(unit, order, invoice, now)
            _answer(unit, key)

        with _reported_as("Invoice canceling problem."):
            self._run(work, key, lambda _attempt: False)

    # Payments that were left open

    def unfinished_payments(self) -> list[Attempt]:
        """Calls of gateways that have not come to their end, oldest first."""
        return self._transactions.run(lambda unit: unit.payments.all_open(), repeatable=True)

    def resume_payment(self, attempt: Attempt) -> bool:
        """Bring a payment to its end that was left open; False while somebody else is at it.

        Raises PaymentUnsettled when only a person can tell what became of it, and what the gateway raises.
        """
        return self._calls.resume(attempt)

    def decide_payment(self, attempt: Attempt, result: GatewayResult | None) -> Attempt:
        """Take a person's word for what a gateway did: its answer, or None when no money moved.

        Raises CannotDecide while the gateway is being asked and when its answer is known, and PaymentUnsettled when the
        order has changed so that its rows cannot follow.
        """
        self._calls.decide(attempt, result)
        return self._attempt(attempt)

    def close_payment(self, attempt: Attempt) -> Attempt:
        """Take a person's word that the order shows a gateway's answer already, because somebody booked it by hand.

        Raises CannotDecide when there is no answer, and while the payment is being settled.
        """
        self._calls.close(attempt)
        return self._attempt(attempt)

    # Accounting of gateway calls

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        """What the gateway was asked; the attempt's order is locked."""
        if attempt.command is not None:
            order = self._order_of(unit, attempt)
            return gateway.capture_request(order, self._build_invoice(order, _command(attempt.command)))
        order, invoice = _lock(unit, attempt.invoice_increment_id or "")
        return (gateway.capture_request if attempt.action == CAPTURE else gateway.void_request)(order, invoice)

    def follow(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        """Let the order's rows follow a gateway's answer; the number of the invoice.

        Raises PaymentUnsettled when the order has changed so that they cannot; the answer stays in the journal.
        """
        if attempt.command is not None:
            order, command = self._order_of(unit, attempt), _command(attempt.command)
            invoice = self._build_invoice(order, command)
            self._captured(attempt, order, invoice, result)
            self._add(unit, order, invoice, command)
            return invoice.increment_id
        order, invoice = _lock(unit, attempt.invoice_increment_id or "")
        now = self._mark_in_process(order)
        if attempt.action == CAPTURE:
            self._captured(attempt, order, invoice, result)
        elif invoice.state == PAID:
            gateway.voided(order, invoice, result, self._shop, now)
        else:
            raise PaymentUnsettled(f"Invoice {invoice.increment_id} was changed while its payment was voided.")
        self._save(unit, order, invoice, now)
        return invoice.increment_id

    def _captured(self, attempt: Attempt, order: Order, invoice: Invoice, result: GatewayResult) -> None:
        if invoice.state != OPEN or gateway.amount_of(invoice) != attempt.base_amount:
            raise PaymentUnsettled(f"Order {order.increment_id} was changed while {attempt.base_amount} was captured.")
        gateway.captured(order, invoice, result, self._shop, self._clock.now())

    # What the use cases have in common

    def _run(
        self,
        work: Callable[[UnitOfWork], T | Asked],
        key: IdempotencyKey | None,
        is_about_it: Callable[[Attempt], bool],
    ) -> T | Attempt:
        """Run a unit of work and ask the gateway if it wants to; payments that were left open come first.

        When one of these was begun by the very same request, nothing is left to do. When nobody knows whether the
        journal has what the gateway is about to be asked, because the database was lost, that is looked up first.
        """
        begun: Asked | None = None

        def remembered(unit: UnitOfWork) -> T | Asked:
            nonlocal begun
            done = work(unit)
            if isinstance(done, tuple):
                begun = done
            return done

        wait = self._calls.waiting()
        while True:
            try:
                done = self._transactions.run(remembered)
            except OutcomeUnknown:
                if begun is None:
                    raise
                current = self._calls.find(begun[0])
                if current is None:
                    continue  # it was not stored
                if not self._calls.is_held(current, begun[0]):
                    raise
                done = begun
            except UnfinishedPayment as left:
                if begun is not None and self._calls.is_held(left.attempt, begun[0]):
                    self._calls.end(*begun)
                    return self._attempt(begun[0])
                is_mine = _is_from(left.attempt, key) and is_about_it(left.attempt)
                try:
                    is_settled = self._calls.resume(left.attempt)
                except PaymentError:
                    if is_mine:
                        raise
                    continue  # refused, so that nothing stands in the way any more
                if not is_settled:
                    wait()
                elif is_mine:
                    return self._attempt(left.attempt)
                continue
            if not isinstance(done, tuple):
                return done
            self._calls.end(*done)
            return self._attempt(done[0])

    def _attempt(self, attempt: Attempt) -> Attempt:
        """The attempt as it stands now."""
        return self._transactions.run(lambda unit: unit.payments.find(attempt.key), repeatable=True) or attempt

    def _ensure_nothing_pending(self, unit: UnitOfWork, order: Order) -> None:
        """Raise UnfinishedPayment when a payment of the order has not come to its end; offline methods have none."""
        if order.payment is None:
            return
        try:
            method = self._method(order)
        except PaymentError:  # none is configured any more; one may have been asked before
            self._calls.ensure_nothing_pending(unit, order)
            return
        if method.can_capture or method.can_void:
            self._calls.ensure_nothing_pending(unit, order)

    def _lock_order(self, unit: UnitOfWork, command: CreateInvoice) -> Order:
        orders = unit.orders
        by_id = command.order_id is not None
        order = orders.lock_by_id(command.order_id or 0) if by_id else orders.lock(command.order_increment_id)
        if order is None:
            raise OrderNotFound("Requested order not exists.")
        return order

    def _order_of(self, unit: UnitOfWork, attempt: Attempt) -> Order:
        order = unit.orders.lock_by_id(attempt.order_id)
        if order is None:
            raise OrderNotFound("Requested order not exists.")
        return order

    def _build_invoice(self, order: Order, command: CreateInvoice) -> Invoice:
        """A computed and registered invoice, not stored yet."""
        objections = self._extensions.order_validator.validate(order)
        if objections and not command.collect_all_problems:
            raise CannotInvoice(CANNOT_INVOICE)
        quantities = by_item_id(order, command.quantities)
        if command.collect_all_problems and (told := [*invoice_problems(order, quantities), *objections]):
            raise InvoiceRejected(told)
        self._mark_in_process(order)
        invoice = self._documents.create(order, quantities or None, command.arguments or {})
        register(order, invoice)
        return invoice

    def _add(self, unit: UnitOfWork, order: Order, invoice: Invoice, command: CreateInvoice) -> None:
        """Number and store a registered invoice with all that belongs to it."""
        now = self._clock.now()
        invoices = unit.invoices
        self._extensions.order_state_resolver.resolve(order, self._shop, now)
        invoice.created_at = invoice.updated_at = now
        if command.comment is not None:
            invoice.comments.append(_comment(command, now))
        invoice.increment_id = unit.increment_ids.next("invoice", order.store_id or 0)
        invoices.add(invoice)
        unit.orders.save(order)
        queued = unit.notifier.invoice_created(order, invoice, _mailed(command), command.notify)
        if queued and command.notify:  # BUG-13: only what was queued counts as sent
            invoice.email_sent = 1
            invoices.save(invoice)

    def _existing_invoice(self, unit: UnitOfWork, increment_id: str | None) -> Invoice:
        """An invoice that was made before."""
        return _lock(unit, increment_id or "")[1]

    def _mark_in_process(self, order: Order) -> datetime:
        """Mark the order as one that an invoice moves (INV-41, INV-46); returns the present second."""
        order.entity_name = "invoice"
        order.is_in_process = True
        return self._clock.now()

    def _method(self, order: Order) -> PaymentMethod:
        return self._payment_methods.get(payment_of(order).method)

    def _save(self, unit: UnitOfWork, order: Order, invoice: Invoice, now: datetime) -> None:
        self._extensions.order_state_resolver.resolve(order, self._shop, now)
        unit.invoices.save(invoice)
        unit.orders.save(order)


def _claimed(unit: UnitOfWork, key: IdempotencyKey | None) -> StoredResponse | None:
    """The first answer to a request that was answered before."""
    return None if key is None else unit.idempotency_keys.claim(key)


def _answer(unit: UnitOfWork, key: IdempotencyKey | None, invoice_increment_id: str | None = None) -> None:
    if key is not None:
        unit.idempotency_keys.answer(key.id, invoice_increment_id)


def _is_from(attempt: Attempt, key: IdempotencyKey | None) -> bool:
    """Whether that request, by user and key, began the attempt.

    Requests without a key are alike: the same content again, while a payment is unfinished, is taken for a repetition,
    since money must not move twice.
    """
    return attempt.request_id == (None if key is None else key.id)


def _is_about(attempt: Attempt, action: str, invoice_increment_id: str) -> bool:
    return attempt.command is None and (attempt.action, attempt.invoice_increment_id) == (action, invoice_increment_id)


def _as_data(command: CreateInvoice) -> dict[str, Any]:
    """The command as JSON keeps it."""
    data = asdict(command)
    if command.quantities is not None:
        data["quantities"] = {str(item): str(qty) for item, qty in command.quantities.items()}
    return data


def _command(data: Mapping[str, Any]) -> CreateInvoice:
    quantities = data.get("quantities")
    if quantities is not None:
        quantities = {item: Decimal(qty) for item, qty in quantities.items()}  # an id as text is an id, too
    return CreateInvoice(**{**data, "quantities": quantities})


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
def _reported_as(problem: str) -> Iterator[None]:
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
