"""Runs work in transactions, and repeats it after conflicts and lost connections.

``UnitTransactions`` serves the domain, ``transact`` and ``read`` everything else. Work is repeated for some seconds,
except after a COMMIT whose outcome is unknown: what it stored must not be done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from magento_soap.sales.errors import DatabaseBusy, DatabaseUnavailable, OrderBeingChanged, OutcomeUnknown
from magento_soap.sales.ports import UnitOfWork

from .waiting import BRIEF_SECONDS, Failure, Waits, failure_of, waits_of

T = TypeVar("T")


class _CommitLost(Exception):
    """The connection broke while committing."""


class UnitTransactions:
    """ports.Transactions: a unit of work per transaction, the whole unit again after a conflict."""

    def __init__(self, engine: Engine, unit: Callable[[Connection], UnitOfWork]) -> None:
        self._engine = engine
        self._unit = unit

    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        """Run ``work`` in one transaction and commit, or roll back and re-raise.

        Deadlocks, serialization failures and connections lost before the commit roll back and run ``work`` again, for
        some seconds, after random pauses. When the connection is lost in the commit itself, ``work`` runs again if it
        is ``repeatable`` or has claimed a request, which then has a response if the commit succeeded; otherwise
        OutcomeUnknown is raised. Raises OrderBeingChanged when a lock stays taken, and DatabaseUnavailable.
        """
        has_claimed = False

        def with_unit(connection: Connection) -> T:
            nonlocal has_claimed
            unit = self._unit(connection)
            result = work(unit)
            has_claimed = unit.idempotency_keys.has_claimed
            return result

        try:
            return _repeated(self._engine, lambda: _once(self._engine, with_unit), lambda: repeatable or has_claimed)
        except DatabaseBusy as busy:
            raise OrderBeingChanged from busy


def transact(engine: Engine, work: Callable[[Connection], T], *, repeatable: bool = False, may_wait: bool = True) -> T:
    """Run ``work`` in one transaction of the engine, again after a conflict (see UnitTransactions.run).

    Unless it ``may_wait``, it does not wait for SQLite's lock. Raises DatabaseBusy when a lock stays taken,
    DatabaseUnavailable and OutcomeUnknown.
    """
    return _repeated(engine, lambda: _once(engine, work, may_wait=may_wait), lambda: repeatable)


def read(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run ``work``, which only reads, in one snapshot; again when the connection turns out to be lost."""

    def attempt() -> T:
        with engine.connect() as connection:
            return work(connection)

    return repeat_reading(engine, attempt)


def repeat_reading(engine: Engine, attempt: Callable[[], T]) -> T:
    """The result of an attempt that only reads, repeated while the database is busy or cannot be reached.

    Raises DatabaseUnavailable and DatabaseBusy when that takes too long.
    """
    return _repeated(engine, attempt, lambda: True)


def _repeated(engine: Engine, attempt: Callable[[], T], may_repeat_commit: Callable[[], bool]) -> T:
    waits = waits_of(engine)
    started = waits.now()
    for repetition in count():
        try:
            result = attempt()
        except (_CommitLost, DBAPIError) as error:
            is_commit = isinstance(error, _CommitLost)
            failure = Failure.UNREACHABLE if is_commit else failure_of(error)
            if failure is None:
                raise
            may_repeat = waits.may_repeat(failure, started)
            if is_commit and not (may_repeat and may_repeat_commit()):
                raise OutcomeUnknown from error
            if not may_repeat:
                raise reported(error) from error
        else:
            waits.reached()
            return result
        waits.pause_before(repetition)
    raise AssertionError("unreachable")


def reported(error: Exception) -> Exception:
    """The error to raise for one of the database: TryAgainLater where that helps, else the error itself."""
    match failure_of(error):
        case None:
            return error
        case Failure.UNREACHABLE:
            return DatabaseUnavailable()
        case _:
            return DatabaseBusy()


def _once(engine: Engine, work: Callable[[Connection], T], *, may_wait: bool = True) -> T:
    with engine.connect() as connection:
        transaction = _begin(connection, may_wait)
        try:
            result = work(connection)
        except BaseException:
            transaction.rollback()
            raise
        try:
            transaction.commit()
        except DBAPIError as error:
            if failure_of(error) is Failure.UNREACHABLE:
                raise _CommitLost from error
            raise
        return result


def _begin(connection: Connection, may_wait: bool) -> RootTransaction:
    """Begin a transaction. In SQLite that takes the one lock there is."""
    if connection.dialect.name != "sqlite":
        return connection.begin()
    waits = waits_of(connection)
    if not may_wait:
        return _begin_in_sqlite(connection, waits, 0)
    with waits.for_lock("database") as may_wait_longer:
        return _begin_in_sqlite(connection, waits, waits.lock_wait_seconds if may_wait_longer else 0)


def _begin_in_sqlite(connection: Connection, waits: Waits, seconds: float) -> RootTransaction:
    """Wait for the lock in short turns: in a long one SQLite looks more and more seldom, and others come first."""
    give_up_at = waits.now() + seconds
    sqlite = connection.connection.cursor()
    sqlite.execute(f"PRAGMA busy_timeout={int(BRIEF_SECONDS * 1000)}")
    try:
        while True:
            try:
                return connection.begin()
            except DBAPIError as error:
                if failure_of(error) is not Failure.LOCK_TIMEOUT:
                    raise
                if waits.now() >= give_up_at:
                    raise DatabaseBusy from error
    finally:
        sqlite.execute(f"PRAGMA busy_timeout={int(waits.lock_wait_seconds * 1000)}")
        sqlite.close()
