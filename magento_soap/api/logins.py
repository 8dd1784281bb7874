"""Limits failed logins.

Failures are counted for the account, for the address, and for both together, in a store that all workers share. From
half of the allowed attempts on, the next one has to wait, twice as long each time; after the last one, for the rest of
the window.

* The pair stops an attacker who guesses the key of one account.
* The address stops an attacker who tries many accounts. An account that has logged in from there before is not
  affected: behind a proxy or a firewall many clients share an address.
* The account never stops anybody by itself, or strangers could lock its owner out. While it is attacked from many
  addresses, each address from which it has never logged in has one attempt.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .addresses import address_group
from .ports import LoginRecord, LoginRecords

LONGEST_NAME = 255
"""Characters of a user name that are looked at; the column has 40."""
ADDRESS_FACTOR = 5
"""How many times as many failures an address has as a pair: the keys of several clients may be wrong."""
ACCOUNT_FACTOR = 10
"""How many times as many failures of an account are an attack from many addresses."""
REMEMBERED_DAYS = 90
"""How long an address is known from which an account has logged in."""
_RENEWED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class LoginAttempt:
    """An attempt to log in: the ids of its counters in the store."""

    account: str
    address: str
    pair: str
    is_known: bool
    """Whether the account has logged in from that address before."""
    has_failed: bool


class LoginThrottle:
    """Admits or refuses attempts to log in. ``attempts`` failures are allowed within ``seconds``; 0 sets no limit."""

    def __init__(self, records: LoginRecords, attempts: int, seconds: int, now: Callable[[], datetime]) -> None:
        self._records = records
        self._attempts = attempts
        self._window = timedelta(seconds=seconds)
        self._now = now

    def admit(self, account: str, address: str) -> LoginAttempt | None:
        """An attempt to log in, or None when it comes too early; ``account`` names a user or what was sent as one."""
        network = address_group(address)
        ids = (_id("account", account), _id("address", network), _id("pair", account, network))
        if not self._attempts:
            return LoginAttempt(*ids, is_known=True, has_failed=False)
        found = self._records.find(ids)
        now = self._now()
        by_account, by_address, by_pair = (found.get(id_) for id_ in ids)
        succeeded_at = by_pair.succeeded_at if by_pair else None
        is_known = succeeded_at is not None and succeeded_at > now - timedelta(days=REMEMBERED_DAYS)
        is_attacked = self._failures(by_account, now) >= ACCOUNT_FACTOR * self._attempts
        if self._is_too_early(by_pair, 1 if is_attacked and not is_known else self._attempts, now):
            return None
        if not is_known and self._is_too_early(by_address, ADDRESS_FACTOR * self._attempts, now):
            return None
        recently = succeeded_at is not None and succeeded_at > now - _RENEWED_AFTER
        return LoginAttempt(*ids, is_known=recently, has_failed=by_pair is not None and by_pair.failures > 0)

    def failed(self, attempt: LoginAttempt) -> None:
        """Count a failure."""
        if self._attempts:
            self._records.count_failure((attempt.account, attempt.address, attempt.pair), self._now(), self._window)

    def succeeded(self, attempt: LoginAttempt) -> None:
        """Remember where the account logs in from; most logins need not be written down again."""
        if attempt.has_failed or not attempt.is_known:
            self._records.succeeded(attempt.pair, self._now())

    def _failures(self, record: LoginRecord | None, now: datetime) -> int:
        """How many failures there were in a row, the last one within the window."""
        is_recent = record is not None and record.failed_at is not None and record.failed_at > now - self._window
        return record.failures if record is not None and is_recent else 0

    def _is_too_early(self, record: LoginRecord | None, allowed: int, now: datetime) -> bool:
        failures = self._failures(record, now)
        if failures >= allowed or record is None or record.failed_at is None:
            return failures >= allowed
        over = failures - (allowed + 1) // 2
        # Times are whole seconds: the one in which it failed does not count.
        return over >= 0 and now <= record.failed_at + timedelta(seconds=2**over)


def folded(username: str) -> str:
    """A user name as collations compare it: without case, accents and trailing blanks; cut to what can be a name."""
    decomposed = unicodedata.normalize("NFKD", username[:LONGEST_NAME])
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold().rstrip()


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
