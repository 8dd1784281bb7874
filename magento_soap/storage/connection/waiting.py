"""Waiting for a database that is busy or cannot be reached: never long, and never with all threads.

Each engine has its ``Waits``, which counts the threads that wait for a lock: a lock that is held for minutes must not
stop calls that need no lock, or another one. ``failure_of`` classifies the database's errors; ``transactions`` repeats
work by it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum, auto
from threading import Condition

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from magento_soap.sales.errors import DatabaseBusy

LOCK_WAIT_SECONDS = 3
REPEAT_SECONDS = 5
MOVING_SECONDS = 0.15
"""Seconds after which the transaction that holds a lock is taken for one that is stuck."""
BRIEF_SECONDS = 0.05
"""Seconds of one turn of waiting for SQLite's lock; also the longest wait of a statement that may not wait."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5

# Record changed since last read, deadlock or Galera certification conflict.
_MYSQL_CONFLICTS = frozenset({1020, 1213})
# Lock wait timeout, lock not available at once.
_MYSQL_TIMEOUTS = frozenset({1205, 3572})
# Too many connections, Galera node not ready, shutdown, connection killed, not reached, gone away, lost, idle too long.
_MYSQL_UNREACHABLE = frozenset({1040, 1047, 1053, 1927, 2002, 2003, 2006, 2013, 2055, 4031})
_MYSQL_SYNTAX = 1064
# Serialization failure, deadlock.
_POSTGRESQL_CONFLICTS = frozenset({"40001", "40P01"})
_POSTGRESQL_TIMEOUTS = frozenset({"55P03"})
# Shutdown, crash, starting up, too many connections; 08 are the errors of connections.
_POSTGRESQL_UNREACHABLE = frozenset({"57P01", "57P02", "57P03", "53300"})
_POSTGRESQL_COMES_BACK = ("starting up", "shutting down", "recovery mode", "too many clients")
_SQLITE_TIMEOUTS = ("database is locked", "database table is locked", "database schema is locked")


class Failure(Enum):
    """Why work failed that may succeed when it is repeated."""

    CONFLICT = auto()
    """The database ended this transaction in favour of another one."""
    LOCK_TIMEOUT = auto()
    """Another transaction kept a lock."""
    UNREACHABLE = auto()
    """The database cannot be reached, or the connection was lost."""


def failure_of(error: BaseException) -> Failure | None:
    """The kind of failure; None for an error that repeating the work would only raise again."""
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    arguments = getattr(original, "args", ())
    code = arguments[0] if arguments else None
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    if code in _MYSQL_CONFLICTS or state in _POSTGRESQL_CONFLICTS:
        return Failure.CONFLICT
    if code in _MYSQL_TIMEOUTS or state in _POSTGRESQL_TIMEOUTS:
        return Failure.LOCK_TIMEOUT
    if isinstance(code, str) and code.startswith(_SQLITE_TIMEOUTS):
        return Failure.LOCK_TIMEOUT
    if error.connection_invalidated or code in _MYSQL_UNREACHABLE:
        return Failure.UNREACHABLE
    if state is not None:
        return Failure.UNREACHABLE if state in _POSTGRESQL_UNREACHABLE or state.startswith("08") else None
    return Failure.UNREACHABLE if _postgresql_was_not_reached(error) else None


@dataclass(eq=False)
class _Wait:
    """A thread that waits for a lock. ``since``: when this process last saw the lock change hands."""

    key: Hashable
    since: float


