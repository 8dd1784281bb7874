"""The payment attempt: one request to a gateway, as a small state machine (BUG-2, BUG-27).

An attempt is stored before its gateway is asked. Whatever fails later, the journal knows that money may have moved::

           take_over, give_up                  release
                +---+                           +---+
                |   v                           |   v
    begin --->  asked  ---answer, decide--->  answered  ---settle, close--->  settled
                  |
                  +-------refuse, decide--------------------------------->  refused

    asked      The gateway was or will be asked; its answer is not known.
    answered   The gateway's answer is stored; the order does not show it yet.
    settled    The order shows the answer. Final.
    refused    No money moved. Final.

Who may make a transition depends on the lease, which ends at ``leased_until``:

============  =====================================================================================================
transition    who may make it
============  =====================================================================================================
answer        the holder of the lease: the process that began the attempt, or that took it over
refuse        the holder, when the gateway has refused
give_up       the holder, when the gateway has given no answer; this ends the lease
take_over     anyone, after the lease has ended; the new lease belongs to whoever took over
settle        anyone who holds the lock of the order
release       the process whose answer was not applied; this ends the lease
decide        an administrator, after the lease has ended
close         an administrator, after the lease has ended
============  =====================================================================================================

An attempt is immutable: a transition returns the attempt in its next state, and raises IllegalTransition if the state
or the lease does not allow it. A process may hold a copy that is out of date. So ``answer``, ``refuse``, ``give_up``,
``take_over``, ``release`` and ``decide`` are stored with ``ports.PaymentJournal.replace``, which changes nothing unless
the stored attempt has the state and the lease that the copy had. That is what keeps an answer from being overwritten,
and a process that has lost its lease from storing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from magento_soap.sales.payment import GatewayResult

State = Literal["asked", "answered", "settled", "refused"]

ASKED: State = "asked"
ANSWERED: State = "answered"
SETTLED: State = "settled"
REFUSED: State = "refused"

UNFINISHED = (ASKED, ANSWERED)

DECIDED = "decided by hand"
"""The ``error`` of an attempt whose outcome an administrator decided."""

TRANSITIONS: Mapping[str, tuple[State, frozenset[State]]] = {
    "answer": (ASKED, frozenset({ANSWERED})),
    "refuse": (ASKED, frozenset({REFUSED})),
    "give_up": (ASKED, frozenset({ASKED})),
    "take_over": (ASKED, frozenset({ASKED})),
    "decide": (ASKED, frozenset({ANSWERED, REFUSED})),
    "settle": (ANSWERED, frozenset({SETTLED})),
    "release": (ANSWERED, frozenset({ANSWERED})),
    "close": (ANSWERED, frozenset({SETTLED})),
}
"""From which state each transition leads to which ones."""


class IllegalTransition(Exception):
    """The attempt's state or lease does not allow the transition. A bug, not something that a client can cause."""


@dataclass(frozen=True)
class Attempt:
    """One request to a gateway and what became of it.

    ``command`` is set when the gateway's answer creates a document: it is the client's command as JSON can store it.
    ``request_id`` is the idempotency key of the client's request, answered when the attempt is settled. Times are UTC.
    """

    key: str
    action: str
    order_id: int
    order_increment_id: str
    invoice_increment_id: str | None
    method: str
    base_amount: Decimal | None
    base_currency_code: str | None
    parent_txn_id: str | None
    asked_at: datetime
    leased_until: datetime
    state: State = ASKED
    result: GatewayResult | None = None
    error: str | None = None
    command: Mapping[str, Any] | None = None
    request_id: str | None = None

    def is_leased(self, now: datetime) -> bool:
        """Whether the attempt is reserved for the holder of its lease."""
        return now < self.leased_until

    def answer(self, result: GatewayResult) -> Attempt:
        """The gateway did what it was asked."""
        return self._next("answer", ANSWERED, result=result, error=None)

    def refuse(self, error: str, now: datetime) -> Attempt:
        """The gateway did not do it, and no money moved."""
        return self._next("refuse", REFUSED, error=error, leased_until=now)

    def give_up(self, error: str, now: datetime) -> Attempt:
        """There was no answer, so the outcome is unknown; others may take the attempt over at once."""
        return self._next("give_up", ASKED, error=error, leased_until=now)

    def take_over(self, now: datetime, lease: timedelta) -> Attempt:
        """Reserve an abandoned attempt, to ask its gateway again."""
        self._ensure_not_leased("take_over", now)
        return self._next("take_over", ASKED, leased_until=now + lease)

    def decide(self, result: GatewayResult | None, now: datetime) -> Attempt:
        """Record an administrator's decision: the gateway's answer, or None if no money moved."""
        self._ensure_not_leased("decide", now)
        return self._next("decide", REFUSED if result is None else ANSWERED, result=result, error=DECIDED)

    def settle(self, invoice_increment_id: str | None) -> Attempt:
        """The order shows the answer, on that invoice."""
        return self._next("settle", SETTLED, invoice_increment_id=invoice_increment_id, error=None)

    def release(self, now: datetime) -> Attempt:
        """The answer could not be applied; others may try at once."""
        return self._next("release", ANSWERED, leased_until=now)

    def close(self, now: datetime) -> Attempt:
        """Record that an administrator has applied the answer to the order."""
        self._ensure_not_leased("close", now)
        return self._next("close", SETTLED, error=DECIDED)

    def _next(self, transition: str, state: State, **changes: Any) -> Attempt:
        source, targets = TRANSITIONS[transition]
        if self.state != source or state not in targets:
            raise IllegalTransition(f"{transition}: payment {self.key} is {self.state}")
        return replace(self, state=state, **changes)

    def _ensure_not_leased(self, transition: str, now: datetime) -> None:
        if self.is_leased(now):
            raise IllegalTransition(f"{transition}: payment {self.key} is reserved until {self.leased_until} UTC")
