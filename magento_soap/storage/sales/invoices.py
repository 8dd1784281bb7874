"""Invoices with lines and comments (``sales_flat_invoice*``)."""

from __future__ import annotations

from sqlalchemy import Connection, select

from magento_soap.sales.invoice import Comment, Invoice, InvoiceLine
from magento_soap.sales.ports import Clock
from magento_soap.storage.reading.expressions import same_text
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import fitting

from .grids import grid_name, replace_row
from .inserting import insert
from .mapping import RowMapping, Snapshots


class InvoiceTables:
    """The mappings of an invoice's tables, made once for all transactions."""

    def __init__(self, tables: Tables) -> None:
        self.invoice = RowMapping(Invoice, tables["sales_flat_invoice"])
        self.line = RowMapping(InvoiceLine, tables["sales_flat_invoice_item"])
        self.comment = RowMapping(Comment, tables["sales_flat_invoice_comment"])
        self.grid = tables["sales_flat_invoice_grid"]
        self.order = tables["sales_flat_order"]
        self.address = tables["sales_flat_order_address"]


class Invoices:
    """ports.InvoiceRepository in one transaction."""

    def __init__(self, connection: Connection, tables: InvoiceTables, snapshots: Snapshots, clock: Clock) -> None:
        self._connection = connection
        self._tables = tables
        self._snapshots = snapshots
        self._clock = clock

    def add(self, invoice: Invoice) -> None:
        """Insert the invoice with its lines, new comments and grid row (DB-2..4); sets ``entity_id`` on all of them."""
        invoice.created_at = invoice.created_at or self._clock.now()
        invoice.updated_at = invoice.updated_at or invoice.created_at
        invoice.entity_id = self._insert(self._tables.invoice, invoice, **_magento_never_writes(invoice))
        for line in invoice.lines:
            line.entity_id = self._insert(self._tables.line, line, parent_id=invoice.entity_id)
        self._snapshots.take(self._tables.invoice, invoice)
        self._add_new_comments(invoice)
        self._save_grid(invoice)

    def save(self, invoice: Invoice) -> None:
        """Write what changed of a stored invoice and its new comments; ``updated_at`` moves when it changed."""
        mapping = self._tables.invoice
        if self._snapshots.changes(mapping, invoice):
            invoice.updated_at = self._clock.now()
            changes = self._snapshots.changes(mapping, invoice)
            table = mapping.table
            changes["updated_at"] = invoice.updated_at
            self._connection.execute(table.update().where(table.c.entity_id == invoice.entity_id).values(changes))
            self._snapshots.take(mapping, invoice)
            self._save_grid(invoice)
        self._add_new_comments(invoice)

    def find(self, increment_id: str) -> tuple[int, int] | None:
        """Entity id and order id of the invoice of that increment id, unlocked."""
        table = self._tables.invoice.table
        query = select(table.c.entity_id, table.c.order_id).where(same_text(table.c.increment_id, increment_id))
        row = self._connection.execute(query).first()
        return None if row is None else (row.entity_id, row.order_id)

    def load(self, order_id: int) -> list[Invoice]:
        """The order's invoices with their header amounts, oldest first."""
        mapping = self._tables.invoice
        table = mapping.table
        query = select(*mapping.columns).where(table.c.order_id == order_id).order_by(table.c.entity_id)
        rows = self._connection.execute(query).mappings()
        return [self._snapshots.take(mapping, Invoice(**mapping.read(row))) for row in rows]

    def load_lines(self, invoice: Invoice) -> None:
        """Load the lines of the invoice."""
        mapping = self._tables.line
        table = mapping.table
        query = select(*mapping.columns).where(table.c.parent_id == invoice.entity_id).order_by(table.c.entity_id)
        invoice.lines = [InvoiceLine(**mapping.read(row)) for row in self._connection.execute(query).mappings()]

    def _add_new_comments(self, invoice: Invoice) -> None:
        for comment in invoice.comments:
            if comment.entity_id is None:
                comment.created_at = comment.created_at or self._clock.now()
                comment.entity_id = self._insert(self._tables.comment, comment, parent_id=invoice.entity_id)

    def _insert(self, mapping: RowMapping, entity: object, **more: object) -> int:
        values = mapping.values(entity) | more
        del values["entity_id"]
        return insert(self._connection, mapping.table, values)

    def _save_grid(self, invoice: Invoice) -> None:
        order, address, grid = self._tables.order, self._tables.address, self._tables.grid
        query = (
            select(
                order.c.increment_id,
                order.c.created_at,
                address.c.firstname,
                address.c.middlename,
                address.c.lastname,
            )
            .select_from(order.outerjoin(address, address.c.entity_id == invoice.billing_address_id))
            .where(order.c.entity_id == invoice.order_id)
        )
        found = self._connection.execute(query).one()
        stored_invoice = self._tables.invoice.values(invoice)
        row = {name: stored_invoice[name] for name in stored_invoice if name in grid.c}
        row["order_increment_id"] = found.increment_id
        row["order_created_at"] = found.created_at
        row["billing_name"] = fitting(grid.c.billing_name, grid_name(found))
        replace_row(self._connection, grid, row)


def _magento_never_writes(invoice: Invoice) -> dict[str, None]:
    """Columns to be NULL: Magento loses this tax (BUG-22), we keep it, but do not write a zero that it would not."""
    tax = invoice.shipping_hidden_tax_amount
    return {} if tax is not None and tax.base else {"base_shipping_hidden_tax_amnt": None}
