"""What an installation may put in the place of our own: the extension points of Magento 2's InvoiceOrder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from magento_soap.sales.invoice import Invoice
from magento_soap.sales.order import Order, payment_of
from magento_soap.sales.payment import PaymentMethod
from magento_soap.sales.ports import (
    CaptureCase,
    InvoiceDocumentFactory,
    InvoiceRepository,
    OrderRepository,
    OrderStateResolver,
    OrderValidator,
    PaymentAdapter,
    Shop,
    Transactions,
    UnitOfWork,
)
from magento_soap.sales.states import apply_implied_state

from .preparation import prepare_invoice
from .registration import can_capture, pay
from .totals import collect_totals
from .validation import OrderRules

T = TypeVar("T")


@dataclass(frozen=True)
class InvoiceDocuments:
    """ports.InvoiceDocumentFactory: lines for the quantities, totals as Magento collects them."""

    shop: Shop

    def create(self, order: Order, quantities: Mapping[int, Decimal] | None, arguments: Mapping[str, Any]) -> Invoice:
        """The computed invoice (PREP, TOT). Raises InvalidQuantity."""
        invoice = prepare_invoice(order, quantities)
        collect_totals(order, invoice, weee_in_subtotal=self.shop.weee_in_subtotal(order.store_id))
        return invoice


class Payments:
    """ports.PaymentAdapter: the table of INV-4."""

    def needs_gateway(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> bool:
        """Whether the gateway has to be asked: it can capture, and was asked for."""
        return case == "online" and can_capture(invoice, payment_of(order), method)

    def pay(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> None:
        """Count the invoice as paid where no gateway has a say, or where the caller wants it so."""
        capturable = can_capture(invoice, payment_of(order), method)
        if case == "offline" or not (capturable or method.is_gateway):
            invoice.can_void_flag = 0
            pay(order, invoice)


class OrderStates:
    """ports.OrderStateResolver: what quantities and payments imply."""

    def resolve(self, order: Order, shop: Shop, now: datetime) -> None:
        """Bring the order into that state (INV-45)."""
        apply_implied_state(order, shop, now)


@dataclass(frozen=True)
class Extensions:
    """Replacements for our own; the repositories are wrapped in every transaction, the others stand as they are.

    Without an ``invoice_document_factory`` there is ``InvoiceDocuments``.
    """

    order_repository: Callable[[OrderRepository], OrderRepository] = lambda ours: ours
    invoice_repository: Callable[[InvoiceRepository], InvoiceRepository] = lambda ours: ours
    invoice_document_factory: InvoiceDocumentFactory | None = None
    order_validator: OrderValidator = field(default_factory=OrderRules)
    payment_adapter: PaymentAdapter = field(default_factory=Payments)
    order_state_resolver: OrderStateResolver = field(default_factory=OrderStates)


class ExtendedUnit:
    """ports.UnitOfWork whose repositories are those of the installation."""

    def __init__(self, unit: UnitOfWork, extensions: Extensions) -> None:
        self.orders = extensions.order_repository(unit.orders)
        self.invoices = extensions.invoice_repository(unit.invoices)
        self.increment_ids = unit.increment_ids
        self.notifier = unit.notifier
        self.payments = unit.payments
        self.idempotency_keys = unit.idempotency_keys


class ExtendedTransactions:
    """ports.Transactions in which no work can get past the extensions."""

    def __init__(self, transactions: Transactions, extensions: Extensions) -> None:
        self._transactions = transactions
        self._extensions = extensions

    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        """Run ``work`` in one transaction, with the repositories of the installation."""
        return self._transactions.run(lambda unit: work(ExtendedUnit(unit, self._extensions)), repeatable=repeatable)
