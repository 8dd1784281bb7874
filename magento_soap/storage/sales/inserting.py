"""Inserting one row."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table


def insert(connection: Connection, table: Table, values: Mapping[str, object]) -> int:
    """Insert the row; the primary key that the database gave it."""
    key = connection.execute(table.insert(), values).inserted_primary_key
    if key is None:
        raise TypeError(f"{table.name} has no key")
    return int(key[0])
