"""The journal of payment gateway calls (``magento_soap_payment``, a table of ours).

An entry is committed before the gateway is called, so that no call is forgotten, and updated with the answer.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, ColumnElement, Connection, Integer, MetaData, String, Table, Text, select
from sqlalchemy import RowMapping as Row

from magento_soap.sales.paying.attempts import UNFINISHED, Attempt
from magento_soap.sales.payment import GatewayResult
from magento_soap.storage.schema.types import TIME_FORMAT, fitting


def payment_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_payment",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("idempotency_key", String(64), nullable=False, unique=True),
        Column("action", String(16), nullable=False),
        Column("order_id", Integer, nullable=False),
        Column("order_increment_id", String(50), nullable=False),
        Column("invoice_increment_id", String(50)),
        Column("method", String(255), nullable=False),
        Column("base_amount", String(32)),
        Column("base_currency_code", String(16)),
        Column("parent_txn_id", String(255)),
        Column("state", String(16), nullable=False),
        Column("result", Text, info={"bytes": 2**24 - 1}),
        Column("error", Text, info={"bytes": 2**16 - 1}),
        Column("command", Text, info={"bytes": 2**24 - 1}),
        Column("request_id", String(64)),
        Column("asked_at", String(19), nullable=False),
        Column("leased_until", String(19), nullable=False),
    )


class Journal:
    """ports.PaymentJournal in one transaction."""

    def __init__(self, connection: Connection, table: Table, *, is_kept: bool) -> None:
        self._connection = connection
        self._table = table
        self._is_kept = is_kept

    @property
    def is_kept(self) -> bool:
        """Whether the table is there."""
        return self._is_kept

    def open(self, order_id: int) -> Attempt | None:
        """The oldest attempt of that order that is neither settled nor refused, or None."""
        return self._first(self._table.c.order_id == order_id, self._table.c.state.in_(UNFINISHED))

    def find(self, key: str) -> Attempt | None:
        """The attempt of that key, or None."""
        return self._first(self._table.c.idempotency_key == key)

    def all_open(self) -> list[Attempt]:
        """All attempts that are neither settled nor refused, oldest first."""
        if not self._is_kept:
            return []
        query = select(self._table).where(self._table.c.state.in_(UNFINISHED)).order_by(self._table.c.id)
        return [_attempt(row) for row in self._connection.execute(query).mappings()]

    def write(self, attempt: Attempt) -> None:
        """Write a new attempt, or one that has been settled."""
        values = self._values(attempt)
        mine = self._table.c.idempotency_key == attempt.key
        if self.find(attempt.key) is None:
            self._connection.execute(self._table.insert().values(values))
        else:
            self._connection.execute(self._table.update().where(mine).values(values))

    def replace(self, attempt: Attempt, state: str, leased_until: datetime) -> bool:
        """Update an attempt if it still has that state and lease. Returns whether it had."""
        table = self._table
        unchanged = (table.c.state == state) & (table.c.leased_until == leased_until.strftime(TIME_FORMAT))
        mine = (table.c.idempotency_key == attempt.key) & unchanged
        return bool(self._connection.execute(table.update().where(mine).values(self._values(attempt))).rowcount)

    def _values(self, attempt: Attempt) -> dict[str, object]:
        return {**_row(attempt), "error": attempt.error and fitting(self._table.c.error, attempt.error)}

    def _first(self, *conditions: ColumnElement[bool]) -> Attempt | None:
        if not self._is_kept:
            return None
        query = select(self._table).where(*conditions).order_by(self._table.c.id).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _attempt(row)


def _row(attempt: Attempt) -> dict[str, object]:
    return {
        "idempotency_key": attempt.key,
        "action": attempt.action,
        "order_id": attempt.order_id,
        "order_increment_id": attempt.order_increment_id,
        "invoice_increment_id": attempt.invoice_increment_id,
        "method": attempt.method,
        "base_amount": None if attempt.base_amount is None else str(attempt.base_amount),
        "base_currency_code": attempt.base_currency_code,
        "parent_txn_id": attempt.parent_txn_id,
        "state": attempt.state,
        "result": None if attempt.result is None else _as_json(attempt.result),
        "command": None if attempt.command is None else json.dumps(attempt.command),
        "request_id": attempt.request_id,
        "asked_at": attempt.asked_at.strftime(TIME_FORMAT),
        "leased_until": attempt.leased_until.strftime(TIME_FORMAT),
    }


def _as_json(result: GatewayResult) -> str:
    """The answer as JSON. Other types become text: the money may have been taken, and nothing may fail now."""
    return json.dumps({each.name: getattr(result, each.name) for each in fields(result)}, default=str, skipkeys=True)


def _attempt(row: Row) -> Attempt:
    return Attempt(
        key=row["idempotency_key"],
        action=row["action"],
        order_id=row["order_id"],
        order_increment_id=row["order_increment_id"],
        invoice_increment_id=row["invoice_increment_id"],
        method=row["method"],
        base_amount=None if row["base_amount"] is None else Decimal(row["base_amount"]),
        base_currency_code=row["base_currency_code"],
        parent_txn_id=row["parent_txn_id"],
        state=row["state"],
        result=None if row["result"] is None else GatewayResult(**json.loads(row["result"])),
        error=row["error"],
        command=None if row["command"] is None else json.loads(row["command"]),
        request_id=row["request_id"],
        asked_at=datetime.strptime(row["asked_at"], TIME_FORMAT),
        leased_until=datetime.strptime(row["leased_until"], TIME_FORMAT),
    )
