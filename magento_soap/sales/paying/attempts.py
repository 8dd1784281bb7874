"""Asking payment gateways so that no answer is lost and no money moves twice (BUG-2, BUG-27).

Three committed steps: under the order's lock the call is written down; with nothing locked the gateway is asked, and
its answer written down; under the lock again the order's rows follow. Who finds an attempt that somebody left open
takes it up where it stands: an answer only needs to be followed, and a gateway whose answer got lost is asked again
with the same key, if it honours keys. If it does not, somebody has to look and say what became of the money.

Whoever asks the gateway has a lease on the attempt. Only the holder of the lease writes the answer down, and no
answer is ever overwritten.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any, Protocol

from magento_soap.sales.errors import (
    CannotDecide,
    GatewayNotReached,
    InvoicingError,
    PaymentBeingSettled,
    PaymentError,
    PaymentUnsettled,
    TryAgainLater,
)
from magento_soap.sales.order import Order
from magento_soap.sales.payment import (
    ANSWERED,
    ASKED,
    CAPTURE,
    REFUSED,
    SETTLED,
    Attempt,
    GatewayRequest,
    GatewayResult,
)
from magento_soap.sales.ports import Clock, IdempotencyKey, PaymentMethods, Transactions, UnitOfWork

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long an attempt is left to who made it."""

WAIT_SECONDS = 2.5
"""How long a call waits for a payment that somebody else is making, so that nobody holds a thread for a whole lease."""

BEING_SETTLED = "A payment of this order is being settled. Try again later."
UNKNOWN_OUTCOME = "The outcome of an earlier payment of this order is not known yet."
DECIDED = "decided by hand"
DECIDED_OTHERWISE = "The gateway answered after somebody had decided that no money moved."
NO_JOURNAL = "Payments cannot be recorded in this database."
_PAUSE_SECONDS = 0.1


