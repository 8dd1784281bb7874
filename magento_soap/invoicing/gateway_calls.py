"""Asking payment gateways so that no answer is lost and no money moves twice (BUG-2, BUG-27).

Three committed steps: under the order's lock the call is written down; with nothing locked the gateway is asked, and
its answer written down; under the lock again the order's rows follow. Who finds an attempt that somebody left open
takes it up where it stands: an answer only needs to be followed, and a gateway whose answer got lost is asked again
with the same key, if it honours keys. If it does not, somebody has to look and say what became of the money.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from .errors import GatewayNotReached, PaymentError, PaymentUnsettled
from .order import Order
from .payment import ANSWERED, ASKED, CAPTURE, REFUSED, SETTLED, Attempt, GatewayRequest, GatewayResult
from .ports import Clock, PaymentMethods, Request, Transactions, UnitOfWork

LEASE = timedelta(seconds=30)
"""How long an attempt is left to who made it."""

BEING_SETTLED = "A payment of this order is being settled. Try again later."
UNKNOWN_OUTCOME = "The outcome of an earlier payment of this order is not known yet."
NO_JOURNAL = "Payments cannot be recorded in this database."
_PAUSE_SECONDS = 0.1


class LeftOpen(Exception):
    """The order has an attempt that has not come to its end."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.key)
        self.attempt = attempt


