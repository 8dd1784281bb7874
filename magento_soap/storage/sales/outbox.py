"""Mails to customers, stored in the transaction of the rows they are about and sent later by a worker (SPEC H).

``sales.notifications`` decides who receives which mail; here each mail is a row that workers take, send and mark.

``magento_soap_outbox`` is a table of our own. Its times are text ("2024-01-01 19:30:00", UTC), which sorts the same
everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Row, String, Table, Text, select

from magento_soap.sales.notifications import Notification, QueuedMail
from magento_soap.sales.ports import Clock
from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.types import TIME_FORMAT, fitting

VERSION_TABLE = "magento_soap_alembic_version"
QUEUED, SENT, FAILED = "queued", "sent", "failed"

_log = logging.getLogger(__name__)
_CANDIDATES = 4  # rows looked at for each one wanted, as other workers may take some of them


def outbox_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_outbox",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("kind", String(32), nullable=False),
        Column("entity_type", String(32), nullable=False),
        Column("entity_id", Integer, nullable=False),
        Column("order_id", Integer, nullable=False),
        Column("store_id", Integer),
        Column("recipient", String(255), nullable=False),
        Column("recipient_name", String(255), nullable=False),
        Column("bcc", Text, nullable=False, info={"bytes": 2**16 - 1}),
        Column("comment", Text, nullable=False, info={"bytes": 2**16 - 1}),
        Column("status", String(16), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("error", Text, info={"bytes": 2**16 - 1}),
        Column("created_at", String(19), nullable=False),
        Column("due_at", String(19), nullable=False),
        Column("sent_at", String(19)),
    )


class Outbox:
    """The outbox as the mail worker sees it. ``queue`` is the outbox as a unit of work sees it."""

    def __init__(self, engine: Engine, reads: Engine, table: Table, clock: Clock) -> None:
        self.table = table
        self._engine = engine
        self._reads = reads
        self._clock = clock
        self._is_there = Presence(table, "mails are not recorded")

    @property
    def exists(self) -> bool:
        """Whether this database has the table; an attached shop has it only on request."""
        return self._is_there.is_known or read(self._reads, self._is_there)

    def queue(self, connection: Connection) -> OutboxQueue:
        """notifications.NotificationQueue for the transaction of that connection."""
        return OutboxQueue(connection, self.table, self._clock, is_kept=self._is_there(connection))

    def take(self, limit: int = 10, lease: timedelta = timedelta(minutes=5)) -> list[QueuedMail]:
        """Take mails that are due; no other worker gets them before the lease ends. Each counts an attempt."""
        if not self.exists:
            return []
        table, now = self.table, self._clock.now()
        due = select(table).where(table.c.status == QUEUED, table.c.due_at <= _text(now))
        due = due.order_by(table.c.due_at, table.c.id).limit(_CANDIDATES * limit)
        # Workers ask every few seconds: only open a writing transaction when a mail is due.
        if read(self._reads, lambda connection: connection.execute(due).first()) is None:
            return []

        def work(connection: Connection) -> list[QueuedMail]:
            taken: list[QueuedMail] = []
            for row in connection.execute(due).all():
                if len(taken) == limit:
                    break
                mine = (table.c.id == row.id) & (table.c.due_at == row.due_at) & (table.c.attempts == row.attempts)
                values = {"due_at": _text(now + lease), "attempts": row.attempts + 1}
                if connection.execute(table.update().where(mine).values(values)).rowcount:
                    taken.append(_mail(row))
            return taken

        return transact(self._engine, work)

    def sent(
        self,
        mail: QueuedMail,
        *,
        delayed: Mapping[str, str] | None = None,
        failed: Mapping[str, str] | None = None,
        after: timedelta = timedelta(),
    ) -> None:
        """Mark the mail as sent.

        Recipients that the mail server refused, mapped to its messages, get mails of their own: ``delayed`` ones are
        due after that time, ``failed`` ones are given up.
        """
        table, now = self.table, self._clock.now()
        sent = {"status": SENT, "sent_at": _text(now), "error": None}

        def work(connection: Connection) -> None:
            row = connection.execute(select(table).where(table.c.id == mail.id, table.c.status != SENT)).first()
            if row is None:
                return
            connection.execute(table.update().where(table.c.id == mail.id).values(sent))
            rest = {name: value for name, value in row._mapping.items() if name != "id"} | {"bcc": ""}
            for status, refused, due in ((QUEUED, delayed, now + after), (FAILED, failed, now)):
                for address, error in (refused or {}).items():
                    changed = {"recipient": address, "status": status, "error": fitting(table.c.error, error)}
                    connection.execute(table.insert().values(rest | changed | {"due_at": _text(due)}))

        transact(self._engine, work, repeatable=True)

    def retry(self, mail: QueuedMail, error: str, after: timedelta) -> None:
        """Postpone a mail that could not be sent by that time."""
        self._change(mail, due_at=_text(self._clock.now() + after), error=fitting(self.table.c.error, error))

    def give_up(self, mail: QueuedMail, error: str) -> None:
        """Mark the mail as failed: it will never be sent."""
        self._change(mail, status=FAILED, error=fitting(self.table.c.error, error))

    def requeue(self, ids: Sequence[int] | None = None) -> list[int]:
        """Queue mails that were given up, those of these ids or all, as if they were new; the ids of those queued."""
        table = self.table
        failed = table.c.status == FAILED if ids is None else (table.c.status == FAILED) & table.c.id.in_(ids)
        fresh = {"status": QUEUED, "attempts": 0, "due_at": _text(self._clock.now())}

        def work(connection: Connection) -> list[int]:
            found = list(connection.scalars(select(table.c.id).where(failed).order_by(table.c.id)))
            connection.execute(table.update().where(table.c.id.in_(found), failed).values(fresh))
            return found

        return transact(self._engine, work)

    def forget_sent(self, before: datetime) -> int:
        """Delete mails that were sent before that time (UTC); returns how many."""
        if not self.exists:
            return 0
        old = (self.table.c.status == SENT) & (self.table.c.sent_at < _text(before))
        statement = self.table.delete().where(old)
        return transact(self._engine, lambda connection: int(connection.execute(statement).rowcount))

    def count(self, status: str = QUEUED) -> int:
        """How many mails are in that status."""
        if not self.exists:
            return 0
        query = select(self.table.c.id).where(self.table.c.status == status)
        return len(read(self._reads, lambda connection: connection.execute(query).all()))

    def _change(self, mail: QueuedMail, **values: object) -> None:
        """Change a queued mail; one that another worker has sent or given up meanwhile stays as it is."""
        mine = (self.table.c.id == mail.id) & (self.table.c.status == QUEUED)
        statement = self.table.update().where(mine).values(values)
        transact(self._engine, lambda connection: connection.execute(statement), repeatable=True)


class OutboxQueue:
    """notifications.NotificationQueue in one transaction."""

    def __init__(self, connection: Connection, table: Table, clock: Clock, *, is_kept: bool) -> None:
        self._connection = connection
        self._table = table
        self._clock = clock
        self._is_kept = is_kept

    @property
    def is_kept(self) -> bool:
        """Whether the table is there."""
        return self._is_kept

    def add(self, notification: Notification) -> None:
        """Queue a mail; texts lose what does not fit their columns."""
        now = _text(self._clock.now())
        texts = {
            "recipient": notification.recipient,
            "recipient_name": notification.recipient_name,
            "bcc": ",".join(notification.bcc),
            "comment": notification.comment,
        }
        row = {column: fitting(self._table.c[column], text) for column, text in texts.items()}
        statement = self._table.insert().values(
            **row,
            kind=notification.kind,
            entity_type=notification.subject.entity_type,
            entity_id=notification.subject.entity_id,
            order_id=notification.order_id,
            store_id=notification.store_id,
            status=QUEUED,
            attempts=0,
            created_at=now,
            due_at=now,
        )
        self._connection.execute(statement)


def _mail(row: Row[Any]) -> QueuedMail:
    return QueuedMail(
        id=row.id,
        kind=row.kind,
        entity_type=row.entity_type,
        entity_id=row.entity_id,
        order_id=row.order_id,
        store_id=row.store_id,
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        bcc=tuple(row.bcc.split(",")) if row.bcc else (),
        comment=row.comment,
        attempts=row.attempts + 1,
        created_at=row.created_at,
    )


def _text(time: datetime) -> str:
    return time.strftime(TIME_FORMAT)
