"""Counts what this process forwards, for the report of what still needs PHP.

The first call of a method by a user on a day is stored at once, so that no method is missing from the report, whatever
happens to this process. Further calls are added up, and stored by a thread every few seconds and at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock, Thread

import structlog

from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import ForwardedCount, ForwardedCounts
from magento_soap.sales.errors import OutcomeUnknown, TryAgainLater

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 10.0
MAX_NAME = 255
MAX_NAMES_PER_DAY = 1000
"""How many different methods are counted by name; names come from clients, and no shop has as many methods."""
OTHERS = "(others)"


@dataclass(frozen=True)
class _Key:
    day: date
    method: str
    protocol: str
    user_id: int


class Usage:
    """Counts forwarded calls. ``now`` is UTC without time zone.

    A database that cannot be reached delays no call: what is not stored is stored later.
    """

    def __init__(
        self, counts: ForwardedCounts, now: Callable[[], datetime], flush_seconds: float = FLUSH_SECONDS
    ) -> None:
        self._counts = counts
        self._now = now
        self._flush_seconds = flush_seconds
        self._pending: dict[_Key, ForwardedCount] = {}
        self._stored: set[_Key] = set()
        self._names: set[str] = set()
        self._day = date.min
        self._lock = Lock()
        self._flushing = Lock()
        self._thread: Thread | None = None
        self._is_failing = False

    def record(self, call: ForwardedCall, protocol: str, failed: bool) -> None:
        """Count a request that was forwarded: each of its calls, as failed or not."""
        now = self._now()
        with self._lock:
            if now.date() != self._day:
                self._day, self._stored, self._names = now.date(), set(), set()
            keys = [_Key(self._day, self._name(method), protocol, call.user_id) for method in call.methods]
            for key in keys:
                self._add(key, failed, now)
            is_new = not self._stored.issuperset(keys) and not self._is_failing
            self._start()
        if is_new:
            self.flush()

    def flush(self) -> None:
        """Store what has been counted. Never raises: what cannot be stored is kept."""
        with self._flushing:
            with self._lock:
                pending, self._pending = self._pending, {}
            if not pending:
                return
            try:
                self._counts.add(list(pending.values()))
            except (TryAgainLater, OutcomeUnknown) as error:
                self._keep(pending)
                if not self._is_failing:
                    log.warning("forwarded calls are not counted in the database for now", reason=str(error))
                self._is_failing = True
            except Exception:
                log.exception("forwarded calls could not be counted")
            else:
                self._is_failing = False
                with self._lock:
                    self._stored.update(key for key in pending if key.day == self._day)

    def _name(self, method: str) -> str:
        name = "".join(character for character in method if character.isprintable())[:MAX_NAME].strip()
        if name not in self._names and len(self._names) >= MAX_NAMES_PER_DAY:
            return OTHERS
        self._names.add(name)
        return name

    def _add(self, key: _Key, failed: bool, now: datetime) -> None:
        count = self._pending.get(key) or ForwardedCount(key.day, key.method, key.protocol, key.user_id, 0, 0, now)
        self._pending[key] = replace(
            count, calls=count.calls + 1, failures=count.failures + failed, last_at=max(count.last_at, now)
        )

    def _keep(self, counts: dict[_Key, ForwardedCount]) -> None:
        """Take back counts that could not be stored."""
        with self._lock:
            for key, older in counts.items():
                newer = self._pending.get(key) or replace(older, calls=0, failures=0)
                self._pending[key] = replace(
                    newer, calls=newer.calls + older.calls, failures=newer.failures + older.failures
                )

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="forwarded calls", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(self._flush_seconds)
            self.flush()
