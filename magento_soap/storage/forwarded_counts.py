"""How often calls were forwarded to the shop's own PHP (``magento_soap_forwarded``, a table of ours)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import TIME_FORMAT, stored


def forwarded_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_forwarded",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("day", String(10), nullable=False),
        Column("method", String(255), nullable=False),
        Column("protocol", String(16), nullable=False),
        Column("user_id", Integer, nullable=False),
        Column("calls", Integer, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("last_at", String(19), nullable=False),
    )


class Count(Protocol):
    """An api.ports.ForwardedCount."""

    @property
    def day(self) -> date:
        """UTC."""

    @property
    def method(self) -> str: ...

    @property
    def protocol(self) -> str: ...

    @property
    def user_id(self) -> int: ...

    @property
    def calls(self) -> int: ...

    @property
    def failures(self) -> int: ...

    @property
    def last_at(self) -> datetime:
        """UTC without time zone."""


@dataclass(frozen=True)
class ForwardedUse:
    """How often a user's calls of a method were forwarded between two days (UTC, both included).

    ``username`` is None for a user that has been deleted; ``last_at`` is UTC without time zone.
    """

    method: str
    protocol: str
    user_id: int
    username: str | None
    first_day: date
    last_day: date
    calls: int
    failures: int
    last_at: datetime


class ForwardedCounts:
    """api.ports.ForwardedCounts, and what the report reads. An attached shop has the table on request only."""

    def __init__(self, engine: Engine, reads: Engine, table: Table, tables: Tables) -> None:
        self.table = table
        self._users = tables["api_user"]
        self._engine = engine
        self._reads = reads
        self._is_there = Presence(table, "each worker counts forwarded calls by itself and forgets them when it stops")

    @property
    def exists(self) -> bool:
        """Whether this database has the table."""
        return self._is_there.is_known or read(self._reads, self._is_there)

    def add(self, counts: Sequence[Count]) -> bool:
        """Add calls and failures to what is stored for the same day, method, protocol and user.

        Returns whether they are stored: without the table nothing is. Raises DatabaseBusy and DatabaseUnavailable, and
        then nothing is stored. When the connection is lost in the commit, calls may be counted twice, because a report
        that misses a method is worse than one that exaggerates.
        """
        if not self.exists:
            return False
        # In the order of their keys, so that two transactions never wait for each other.
        rows = sorted(map(self._row, counts), key=lambda row: str(row["id"]))
        if rows:
            transact(self._engine, lambda connection: self._upsert(connection, rows), repeatable=True)
        return True

    def since(self, day: date | None = None, *, by_day: bool = False) -> list[ForwardedUse]:
        """What was forwarded since that day (UTC, included), or ever, by method, protocol and user.

        With ``by_day`` each day has entries of its own. Empty without the table.
        """
        if not self.exists:
            return []
        table, users = self.table, self._users
        groups = [table.c.method, table.c.protocol, table.c.user_id, *([table.c.day] if by_day else [])]
        sums = (
            select(
                *groups[:3],
                func.min(table.c.day).label("first_day"),
                func.max(table.c.day).label("last_day"),
                func.sum(table.c.calls).label("calls"),
                func.sum(table.c.failures).label("failures"),
                func.max(table.c.last_at).label("last_at"),
            )
            .where(table.c.day >= ("" if day is None else day.isoformat()))
            .group_by(*groups)
            .subquery()
        )
        query = select(sums, users.c.username).outerjoin_from(sums, users, users.c.user_id == sums.c.user_id)
        rows = read(self._reads, lambda connection: connection.execute(query).all())
        found = [
            ForwardedUse(
                method=row.method,
                protocol=row.protocol,
                user_id=row.user_id,
                username=row.username,
                first_day=date.fromisoformat(row.first_day),
                last_day=date.fromisoformat(row.last_day),
                calls=int(row.calls),
                failures=int(row.failures),
                last_at=datetime.strptime(row.last_at, TIME_FORMAT),
            )
            for row in rows
        ]
        return sorted(
            found, key=lambda use: (use.first_day if by_day else date.min, use.method, use.user_id, use.protocol)
        )

    def forget(self, before: date) -> int:
        """Delete methods that a user has not called over a protocol since before that day; returns how many rows.

        What is still being called keeps all its rows, so that a sum over the whole table never falls.
        """
        if not self.exists:
            return 0
        table = self.table
        key = (table.c.method, table.c.protocol, table.c.user_id)
        unused = select(*key).group_by(*key).having(func.max(table.c.day) < before.isoformat())
        of_key = [column == bindparam(f"unused_{column.name}") for column in key]
        # A method that has just been called again keeps its new row.
        statement = table.delete().where(*of_key, table.c.day < before.isoformat())

        def work(connection: Connection) -> int:
            return sum(
                connection.execute(
                    statement,
                    {"unused_method": row.method, "unused_protocol": row.protocol, "unused_user_id": row.user_id},
                ).rowcount
                for row in connection.execute(unused).all()
            )

        return transact(self._engine, work)

    def _row(self, count: Count) -> dict[str, object]:
        columns = self.table.c
        day = count.day.isoformat()
        method, protocol = stored(columns.method, count.method), stored(columns.protocol, count.protocol)
        key = "\n".join((day, protocol, str(count.user_id), method))
        return {
            "id": hashlib.sha256(key.encode()).hexdigest(),
            "day": day,
            "method": method,
            "protocol": protocol,
            "user_id": count.user_id,
            "calls": count.calls,
            "failures": count.failures,
            "last_at": count.last_at.strftime(TIME_FORMAT),
        }

    def _upsert(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        dialect = connection.dialect.name
        if dialect in ("mysql", "mariadb"):
            into = mysql.insert(self.table)
            connection.execute(into.on_duplicate_key_update(self._sums(into.inserted)), rows)
        else:
            insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(self.table)
            sums = self._sums(insert.excluded)
            connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=sums), rows)

    def _sums(self, new: ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]) -> dict[str, ColumnElement[Any]]:
        """What a stored row becomes when a new one has the same key."""
        old = self.table.c
        return {
            "calls": old.calls + new.calls,
            "failures": old.failures + new.failures,
            "last_at": case((old.last_at < new.last_at, new.last_at), else_=old.last_at),
        }
