"""What the documents of an order have in common: a header, lines, comments and a row in the grid of the admin panel.

``Documents`` stores any kind of them, as ``DocumentTables`` describes it (DB-1..4, J8, K16).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from sqlalchemy import Connection, select

from magento_soap.sales.comment import Comment
from magento_soap.sales.ports import Clock
from magento_soap.storage.reading.expressions import same_text
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import fitting

from .grids import grid_name, replace_row
from .inserting import insert
from .mapping import RowMapping, Snapshots


class Document(Protocol):
    """A document of an order, such as an invoice."""

    entity_id: int | None
    order_id: int
    billing_address_id: int | None
    shipping_address_id: int | None
    created_at: datetime | None
    updated_at: datetime | None
    comments: list[Comment]

    lines: list[Any]  # each with an entity_id


D = TypeVar("D", bound=Document)


class DocumentTables(Generic[D]):
    """The mappings of a document's tables, made once for all transactions.

    ``document`` and ``line`` are the domain's classes. ``name`` is the name in the grid: that of the billing or of the
    shipping address.
    """

    def __init__(
        self,
        tables: Tables,
        entity_type: str,
        document: type[D],
        line: type[Any],
        *,
        name: Literal["billing_name", "shipping_name"] = "billing_name",
    ) -> None:
        table = f"sales_flat_{entity_type}"
        self.kind = document
        self.line_kind = line
        self.document = RowMapping(document, tables[table])
        self.line = RowMapping(line, tables[f"{table}_item"])
        self.comment = RowMapping(Comment, tables[f"{table}_comment"])
        self.grid = tables[f"{table}_grid"]
        self.grid_name = self.grid.c[name]
        self.order = tables["sales_flat_order"]
        self.address = tables["sales_flat_order_address"]

    def address_id(self, document: D) -> int | None:
        """The address whose name the grid has."""
        is_billing = self.grid_name.name == "billing_name"
        return document.billing_address_id if is_billing else document.shipping_address_id


class Documents(Generic[D]):
    """Documents of one kind in one transaction."""

    def __init__(self, connection: Connection, tables: DocumentTables[D], snapshots: Snapshots, clock: Clock) -> None:
        self._connection = connection
        self._tables = tables
        self._snapshots = snapshots
        self._clock = clock

    def add(self, document: D) -> None:
        """Insert the document with its lines, new comments and grid row; sets ``entity_id`` on all of them."""
        document.created_at = document.created_at or self._clock.now()
        document.updated_at = document.updated_at or document.created_at
        document.entity_id = self._insert(self._tables.document, document, **self._never_written(document))
        for line in document.lines:
            line.entity_id = self._insert(self._tables.line, line, parent_id=document.entity_id)
        self._snapshots.take(self._tables.document, document)
        self._add_new_comments(document)
        self._save_grid(document)

    def save(self, document: D) -> None:
        """Write what changed of a stored document and its new comments; ``updated_at`` moves when it changed."""
        mapping = self._tables.document
        if self._snapshots.changes(mapping, document):
            document.updated_at = self._clock.now()
            changes = self._snapshots.changes(mapping, document)
            table = mapping.table
            changes["updated_at"] = document.updated_at
            self._connection.execute(table.update().where(table.c.entity_id == document.entity_id).values(changes))
            self._snapshots.take(mapping, document)
            self._save_grid(document)
        self._add_new_comments(document)

    def find(self, increment_id: str) -> tuple[int, int] | None:
        """Entity id and order id of the document of that increment id, unlocked."""
        table = self._tables.document.table
        query = select(table.c.entity_id, table.c.order_id).where(same_text(table.c.increment_id, increment_id))
        row = self._connection.execute(query).first()
        return None if row is None else (row.entity_id, row.order_id)

    def order_id_of(self, entity_id: int) -> int | None:
        """The order id of the document of that entity id, unlocked, or None."""
        table = self._tables.document.table
        row = self._connection.execute(select(table.c.order_id).where(table.c.entity_id == entity_id)).first()
        return None if row is None else row.order_id

    def load(self, order_id: int) -> list[D]:
        """The order's documents without their lines, oldest first."""
        mapping = self._tables.document
        table = mapping.table
        query = select(*mapping.columns).where(table.c.order_id == order_id).order_by(table.c.entity_id)
        rows = self._connection.execute(query).mappings()
        return [self._snapshots.take(mapping, self._tables.kind(**mapping.read(row))) for row in rows]

    def load_one(self, entity_id: int) -> D | None:
        """The document of that id with its lines, or None."""
        mapping = self._tables.document
        table = mapping.table
        row = (
            self._connection.execute(select(*mapping.columns).where(table.c.entity_id == entity_id)).mappings().first()
        )
        if row is None:
            return None
        document = self._snapshots.take(mapping, self._tables.kind(**mapping.read(row)))
        self.load_lines(document)
        return document

    def load_lines(self, document: D) -> None:
        """Load the lines of the document."""
        mapping = self._tables.line
        table = mapping.table
        query = select(*mapping.columns).where(table.c.parent_id == document.entity_id).order_by(table.c.entity_id)
        rows = self._connection.execute(query).mappings()
        document.lines = [self._tables.line_kind(**mapping.read(row)) for row in rows]

    def _never_written(self, _document: D) -> dict[str, None]:
        """Columns to be NULL whatever the document has for them."""
        return {}

    def _add_new_comments(self, document: D) -> None:
        for comment in document.comments:
            if comment.entity_id is None:
                comment.created_at = comment.created_at or self._clock.now()
                comment.entity_id = self._insert(self._tables.comment, comment, parent_id=document.entity_id)

    def _insert(self, mapping: RowMapping, entity: object, **more: object) -> int:
        values = mapping.values(entity) | more
        del values["entity_id"]
        return insert(self._connection, mapping.table, values)

    def _save_grid(self, document: D) -> None:
        tables = self._tables
        order, address, grid = tables.order, tables.address, tables.grid
        query = (
            select(
                order.c.increment_id,
                order.c.created_at,
                address.c.firstname,
                address.c.middlename,
                address.c.lastname,
            )
            .select_from(order.outerjoin(address, address.c.entity_id == tables.address_id(document)))
            .where(order.c.entity_id == document.order_id)
        )
        found = self._connection.execute(query).one()
        stored_document = tables.document.values(document)
        row = {name: stored_document[name] for name in stored_document if name in grid.c}
        row["order_increment_id"] = found.increment_id
        row["order_created_at"] = found.created_at
        row[tables.grid_name.name] = fitting(tables.grid_name, grid_name(found))
        replace_row(self._connection, grid, row)
