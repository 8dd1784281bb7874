"""Running work in transactions, again when the database asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from magento_soap.invoicing.ports import UnitOfWork

T = TypeVar("T")

ATTEMPTS = 6
# Record changed since last read, lock wait timeout, deadlock or Galera certification conflict, lock not available.
_MYSQL_CONFLICTS = frozenset({1020, 1205, 1213, 3572})
# Serialization failure, deadlock, lock not available.
_POSTGRESQL_CONFLICTS = frozenset({"40001", "40P01", "55P03"})
_SQLITE_CONFLICTS = ("database is locked", "database table is locked", "database schema is locked")


class CommitUncertain(Exception):
    """The connection broke while committing: the work may have been stored or not, and must not be repeated blindly."""


class UnitTransactions:
    """ports.Transactions: a unit of work per transaction, the whole unit again after a conflict."""

    def __init__(self, engine: Engine, unit: Callable[[Connection], UnitOfWork]) -> None:
        self._engine = engine
        self._unit = unit

    def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run ``work`` in one transaction and commit, or roll back and re-raise.

        Deadlocks, lock timeouts, serialization failures and connections lost before the commit roll back and run
        ``work`` again, at most ``ATTEMPTS`` times in all, after a random pause. Raises CommitUncertain when the
        connection is lost in the commit itself.
        """
        return transact(self._engine, lambda connection: work(self._unit(connection)))


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run ``work`` in one transaction of the engine, again after a conflict (see UnitTransactions.run)."""
    return _again_after_conflicts(lambda: _once(engine, work))


def read(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run ``work``, which only reads, in one snapshot; again when an idle connection turns out to be lost."""

    def attempt() -> T:
        with engine.connect() as connection:
            return work(connection)

    try:
        return attempt()
    except DBAPIError as error:
        if not is_passing(error):
            raise
    return _again_after_conflicts(attempt)


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed when it is done again: a conflict with others, or a lost connection."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if (getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)) in _POSTGRESQL_CONFLICTS:
        return True
    arguments = getattr(original, "args", ())
    code = arguments[0] if arguments else None
    return code in _MYSQL_CONFLICTS or (isinstance(code, str) and code.startswith(_SQLITE_CONFLICTS))


def _once(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            result = work(connection)
        except BaseException:
            transaction.rollback()
            raise
        try:
            transaction.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise CommitUncertain("the connection was lost while committing") from error
            raise
        return result


def _again_after_conflicts(attempt: Callable[[], T]) -> T:
    retrying = Retrying(
        retry=retry_if_exception(is_passing),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.05, max=1),
        reraise=True,
    )
    return retrying(attempt)
