"""What all operations on an order have in common, whichever document they are about.

An operation is one unit of work: claim the idempotency key, lock the order, check, compute, write, store the response,
commit. Work that met a deadlock runs again from the start, so nothing in it outlives it. If the operation needs a
payment gateway, its work returns a ``GatewayCall`` instead of a result: ``OrderOperations.run`` then completes the call
in further units of work (``paying.calls``).

The functions of this module are the steps that every operation takes::

    def work(unit):
        if stored := claim(unit, key):              # a repeated request gets the first response
            return ...
        order = lock_order(unit, increment_id)
        operations.ensure_nothing_pending(unit, order)
        ...                                         # check, compute, write
        answer(unit, key)

    with reported_as("Invoice canceling problem."):
        operations.run(work, key)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from .errors import OrderNotFound, OutcomeUnknown, PaymentError, SalesError, StatusNotChanged
from .order import Order
from .paying.attempts import Attempt
from .paying.calls import GatewayCall, GatewayCalls
from .paying.resuming import UnfinishedPayment, UnfinishedPayments
from .ports import IdempotencyKey, StoredResponse, Transactions, UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")

IsSameRequest = Callable[[Attempt], bool]
"""Whether an attempt was begun for what the present request asks for."""


class OrderOperations:
    """Runs operations, and the payments that have to be finished before them."""

    def __init__(self, transactions: Transactions, calls: GatewayCalls, unfinished: UnfinishedPayments) -> None:
        self.transactions = transactions
        self._calls = calls
        self.unfinished = unfinished

    def ensure_nothing_pending(self, unit: UnitOfWork, order: Order) -> None:
        """Stop the work if the locked order has an unfinished payment; ``run`` finishes it and runs the work again."""
        self.unfinished.ensure_nothing_pending(unit, order)

    def run(
        self,
        work: Callable[[UnitOfWork], T | GatewayCall],
        key: IdempotencyKey | None,
        is_same_request: IsSameRequest = lambda _: False,
    ) -> T | Attempt:
        """Run the work; returns its result, or the finished attempt if a gateway was asked.

        An unfinished payment of the order is finished first. If the same request began it, nothing is left to do: its
        attempt is the result. Raises what the work and the gateway raise; PaymentBeingSettled and PaymentUnsettled
        if an unfinished payment cannot be finished now; OutcomeUnknown if the database was lost during a commit.
        """
        begun: GatewayCall | None = None

        def remembered(unit: UnitOfWork) -> T | GatewayCall:
            nonlocal begun
            result = work(unit)
            if isinstance(result, GatewayCall):
                begun = result
            return result

        poll = self.unfinished.poll()
        while True:
            try:
                result = self.transactions.run(remembered)
            except OutcomeUnknown:
                # Nobody knows whether the journal has the attempt: look before the gateway is asked.
                if begun is None:
                    raise
                current = self._calls.find_after_lost_commit(begun.attempt)
                if current is None:
                    continue  # it was not stored
                if not self._calls.is_held(current, begun.attempt):
                    raise
                result = begun
            except UnfinishedPayment as pending:
                if begun is not None and self._calls.is_held(pending.attempt, begun.attempt):
                    return self._calls.complete(begun)
                is_own = _is_from(pending.attempt, key) and is_same_request(pending.attempt)
                try:
                    is_settled = self.unfinished.resume(pending.attempt)
                except PaymentError:
                    if is_own:
                        raise
                    continue  # the gateway has refused, so nothing is pending any more
                if not is_settled:
                    poll.wait()
                elif is_own:
                    return self._calls.current(pending.attempt)
                continue
            return self._calls.complete(result) if isinstance(result, GatewayCall) else result

    def change(self, work: Callable[[UnitOfWork], T], key: IdempotencyKey | None) -> T:
        """Run work that asks no gateway, and return its result. Raises as ``run``."""
        result = self.run(work, key)
        if isinstance(result, Attempt):
            raise TypeError("the work asked a gateway")
        return result


def claim(unit: UnitOfWork, key: IdempotencyKey | None) -> StoredResponse | None:
    """Claim the idempotency key; returns the stored response if the request was answered before."""
    return None if key is None else unit.idempotency_keys.claim(key)


def answer(unit: UnitOfWork, key: IdempotencyKey | None, result: str | None = None) -> None:
    """Store the response to the request that claimed the key."""
    if key is not None:
        unit.idempotency_keys.answer(key.id, result)


def lock_order(unit: UnitOfWork, increment_id: str = "", *, order_id: int | None = None) -> Order:
    """Lock and load the order of that increment id, or of that entity id if one is given. Raises OrderNotFound."""
    order = unit.orders.lock(increment_id) if order_id is None else unit.orders.lock_by_id(order_id)
    if order is None:
        raise OrderNotFound("Requested order not exists.")
    return order


@contextmanager
def reported_as(problem: str) -> Iterator[None]:
    """Report a gateway's refusal in its own words, and an unexpected failure as ``problem`` (API-23..25).

    Both become StatusNotChanged. The details of the failure are logged only. Other business errors pass unchanged.
    """
    try:
        yield
    except PaymentError as refusal:
        raise StatusNotChanged(str(refusal)) from refusal
    except SalesError:
        raise
    except Exception as failure:
        log.exception("%s", problem)
        raise StatusNotChanged(problem) from failure


def _is_from(attempt: Attempt, key: IdempotencyKey | None) -> bool:
    """Whether the request with that key began the attempt.

    Requests without a key cannot be told apart: while a payment is unfinished, the same content again counts as a
    repetition, since money must not move twice.
    """
    return attempt.request_id == (None if key is None else key.id)
