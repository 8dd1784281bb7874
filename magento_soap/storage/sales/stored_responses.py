"""Responses to requests with an idempotency key (``magento_soap_request``, a table of ours).

A key is claimed in the transaction that does the work or, where a gateway has to be asked, in the one that records the
attempt. Another transaction that claims the same key waits until that transaction ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from magento_soap.sales.errors import DatabaseBusy, IdempotencyKeyReused, IdempotencyKeysNotKept
from magento_soap.sales.ports import Clock, IdempotencyKey, StoredResponse
from magento_soap.storage.connection.transactions import transact
from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.schema.types import TIME_FORMAT


def request_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_request",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("fingerprint", String(64), nullable=False),
        Column("answered", Integer, nullable=False),
        Column("result", String(255)),
        Column("created_at", String(19), nullable=False),
    )


class StoredResponses:
    """ports.IdempotencyStore in one transaction; an attached shop has the table on request only."""

    def __init__(self, connection: Connection, table: Table, clock: Clock, keep: timedelta, *, exists: bool) -> None:
        self._connection = connection
        self._table = table
        self._clock = clock
        self._keep = keep
        self._exists = exists
        self.has_claimed = False
        """Whether this transaction holds a claim."""

    def claim(self, request: IdempotencyKey) -> StoredResponse | None:
        """The first response to that request, or None: then this transaction has claimed it.

        Waits for another transaction that has just claimed it. Raises IdempotencyKeyReused when the key belongs to
        another request, and IdempotencyKeysNotKept when the table is missing, unless the key is optional.
        """
        if not self._exists:
            if request.is_optional:
                return None
            raise IdempotencyKeysNotKept("Idempotency keys cannot be kept in this database.")
        table, now = self._table, self._clock.now()
        fresh = {
            "fingerprint": request.fingerprint,
            "answered": 0,
            "result": None,
            "created_at": now.strftime(TIME_FORMAT),
        }
        mine = table.c.id == request.id
        with waiting_for_lock(self._connection, request.id) as may_wait:
            if not may_wait:  # an INSERT has no NOWAIT
                raise DatabaseBusy
            self._insert_if_new({"id": request.id, **fresh})
            row = self._connection.execute(select(table).where(mine).with_for_update()).mappings().one()
        self.has_claimed = True
        if row["created_at"] < (now - self._keep).strftime(TIME_FORMAT):
            self._connection.execute(table.update().where(mine).values(fresh))
            return None
        if row["fingerprint"] != request.fingerprint:
            raise IdempotencyKeyReused("This idempotency key was used for another request.")
        return StoredResponse(row["result"]) if row["answered"] else None

    def lock_claimed(self, request_id: str) -> None:
        """Lock a claimed request. As with a claim, its lock comes before all others of the transaction."""
        if not self._exists:
            return
        with waiting_for_lock(self._connection, request_id) as may_wait:
            query = select(self._table.c.id).where(self._table.c.id == request_id)
            self._connection.execute(query.with_for_update(nowait=not may_wait)).first()

    def answer(self, request_id: str, result: str | None) -> None:
        """Store the response to a claimed request."""
        if not self._exists:
            return
        values = {"answered": 1, "result": result}
        self._connection.execute(self._table.update().where(self._table.c.id == request_id).values(values))

    def _insert_if_new(self, values: dict[str, object]) -> None:
        dialect = self._connection.dialect.name
        if dialect in ("mysql", "mariadb"):
            self._connection.execute(mysql.insert(self._table).values(values).prefix_with("IGNORE"))
        elif dialect == "postgresql":
            self._connection.execute(postgresql.insert(self._table).values(values).on_conflict_do_nothing())
        else:
            self._connection.execute(sqlite.insert(self._table).values(values).on_conflict_do_nothing())


def forget(engine: Engine, table: Table, before: datetime) -> int:
    """Delete requests claimed before that time (UTC); returns how many."""
    statement = table.delete().where(table.c.created_at < before.strftime(TIME_FORMAT))
    return transact(engine, lambda connection: int(connection.execute(statement).rowcount))
