"""Waiting for a database that is busy or away: never long, and never with all threads.

Each engine has its ``Waits``. Threads that wait for a lock are counted, so that a lock that somebody holds for minutes
does not stop those calls that need no lock, or another one.
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
"""Who waits for a lock longer than this waits for somebody who does not come to an end."""
BRIEF_SECONDS = 0.05
"""How long is waited for SQLite's lock at a time, and by those who may not wait."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5

# Record changed since last read, deadlock or Galera certification conflict.
_MYSQL_CONFLICTS = frozenset({1020, 1213})
# Lock wait timeout, lock not available at once.
_MYSQL_TIMEOUTS = frozenset({1205, 3572})
# Too many connections, Galera node not ready, shutdown, connection killed, not reached, gone away, lost, idle too long.
_MYSQL_AWAY = frozenset({1040, 1047, 1053, 1927, 2002, 2003, 2006, 2013, 2055, 4031})
_MYSQL_SYNTAX = 1064
# Serialization failure, deadlock.
_POSTGRESQL_CONFLICTS = frozenset({"40001", "40P01"})
_POSTGRESQL_TIMEOUTS = frozenset({"55P03"})
# Shutdown, crash, starting up, too many connections; 08 are the errors of connections.
_POSTGRESQL_AWAY = frozenset({"57P01", "57P02", "57P03", "53300"})
_POSTGRESQL_COMES_BACK = ("starting up", "shutting down", "recovery mode", "too many clients")
_SQLITE_TIMEOUTS = ("database is locked", "database table is locked", "database schema is locked")


class Trouble(Enum):
    """Why work failed that may succeed when it is done again."""

    CONFLICT = auto()
    """With another transaction, which went on."""
    LOCK_TIMEOUT = auto()
    """Another transaction kept a lock."""
    AWAY = auto()
    """The database cannot be reached, or the connection was lost."""


def trouble_of(error: BaseException) -> Trouble | None:
    """What kind of trouble an error is; None for errors that the same work would have again."""
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    arguments = getattr(original, "args", ())
    code = arguments[0] if arguments else None
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    if code in _MYSQL_CONFLICTS or state in _POSTGRESQL_CONFLICTS:
        return Trouble.CONFLICT
    if code in _MYSQL_TIMEOUTS or state in _POSTGRESQL_TIMEOUTS:
        return Trouble.LOCK_TIMEOUT
    if isinstance(code, str) and code.startswith(_SQLITE_TIMEOUTS):
        return Trouble.LOCK_TIMEOUT
    if error.connection_invalidated or code in _MYSQL_AWAY:
        return Trouble.AWAY
    if state is not None:
        return Trouble.AWAY if state in _POSTGRESQL_AWAY or state.startswith("08") else None
    return Trouble.AWAY if _postgresql_was_not_reached(error) else None


@dataclass(eq=False)
class _Wait:
    """A thread that waits for a lock, and since when the lock has not moved, as far as this process knows."""

    key: Hashable
    since: float


class Waits:
    """How long is waited for an engine's database, and by how many threads.

    A lock is waited for ``lock_wait_seconds`` by at most ``most`` threads at a time, all if None. Work that met trouble
    is repeated for ``repeat_seconds``. ``monotonic`` tells the time in seconds, and ``pause`` lets some pass.
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
        self._away_since = self._away_until = float("-inf")

    @contextmanager
    def for_lock(self, key: Hashable, kind: str = "order", share: int = 1) -> Iterator[bool]:
        """Around a statement that takes the lock of that ``key``: whether it may wait for it.

        It may not when as many threads wait already for locks of that kind as may: ``most``, divided by ``share``. As
        long as these come on, this waits for its turn. Raises DatabaseBusy when a statement that may not wait would
        have to.
        """
        if self._most is None:
            yield True
            return
        wait = self._start(key, kind, max(1, self._most // share))
        try:
            yield wait is not None
        except DBAPIError as error:
            # Old MySQL and MariaDB do not know NOWAIT. There is no telling then, and this was the last resort anyway.
            if wait is None and (trouble_of(error) is Trouble.LOCK_TIMEOUT or _is_syntax_error(error)):
                raise DatabaseBusy from error
            raise
        else:
            self._comes_on(key, kind)
        finally:
            if wait is not None:
                with self._changed:
                    self._waiting[kind].remove(wait)
                    self._changed.notify()

    def _start(self, key: Hashable, kind: str, most: int) -> _Wait | None:
        """A place among those who wait, or None if there is none and those who have one wait for somebody who stays."""
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

    def _comes_on(self, key: Hashable, kind: str) -> None:
        """Somebody got that lock: who still waits for it waits for others who come to an end."""
        with self._changed:
            now = self.now()
            for wait in self._waiting[kind]:
                if wait.key == key:
                    wait.since = now

    def may_repeat(self, trouble: Trouble, started: float) -> bool:
        """Whether work that was begun at ``started`` and met that trouble may be done again.

        The time of a database that is away counts from when it went, so that during an outage calls fail at once.
        """
        now = self.now()
        if trouble is Trouble.CONFLICT:
            return now < started + self._repeat_seconds
        if trouble is Trouble.LOCK_TIMEOUT:  # Galera's conflicts may look like one; a real one has waited long enough
            return now < started + self.lock_wait_seconds / 2
        if now > self._away_until:
            self._away_since = now
        self._away_until = now + self._repeat_seconds
        return now < self._away_since + self._repeat_seconds

    def reached(self) -> None:
        """The database has answered."""
        self._away_until = float("-inf")

    def pause_before(self, repetition: int) -> None:
        """Wait before the first, second ... repetition, a random time that grows."""
        self._pause(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(repetition, 10))))  # noqa: S311


def set_waits(engine: Engine, waits: Waits) -> None:
    """Let work on that engine wait that way."""
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
