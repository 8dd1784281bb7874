"""Connections: every session speaks UTC and UTF-8, waits for locks a bounded time, and has one isolation.

Writes and reads have engines of their own. Writes run READ COMMITTED, so that what is read after a lock was waited for
is what the other one committed; reads run REPEATABLE READ, so that one answer is one snapshot. The database ends a
statement that takes longer than an engine allows.
"""

from __future__ import annotations

import time
from typing import Literal

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from .hidden_values import hide_values
from .regular_expressions import regexp
from .waiting import LOCK_WAIT_SECONDS

CONNECT_SECONDS = 5
Synchronous = Literal["full", "normal"]

_TIMEOUTS: frozenset[object] = frozenset({1969, 3024, "57014", "interrupted"})  # MariaDB, MySQL, PostgreSQL, SQLite
_STEPS_BETWEEN_CHECKS = 50_000  # of SQLite's virtual machine: a few milliseconds
# Magento runs with an empty SQL_MODE: what does not fit a column is cut to fit, never refused (DB-11).
_MYSQL_SESSION = (
    "SET SESSION time_zone='+00:00', sql_mode='NO_ENGINE_SUBSTITUTION', "
    "innodb_lock_wait_timeout={0}, lock_wait_timeout={0}"
)
_POSTGRESQL_OPTIONS = "-c timezone=UTC -c datestyle=ISO -c lock_timeout={0}s -c client_encoding=UTF8"


def create_engine(
    url: str | URL,
    *,
    writes: bool,
    pool_size: int = 5,
    max_overflow: int = 10,
    statement_timeout: float | None = None,
    sqlite_synchronous: Synchronous = "full",
    lock_wait_seconds: int = LOCK_WAIT_SECONDS,
) -> Engine:
    """An engine for writing or for reading.

    Its statements may take ``statement_timeout`` seconds each and wait ``lock_wait_seconds`` for locks.

    With ``sqlite_synchronous`` "full", what SQLite has committed is on disk. Raises ValueError for a database in
    memory, which could not be shared by connections.
    """
    target = make_url(url)
    if target.get_backend_name() == "mariadb":
        target = target.set(drivername=target.drivername.replace("mariadb", "mysql", 1))
    options: dict[str, object] = {"pool_size": pool_size, "max_overflow": max_overflow, "pool_recycle": 1800}
    options["hide_parameters"] = True  # they hold customers' names and addresses, and errors reach the log
    backend = target.get_backend_name()
    if backend == "sqlite":
        if target.database in (None, "", ":memory:") or "mode=memory" in str(target):
            raise ValueError("a SQLite database needs a file")
        engine = sqlalchemy.create_engine(target, **options, connect_args={"timeout": lock_wait_seconds})

        def open_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            _open_sqlite(connection, sqlite_synchronous)

        event.listen(engine, "connect", open_sqlite)
        if statement_timeout is not None:
            _limit_sqlite_statements(engine, statement_timeout)
        event.listen(engine, "begin", _begin_immediate if writes else _begin_deferred)
        return engine
    options["isolation_level"] = "READ COMMITTED" if writes else "REPEATABLE READ"
    if backend == "mysql":
        if "charset" not in target.query:
            target = target.update_query_dict({"charset": "utf8mb4"})
        session = _MYSQL_SESSION.format(lock_wait_seconds) + _mysql_limit(statement_timeout)
        options["connect_args"] = {"init_command": session, "connect_timeout": CONNECT_SECONDS}
    elif backend == "postgresql":
        session = _POSTGRESQL_OPTIONS.format(lock_wait_seconds)
        if statement_timeout is not None:
            session += f" -c statement_timeout={_milliseconds(statement_timeout)}"
        options["connect_args"] = {"options": session, "connect_timeout": CONNECT_SECONDS}
    engine = sqlalchemy.create_engine(target, **options)
    hide_values(engine)
    return engine


def took_too_long(error: DBAPIError) -> bool:
    """Whether the database ended a statement because of its time limit. The transaction has to be rolled back."""
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    return getattr(error.orig, "sqlstate", None) in _TIMEOUTS or (bool(arguments) and arguments[0] in _TIMEOUTS)


def restart_time_limit(connection: Connection) -> None:
    """Give SQLite the whole time again for the next rows of a statement: their readers may have taken theirs."""
    deadline: _Deadline | None = connection.info.get(_Deadline)
    if deadline is not None:
        deadline.restart()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _mysql_limit(seconds: float | None) -> str:
    """The rest of a SET statement, of which MariaDB reads the first comment and MySQL since 5.7.8 the second."""
    if seconds is None:
        return ""
    return f" /*M!100101 , max_statement_time={seconds} */ /*!50708 , max_execution_time={_milliseconds(seconds)} */"


class _Deadline:
    """When a statement on one SQLite connection has to be ready."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = float("inf")

    def restart(self) -> None:
        self._at = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        return time.monotonic() > self._at


def _limit_sqlite_statements(engine: Engine, seconds: float) -> None:
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        deadline = entry.info[_Deadline] = _Deadline(seconds)
        connection.set_progress_handler(deadline.is_over, _STEPS_BETWEEN_CHECKS)

    def executing(connection: Connection, *_: object) -> None:
        connection.info[_Deadline].restart()

    event.listen(engine, "connect", connected)
    event.listen(engine, "before_cursor_execute", executing)


def _open_sqlite(connection: DBAPIConnection, synchronous: Synchronous) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; the "begin" listeners do
    connection.text_factory = _replacing_text  # BUG-33
    connection.create_function("regexp", 2, regexp, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={synchronous}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _replacing_text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def _begin_immediate(connection: Connection) -> None:
    """Take the database's write lock at once: a lock on the order row, in SQLite's terms (BUG-1)."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
