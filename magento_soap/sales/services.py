"""All use cases of sales, on one shop: the services share what finishes interrupted payments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from .invoicing.accounting import InvoiceAccounting
from .invoicing.extensions import ExtendedTransactions, Extensions
from .invoicing.service import InvoiceService
from .operations import OrderOperations
from .ordering.service import OrderCancellation, OrderService
from .paying.attempts import Attempt
from .paying.calls import LEASE, Accounting, GatewayCalls
from .paying.resuming import UnfinishedPayments
from .payment import CANCEL, GatewayRequest, GatewayResult
from .ports import Clock, PaymentMethods, Shop, Transactions, UnitOfWork
from .refunding.service import RefundService
from .shipping.carriers import Carriers
from .shipping.service import ShippingService


class SalesServices:
    """The services of one shop; ``payments`` administers their unfinished payments.

    ``lease`` is how long a payment is reserved for the process that asks the gateway. At most ``most_waiting`` threads
    (all if None) wait for payments that other processes are settling; they sleep with ``pause`` and measure the time
    with ``monotonic``. ``carriers`` are further carriers whose tracking numbers shipments can have, titles by code.
    """

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        shop: Shop,
        clock: Clock,
        extensions: Extensions | None = None,
        *,
        carriers: Mapping[str, str] | None = None,
        lease: timedelta = LEASE,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        most_waiting: int | None = None,
    ) -> None:
        extensions = extensions or Extensions()
        states = extensions.order_state_resolver
        transactions = ExtendedTransactions(transactions, extensions)
        accounting = InvoiceAccounting(shop, clock, extensions)
        cancellation = OrderCancellation(shop, clock, states)
        by_action = _AccountingByAction(accounting, {CANCEL: cancellation})
        calls = GatewayCalls(transactions, payment_methods, clock, by_action, lease)
        self.payments = UnfinishedPayments(
            transactions,
            payment_methods,
            clock,
            calls,
            pause=pause,
            monotonic=monotonic,
            most_waiting=most_waiting,
        )
        operations = OrderOperations(transactions, calls, self.payments)
        self.orders = OrderService(
            operations, calls, cancellation, payment_methods=payment_methods, shop=shop, clock=clock, states=states
        )
        self.invoices = InvoiceService(
            operations,
            calls,
            accounting,
            payment_methods=payment_methods,
            shop=shop,
            clock=clock,
            extensions=extensions,
        )
        self.shipments = ShippingService(operations, Carriers(shop, carriers), shop, clock, states)
        self.creditmemos = RefundService(operations, shop, clock, states)


class _AccountingByAction:
    """paying.calls.Accounting that depends on what the gateway was asked."""

    def __init__(self, otherwise: Accounting, by_action: Mapping[str, Accounting]) -> None:
        self._otherwise = otherwise
        self._by_action = by_action

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        return self._of(attempt).request_of(unit, attempt)

    def apply(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        return self._of(attempt).apply(unit, attempt, result)

    def _of(self, attempt: Attempt) -> Accounting:
        return self._by_action.get(attempt.action, self._otherwise)
