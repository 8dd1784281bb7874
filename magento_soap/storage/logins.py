"""Failed and successful logins of all workers (``magento_soap_login``, a table of ours)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from cachetools import LRUCache
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, case, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.types import TIME_FORMAT


def login_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_login",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("failed_at", String(19), nullable=False),
        Column("succeeded_at", String(19), nullable=False),
    )


@dataclass(frozen=True)
class LoginRecord:
    """Failed logins in a row, and the last failure and success (UTC)."""

    failures: int = 0
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None


class LoginsInMemory:
    """api.ports.LoginRecords of one process. New records replace the oldest beyond ``most``."""

    def __init__(self, most: int = 10_000) -> None:
        self._records: LRUCache[str, LoginRecord] = LRUCache(most)
        self._lock = Lock()

    def find(self, ids: Sequence[str]) -> Mapping[str, LoginRecord]:
        """The records of those ids that exist."""
        with self._lock:
            return {id_: self._records[id_] for id_ in ids if id_ in self._records}

    def count_failure(self, ids: Sequence[str], now: datetime, window: timedelta) -> None:
        """Count a failure for each; a count whose last failure is older than the window begins anew."""
        with self._lock:
            for id_ in ids:
                record = self._records.get(id_) or LoginRecord()
                is_recent = record.failed_at is not None and record.failed_at > now - window
                self._records[id_] = LoginRecord(record.failures + 1 if is_recent else 1, now, record.succeeded_at)

    def succeeded(self, id_: str, now: datetime) -> None:
        """Remember a success, and forget the failures."""
        with self._lock:
            self._records[id_] = LoginRecord(succeeded_at=now)


class Logins:
    """api.ports.LoginRecords; where there is no table, each process keeps its own count."""

    def __init__(self, engine: Engine, reads: Engine, table: Table) -> None:
        self.table = table
        self._engine = engine
        self._reads = reads
        self._is_there = Presence(table, "each worker counts failed logins by itself")
        self._in_memory = LoginsInMemory()

    def find(self, ids: Sequence[str]) -> Mapping[str, LoginRecord]:
        """The records of those ids that exist."""
        if not self._exists():
            return self._in_memory.find(ids)
        query = select(self.table).where(self.table.c.id.in_(ids))
        rows = read(self._reads, lambda connection: connection.execute(query).all())
        return {row.id: LoginRecord(row.failures, _time(row.failed_at), _time(row.succeeded_at)) for row in rows}

    def count_failure(self, ids: Sequence[str], now: datetime, window: timedelta) -> None:
        """Count a failure for each; a count whose last failure is older than the window begins anew."""
        if not self._exists():
            self._in_memory.count_failure(ids, now, window)
            return
        table = self.table
        recent = table.c.failed_at > _text(now - window)
        changes = {"failures": case((recent, table.c.failures + 1), else_=1), "failed_at": _text(now)}
        rows = [{"id": id_, "failures": 1, "failed_at": _text(now), "succeeded_at": ""} for id_ in sorted(ids)]

        def work(connection: Connection) -> None:
            for row in rows:
                self._upsert(connection, row, changes)

        transact(self._engine, work)

    def succeeded(self, id_: str, now: datetime) -> None:
        """Remember a success, and forget the failures."""
        if not self._exists():
            self._in_memory.succeeded(id_, now)
            return
        changes = {"failures": 0, "failed_at": "", "succeeded_at": _text(now)}
        transact(self._engine, lambda connection: self._upsert(connection, {"id": id_, **changes}, changes))

    def forget(self, before: datetime) -> int:
        """Delete records without a login since that time (UTC); returns how many."""
        if not self._exists():
            return 0
        table, text = self.table, _text(before)
        statement = table.delete().where(table.c.failed_at < text, table.c.succeeded_at < text)
        return transact(self._engine, lambda connection: int(connection.execute(statement).rowcount))

    def _exists(self) -> bool:
        return read(self._reads, self._is_there)

    def _upsert(self, connection: Connection, row: Mapping[str, object], changes: Mapping[str, object]) -> None:
        dialect = connection.dialect.name
        if dialect in ("mysql", "mariadb"):
            # MySQL sets one column after the other, and later ones see the new value: the count comes first.
            connection.execute(mysql.insert(self.table).values(row).on_duplicate_key_update(list(changes.items())))
        else:
            insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
            statement = insert(self.table).values(row).on_conflict_do_update(index_elements=["id"], set_=dict(changes))
            connection.execute(statement)


def _text(time: datetime) -> str:
    return time.strftime(TIME_FORMAT)


def _time(text: str) -> datetime | None:
    return datetime.strptime(text, TIME_FORMAT) if text else None
