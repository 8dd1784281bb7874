"""Counts the calls that one process forwards, for the report of what still needs PHP.

A thread of its own writes the counts, so that a slow database does not slow down calls. It writes a method at once when
this process sees it for the first time on a day: whatever happens later, the report has it. Further calls are collected
in memory.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from threading import Condition, Thread
from typing import NamedTuple

from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import ForwardedCount, ForwardedCounts
from magento_soap.sales.errors import excerpt

OTHERS = "(others)"
"""Stands for the methods of a user beyond the limit of a day."""
WRITE_SECONDS = 10.0
CLOSE_SECONDS = 1.5
"""How long the last write may take: the supervisor kills a worker soon after its last calls."""
FIRST_WRITE_SECONDS = 0.1
"""How long a call waits for its method to be written for the first time."""
MAX_METHODS = 1_000
"""Methods of a user on a day, each protocol's counted separately. Names come from clients and must not fill a table."""
MAX_COUNTS = 10_000
_METHOD_LENGTH = 255
_AT_ONCE = 500  # rows of a transaction

_log = logging.getLogger(__name__)


class _Key(NamedTuple):
    day: date
    method: str
    protocol: str
    user_id: int


@dataclass
class _Tally:
    """What has not been written yet."""

    last_at: datetime
    calls: int = 0
    failures: int = 0


class UsageCounter:
    """Counts forwarded calls until ``close``, which a process calls before it ends.

    Counts are written every ``write_seconds``. The first call of a method on a day waits for up to
    ``first_write_seconds`` until it is written, unless the last write failed.

    ``now`` returns the time (UTC without time zone). At most ``max_methods`` of a user and day are counted by name.
    While the database cannot be reached or has no table, up to ``max_counts`` are kept in memory.
    """

    def __init__(
        self,
        counts: ForwardedCounts,
        now: Callable[[], datetime],
        *,
        write_seconds: float = WRITE_SECONDS,
        first_write_seconds: float = FIRST_WRITE_SECONDS,
        max_methods: int = MAX_METHODS,
        max_counts: int = MAX_COUNTS,
    ) -> None:
        self._counts = counts
        self._now = now
        self._write_seconds = write_seconds
        self._first_write_seconds = first_write_seconds
        self._max_methods = max_methods
        self._max_counts = max_counts
        self._changed = Condition()
        self._thread: Thread | None = None
        self._tallies: dict[_Key, _Tally] = {}
        self._day = date.min
        self._seen: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        """The methods and protocols of each user on this day."""
        self._requested = self._finished = 0
        """Writes that were asked for, and how many of them have been tried."""
        self._is_failing = self._is_failure_logged = self._is_full = self._is_closing = False

    def record(self, call: ForwardedCall, protocol: str, *, failed: bool) -> None:
        """Count the methods of a forwarded call once each time they occur. Raises nothing, and hardly ever waits."""
        with self._changed:
            now = self._now()
            is_new = False
            for method in call.methods:
                is_new |= self._count(now, _storable(method), protocol, call.user_id, failed=failed)
            self._start()
            if not is_new or self._is_failing or self._is_closing:
                return
            self._requested += 1
            request = self._requested
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._finished >= request, self._first_write_seconds):
                self._is_failing = True  # too slow: no other call waits for it, until a write succeeds

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Write what is left, within so many seconds; nothing is written for calls that are recorded later."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _count(self, now: datetime, method: str, protocol: str, user_id: int, *, failed: bool) -> bool:
        """Count a call; returns whether this process has not seen the method on this day."""
        if now.date() != self._day:
            self._day = now.date()
            self._seen.clear()
        seen = self._seen[user_id]
        if (method, protocol) not in seen and len(seen) >= self._max_methods:
            method = OTHERS
        is_new = (method, protocol) not in seen
        tally = self._tallies.get(key := _Key(self._day, method, protocol, user_id))
        if tally is None:
            if len(self._tallies) >= self._max_counts:
                self._log_full()
                return False
            tally = self._tallies[key] = _Tally(now)
        if is_new:
            seen.add((method, protocol))
            _log.info("forwarded for user %d for the first time today: %s (%s)", user_id, method, protocol)
        tally.last_at = now
        tally.calls += 1
        tally.failures += failed
        return is_new

    def _start(self) -> None:
        if self._thread is None and not self._is_closing:
            self._thread = Thread(target=self._run, name="forwarded calls", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        is_closing = False
        while not is_closing:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_closing or self._requested > self._finished, self._write_seconds
                )
                is_closing = self._is_closing
                requested = self._requested
                waiting = [
                    ForwardedCount(*key, tally.calls, tally.failures, tally.last_at)
                    for key, tally in self._tallies.items()
                ]
            is_written = self._write(waiting)
            with self._changed:
                self._finished = requested
                self._is_failing = not is_written
                self._changed.notify_all()

    def _write(self, counts: list[ForwardedCount]) -> bool:
        """Store the counts, and forget those that are stored; returns whether all are."""
        try:
            for start in range(0, len(counts), _AT_ONCE):
                batch = counts[start : start + _AT_ONCE]
                if not self._counts.add(batch):
                    return False
                self._forget(batch)
        except Exception as error:
            if not self._is_failure_logged:
                _log.warning("forwarded calls are counted in memory until they can be stored: %s", error)
            self._is_failure_logged = True
            return False
        if self._is_failure_logged:
            _log.warning("forwarded calls are stored again")
        self._is_failure_logged = False
        return True

    def _forget(self, stored: list[ForwardedCount]) -> None:
        """Subtract what is stored: calls may have been counted meanwhile."""
        with self._changed:
            for count in stored:
                key = _Key(count.day, count.method, count.protocol, count.user_id)
                tally = self._tallies[key]
                tally.calls -= count.calls
                tally.failures -= count.failures
                if tally.calls == 0:
                    del self._tallies[key]
            self._is_full = False

    def _log_full(self) -> None:
        if not self._is_full:
            _log.warning("%d forwarded methods wait to be stored; others are not counted", len(self._tallies))
        self._is_full = True


def _storable(method: str) -> str:
    """A client's name of a method as every database can store it: printable ASCII, at most 255 characters."""
    return excerpt(method.encode("ascii", "backslashreplace").decode("ascii"), _METHOD_LENGTH).strip()
