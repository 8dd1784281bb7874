"""All rows as plain data, in and out: decimals as "12.3400", times as "2024-01-01 19:30:00", NULL as None."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Table, func, inspect, select, text

from magento_soap.storage.reading.expressions import Ascending
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import TIME_FORMAT, stored

Rows = Mapping[str, Sequence[Mapping[str, object]]]
_AT_ONCE = 500


def load(engine: Engine, tables: Tables, rows: Rows, own_tables: Mapping[str, Table]) -> None:
    """Replace the content of the tables named in ``rows``; the order of tables and rows does not matter.

    Raises ValueError for a table or column that is unknown.
    """
    known: dict[str, Table] = {**tables, **own_tables}
    for name, content in rows.items():
        if name not in known:
            raise ValueError(f"unknown table {name}")
        unknown = {column for row in content for column in row} - set(known[name].c.keys())
        if unknown:
            raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
    order = [name for name in (*tables.in_dependency_order(), *own_tables) if name in rows]
    with engine.connect() as connection, _unchecked(connection), connection.begin():
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for name in reversed(order):
            connection.execute(known[name].delete())
        for name in order:
            _insert(connection, known[name], rows[name])
            _number_from(connection, known[name], rows[name])


def dump(
    engine: Engine, tables: Tables, own_tables: Mapping[str, Table], names: Iterable[str] | None = None
) -> dict[str, Any]:
    """The rows of those tables (of all that exist), in primary key order, as ``load`` takes them."""
    known: dict[str, Table] = {**tables, **own_tables}
    with engine.connect() as connection:
        if names is None:
            existing = set(inspect(connection).get_table_names())
            names = [name for name, table in known.items() if table.name in existing]
        return {name: _rows(connection, known[name]) for name in names}


def _rows(connection: Connection, table: Table) -> list[dict[str, object]]:
    keys = list(table.primary_key) or list(table.c)
    rows = connection.execute(select(table).order_by(*map(Ascending, keys))).all()
    names = table.c.keys()
    return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of the same columns together, in primary key order, so that parents precede their children."""
    keys = [column.name for column in table.primary_key]
    alike: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in sorted(rows, key=lambda row: tuple(row.get(key) or 0 for key in keys)) if _numbered(table) else rows:
        values = {name: _stored(table.c[name], value) for name, value in row.items()}
        alike.setdefault(tuple(values), []).append(values)
    for group in alike.values():
        for start in range(0, len(group), _AT_ONCE):
            connection.execute(table.insert(), group[start : start + _AT_ONCE])


def _stored(column: Column[Any], value: object) -> object:
    """The value in the column's type; unlike elsewhere, "" stays ""."""
    return value if value is None or (isinstance(value, str) and value == "") else stored(column, value)


def _numbered(table: Table) -> bool:
    keys = list(table.primary_key)
    return len(keys) == 1 and isinstance(keys[0].type, Integer)


def _number_from(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Let the database continue numbering after the highest key."""
    key = table.autoincrement_column
    if key is None:
        return
    highest = max((int(str(row.get(key.name) or 0)) for row in rows), default=0)
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        connection.execute(select(func.setval(sequence, max(highest, 1), highest > 0)))
    elif connection.dialect.name == "mysql":
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ALTER TABLE {name} AUTO_INCREMENT = {highest + 1}")


@contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """MySQL, where rows may refer to tables we do not know, neither checks foreign keys nor takes 0 for "number it"."""
    if connection.dialect.name != "mysql":
        yield
        return
    connection.exec_driver_sql("SET @magento_soap_mode = @@sql_mode, @@foreign_key_checks = 0")
    connection.exec_driver_sql("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
    connection.commit()
    try:
        yield
    finally:
        connection.exec_driver_sql("SET sql_mode = @magento_soap_mode, @@foreign_key_checks = 1")
        connection.commit()