class Accounting(Protocol):
    """What attempts are about. The attempt's order is locked when these are called."""

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        """What the gateway was asked."""

    def follow(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        """Let the order's rows follow the answer; the number of the invoice it is about."""


class GatewayCalls:
    """Makes attempts and brings them to their end. ``pause`` waits for that many seconds."""

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        clock: Clock,
        accounting: Accounting,
        *,
        lease: timedelta = LEASE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transactions = transactions
        self._payment_methods = payment_methods
        self._clock = clock
        self._accounting = accounting
        self._lease = lease
        self._pause = pause
        self.patience = max(3, int(2 * lease.total_seconds() / _PAUSE_SECONDS))
        """How often it is worth looking whether a payment has come to its end."""

    def check_free(self, unit: UnitOfWork, order: Order) -> None:
        """Raise LeftOpen when a payment of the locked order has not come to its end."""
        attempt = unit.payments.open(order.entity_id)
        if attempt is not None:
            raise LeftOpen(attempt)

    def begin(
        self,
        unit: UnitOfWork,
        action: str,
        order: Order,
        asked: GatewayRequest,
        request: Request | None = None,
        *,
        command: Mapping[str, Any] | None = None,
    ) -> tuple[Attempt, GatewayRequest]:
        """Write down that the gateway will be asked, on behalf of a client's ``request``; the order is locked.

        Raises PaymentError where that cannot be.
        """
        if not unit.payments.is_kept:
            raise PaymentError(NO_JOURNAL)
        now = self._clock.now()
        attempt = Attempt(
            key=uuid.uuid4().hex,
            action=action,
            order_id=order.entity_id,
            order_increment_id=order.increment_id,
            invoice_increment_id=asked.invoice_increment_id,
            method=asked.payment.method,
            base_amount=asked.base_amount,
            base_currency_code=asked.base_currency_code,
            parent_txn_id=asked.parent_txn_id,
            asked_at=now,
            leased_until=now + self._lease,
            request_id=None if request is None else request.id,
            command=command,
        )
        unit.payments.write(attempt)
        return attempt, _with_key(asked, attempt)

    def end(self, attempt: Attempt, request: GatewayRequest) -> None:
        """Ask the gateway and let the order follow. Raises what the gateway raises, PaymentError for a refusal."""
        self._ask(attempt, request)
        try:
            self._settle(attempt)
        except Exception:
            attempt.leased_until = self._clock.now()  # nobody works on it any more; if that cannot be said, others wait
            with suppress(Exception):
                self._transactions.run(lambda unit: unit.payments.release(attempt))
            raise

    def take_up(self, attempt: Attempt) -> bool:
        """Bring an attempt that was left open to its end. False when somebody else did, or is at it and got a moment.

        Raises PaymentUnsettled when what became of it is not to be learnt now, and PaymentError for a refusal.
        """
        if self._clock.now() < attempt.leased_until:
            self._pause(_PAUSE_SECONDS)
            return False
        if attempt.state == ASKED:
            if not self._may_be_asked_again(attempt):
                raise PaymentUnsettled(UNKNOWN_OUTCOME)
            request = self._transactions.run(lambda unit: self._take_over(unit, attempt))
            if request is None:
                return False
            self._ask(attempt, request, again=True)
        return self._settle(attempt)

    def _settle(self, attempt: Attempt) -> bool:
        """Let the order's rows follow the answer, unless they do already."""

        def work(unit: UnitOfWork) -> bool:
            unit.orders.lock_by_id(attempt.order_id)
            current = unit.payments.find(attempt.key)
            if current is None or current.state != ANSWERED or current.result is None:
                return False
            current.invoice_increment_id = self._accounting.follow(unit, current, current.result)
            current.state, current.error = SETTLED, None
            unit.payments.write(current)
            if current.request_id is not None:
                made = current.invoice_increment_id if current.command is not None else None
                unit.requests.answer(current.request_id, made)
            return True

        return self._transactions.run(work)

    def decide(self, attempt: Attempt, result: GatewayResult | None) -> None:
        """Take somebody's word for what became of an attempt: an answer, or None when there is nothing to follow."""

        def work(unit: UnitOfWork) -> None:
            unit.orders.lock_by_id(attempt.order_id)
            current = unit.payments.find(attempt.key)
            if current is not None and current.state in (ASKED, ANSWERED):
                current.state, current.result = (REFUSED if result is None else ANSWERED), result
                current.error = "decided by hand"
                unit.payments.write(current)

        self._transactions.run(work)
        self._settle(attempt)

    def _may_be_asked_again(self, attempt: Attempt) -> bool:
        try:
            return self._payment_methods.get(attempt.method).is_idempotent
        except PaymentError as error:  # none is configured any more
            raise PaymentUnsettled(str(error)) from error

    def _take_over(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest | None:
        """What to ask, the lease being ours now; None when somebody else was faster."""
        unit.orders.lock_by_id(attempt.order_id)
        current = unit.payments.find(attempt.key)
        if current is None or (current.state, current.leased_until) != (ASKED, attempt.leased_until):
            return None
        asked = self._accounting.request_of(unit, attempt)
        attempt.leased_until = self._clock.now() + self._lease
        unit.payments.write(attempt)
        return _with_key(asked, attempt)

    def _ask(self, attempt: Attempt, request: GatewayRequest, *, again: bool = False) -> None:
        method = self._payment_methods.get(attempt.method)
        try:
            result = method.capture(request) if attempt.action == CAPTURE else method.void(request)
        except Exception as failure:
            # Who is not reached now may have been reached the first time.
            is_known = isinstance(failure, PaymentError) and not (again and isinstance(failure, GatewayNotReached))
            attempt.leased_until = self._clock.now()  # nobody works on it any more
            told = str(failure) if isinstance(failure, PaymentError) else type(failure).__name__
            self._record(attempt, REFUSED if is_known else ASKED, None, told)
            if is_known or not again:
                raise
            raise PaymentUnsettled(UNKNOWN_OUTCOME) from failure
        self._record(attempt, ANSWERED, result, None)

    def _record(self, attempt: Attempt, state: str, result: GatewayResult | None, error: str | None) -> None:
        attempt.state, attempt.result, attempt.error = state, result, error
        self._transactions.run(lambda unit: unit.payments.answered(attempt))


def _with_key(asked: GatewayRequest, attempt: Attempt) -> GatewayRequest:
    """The request as it was first made, whatever the order has become since."""
    return replace(
        asked,
        invoice_increment_id=attempt.invoice_increment_id,
        base_amount=attempt.base_amount,
        base_currency_code=attempt.base_currency_code,
        parent_txn_id=attempt.parent_txn_id,
        idempotency_key=attempt.key,
    )
