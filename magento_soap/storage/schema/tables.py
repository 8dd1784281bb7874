"""Magento 1's tables as SQLAlchemy Core tables, read from ``layout``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from .layout import LAYOUT
from .types import CalendarDate, ExactDecimal, UtcDateTime, UtcTime

_COLUMN = re.compile(r"(?P<name>\w+)(?P<required>!?)(?:=(?P<default>[^>]*))?(?:>(?P<target>\w+)(?P<keep>\??))?")
_STRING = re.compile(r"string(?P<length>\d*)")
_NAMES = {"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
_UNSIGNED = Integer().with_variant(mysql.INTEGER(unsigned=True), "mysql")
_SMALL = Integer().with_variant(mysql.SMALLINT(), "mysql")
_SMALL_UNSIGNED = Integer().with_variant(mysql.SMALLINT(unsigned=True), "mysql")
_TEXT_BYTES = {"text": 2**16 - 1, "mediumtext": 2**24 - 1}

TYPES: dict[str, TypeEngine[Any]] = {
    "id": _UNSIGNED,
    "uint": _UNSIGNED,
    "int": Integer(),
    "smallid": _SMALL_UNSIGNED,
    "ushort": _SMALL_UNSIGNED,
    "short": _SMALL,
    "decimal": ExactDecimal(12, 4),
    "rate": ExactDecimal(24, 12),
    "text": Text(),
    "mediumtext": Text().with_variant(mysql.MEDIUMTEXT(), "mysql"),
    "blob": LargeBinary(),
    "mediumblob": LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql"),
    "date": CalendarDate(),
    "time": UtcTime(),
    "datetime": UtcDateTime(),
}
RANGES = {
    "id": (0, 2**32 - 1),
    "uint": (0, 2**32 - 1),
    "int": (-(2**31), 2**31 - 1),
    "smallid": (0, 2**16 - 1),
    "ushort": (0, 2**16 - 1),
    "short": (-(2**15), 2**15 - 1),
}


class Tables(Mapping[str, Table]):
    """All tables by their bare names, for an installation with that table prefix: ``tables["sales_flat_order"]``."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.metadata = MetaData(naming_convention=_NAMES)
        self._tables: dict[str, Table] = {}
        for block in LAYOUT.strip().split("\n\n"):
            name, *lines = block.splitlines()
            self._tables[name] = self._table(name, [line.split() for line in lines])

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def in_dependency_order(self) -> list[str]:
        """Bare names, each table after those it refers to."""
        return [table.name.removeprefix(self.prefix) for table in self.metadata.sorted_tables]

    def _table(self, name: str, lines: list[list[str]]) -> Table:
        columns: list[Column[Any]] = []
        keys: list[tuple[str, list[str]]] = []
        for kind, *words in lines:
            if kind in ("primary", "unique", "index"):
                keys += [(kind, word.split("+")) for word in words]
            else:
                columns += [self._column(kind, word) for word in words]
        table = Table(
            self.prefix + name,
            self.metadata,
            *columns,
            mysql_engine="InnoDB",
            mysql_charset="utf8mb4",
            mysql_collate="utf8mb4_general_ci",
        )
        for kind, names in keys:
            if kind == "primary":
                table.append_constraint(PrimaryKeyConstraint(*names))
            else:
                _index(table, names, unique=kind == "unique")
        return table

    def _column(self, kind: str, word: str) -> Column[Any]:
        match = _COLUMN.fullmatch(word)
        string = _STRING.fullmatch(kind)
        if match is None:
            raise ValueError(f"not a column: {word}")
        numbered = kind in ("id", "smallid")
        required = bool(match["required"]) or numbered
        default = match["default"]
        if kind in ("time", "datetime") and required:
            # The application always writes it; without a default MySQL may invent ON UPDATE CURRENT_TIMESTAMP.
            default = text("CURRENT_TIMESTAMP")
        arguments: list[ForeignKey] = []
        if target := match["target"]:
            key = next(iter(self._primary_key(target)))
            rule = "SET NULL" if match["keep"] else "CASCADE"
            arguments.append(ForeignKey(f"{self.prefix}{target}.{key}", ondelete=rule, onupdate="CASCADE"))
        info: dict[str, object] = {"kind": kind}
        if kind in RANGES:
            info["range"] = RANGES[kind]
        if kind in _TEXT_BYTES:
            info["bytes"] = _TEXT_BYTES[kind]
        return Column(
            match["name"],
            String(int(string["length"] or 255)) if string else TYPES[kind],
            *arguments,
            primary_key=numbered,
            autoincrement=numbered,
            nullable=not required,
            server_default=default,
            info=info,
        )

    @staticmethod
    def _primary_key(name: str) -> tuple[str, ...]:
        """The primary key of a table that may not have been read yet."""
        match = re.search(rf"^{name}\n(?:    .*\n)*?    (?:id|smallid|primary) +(\S+)", LAYOUT, re.MULTILINE)
        if match is None:
            raise ValueError(f"no primary key: {name}")
        return tuple(match[1].split("+"))


def _folds(*_arguments: object, dialect: Dialect, **_more: object) -> bool:
    """Whether the database compares letter by letter, so that an index has to fold case and trailing blanks."""
    return dialect.name != "mysql"


def _index(table: Table, names: list[str], unique: bool) -> None:
    """Index those columns. Increment ids are unique as the collation compares them, on every database (ORD-17)."""
    columns = [table.c[name] for name in names]
    prefix = "unq" if unique else "idx"
    name = f"{prefix}_{table.name}_{'_'.join(names)}"
    if unique and names == ["increment_id"]:
        folded = func.lower(func.rtrim(columns[0]))
        Index(_short(f"{name}_folded"), folded, unique=True).ddl_if(callable_=_folds)
        Index(_short(name), *columns, unique=True).ddl_if(dialect="mysql")
    else:
        Index(_short(name), *columns, unique=unique)


def _short(name: str) -> str:
    """The name, or as much of it as PostgreSQL keeps, still distinct."""
    if len(name) <= 63:
        return name
    words = name.split("_")
    return "_".join(word if len(word) < 5 else word[:4] for word in words)[:63]
