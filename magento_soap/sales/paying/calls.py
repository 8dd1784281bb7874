"""Calls of payment gateways: the three committed steps of a payment.

1. ``begin``: under the order's lock, store the attempt.
2. ``complete``, first half: with nothing locked, ask the gateway and store its answer.
3. ``complete``, second half: under the order's lock again, apply the answer to the order's rows.

If the process dies after any step, ``resuming`` continues where the attempt stands (``attempts`` has the diagram).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from magento_soap.sales.errors import (
    GatewayNotReached,
    PaymentBeingSettled,
    PaymentError,
    PaymentUnsettled,
    SalesError,
    TryAgainLater,
)
from magento_soap.sales.order import Order
from magento_soap.sales.payment import CANCEL, CAPTURE, VOID, GatewayRequest, GatewayResult, PaymentMethod
from magento_soap.sales.ports import Clock, IdempotencyKey, PaymentMethods, Transactions, UnitOfWork

from .attempts import ANSWERED, ASKED, REFUSED, SETTLED, Attempt

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long an attempt is reserved for the process that asks the gateway."""

BEING_SETTLED = "A payment of this order is being settled. Try again later."
UNKNOWN_OUTCOME = "The outcome of an earlier payment of this order is not known yet."
DECIDED_OTHERWISE = "The gateway answered after somebody had decided that no money moved."
NO_JOURNAL = "Payments cannot be recorded in this database."


@dataclass(frozen=True)
class GatewayCall:
    """A stored attempt, and what its gateway is to be asked."""

    attempt: Attempt
    request: GatewayRequest


class Accounting(Protocol):
    """What attempts are about, such as invoices. The attempt's order is locked when these methods are called."""

    def request_of(self, unit: UnitOfWork, attempt: Attempt) -> GatewayRequest:
        """What the gateway is asked for that attempt. Raises SalesError if the order does not allow it any more."""

    def apply(self, unit: UnitOfWork, attempt: Attempt, result: GatewayResult) -> str | None:
        """Apply the gateway's answer to the order's rows; returns the increment id of the invoice it is about.

        Raises PaymentUnsettled if the order has changed so that the answer does not fit.
        """


