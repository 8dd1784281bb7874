"""The use cases of orders: comment, hold, unhold, cancel (H, I).

Each is one operation on a locked order (``sales.operations``). With an idempotency key it can be repeated safely.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from magento_soap.sales.errors import StatusNotChanged
from magento_soap.sales.operations import OrderOperations, answer, claim, lock_order, reported_as
from magento_soap.sales.order import HistoryEntry, Order
from magento_soap.sales.paying.attempts import Attempt
from magento_soap.sales.paying.calls import GatewayCall, GatewayCalls
from magento_soap.sales.paying.gateway import cancel_request, record_cancel
from magento_soap.sales.payment import CANCEL, GatewayRequest, GatewayResult
from magento_soap.sales.ports import (
    Clock,
    IdempotencyKey,
    OrderStateResolver,
    PaymentMethods,
    Shop,
    UnitOfWork,
)
from magento_soap.sales.states import CANCELED
from magento_soap.sales.subject import subject_of

from .cancellation import can_cancel, cancel
from .commands import AddOrderComment
from .holding import hold, unhold


class OrderCancellation:
    """Cancels orders in a unit of work; ``paying.calls.Accounting`` for those whose gateway has to be asked first."""

    def __init__(self, shop: Shop, clock: Clock, states: OrderStateResolver) -> None:
        self._shop = shop
        self._clock = clock
        self._states = states

    def cancel(self, unit: UnitOfWork, order: Order) -> None:
        """Cancel what is left of the order; return its goods to the stock, and one use to its coupon (I2..I5)."""
        now = self._clock.now()
        returned = cancel(order, self._shop, now)
        self._states.resolve(order, self._shop, now)
        unit.orders.save(order)
        unit.stock.put_back(returned, order.store_id)
        if order.coupon_code:
            unit.coupons.give_back(order.coupon_code, order.customer_id)

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        """What the gateway is asked for that attempt; locks its order. Raises StatusNotChanged."""
        order = lock_order(unit, order_id=attempt.order_id)
        _ensure_cancelable(order)
        return cancel_request(order)

    def apply(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        """Record that the authorization was given up, and cancel the order (I6). Raises StatusNotChanged."""
        order = lock_order(unit, order_id=attempt.order_id)
        _ensure_cancelable(order)
        record_cancel(order, result, self._shop, self._clock.now())
        self.cancel(unit, order)
        return None


class OrderService:
    """Comments on orders, and moves them through their life cycle."""

    def __init__(
        self,
        operations: OrderOperations,
        calls: GatewayCalls,
        cancellation: OrderCancellation,
        *,
        payment_methods: PaymentMethods,
        shop: Shop,
        clock: Clock,
        states: OrderStateResolver,
    ) -> None:
        self._operations = operations
        self._calls = calls
        self._cancellation = cancellation
        self._payment_methods = payment_methods
        self._shop = shop
        self._clock = clock
        self._states = states

    def add_comment(self, command: AddOrderComment, key: IdempotencyKey | None = None) -> None:
        """Store a comment, change the status, and queue the mail about it (H). Raises OrderNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order = lock_order(unit, command.order_increment_id)
            now = self._clock.now()
            status = self._shop.default_status(order.state) if command.resets_status else command.status
            order.status = status or order.status
            comment = command.comment or None
            order.history.append(HistoryEntry(order.status, comment, command.is_customer_notified, "order", now))
            self._states.resolve(order, self._shop, now)
            unit.orders.save(order)
            unit.notifier.commented(order, subject_of("order", order.entity_id), command.comment or "", command.notify)
            answer(unit, key)

        self._operations.change(work, key)

    def hold(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Put an order on hold. Raises OrderNotFound, and StatusNotChanged if its state does not allow it (D2)."""
        self._change(increment_id, key, hold)

    def unhold(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Release an order from hold. Raises OrderNotFound, and StatusNotChanged if it is not on hold (D3)."""
        self._change(increment_id, key, unhold)

    def cancel(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Cancel what is left of an order, and give up its authorization (D4..D6, I2..I7).

        Raises OrderNotFound, and StatusNotChanged if nothing can be canceled, or if the gateway refuses or fails. An
        order that is invoiced in part raises it as well, after the rest was canceled (D5).
        """

        def work(unit: UnitOfWork) -> GatewayCall | bool:
            if claim(unit, key):
                return _is_canceled(lock_order(unit, increment_id))
            order = lock_order(unit, increment_id)
            self._operations.ensure_nothing_pending(unit, order)
            _ensure_cancelable(order)
            if order.payment is not None and order.payment.open_authorization is not None:
                self._payment_methods.get(order.payment.method)  # raises PaymentError before anything is recorded
                return self._calls.begin(unit, CANCEL, order, cancel_request(order), key)
            self._cancellation.cancel(unit, order)
            answer(unit, key)
            return _is_canceled(order)

        with reported_as("Order canceling problem."):
            done = self._operations.run(work, key, lambda attempt: attempt.action == CANCEL)
            if isinstance(done, Attempt):
                order_id = done.order_id
                done = self._operations.transactions.run(
                    lambda unit: _is_canceled(lock_order(unit, order_id=order_id)), repeatable=True
                )
        if not done:
            raise StatusNotChanged

    def _change(
        self, increment_id: str, key: IdempotencyKey | None, change: Callable[[Order, Shop, datetime], None]
    ) -> None:
        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order = lock_order(unit, increment_id)
            self._operations.ensure_nothing_pending(unit, order)
            now = self._clock.now()
            change(order, self._shop, now)
            self._states.resolve(order, self._shop, now)
            unit.orders.save(order)
            answer(unit, key)

        self._operations.change(work, key)


def _is_canceled(order: Order) -> bool:
    return order.state == CANCELED


def _ensure_cancelable(order: Order) -> None:
    """Raise StatusNotChanged, without a text of its own, unless something can be canceled (D4)."""
    if not can_cancel(order):
        raise StatusNotChanged
