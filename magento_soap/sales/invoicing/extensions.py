"""What an installation may replace: the extension points of Magento 2's InvoiceOrder.

``InvoiceDocuments``, ``Payments`` and ``OrderStates`` are our own implementations, and ``Extensions`` names what takes
their place. ``ExtendedTransactions`` wraps the repositories, so that no use case can bypass an extension.
"""

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
    """ports.InvoiceDocumentFactory: lines for the quantities, totals as Magento computes them."""

    shop: Shop

    def create(self, order: Order, quantities: Mapping[int, Decimal] | None, arguments: Mapping[str, Any]) -> Invoice:
        """A new invoice with its totals (PREP, TOT). Raises InvalidQuantity."""
        invoice = prepare_invoice(order, quantities)
        collect_totals(order, invoice, weee_in_subtotal=self.shop.weee_in_subtotal(order.store_id))
        return invoice


class Payments:
    """ports.PaymentAdapter: the table of INV-4."""

    def needs_gateway(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> bool:
        """Whether the gateway is asked: the method can capture, and the caller wants it to."""
        return case == "online" and can_capture(invoice, payment_of(order), method)

    def pay(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> None:
        """Count the invoice as paid if no gateway decides about it, or if the caller wants that."""
        capturable = can_capture(invoice, payment_of(order), method)
        if case == "offline" or not (capturable or method.is_gateway):
            invoice.can_void_flag = 0
            pay(order, invoice)


class OrderStates:
    """ports.OrderStateResolver: the state that quantities and payments imply."""

    def resolve(self, order: Order, shop: Shop, now: datetime) -> None:
        """Move the order to that state (INV-45)."""
        apply_implied_state(order, shop, now)


@dataclass(frozen=True)
class Extensions:
    """An installation's replacements. The repositories are factories that wrap ours, once in every transaction.

    Without an ``invoice_document_factory``, ``InvoiceDocuments`` is used.
    """

    order_repository: Callable[[OrderRepository], OrderRepository] = lambda ours: ours
    invoice_repository: Callable[[InvoiceRepository], InvoiceRepository] = lambda ours: ours
    invoice_document_factory: InvoiceDocumentFactory | None = None
    order_validator: OrderValidator = field(default_factory=OrderRules)
    payment_adapter: PaymentAdapter = field(default_factory=Payments)
    order_state_resolver: OrderStateResolver = field(default_factory=OrderStates)


class ExtendedUnit:
    """ports.UnitOfWork with the installation's repositories."""

    def __init__(self, unit: UnitOfWork, extensions: Extensions) -> None:
        self.orders = extensions.order_repository(unit.orders)
        self.invoices = extensions.invoice_repository(unit.invoices)
        self.shipments = unit.shipments
        self.creditmemos = unit.creditmemos
        self.stock = unit.stock
        self.coupons = unit.coupons
        self.increment_ids = unit.increment_ids
        self.notifier = unit.notifier
        self.payments = unit.payments
        self.idempotency_keys = unit.idempotency_keys


class ExtendedTransactions:
    """ports.Transactions whose work sees the installation's repositories only."""

    def __init__(self, transactions: Transactions, extensions: Extensions) -> None:
        self._transactions = transactions
        self._extensions = extensions

    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        """Run ``work`` in one transaction, with the installation's repositories."""
        return self._transactions.run(lambda unit: work(ExtendedUnit(unit, self._extensions)), repeatable=repeatable)