class GatewayCalls:
    """Begins and completes calls of gateways. The lease is how long an attempt is reserved for its process."""

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        clock: Clock,
        accounting: Accounting,
        lease: timedelta = LEASE,
    ) -> None:
        self._transactions = transactions
        self._payment_methods = payment_methods
        self._clock = clock
        self._accounting = accounting
        self._lease = lease

    def begin(
        self,
        unit: UnitOfWork,
        action: str,
        order: Order,
        request: GatewayRequest,
        key: IdempotencyKey | None = None,
        *,
        command: Mapping[str, Any] | None = None,
    ) -> GatewayCall:
        """Store that the gateway will be asked, on behalf of the client's request with that key; the order is locked.

        ``command`` is what creates a document once the gateway has answered. Raises PaymentError if the database cannot
        store attempts.
        """
        if not unit.payments.is_kept:
            raise PaymentError(NO_JOURNAL)
        now = self._clock.now()
        attempt = Attempt(
            key=uuid.uuid4().hex,
            action=action,
            order_id=order.entity_id,
            order_increment_id=order.increment_id,
            invoice_increment_id=request.invoice_increment_id,
            method=request.payment.method,
            base_amount=request.base_amount,
            base_currency_code=request.base_currency_code,
            parent_txn_id=request.parent_txn_id,
            asked_at=now,
            leased_until=now + self._lease,
            request_id=None if key is None else key.id,
            command=command,
        )
        unit.payments.write(attempt)
        return _call(attempt, request)

    def complete(self, call: GatewayCall) -> Attempt:
        """Ask the gateway and apply its answer; returns the attempt as it is stored now.

        Raises what the gateway raises, PaymentError if it refuses, and PaymentUnsettled if it took so long that another
        process took the attempt over, or that an administrator decided its outcome.
        """
        answered = self._ask(call)
        if not self.apply_answer(answered):
            raise PaymentBeingSettled(BEING_SETTLED)
        return self.current(answered)

    def repeat(self, attempt: Attempt) -> Attempt | None:
        """Take an abandoned attempt over and ask its gateway again; None if another process was faster.

        Raises PaymentError if the gateway refuses, and PaymentUnsettled if the outcome stays unknown.
        """
        # If nobody knows whether the new lease was stored, the attempt waits until that lease ends.
        call = self._transactions.run(lambda unit: self._take_over(unit, attempt), repeatable=True)
        return None if call is None else self._ask(call, is_repeated=True)

    def apply_answer(self, attempt: Attempt) -> bool:
        """Apply the answer of an attempt to its order; False while another process is about to.

        It does not matter which process applies it. Raises PaymentUnsettled if the order has changed so that the answer
        does not fit, and if an administrator has decided that no money moved.
        """
        try:
            if self._settle(attempt):
                return True
        except Exception:
            self._release(attempt)
            raise
        current = self._find(attempt)
        if current is not None and current.state == REFUSED:
            txn_id = attempt.result and attempt.result.txn_id
            log.error("payment %s: recorded as refused, but the gateway did it (transaction %s)", attempt.key, txn_id)
            raise PaymentUnsettled(DECIDED_OTHERWISE)
        return current is not None and current.state == SETTLED

    def current(self, attempt: Attempt) -> Attempt:
        """The attempt as it is stored now."""
        return self._find(attempt) or attempt

    def find_after_lost_commit(self, attempt: Attempt) -> Attempt | None:
        """The attempt as it is stored, or None if it was not, after a commit whose outcome is unknown.

        Locking the order waits for the lost transaction, which held that lock.
        """

        def work(unit: UnitOfWork) -> Attempt | None:
            unit.orders.lock_by_id(attempt.order_id)
            return unit.payments.find(attempt.key)

        return self._transactions.run(work, repeatable=True)

    def is_held(self, current: Attempt, attempt: Attempt) -> bool:
        """Whether the stored attempt is still the caller's ``attempt``, whose gateway was not asked yet."""
        is_same = (current.key, current.state, current.leased_until) == (attempt.key, ASKED, attempt.leased_until)
        return is_same and attempt.is_leased(self._clock.now())

    def _find(self, attempt: Attempt) -> Attempt | None:
        return self._transactions.run(lambda unit: unit.payments.find(attempt.key), repeatable=True)

    def _take_over(self, unit: UnitOfWork, attempt: Attempt) -> GatewayCall | None:
        """The attempt under a lease of ours, with its request; None if another process was faster."""
        unit.orders.lock_by_id(attempt.order_id)
        current = unit.payments.find(attempt.key)
        now = self._clock.now()
        if current is None or (current.state, current.leased_until) != (ASKED, attempt.leased_until):
            return None
        if current.is_leased(now):  # the clock was set back
            return None
        try:
            request = self._accounting.request_of(unit, current)
        except TryAgainLater:
            raise
        except SalesError as error:  # the order has changed
            raise PaymentUnsettled(UNKNOWN_OUTCOME) from error
        taken = current.take_over(now, self._lease)
        # The process that asked before may have stored its answer just now.
        if not unit.payments.replace(taken, current.state, current.leased_until):
            return None
        return _call(taken, request)

    def _ask(self, call: GatewayCall, *, is_repeated: bool = False) -> Attempt:
        """Ask the gateway and store what it said; returns the answered attempt."""
        attempt, request = call.attempt, call.request
        method = self._payment_methods.get(attempt.method)
        try:
            result = _asked(method, attempt.action)(request)
        except Exception as failure:
            message = str(failure) if isinstance(failure, PaymentError) else type(failure).__name__
            # A gateway that is unreachable now may have received the first request.
            is_unknown = is_repeated and isinstance(failure, GatewayNotReached)
            if isinstance(failure, PaymentError) and not is_unknown:
                self._store(attempt, attempt.refuse(message, self._clock.now()))
                raise
            self._store(attempt, attempt.give_up(message, self._clock.now()))
            if not is_repeated:
                raise
            raise PaymentUnsettled(UNKNOWN_OUTCOME) from failure
        answered = attempt.answer(result)
        self._store(attempt, answered)
        return answered

    def _store(self, before: Attempt, after: Attempt) -> None:
        """Store a transition, unless the lease was lost and with it the right to make the transition."""
        self._transactions.run(
            lambda unit: unit.payments.replace(after, before.state, before.leased_until), repeatable=True
        )

    def _settle(self, attempt: Attempt) -> bool:
        """Apply a stored answer under the lock of the order, once; whether there was one to apply."""

        def work(unit: UnitOfWork) -> bool:
            lock_attempt(unit, attempt)
            current = unit.payments.find(attempt.key)
            if current is None or current.state != ANSWERED or current.result is None:
                return False
            try:
                settled = current.settle(self._accounting.apply(unit, current, current.result))
            except (PaymentUnsettled, TryAgainLater):
                raise
            except SalesError as error:
                raise PaymentUnsettled(str(error)) from error
            unit.payments.write(settled)
            if settled.request_id is not None:
                created = settled.invoice_increment_id if settled.command is not None else None
                unit.idempotency_keys.answer(settled.request_id, created)
            return True

        return self._transactions.run(work, repeatable=True)

    def _release(self, attempt: Attempt) -> None:
        """End the lease of an answer that was not applied. If that fails, others wait until the lease ends."""
        with suppress(Exception):
            self._store(attempt, attempt.release(self._clock.now()))


def _asked(method: PaymentMethod, action: str) -> Callable[[GatewayRequest], GatewayResult]:
    return {CAPTURE: method.capture, VOID: method.void, CANCEL: method.cancel}[action]


def lock_attempt(unit: UnitOfWork, attempt: Attempt) -> None:
    """Lock the idempotency key behind an attempt, then the order: calls that claim a key lock in this order, too."""
    if attempt.request_id is not None:
        unit.idempotency_keys.lock_claimed(attempt.request_id)
    unit.orders.lock_by_id(attempt.order_id)


def _call(attempt: Attempt, request: GatewayRequest) -> GatewayCall:
    """The call with the values of the first request, even if the order has changed since."""
    first = replace(
        request,
        invoice_increment_id=attempt.invoice_increment_id,
        base_amount=attempt.base_amount,
        base_currency_code=attempt.base_currency_code,
        parent_txn_id=attempt.parent_txn_id,
        idempotency_key=attempt.key,
    )
    return GatewayCall(attempt, first)
