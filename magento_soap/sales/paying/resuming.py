"""Unfinished payments: attempts that are neither settled nor refused.

An order has at most one, and nothing else happens to its invoices until that one is finished. Usually the next call
finishes it: it waits while another process holds the lease (``SettlementPoll``), applies an answer that is stored
already, or asks the gateway again with the same idempotency key (``UnfinishedPayments.resume``). If the payment method
does not honour idempotency keys, an administrator has to look at the gateway and ``decide``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import BoundedSemaphore

from magento_soap.sales.errors import CannotDecide, PaymentBeingSettled, PaymentError, PaymentUnsettled
from magento_soap.sales.order import Order
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.ports import Clock, PaymentMethods, Transactions, UnitOfWork

from .attempts import ANSWERED, ASKED, Attempt
from .calls import BEING_SETTLED, UNKNOWN_OUTCOME, GatewayCalls, lock_attempt

MAX_WAIT_SECONDS = 2.5
"""How long a call waits for a payment that another process is settling. Less than a lease, so that no thread is held
that long."""

POLL_SECONDS = 0.1


class UnfinishedPayment(Exception):
    """The order has an unfinished payment."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.key)
        self.attempt = attempt


class SettlementPoll:
    """The pauses of one call that waits for another process to settle a payment.

    ``pause`` waits for that many seconds, as ``monotonic`` measures them. ``places`` limits how many threads wait at a
    time.
    """

    def __init__(
        self, pause: Callable[[float], None], monotonic: Callable[[], float], places: BoundedSemaphore | None
    ) -> None:
        self._pause = pause
        self._monotonic = monotonic
        self._places = places
        self._deadline: float | None = None

    def wait(self) -> None:
        """Pause before the next look.

        Raises PaymentBeingSettled ``MAX_WAIT_SECONDS`` after the first call, and if too many threads are waiting.
        """
        now = self._monotonic()
        if self._deadline is None:
            self._deadline = now + MAX_WAIT_SECONDS
        if now >= self._deadline or (self._places is not None and not self._places.acquire(blocking=False)):
            raise PaymentBeingSettled(BEING_SETTLED)
        try:
            self._pause(min(POLL_SECONDS, self._deadline - now))
        finally:
            if self._places is not None:
                self._places.release()


class UnfinishedPayments:
    """Finds, resumes and administers unfinished payments.

    At most ``most_waiting`` threads at a time wait for payments that other processes are settling.
    """

    def __init__(
        self,
        transactions: Transactions,
        payment_methods: PaymentMethods,
        clock: Clock,
        calls: GatewayCalls,
        *,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        most_waiting: int | None = None,
    ) -> None:
        self._transactions = transactions
        self._payment_methods = payment_methods
        self._clock = clock
        self._calls = calls
        self._pause = pause
        self._monotonic = monotonic
        self._places = None if most_waiting is None else BoundedSemaphore(most_waiting)

    def all(self) -> list[Attempt]:
        """All unfinished payments, oldest first."""
        return self._transactions.run(lambda unit: unit.payments.all_open(), repeatable=True)

    def poll(self) -> SettlementPoll:
        """What paces a call that may have to wait for another process."""
        return SettlementPoll(self._pause, self._monotonic, self._places)

    def ensure_nothing_pending(self, unit: UnitOfWork, order: Order) -> None:
        """Raise UnfinishedPayment if the locked order has one; payments by offline methods are never unfinished."""
        if order.payment is None:
            return
        try:
            method = self._payment_methods.get(order.payment.method)
        except PaymentError:
            is_online = True  # the method is not configured any more, but may have been asked before
        else:
            is_online = method.can_capture or method.can_void or bool(order.payment.transactions)
        attempt = unit.payments.open(order.entity_id) if is_online else None
        if attempt is not None:
            raise UnfinishedPayment(attempt)

    def resume(self, attempt: Attempt) -> bool:
        """Finish an unfinished payment; False while another process works on it.

        Raises PaymentError if the gateway refuses, and PaymentUnsettled if the outcome cannot be found out now.
        """
        if attempt.is_leased(self._clock.now()):
            return False
        if attempt.state != ASKED:
            return self._calls.apply_answer(attempt)
        self._ensure_repeatable(attempt)
        answered = self._calls.repeat(attempt)
        return answered is not None and self._calls.apply_answer(answered)

    def decide(self, attempt: Attempt, result: GatewayResult | None) -> Attempt:
        """Record an administrator's decision about what the gateway did: its answer, or None if no money moved.

        Returns the attempt as it is stored then. Raises CannotDecide while the gateway is being asked and if the
        outcome is known, and PaymentUnsettled if the order has changed so that the answer does not fit.
        """

        def work(unit: UnitOfWork) -> Attempt:
            unit.orders.lock_by_id(attempt.order_id)
            current = unit.payments.find(attempt.key) or attempt
            now = self._clock.now()
            if current.state == ASKED and current.is_leased(now):
                raise CannotDecide(
                    f"The gateway is being asked about this payment, until {current.leased_until} UTC at the latest."
                )
            if current.state == ASKED:
                decided = current.decide(result, now)
                # The gateway may answer at this moment: storing the answer does not need the lock of the order.
                if unit.payments.replace(decided, current.state, current.leased_until):
                    return decided
            raise _outcome_known(unit.payments.find(attempt.key) or current)

        decided = self._transactions.run(work)
        if decided.state == ANSWERED:
            self._calls.apply_answer(decided)
        return self._calls.current(decided)

    def close(self, attempt: Attempt) -> Attempt:
        """Record an administrator's decision that the order shows the gateway's answer, because it was entered by hand.

        Returns the attempt as it is stored then. Raises CannotDecide if there is no answer, and while another process
        is applying it.
        """

        def work(unit: UnitOfWork) -> None:
            lock_attempt(unit, attempt)
            current = unit.payments.find(attempt.key) or attempt
            now = self._clock.now()
            if current.state == ASKED:
                raise CannotDecide("The gateway has not answered yet.")
            if current.state != ANSWERED:
                raise _outcome_known(current)
            if current.is_leased(now):
                raise CannotDecide(BEING_SETTLED)
            unit.payments.write(current.close(now))
            if current.request_id is not None and current.command is None:
                unit.idempotency_keys.answer(current.request_id, None)

        self._transactions.run(work)
        return self._calls.current(attempt)

    def _ensure_repeatable(self, attempt: Attempt) -> None:
        """Raise PaymentUnsettled unless the gateway may be asked again."""
        try:
            method = self._payment_methods.get(attempt.method)
        except PaymentError as error:  # not configured any more
            raise PaymentUnsettled(str(error)) from error
        if not method.is_idempotent:
            raise PaymentUnsettled(UNKNOWN_OUTCOME)


def _outcome_known(attempt: Attempt) -> CannotDecide:
    return CannotDecide(f"What became of this payment is known already: {attempt.state}.")