class UnfinishedPayment(Exception):
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
    """Makes attempts and brings them to their end.

    ``pause`` waits for that many seconds, as measured by ``monotonic``. At most ``most_waiting`` threads at a time wait
    for payments that others are making.
    """

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        clock: Clock,
        accounting: Accounting,
        *,
        lease: timedelta = LEASE,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        most_waiting: int | None = None,
    ) -> None:
        self._transactions = transactions
        self._payment_methods = payment_methods
        self._clock = clock
        self._accounting = accounting
        self._lease = lease
        self._pause = pause
        self._monotonic = monotonic
        self._places = None if most_waiting is None else BoundedSemaphore(most_waiting)

    def ensure_nothing_pending(self, unit: UnitOfWork, order: Order) -> None:
        """Raise UnfinishedPayment when a payment of the locked order has not come to its end."""
        attempt = unit.payments.open(order.entity_id)
        if attempt is not None:
            raise UnfinishedPayment(attempt)

    def begin(
        self,
        unit: UnitOfWork,
        action: str,
        order: Order,
        asked: GatewayRequest,
        key: IdempotencyKey | None = None,
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
            request_id=None if key is None else key.id,
            command=command,
        )
        unit.payments.write(attempt)
        return attempt, _with_key(asked, attempt)

    def find(self, attempt: Attempt) -> Attempt | None:
        """What has become of an attempt of which nobody knows whether it was written down; None when it was not.

        The order's lock tells: the transaction that was lost held it to its end.
        """

        def work(unit: UnitOfWork) -> Attempt | None:
            unit.orders.lock_by_id(attempt.order_id)
            return unit.payments.find(attempt.key)

        return self._transactions.run(work, repeatable=True)

    def is_held(self, current: Attempt, attempt: Attempt) -> bool:
        """Whether the attempt, as it stands now, still is the caller's ``attempt``, whose gateway was not asked yet."""
        same = (current.key, current.state, current.leased_until) == (attempt.key, ASKED, attempt.leased_until)
        return same and self._clock.now() < attempt.leased_until

    def end(self, attempt: Attempt, request: GatewayRequest) -> None:
        """Ask the gateway and let the order follow.

        Raises what the gateway raises, PaymentError for a refusal, and PaymentUnsettled when it took so long that
        somebody else has taken the attempt over or decided what became of it.
        """
        self._ask(attempt, request)
        if not self._complete(attempt):
            raise PaymentBeingSettled(BEING_SETTLED)

    def resume(self, attempt: Attempt) -> bool:
        """Bring an attempt that was left open to its end. False while somebody else is at it.

        Raises PaymentUnsettled when what became of it is not to be learnt now, and PaymentError for a refusal.
        """
        if self._clock.now() < attempt.leased_until:
            return False
        if attempt.state == ASKED:
            if not self._may_be_asked_again(attempt):
                raise PaymentUnsettled(UNKNOWN_OUTCOME)
            # If nobody knows whether this was stored, it is left to whoever comes when the lease is over.
            taken = self._transactions.run(lambda unit: self._take_over(unit, attempt), repeatable=True)
            if taken is None:
                return False
            attempt, request = taken
            self._ask(attempt, request, again=True)
        return self._complete(attempt)

    def waiting(self) -> Callable[[], None]:
        """A pause, whenever it is called, for somebody else to settle a payment.

        Raises PaymentBeingSettled once ``WAIT_SECONDS`` have passed since the first one, and when as many threads as
        may are waiting already.
        """
        give_up_at: float | None = None

        def wait() -> None:
            nonlocal give_up_at
            now = self._monotonic()
            give_up_at = now + WAIT_SECONDS if give_up_at is None else give_up_at
            if now >= give_up_at or (self._places is not None and not self._places.acquire(blocking=False)):
                raise PaymentBeingSettled(BEING_SETTLED)
            try:
                self._pause(min(_PAUSE_SECONDS, give_up_at - now))
            finally:
                if self._places is not None:
                    self._places.release()

        return wait

    def decide(self, attempt: Attempt, result: GatewayResult | None) -> None:
        """Take somebody's word for what became of an attempt: an answer, or None when there is nothing to follow.

        Raises CannotDecide while the gateway is being asked, and when its answer is known.
        """

        def work(unit: UnitOfWork) -> Attempt:
            unit.orders.lock_by_id(attempt.order_id)
            current = unit.payments.find(attempt.key) or attempt
            if current.state == ASKED and self._clock.now() < current.leased_until:
                raise CannotDecide(
                    f"The gateway is being asked about this payment, until {current.leased_until} UTC at the latest."
                )
            decided = replace(current, state=REFUSED if result is None else ANSWERED, result=result, error=DECIDED)
            # The gateway may have answered since: nobody needs the order's lock to write that down.
            if current.state != ASKED or not unit.payments.replace(decided, ASKED, current.leased_until):
                raise CannotDecide(f"What became of this payment is known already: {_state(unit, attempt)}.")
            return decided

        decided = self._transactions.run(work)
        if result is not None:
            self._complete(decided)

    def close(self, attempt: Attempt) -> None:
        """Leave an answer as it is and take somebody's word that the order's rows show it already.

        Raises CannotDecide when there is no answer yet, and when somebody is about to let the rows follow it.
        """

        def work(unit: UnitOfWork) -> None:
            _lock(unit, attempt)
            current = unit.payments.find(attempt.key) or attempt
            if current.state == ASKED:
                raise CannotDecide("The gateway has not answered yet.")
            if current.state != ANSWERED:
                raise CannotDecide(f"What became of this payment is known already: {current.state}.")
            if self._clock.now() < current.leased_until:
                raise CannotDecide(BEING_SETTLED)
            unit.payments.write(replace(current, state=SETTLED, error=DECIDED))
            if current.request_id is not None and current.command is None:
                unit.idempotency_keys.answer(current.request_id, None)

        self._transactions.run(work)

    def _complete(self, attempt: Attempt) -> bool:
        """Let the order's rows follow an answer. False while somebody else is at it; who does it does not matter.

        Raises PaymentUnsettled when somebody has decided that no money moved.
        """
        try:
            if self._settle(attempt):
                return True
        except Exception:
            self._release(attempt)
            raise
        state = self._transactions.run(lambda unit: _state(unit, attempt), repeatable=True)
        if state == REFUSED:
            txn_id = attempt.result and attempt.result.txn_id
            log.error(
                "payment %s: the gateway did it (transaction %s), and it is recorded as refused", attempt.key, txn_id
            )
            raise PaymentUnsettled(DECIDED_OTHERWISE)
        return state == SETTLED

    def _settle(self, attempt: Attempt) -> bool:
        """Let the order's rows follow the answer, unless they do already."""

        def work(unit: UnitOfWork) -> bool:
            _lock(unit, attempt)
            current = unit.payments.find(attempt.key)
            if current is None or current.state != ANSWERED or current.result is None:
                return False
            try:
                current.invoice_increment_id = self._accounting.follow(unit, current, current.result)
            except (PaymentUnsettled, TryAgainLater):
                raise
            except InvoicingError as error:
                raise PaymentUnsettled(str(error)) from error
            current.state, current.error = SETTLED, None
            unit.payments.write(current)
            if current.request_id is not None:
                made = current.invoice_increment_id if current.command is not None else None
                unit.idempotency_keys.answer(current.request_id, made)
            return True

        return self._transactions.run(work, repeatable=True)

    def _release(self, attempt: Attempt) -> None:
        """Nobody works on an answered attempt any more; if that cannot be said, others wait until the lease ends."""
        released = replace(attempt, leased_until=self._clock.now())
        with suppress(Exception):
            self._transactions.run(
                lambda unit: unit.payments.replace(released, ANSWERED, attempt.leased_until), repeatable=True
            )

    def _may_be_asked_again(self, attempt: Attempt) -> bool:
        try:
            return self._payment_methods.get(attempt.method).is_idempotent
        except PaymentError as error:  # none is configured any more
            raise PaymentUnsettled(str(error)) from error

    def _take_over(self, unit: UnitOfWork, attempt: Attempt) -> tuple[Attempt, GatewayRequest] | None:
        """The attempt under a lease of ours, and what to ask; None when somebody else was faster."""
        unit.orders.lock_by_id(attempt.order_id)
        current = unit.payments.find(attempt.key)
        if current is None or (current.state, current.leased_until) != (ASKED, attempt.leased_until):
            return None
        try:
            asked = self._accounting.request_of(unit, current)
        except TryAgainLater:
            raise
        except InvoicingError as error:  # the order has changed
            raise PaymentUnsettled(UNKNOWN_OUTCOME) from error
        taken = replace(current, leased_until=self._clock.now() + self._lease)
        # Whoever asked before may have written its answer down just now.
        if not unit.payments.replace(taken, ASKED, current.leased_until):
            return None
        return taken, _with_key(asked, taken)

    def _ask(self, attempt: Attempt, request: GatewayRequest, *, again: bool = False) -> None:
        method = self._payment_methods.get(attempt.method)
        try:
            result = method.capture(request) if attempt.action == CAPTURE else method.void(request)
        except Exception as failure:
            # Who is not reached now may have been reached the first time.
            is_known = isinstance(failure, PaymentError) and not (again and isinstance(failure, GatewayNotReached))
            told = str(failure) if isinstance(failure, PaymentError) else type(failure).__name__
            self._record(attempt, REFUSED if is_known else ASKED, None, told)
            if is_known or not again:
                raise
            raise PaymentUnsettled(UNKNOWN_OUTCOME) from failure
        self._record(attempt, ANSWERED, result, None)

    def _record(self, attempt: Attempt, state: str, result: GatewayResult | None, error: str | None) -> None:
        """Write the answer down, unless the lease was lost and with it the right to say what became of the attempt."""
        held = attempt.leased_until
        if result is None:
            attempt.leased_until = self._clock.now()  # nobody works on it any more
        attempt.state, attempt.result, attempt.error = state, result, error
        self._transactions.run(lambda unit: unit.payments.replace(attempt, ASKED, held), repeatable=True)


def _lock(unit: UnitOfWork, attempt: Attempt) -> None:
    """Lock the request behind an attempt, then the order, in the order of the calls that claim requests."""
    if attempt.request_id is not None:
        unit.idempotency_keys.lock_claimed(attempt.request_id)
    unit.orders.lock_by_id(attempt.order_id)


def _state(unit: UnitOfWork, attempt: Attempt) -> str | None:
    """How the attempt stands now."""
    current = unit.payments.find(attempt.key)
    return None if current is None else current.state


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
