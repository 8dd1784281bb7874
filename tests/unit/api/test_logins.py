"""Who may try to log in, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from magento_soap.api.logins import ACCOUNT_FACTOR, ADDRESS_FACTOR, REMEMBERED_DAYS, LoginThrottle, folded
from magento_soap.storage.logins import LoginsInMemory

HERE, THERE = "192.0.2.1", "198.51.100.7"
WINDOW = 300


class Gate:
    """A throttle and its time."""

    def __init__(self, attempts: int = 4) -> None:
        self.now = datetime(2024, 1, 1)
        self.throttle = LoginThrottle(LoginsInMemory(), attempts, WINDOW, lambda: self.now)

    def fails(self, account: str = "apiuser", address: str = HERE) -> bool:
        """Whether a failed attempt is made at all."""
        attempt = self.throttle.admit(account, address)
        if attempt is None:
            return False
        self.throttle.failed(attempt)
        return True

    def succeeds(self, account: str = "apiuser", address: str = HERE) -> bool:
        """Whether an attempt with the right key is made."""
        attempt = self.throttle.admit(account, address)
        if attempt is None:
            return False
        self.throttle.succeeded(attempt)
        return True

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_from_half_of_the_attempts_on_each_waits_twice_as_long() -> None:
    gate = Gate(attempts=6)
    assert [gate.fails() for _ in range(4)] == [True, True, True, False]
    for seconds in (1, 2, 4):
        gate.pause(seconds)  # by a clock of whole seconds this may have been less
        assert not gate.succeeds()
        gate.pause(1)
        assert gate.fails()
    gate.pause(WINDOW - 1)
    assert not gate.succeeds()
    gate.pause(1)
    assert gate.succeeds()


def test_a_success_forgets_the_failures() -> None:
    gate = Gate(attempts=4)
    gate.fails()
    assert gate.succeeds()
    assert gate.fails()
    assert gate.succeeds()


def test_other_accounts_and_addresses_are_not_affected() -> None:
    gate = Gate(attempts=1)
    assert gate.fails()
    assert not gate.succeeds()
    assert gate.succeeds("another")
    assert gate.succeeds(address=THERE)


def test_an_address_that_tries_many_accounts_is_stopped_but_for_accounts_that_it_knows() -> None:
    gate = Gate(attempts=4)
    assert gate.succeeds("neighbour")
    tried = sum(gate.fails(f"user {number}") for number in range(100))
    assert tried == ADDRESS_FACTOR * 4 // 2  # from then on every attempt waits
    assert not gate.succeeds("apiuser")
    assert gate.succeeds("neighbour")
    assert gate.succeeds("apiuser", THERE)


def test_an_ipv6_client_has_one_address_however_many_it_has() -> None:
    gate = Gate(attempts=1)
    assert gate.fails(address="2001:db8:0:1::1")
    assert not gate.succeeds(address="2001:db8:0:1:ffff::2")
    assert gate.succeeds(address="2001:db8:0:2::1")


def test_an_account_under_attack_stays_open_to_its_owner() -> None:
    gate = Gate(attempts=3)
    assert gate.succeeds()
    for number in range(ACCOUNT_FACTOR * 3):
        assert gate.fails(address=f"203.0.113.{number}")
    assert gate.fails(address=THERE)
    assert not gate.fails(address=THERE)  # a stranger has one attempt now
    assert gate.fails()
    assert gate.succeeds()  # the owner has all of them
    assert gate.succeeds(address="198.51.100.8")  # and needs one at a new address


def test_an_address_is_forgotten_after_a_while() -> None:
    gate = Gate(attempts=3)
    gate.succeeds("neighbour")
    gate.pause(REMEMBERED_DAYS * 86400)
    for number in range(100):
        gate.fails(f"user {number}")
    assert not gate.succeeds("neighbour")


def test_a_login_that_was_seen_today_is_not_written_down_again() -> None:
    written: list[str] = []

    class Records(LoginsInMemory):
        def succeeded(self, id_: str, now: datetime) -> None:
            written.append(id_)
            super().succeeded(id_, now)

    gate = Gate()
    gate.throttle = LoginThrottle(Records(), 4, WINDOW, lambda: gate.now)
    for _ in range(3):
        assert gate.succeeds()
    assert len(written) == 1
    gate.pause(2 * 86400)
    assert gate.succeeds()
    assert len(written) == 2


def test_no_limit() -> None:
    gate = Gate(attempts=0)
    assert all(gate.fails() for _ in range(100))


@pytest.mark.parametrize("name", ["apiUser", "APIUSER", "apiUser  ", "apiÜser".replace("Ü", "U\u0308"), "ápiuser"])
def test_names_are_folded_as_collations_do(name: str) -> None:
    assert folded(name) == "apiuser"


def test_of_a_long_name_only_its_beginning_counts() -> None:
    assert folded("x" * 8_000_000) == "x" * 255
