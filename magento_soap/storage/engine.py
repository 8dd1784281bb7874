"""Connections: every session speaks UTC and UTF-8, waits for locks a bounded time, and has one isolation.

Writes and reads have engines of their own. Writes run READ COMMITTED, so that what is read after a lock was waited for
is what the other one committed; reads run REPEATABLE READ, so that one answer is one snapshot.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import make_url
from sqlalchemy.pool import ConnectionPoolEntry

from .hidden_values import hide_values
from .regular_expressions import regexp

LOCK_WAIT_SECONDS = 10
# Magento runs with an empty SQL_MODE: what does not fit a column is cut to fit, never refused (DB-11).
_MYSQL_SESSION = (
    f"SET SESSION time_zone='+00:00', sql_mode='NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}"
)
_POSTGRESQL_OPTIONS = f"-c timezone=UTC -c datestyle=ISO -c lock_timeout={LOCK_WAIT_SECONDS}s -c client_encoding=UTF8"


def create_engine(url: str | URL, *, writes: bool, pool_size: int = 5, max_overflow: int = 10) -> Engine:
    """An engine for writing or for reading.

    Raises ValueError for a database in memory, which could not be shared by connections.
    """
    target = make_url(url)
    if target.get_backend_name() == "mariadb":
        target = target.set(drivername=target.drivername.replace("mariadb", "mysql", 1))
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": max_overflow, "pool_recycle": 1800}
    options["hide_parameters"] = True  # they hold customers' names and addresses, and errors reach the log
    backend = target.get_backend_name()
    if backend == "sqlite":
        if target.database in (None, "", ":memory:") or "mode=memory" in str(target):
            raise ValueError("a SQLite database needs a file")
        engine = sqlalchemy.create_engine(target, **options, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_immediate if writes else _begin_deferred)
        return engine
    options["isolation_level"] = "READ COMMITTED" if writes else "REPEATABLE READ"
    if backend == "mysql":
        if "charset" not in target.query:
            target = target.update_query_dict({"charset": "utf8mb4"})
        options["connect_args"] = {"init_command": _MYSQL_SESSION}
    elif backend == "postgresql":
        options["connect_args"] = {"options": _POSTGRESQL_OPTIONS}
    engine = sqlalchemy.create_engine(target, **options)
    hide_values(engine)
    return engine


def _open_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; the "begin" listeners do
    connection.text_factory = _replacing_text  # BUG-33
    connection.create_function("regexp", 2, regexp, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _replacing_text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def _begin_immediate(connection: Connection) -> None:
    """Take the database's write lock at once: a lock on the order row, in SQLite's terms (BUG-1)."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
