"""The last good copies of the shop's WSDLs (``magento_soap_wsdl``, a table of ours).

A document is stored compressed, because MySQL limits the size of a statement, and as base64, so that ``db dump`` can
write it as text.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, Text, case, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.types import TIME_FORMAT

MAX_BYTES = 16 * 1024 * 1024
"""No document is longer; a stored one that is has been tampered with."""


def wsdl_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_wsdl",
        MetaData(),
        Column("name", String(64), primary_key=True),
        Column("document", Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        Column("fetched_at", String(19), nullable=False),
    )


class Copy(Protocol):
    """An api.ports.WsdlRecord."""

    @property
    def document(self) -> bytes:
        """As the shop served it."""

    @property
    def fetched_at(self) -> datetime:
        """UTC without time zone."""


@dataclass(frozen=True)
class StoredWsdl:
    """A WSDL, and when it was fetched (UTC)."""

    document: bytes
    fetched_at: datetime


class WsdlCopies:
    """api.ports.WsdlCopies; where there is no table, nothing is kept."""

    def __init__(self, engine: Engine, reads: Engine, table: Table) -> None:
        self.table = table
        self._engine = engine
        self._reads = reads
        self._is_there = Presence(table, "the shop's WSDLs are kept in memory only")

    def find(self, name: str) -> StoredWsdl | None:
        """The copy of that name, if there is one. Raises ValueError for one that cannot be read."""

        def work(connection: Connection) -> tuple[str, str] | None:
            if not self._is_there(connection):
                return None
            table = self.table
            row = connection.execute(select(table.c.document, table.c.fetched_at).where(table.c.name == name)).first()
            return None if row is None else (row.document, row.fetched_at)

        row = read(self._reads, work)
        return None if row is None else StoredWsdl(_decoded(row[0]), datetime.strptime(row[1], TIME_FORMAT))

    def save(self, name: str, copy: Copy) -> None:
        """Replace the copy of that name, unless a later one is stored."""
        if not read(self._reads, self._is_there):
            return
        table = self.table
        encoded = base64.b64encode(zlib.compress(copy.document)).decode("ascii")
        row = {"name": name, "document": encoded, "fetched_at": copy.fetched_at.strftime(TIME_FORMAT)}

        def work(connection: Connection) -> None:
            if connection.dialect.name in ("mysql", "mariadb"):
                insert = mysql.insert(table).values(row)
                is_later = table.c.fetched_at <= insert.inserted.fetched_at
                # MySQL sets one column after the other, and later ones see the new value: the time comes last.
                changes = [
                    (column, case((is_later, insert.inserted[column]), else_=table.c[column]))
                    for column in ("document", "fetched_at")
                ]
                connection.execute(insert.on_duplicate_key_update(changes))
            else:
                upsert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
                new = upsert.values(row).excluded
                statement = upsert.values(row).on_conflict_do_update(
                    index_elements=["name"],
                    set_={"document": new.document, "fetched_at": new.fetched_at},
                    where=table.c.fetched_at <= new.fetched_at,
                )
                connection.execute(statement)

        transact(self._engine, work)


def _decoded(text: str) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        document = decompressor.decompress(base64.b64decode(text, validate=True), MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"the stored WSDL is damaged: {error}") from None
    if not decompressor.eof:
        raise ValueError("the stored WSDL is damaged: it is incomplete or too long")
    return document
