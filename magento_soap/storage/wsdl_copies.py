"""The last good copies of the shop's WSDLs (``magento_soap_wsdl``, a table of ours).

Documents are stored compressed, because MySQL limits the size of a statement, and in base64, because dumps are text.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, Text, case, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.types import TIME_FORMAT

MAX_BYTES = 16 * 1024 * 1024
"""No document is longer."""


def wsdl_table(prefix: str) -> Table:
    """The table as the last migration leaves it."""
    return Table(
        f"{prefix}magento_soap_wsdl",
        MetaData(),
        Column("name", String(64), primary_key=True),
        Column("document", Text, nullable=False, info={"bytes": 2**24 - 1}),
        Column("fetched_at", String(19), nullable=False),
    )


class Copy(Protocol):
    """An api.ports.WsdlRecord."""

    @property
    def document(self) -> bytes:
        """The document as the shop served it."""

    @property
    def fetched_at(self) -> datetime:
        """UTC without time zone."""


@dataclass(frozen=True)
class StoredWsdl:
    """A document as the shop served it, and when (UTC without time zone, whole seconds)."""

    document: bytes
    fetched_at: datetime


class WsdlCopiesInMemory:
    """api.ports.WsdlCopies of one process."""

    def __init__(self) -> None:
        self._copies: dict[str, Copy] = {}
        self._lock = Lock()

    def find(self, name: str) -> Copy | None:
        """The copy of that name, if there is one."""
        with self._lock:
            return self._copies.get(name)

    def save(self, name: str, copy: Copy) -> None:
        """Replace the copy of that name, unless a later one is stored."""
        with self._lock:
            previous = self._copies.get(name)
            if previous is None or previous.fetched_at <= copy.fetched_at:
                self._copies[name] = copy


class WsdlCopies:
    """api.ports.WsdlCopies; where there is no table, each process keeps its own copies.

    Each call raises DatabaseBusy and DatabaseUnavailable.
    """

    def __init__(self, engine: Engine, reads: Engine, table: Table) -> None:
        self.table = table
        self._engine = engine
        self._reads = reads
        self._is_there = Presence(table, "copies of the shop's WSDLs are lost when this process stops")
        self._in_memory = WsdlCopiesInMemory()

    @property
    def exists(self) -> bool:
        """Whether this database has the table; an attached shop has it only on request."""
        return self._is_there.is_known or read(self._reads, self._is_there)

    def find(self, name: str) -> Copy | None:
        """The copy of that name, if there is one. Raises ValueError for one that is damaged."""
        if not self.exists:
            return self._in_memory.find(name)
        query = select(self.table).where(self.table.c.name == name)
        row = read(self._reads, lambda connection: connection.execute(query).first())
        if row is None:
            return None
        return StoredWsdl(_decoded(row.document), datetime.strptime(row.fetched_at, TIME_FORMAT))

    def save(self, name: str, copy: Copy) -> None:
        """Replace the copy of that name, unless a later one is stored."""
        if not self.exists:
            self._in_memory.save(name, copy)
            return
        row = {
            "name": name,
            "document": base64.b64encode(zlib.compress(copy.document)).decode("ascii"),
            "fetched_at": copy.fetched_at.strftime(TIME_FORMAT),
        }
        transact(self._engine, lambda connection: self._upsert(connection, row), repeatable=True)

    def _upsert(self, connection: Connection, row: dict[str, str]) -> None:
        table, dialect = self.table, connection.dialect.name
        is_newer = table.c.fetched_at <= row["fetched_at"]
        if dialect in ("mysql", "mariadb"):
            # MySQL sets one column after the other, and later ones see the new value: the time comes last.
            changes = [(name, case((is_newer, row[name]), else_=table.c[name])) for name in ("document", "fetched_at")]
            connection.execute(mysql.insert(table).values(row).on_duplicate_key_update(changes))
        else:
            insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
            statement = insert(table).values(row)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={"document": row["document"], "fetched_at": row["fetched_at"]},
                    where=is_newer,
                )
            )


def _decoded(text: str) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        document = decompressor.decompress(base64.b64decode(text, validate=True), MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"the stored WSDL is damaged: {error}") from None
    if not decompressor.eof:
        raise ValueError("the stored WSDL is damaged: it is incomplete or too long")
    return document
