"""The admin's grid tables, written in the same transaction as the rows they repeat (DB-4, BUG-24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Connection, Table, bindparam


class PersonName(Protocol):
    """An address, or a row with its name columns."""

    @property
    def firstname(self) -> str | None:
        """First name."""

    @property
    def middlename(self) -> str | None:
        """Middle name."""

    @property
    def lastname(self) -> str | None:
        """Last name."""


def grid_name(person: PersonName | None) -> str:
    """First, middle and last name as the grids show it (DB-4): double spaces made single in one pass, trimmed."""
    if person is None:
        return ""
    parts = (person.firstname, person.middlename, person.lastname)
    return " ".join(part or "" for part in parts).replace("  ", " ").strip(" ")


def replace_row(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Update the grid row of that ``entity_id``, or insert it."""
    update = table.update().where(table.c.entity_id == bindparam("stored_entity_id"))
    if connection.execute(update, {**row, "stored_entity_id": row["entity_id"]}).rowcount == 0:
        connection.execute(table.insert(), row)
