"""The payment attempt as a state machine: which transitions exist, who may make them, and what never happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from magento_soap.sales.paying.attempts import (
    ANSWERED,
    ASKED,
    DECIDED,
    REFUSED,
    SETTLED,
    TRANSITIONS,
    UNFINISHED,
    Attempt,
    IllegalTransition,
    State,
)
from magento_soap.sales.payment import GatewayResult

from .memory_shop import NOW, MemoryShop

LEASE = timedelta(seconds=30)
EXPIRED = NOW + LEASE
RESULT = GatewayResult(txn_id="cap-1")
ATTEMPT = Attempt(
    key="key",
    action="capture",
    order_id=1,
    order_increment_id="100000001",
    invoice_increment_id=None,
    method="labpay",
    base_amount=Decimal(112),
    base_currency_code="USD",
    parent_txn_id="auth",
    asked_at=NOW,
    leased_until=NOW + LEASE,
)

MOVES: dict[str, tuple[str, Callable[[Attempt], Attempt], Attempt]] = {
    "answer": ("answer", lambda each: each.answer(RESULT), replace(ATTEMPT, state=ANSWERED, result=RESULT)),
    "refuse": (
        "refuse",
        lambda each: each.refuse("Declined.", NOW),
        replace(ATTEMPT, state=REFUSED, error="Declined.", leased_until=NOW),
    ),
    "give_up": (
        "give_up",
        lambda each: each.give_up("TimeoutError", NOW),
        replace(ATTEMPT, error="TimeoutError", leased_until=NOW),
    ),
    "take_over": (
        "take_over",
        lambda each: each.take_over(EXPIRED, LEASE),
        replace(ATTEMPT, leased_until=EXPIRED + LEASE),
    ),
    "decide that it was done": (
        "decide",
        lambda each: each.decide(RESULT, EXPIRED),
        replace(ATTEMPT, state=ANSWERED, result=RESULT, error=DECIDED),
    ),
    "decide that it was not done": (
        "decide",
        lambda each: each.decide(None, EXPIRED),
        replace(ATTEMPT, state=REFUSED, error=DECIDED),
    ),
    "settle": (
        "settle",
        lambda each: each.settle("100000009"),
        replace(ATTEMPT, state=SETTLED, result=RESULT, invoice_increment_id="100000009"),
    ),
    "release": (
        "release",
        lambda each: each.release(NOW),
        replace(ATTEMPT, state=ANSWERED, result=RESULT, leased_until=NOW),
    ),
    "close": (
        "close",
        lambda each: each.close(EXPIRED),
        replace(ATTEMPT, state=SETTLED, result=RESULT, error=DECIDED),
    ),
}


def attempt_in(state: State) -> Attempt:
    return replace(ATTEMPT, state=state, result=RESULT if state in (ANSWERED, SETTLED) else None)


def test_every_transition_is_tried() -> None:
    assert {name for name, _, _ in MOVES.values()} == set(TRANSITIONS)


@pytest.mark.parametrize("state", get_args(State))
@pytest.mark.parametrize("move", MOVES)
def test_a_transition_leaves_its_own_state_only(move: str, state: State) -> None:
    name, work, after = MOVES[move]
    source, targets = TRANSITIONS[name]
    if state != source:
        with pytest.raises(IllegalTransition, match=f"{name}: payment key is {state}"):
            work(attempt_in(state))
        return
    moved = work(attempt_in(state))
    assert moved == after
    assert moved.state in targets


def test_final_states_have_no_way_out() -> None:
    assert (
        {source for source, _ in TRANSITIONS.values()} == set(UNFINISHED) == set(get_args(State)) - {SETTLED, REFUSED}
    )


@pytest.mark.parametrize("move", ["take_over", "decide that it was done", "decide that it was not done", "close"])
def test_others_wait_until_the_lease_ends(move: str) -> None:
    name, work, _ = MOVES[move]
    leased = replace(attempt_in(TRANSITIONS[name][0]), leased_until=EXPIRED + timedelta(seconds=1))
    with pytest.raises(IllegalTransition, match=f"{name}: payment key is reserved until 2024-05-06 07:08:40 UTC"):
        work(leased)
    work(replace(leased, leased_until=EXPIRED))


class Processes(RuleBasedStateMachine):
    """Processes and administrators with copies of one attempt, any of which may be out of date."""

    copies = Bundle("copies")
    """What anybody has read."""

    holders = Bundle("holders")
    """Copies of processes that asked the gateway, with the number of their lease; each gets one answer or none."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = MemoryShop()
        self.shop.run(lambda unit: unit.payments.write(ATTEMPT))
        self.leases = 0
        self.seen = ATTEMPT

    @property
    def stored(self) -> Attempt:
        return self.shop.attempts[ATTEMPT.key]

    def store(self, before: Attempt, after: Attempt) -> bool:
        """As the journal does: only if the attempt still is as the copy had it."""
        return self.shop.run(lambda unit: unit.payments.replace(after, before.state, before.leased_until))

    def store_of_holder(self, holder: tuple[int, Attempt], after: Attempt) -> None:
        lease, before = holder
        may = self.stored.state == ASKED and lease == self.leases
        assert self.store(before, after) == may

    @initialize(target=holders)
    def begin(self) -> tuple[int, Attempt]:
        return 0, ATTEMPT

    @rule(target=copies)
    def read(self) -> Attempt:
        return self.stored

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        self.shop.time += timedelta(seconds=seconds)

    @rule(target=holders, copy=copies)
    def take_over(self, copy: Attempt) -> object:
        try:
            taken = copy.take_over(self.shop.time, LEASE)
        except IllegalTransition:
            assert copy.state != ASKED or copy.is_leased(self.shop.time)
            return multiple()
        if not self.store(copy, taken):
            return multiple()
        self.leases += 1
        return self.leases, taken

    @rule(holder=consumes(holders), txn_id=st.text("ab", min_size=1))
    def answer(self, holder: tuple[int, Attempt], txn_id: str) -> None:
        self.store_of_holder(holder, holder[1].answer(GatewayResult(txn_id=txn_id)))

    @rule(holder=consumes(holders))
    def refuse(self, holder: tuple[int, Attempt]) -> None:
        self.store_of_holder(holder, holder[1].refuse("Declined.", self.shop.time))

    @rule(holder=consumes(holders))
    def give_up(self, holder: tuple[int, Attempt]) -> None:
        self.store_of_holder(holder, holder[1].give_up("TimeoutError", self.shop.time))

    @rule(copy=copies, done=st.booleans())
    def decide(self, copy: Attempt, done: bool) -> None:
        result = GatewayResult(txn_id="decided") if done else None
        try:
            self.store(copy, copy.decide(result, self.shop.time))
        except IllegalTransition:
            assert copy.state != ASKED or copy.is_leased(self.shop.time)

    @rule(copy=copies)
    def release(self, copy: Attempt) -> None:
        if copy.state == ANSWERED:
            assert self.store(copy, copy.release(self.shop.time)) <= (self.stored.state == ANSWERED)

    @rule(by_hand=st.booleans())
    def settle(self, by_hand: bool) -> None:
        """Under the lock of the order, which is why the stored attempt is up to date."""
        try:
            settled = self.stored.close(self.shop.time) if by_hand else self.stored.settle("100000009")
        except IllegalTransition:
            return
        self.shop.run(lambda unit: unit.payments.write(settled))

    @invariant()
    def nothing_is_lost(self) -> None:
        before, self.seen = self.seen, self.stored
        if before.state in (SETTLED, REFUSED):
            assert self.seen == before
        if before.state == ANSWERED:
            assert self.seen.state in (ANSWERED, SETTLED)
            assert self.seen.result == before.result
        assert (self.seen.result is not None) == (self.seen.state in (ANSWERED, SETTLED))


TestProcesses = Processes.TestCase
