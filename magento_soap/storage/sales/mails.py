"""What a mail tells of: an invoice with its order, as they are when the mail is written. And the outbox as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, and_, bindparam, func, select

from magento_soap.storage.connection.transactions import read
from magento_soap.storage.schema.tables import Tables

Row = dict[str, Any]
CONFIGURABLE = "configurable"


@dataclass(frozen=True)
class InvoiceRows:
    """An invoice and what belongs to it: rows by column, amounts as Decimal, times as UTC.

    A line has ``is_part`` when it belongs to a bundle whose line comes before it. ``status`` is the order's, in the
    store's words.
    """

    invoice: Row
    order: Row
    items: Sequence[Row]
    billing_address: Row | None
    shipping_address: Row | None
    payment: Row | None
    status: str


@dataclass(frozen=True)
class ListedMail:
    """A mail as ``magento-soap mail list`` shows it; times are UTC."""

    id: int
    kind: str
    invoice: str | None
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
        self._items = self._items_query()
        self._status = self._status_query()

    def invoice(self, invoice_id: int) -> InvoiceRows | None:
        """The invoice of that id with all that a mail tells of it, or None when it or its order is gone."""
        return read(self._engine, lambda connection: self._read(connection, invoice_id))

    def listed(self, status: str | None = None) -> list[ListedMail]:
        """The mails in that status, or all, in the order in which they were queued."""
        outbox, invoice = self._outbox, self._tables["sales_flat_invoice"]
        names = ("id", "kind", "recipient", "status", "attempts", "due_at", "sent_at", "error")
        query = (
            select(invoice.c.increment_id.label("invoice"), *(outbox.c[name] for name in names))
            .select_from(outbox.outerjoin(invoice, invoice.c.entity_id == outbox.c.invoice_id))
            .order_by(outbox.c.id)
        )
        if status is not None:
            query = query.where(outbox.c.status == status)
        rows = read(self._engine, lambda connection: connection.execute(query).all())
        return [ListedMail(**row._mapping) for row in rows]

    def _read(self, connection: Connection, invoice_id: int) -> InvoiceRows | None:
        def one(name: str, key: str, value: int | None) -> Row | None:
            table = self._tables[name]
            query = select(table).where(table.c[key] == value).order_by(*table.primary_key).limit(1)
            return None if value is None else _as_dict(connection.execute(query).first())

        invoice = one("sales_flat_invoice", "entity_id", invoice_id)
        order = invoice and one("sales_flat_order", "entity_id", invoice["order_id"])
        if invoice is None or order is None:
            return None
        items = connection.execute(self._items, {"invoice_id": invoice_id}).all()
        asked = {"status": order["status"], "store_id": order["store_id"]}
        return InvoiceRows(
            invoice=invoice,
            order=order,
            items=[row for row in map(_as_dict, items) if row is not None],
            billing_address=one("sales_flat_order_address", "entity_id", order["billing_address_id"]),
            shipping_address=one("sales_flat_order_address", "entity_id", order["shipping_address_id"]),
            payment=one("sales_flat_order_payment", "parent_id", order["entity_id"]),
            status=connection.scalar(self._status, asked) or order["status"] or "",
        )

    def _items_query(self) -> Select[Any]:
        """The lines but the variants of configurables, which say nothing that the line before them does not say."""
        line, ordered = self._tables["sales_flat_invoice_item"], self._tables["sales_flat_order_item"]
        parent = ordered.alias("parent")
        joined = line.outerjoin(ordered, ordered.c.item_id == line.c.order_item_id)
        joined = joined.outerjoin(parent, parent.c.item_id == ordered.c.parent_item_id)
        return (
            select(line, parent.c.item_id.is_not(None).label("is_part"))
            .select_from(joined)
            .where(line.c.parent_id == bindparam("invoice_id"))
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


def _as_dict(row: Any) -> Row | None:
    return None if row is None else dict(row._mapping)