class Waits:
    """How long threads wait for an engine's database, and how many.

    At most ``most`` threads at a time (all if None) wait ``lock_wait_seconds`` for a lock. Work that failed is repeated
    for ``repeat_seconds``. ``monotonic`` returns the time in seconds, ``pause`` sleeps.
    """

    def __init__(
        self,
        lock_wait_seconds: float = LOCK_WAIT_SECONDS,
        most: int | None = None,
        *,
        repeat_seconds: float = REPEAT_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.lock_wait_seconds = lock_wait_seconds
        self.now = monotonic
        self._most = most
        self._repeat_seconds = repeat_seconds
        self._pause = pause
        self._waiting: dict[str, list[_Wait]] = {}
        self._changed = Condition()
        self._unreachable_since = self._unreachable_until = float("-inf")

    @contextmanager
    def for_lock(self, key: Hashable, kind: str = "order", share: int = 1) -> Iterator[bool]:
        """Wraps a statement that takes the lock of that ``key``; yields whether the statement may wait for it.

        ``most``, divided by ``share``, threads may wait for locks of one kind. A further thread waits for its turn as
        long as these get their locks; after that its statement may not wait. Raises DatabaseBusy when such a statement
        would have to.
        """
        if self._most is None:
            yield True
            return
        wait = self._start(key, kind, max(1, self._most // share))
        try:
            yield wait is not None
        except DBAPIError as error:
            # Old MySQL and MariaDB do not know NOWAIT; for them the lock counts as taken.
            if wait is None and (failure_of(error) is Failure.LOCK_TIMEOUT or _is_syntax_error(error)):
                raise DatabaseBusy from error
            raise
        else:
            self._record_progress(key, kind)
        finally:
            if wait is not None:
                with self._changed:
                    self._waiting[kind].remove(wait)
                    self._changed.notify()

    def _start(self, key: Hashable, kind: str, most: int) -> _Wait | None:
        """A place among the waiting threads, or None when all are taken and none of their locks changes hands."""
        with self._changed:
            waiting = self._waiting.setdefault(kind, [])
            now = self.now()
            give_up_at = now + self.lock_wait_seconds
            while len(waiting) >= most:
                until = min(give_up_at, max(wait.since for wait in waiting) + MOVING_SECONDS)
                if now >= until:
                    return None
                self._changed.wait(until - now)
                now = self.now()
            wait = _Wait(key, now)
            waiting.append(wait)
            return wait

    def _record_progress(self, key: Hashable, kind: str) -> None:
        """A thread got that lock: the transactions that the others wait for are not stuck."""
        with self._changed:
            now = self.now()
            for wait in self._waiting[kind]:
                if wait.key == key:
                    wait.since = now

    def may_repeat(self, failure: Failure, started: float) -> bool:
        """Whether work that began at ``started`` and met that failure may be repeated.

        The time without a database counts from the first failure, so that calls during an outage fail at once.
        """
        now = self.now()
        if failure is Failure.CONFLICT:
            return now < started + self._repeat_seconds
        if failure is Failure.LOCK_TIMEOUT:  # Galera reports some conflicts this way, and these come at once
            return now < started + self.lock_wait_seconds / 2
        if now > self._unreachable_until:
            self._unreachable_since = now
        self._unreachable_until = now + self._repeat_seconds
        return now < self._unreachable_since + self._repeat_seconds

    def reached(self) -> None:
        """Record that the database has answered."""
        self._unreachable_until = float("-inf")

    def pause_before(self, repetition: int) -> None:
        """Wait before the first, second ... repetition, a random time that grows."""
        self._pause(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(repetition, 10))))  # noqa: S311


def set_waits(engine: Engine, waits: Waits) -> None:
    """Let work on that engine wait as ``waits`` says."""
    engine.update_execution_options(waits=waits)


def waits_of(engine: Engine | Connection) -> Waits:
    """How work on that engine waits."""
    waits = engine.get_execution_options().get("waits")
    return waits if isinstance(waits, Waits) else Waits()


def waiting_for_lock(
    connection: Connection, key: Hashable, kind: str = "order", share: int = 1
) -> AbstractContextManager[bool]:
    """Waits.for_lock for a statement on that connection; in SQLite all locks are held from the beginning."""
    if connection.dialect.name == "sqlite":
        return nullcontext(True)
    return waits_of(connection).for_lock(key, kind, share)


def _is_syntax_error(error: DBAPIError) -> bool:
    return getattr(error.orig, "args", (None,))[:1] == (_MYSQL_SYNTAX,)


def _postgresql_was_not_reached(error: DBAPIError) -> bool:
    """Whether an error without SQLSTATE is one of connecting, and another attempt may succeed.

    The server's own refusals, such as a wrong password, come as FATAL.
    """
    if not isinstance(error, OperationalError) or not type(error.orig).__module__.startswith("psycopg"):
        return False
    text = str(error.orig)
    return "FATAL" not in text or any(words in text for words in _POSTGRESQL_COMES_BACK)
