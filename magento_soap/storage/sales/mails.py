"""Reads what a mail shows: a document with its order, as they are when the mail is composed. Also lists the outbox.

``MAILED`` describes the documents that mails are about; to write mails about another one, add its tables there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Engine, FromClause, Select, Table, and_, bindparam, func, null, select
from sqlalchemy import Row as DatabaseRow

from magento_soap.sales.notifications import MailContent
from magento_soap.storage.connection.transactions import read
from magento_soap.storage.schema.tables import Tables

Row: TypeAlias = dict[str, Any]
CONFIGURABLE = "configurable"


class MailedDocument(NamedTuple):
    """The tables of a document that mails are about; ``order_id`` is the column that says which order it is of."""

    table: str
    items: str | None = None
    tracks: str | None = None
    order_id: str = "order_id"


MAILED: Mapping[str, MailedDocument] = {
    "order": MailedDocument("sales_flat_order", order_id="entity_id"),
    "invoice": MailedDocument("sales_flat_invoice", "sales_flat_invoice_item"),
    "shipment": MailedDocument("sales_flat_shipment", "sales_flat_shipment_item", "sales_flat_shipment_track"),
    "creditmemo": MailedDocument("sales_flat_creditmemo", "sales_flat_creditmemo_item"),
}
"""Documents by entity type."""


@dataclass(frozen=True)
class ListedMail:
    """A mail as ``magento-soap mail list`` shows it; times are UTC."""

    id: int
    kind: str
    entity_type: str
    increment_id: str | None
    recipient: str
    status: str
    attempts: int
    due_at: str
    sent_at: str | None
    error: str | None


class MailReader:
    """Reads for mails; every answer is one snapshot."""

    def __init__(self, engine: Engine, tables: Tables, outbox: Table) -> None:
        self._engine = engine
        self._tables = tables
        self._outbox = outbox
        self._items = {
            entity_type: self._items_query(tables[mailed.items])
            for entity_type, mailed in MAILED.items()
            if mailed.items is not None
        }
        self._status = self._status_query()

    def document(self, entity_type: str, entity_id: int) -> MailContent | None:
        """The document of that type and id with all that a mail shows, or None when it or its order is gone."""
        mailed = MAILED.get(entity_type)
        if mailed is None:
            return None
        items = self._items.get(entity_type)
        return read(self._engine, lambda connection: self._read(connection, mailed, items, entity_id))

    def listed(self, status: str | None = None) -> list[ListedMail]:
        """The mails in that status, or all, in the order in which they were queued."""
        outbox = self._outbox
        names = ("id", "kind", "entity_type", "recipient", "status", "attempts", "due_at", "sent_at", "error")
        joined: FromClause = outbox
        numbers = []
        for entity_type, mailed in MAILED.items():
            table = self._tables[mailed.table]
            is_about = and_(outbox.c.entity_type == entity_type, table.c.entity_id == outbox.c.entity_id)
            joined = joined.outerjoin(table, is_about)
            numbers.append(table.c.increment_id)
        number = func.coalesce(*numbers, null()).label("increment_id")
        columns = [outbox.c[name] for name in names]
        query = select(number, *columns).select_from(joined).order_by(outbox.c.id)
        if status is not None:
            query = query.where(outbox.c.status == status)
        rows = read(self._engine, lambda connection: connection.execute(query).all())
        return [ListedMail(**row._mapping) for row in rows]

    def _read(
        self, connection: Connection, mailed: MailedDocument, items: Select[Any] | None, entity_id: int
    ) -> MailContent | None:
        def one(name: str, key: str, value: int | None) -> Row | None:
            table = self._tables[name]
            query = select(table).where(table.c[key] == value).order_by(*table.primary_key).limit(1)
            return None if value is None else _as_dict(connection.execute(query).first())

        document = one(mailed.table, "entity_id", entity_id)
        order = document and one("sales_flat_order", "entity_id", document[mailed.order_id])
        if document is None or order is None:
            return None
        lines = [] if items is None else connection.execute(items, {"parent_id": entity_id}).all()
        tracks = [] if mailed.tracks is None else connection.execute(self._tracks(mailed.tracks, entity_id)).all()
        asked = {"status": order["status"], "store_id": order["store_id"]}
        return MailContent(
            document=document,
            order=order,
            items=[row for row in map(_as_dict, lines) if row is not None],
            tracks=[row for row in map(_as_dict, tracks) if row is not None],
            billing_address=one("sales_flat_order_address", "entity_id", order["billing_address_id"]),
            shipping_address=one("sales_flat_order_address", "entity_id", order["shipping_address_id"]),
            payment=one("sales_flat_order_payment", "parent_id", order["entity_id"]),
            status=connection.scalar(self._status, asked) or order["status"] or "",
        )

    def _tracks(self, name: str, parent_id: int) -> Select[Any]:
        table = self._tables[name]
        return select(table).where(table.c.parent_id == parent_id).order_by(table.c.entity_id)

    def _items_query(self, line: Table) -> Select[Any]:
        """The lines without the variants of configurables, which add nothing to the line before them."""
        ordered = self._tables["sales_flat_order_item"]
        parent = ordered.alias("parent")
        joined = line.outerjoin(ordered, ordered.c.item_id == line.c.order_item_id)
        joined = joined.outerjoin(parent, parent.c.item_id == ordered.c.parent_item_id)
        return (
            select(line, parent.c.item_id.is_not(None).label("is_part"))
            .select_from(joined)
            .where(line.c.parent_id == bindparam("parent_id"))
            .where(func.coalesce(parent.c.product_type, "") != CONFIGURABLE)
            .order_by(line.c.entity_id)
        )

    def _status_query(self) -> Select[Any]:
        status, label = self._tables["sales_order_status"], self._tables["sales_order_status_label"]
        of_store = and_(label.c.status == status.c.status, label.c.store_id == bindparam("store_id"))
        return (
            select(func.coalesce(label.c.label, status.c.label))
            .select_from(status.outerjoin(label, of_store))
            .where(status.c.status == bindparam("status"))
        )


def _as_dict(row: DatabaseRow[Any] | None) -> Row | None:
    return None if row is None else dict(row._mapping)
