"""Reads any document that ``documents`` describes: the database's own text, in few statements (API-40..43).

``DocumentReader`` builds the statements of a description once. ``find`` adds the client's filters and page, and returns
rows that are fetched as they are sent; ``info`` runs one statement for the document and one for each kind of children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, FromClause, String, bindparam, select

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, DocumentInfo, Page, Row
from magento_soap.storage.connection.transactions import read
from magento_soap.storage.schema.tables import Tables

from .documents import AllColumns, Children, Document
from .expressions import Ascending, Descending, Folded, searchable, text_of
from .filters import DocumentFilters
from .paging import Kinds, is_by_key, kinds_of, open_list, select_page
from .streaming import Statement, by_key, one_statement

_Keyed = list[tuple[str, Column[Any]]]
"""Columns under the keys that clients know."""


class DocumentReader:
    """queries.DocumentQueries for one description; every answer is one snapshot."""

    def __init__(self, engine: Engine, tables: Tables, document: Document) -> None:
        source = _Source(tables, document)
        self._engine = engine
        self._id = source.document.c[document.id_column]
        self._id_key = document.id_key
        self._filters = DocumentFilters(source.searchable(), engine.dialect.name)
        self._lists = {extended: _List(source, extended) for extended in (False, True)}
        self._infos = {extended: _Info(source, extended) for extended in (False, True)}
        self.kinds: Kinds = self._lists[True].kinds | self._infos[True].kinds

    def find(
        self, conditions: Sequence[Condition | AnyOf], page: Page = EVERYTHING, *, extended: bool = False
    ) -> Iterator[Row]:
        """The documents that meet all conditions, in the form of lists (API-42).

        Ordered by primary key unless the page says otherwise. The query has succeeded when this returns; rows are
        fetched as they are consumed, and ``close()`` ends it early. Raises InvalidFilter.
        """
        listed = self._lists[extended]
        query = select_page(listed.query, self._filters, conditions, page, self._id)
        position = listed.keys.index(self._id_key)
        parts = by_key(query, self._id, position) if is_by_key(page) else one_statement(query)
        return open_list(self._engine, parts, listed.keys, conditions, page)

    def info(self, key: str, *, extended: bool = False) -> DocumentInfo | None:
        """The document of that key with its children (API-43), or None; ``extended`` adds related rows."""
        if not searchable(key):
            return None
        info = self._infos[extended]
        return read(self._engine, lambda connection: info.read(connection, key))


class _Source:
    """The tables of a description. A table that is joined twice gets the names of its joins."""

    def __init__(self, tables: Tables, description: Document) -> None:
        names = [join.table for join in description.joins]
        self.tables = tables
        self.description = description
        self.document: FromClause = tables[description.table]
        self.joined: dict[str, FromClause] = {
            join.name: tables[join.table].alias(join.name) if names.count(join.table) > 1 else tables[join.table]
            for join in description.joins
        }

    def column(self, source: str) -> Column[Any]:
        """The column of ``increment_id`` or ``order.increment_id``."""
        join, _, name = source.rpartition(".")
        return _column(self.joined[join] if join else self.document, name)

    def searchable(self) -> dict[str, ColumnElement[Any]]:
        """The columns that can be filtered and sorted by, by the names that clients use."""
        columns: dict[str, ColumnElement[Any]] = {column.name: column for column in self.document.c}
        return columns | {column.key: self.column(column.source) for column in self.description.searchable}

    def selection(self, columns: Sequence[ColumnElement[Any]], used: Sequence[str]) -> Statement:
        """These columns as text, from the document and the joins whose names are ``used``, and those they need."""
        needed = set(used)
        for join in reversed(self.description.joins):
            if join.name in needed:
                needed.add(join.on.rpartition(".")[0])
        origin = self.document
        for join in self.description.joins:
            if join.name in needed:
                table = self.joined[join.name]
                origin = origin.outerjoin(table, table.c[join.key] == self.column(join.on))
        return select(*_labelled(columns)).select_from(origin)


class _List:
    """The statement of a list, without filters."""

    def __init__(self, source: _Source, extended: bool) -> None:
        description = source.description
        columns = (*description.list_columns, *(description.extended_list if extended else ()))
        keyed = [(column.key, source.column(column.source)) for column in columns]
        # Filters may need the joins of all searchable columns.
        used = _joins_of(column.source for column in (*columns, *description.searchable))
        self.keys = tuple(key for key, _ in keyed)
        self.kinds = kinds_of(keyed)
        self.query = source.selection([column for _, column in keyed], used)


class _Info:
    """The statements of an info."""

    def __init__(self, source: _Source, extended: bool) -> None:
        description = source.description
        header = _all_columns(source.document, description.info_columns)
        header += [(column.key, source.column(column.source)) for column in description.info_more]
        related = [
            (key, join, [(name, _column(source.joined[join], name)) for name in _names(source.joined[join])])
            for key, join in (description.extended_info if extended else {}).items()
        ]
        columns = [column for _, column in header] + [column for _, _, keyed in related for _, column in keyed]
        used = [*_joins_of(column.source for column in description.info_more), *(join for _, join, _ in related)]
        key = source.document.c[description.key_column]
        self._query = source.selection(columns, used).where(
            Folded(key) == Folded(bindparam("key", type_=String())),
        )
        self._keys = tuple(key for key, _ in header)
        self._id_key = description.id_key
        self._related: list[tuple[str, tuple[str, ...], slice]] = []
        start = len(header)
        for name, _, keyed in related:
            self._related.append((name, tuple(key for key, _ in keyed), slice(start, start + len(keyed))))
            start += len(keyed)
        self._children = [_Children(source.tables, children) for children in description.children]
        self.kinds: Kinds = {}
        for kinds in (*(kinds_of(keyed) for _, _, keyed in related), *(each.kinds for each in self._children)):
            self.kinds |= kinds
        self.kinds |= kinds_of(header)

    def read(self, connection: Connection, key: str) -> DocumentInfo | None:
        found = connection.execute(self._query, {"key": key}).first()
        if found is None:
            return None
        row = tuple(found)
        info: DocumentInfo = dict(zip(self._keys, row, strict=False))
        parent_id = int(str(info[self._id_key]))
        for children in self._children:
            info[children.key] = children.read(connection, parent_id)
        for name, keys, part in self._related:
            values = row[part]
            info[name] = None if values[0] is None else dict(zip(keys, values, strict=True))
        return info


class _Children:
    """The statement of one kind of children."""

    def __init__(self, tables: Tables, description: Children) -> None:
        table = tables[description.table]
        if isinstance(description.columns, AllColumns):
            keyed = _all_columns(table, description.columns)
        else:
            keyed = [(name, _column(table, name)) for name in description.columns]
        keyed += [(column.key, _column(table, column.source)) for column in description.more]
        self.key = description.key
        self.kinds = kinds_of(keyed)
        self._keys = tuple(key for key, _ in keyed)
        self._query: Statement = (
            select(*_labelled([column for _, column in keyed]))
            .where(table.c[description.parent_id] == bindparam("parent"))
            .order_by(*(_ordered(table, name) for name in description.order_by))
        )

    def read(self, connection: Connection, parent_id: int) -> list[Row]:
        rows = connection.execute(self._query, {"parent": parent_id}).all()
        return [dict(zip(self._keys, row, strict=True)) for row in rows]


def _all_columns(table: FromClause, columns: AllColumns) -> _Keyed:
    keyed: _Keyed = []
    for name in _names(table):
        if name not in columns.without:
            keyed.append((name, _column(table, name)))
        if name in columns.also:
            keyed.append((columns.also[name], _column(table, name)))
    return keyed


def _names(table: FromClause) -> list[str]:
    return [column.name for column in table.c]


def _column(table: FromClause, name: str) -> Column[Any]:
    column = table.c[name]
    if not isinstance(column, Column):
        raise TypeError(f"{name} is not a column of a table")
    return column


def _joins_of(sources: Iterator[str]) -> list[str]:
    return [join for join in (source.rpartition(".")[0] for source in sources) if join]


def _ordered(table: FromClause, name: str) -> ColumnElement[Any]:
    column = _column(table, name.removeprefix("-"))
    if name.startswith("-"):
        return Descending(column)
    return Ascending(column) if column.nullable else column


def _labelled(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The columns as text under distinct names, since joined tables share theirs; rows are read by position."""
    return [text_of(column).label(f"c{position}") for position, column in enumerate(columns)]
