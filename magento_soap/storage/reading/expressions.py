"""SQL expressions that mean on every database what they mean in Magento's MySQL."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, String, cast, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_UNSEARCHABLE = re.compile("[\0\ud800-\udfff\U00010000-\U0010ffff]").search


class Folded(FunctionElement[str]):
    """Text as Magento's collation compares it: case and trailing blanks do not count (ORD-17)."""

    name = "folded"
    type = String()
    inherit_cache = True


@compiles(Folded)
def _folded(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower(rtrim({compiler.process(element.clauses, **options)}))"


@compiles(Folded, "mysql")
def _folded_by_collation(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class Ascending(FunctionElement[Any]):
    """A column to order by, NULL first: below everything, as in MySQL and SQLite."""

    name = "ascending"
    inherit_cache = True


class Descending(FunctionElement[Any]):
    """A column to order by from its highest value down, NULL last."""

    name = "descending"
    inherit_cache = True


@compiles(Ascending)
def _ascending(element: Ascending, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} ASC"


@compiles(Descending)
def _descending(element: Descending, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} DESC"


@compiles(Ascending, "postgresql")
def _ascending_from_null(element: Ascending, compiler: SQLCompiler, **options: Any) -> str:
    return _ascending(element, compiler, **options) + (" NULLS FIRST" if _has_null(element) else "")


@compiles(Descending, "postgresql")
def _descending_to_null(element: Descending, compiler: SQLCompiler, **options: Any) -> str:
    return _descending(element, compiler, **options) + (" NULLS LAST" if _has_null(element) else "")


def _has_null(element: FunctionElement[Any]) -> bool:
    """Whether the column may be NULL: PostgreSQL's indexes do not serve an order that names a place for NULL."""
    return any(getattr(column, "nullable", True) for column in element.clauses)


def same_text(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """``column = value`` as Magento's collation compares."""
    return Folded(column) == Folded(literal(value, String()))


def searchable(text: str) -> bool:
    """Whether an increment id, user name or session id can be that text.

    Magento's columns hold neither NUL nor characters beyond the basic plane, and MySQL refuses to compare with them.
    """
    return text != "" and _UNSEARCHABLE(text) is None


def text_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column's value as the database itself writes it (API-40); text columns stay as they are."""
    return column if isinstance(column.type, (String, LargeBinary)) else cast(column, String())
