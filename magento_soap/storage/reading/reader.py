"""Reads any document that ``documents`` describes: the database's own text, in few statements (API-40..43).

``DocumentReader`` builds the statements of a description once. ``find`` adds the client's filters and page, and returns
rows that are fetched as they are sent; ``info`` runs one statement for the document and one for each kind of children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    String,
    bindparam,
    func,
    literal,
    select,
)

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, DocumentInfo, Page, Row
from magento_soap.storage.connection.transactions import read
from magento_soap.storage.php import plain_map
from magento_soap.storage.schema.tables import Tables

from .documents import AllColumns, Children, Document, Joined, Related
from .documents import Column as DescribedColumn
from .expressions import Ascending, Descending, Folded, searchable, text_of
from .filters import DocumentFilters, all_of
from .paging import (
    Kinds,
    is_by_key,
    kinds_of,
    may_be_kept_compiled,
    open_list,
    reported_as_filter,
    select_page,
)
from .streaming import Statement, by_key, one_statement

_Keyed = list[tuple[str, ColumnElement[Any]]]
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

    def count(self, conditions: Sequence[Condition | AnyOf]) -> int:
        """How many documents meet all conditions. Raises InvalidFilter."""
        query = self._lists[False].query.with_only_columns(func.count(), maintain_column_froms=True)
        where = all_of(self._filters, list(conditions))
        if where is not None:
            query = query.where(where)
        options = {} if may_be_kept_compiled(conditions) else {"compiled_cache": None}
        with reported_as_filter(is_avoidable=bool(conditions)):
            return read(self._engine, lambda connection: connection.execution_options(**options).scalar(query) or 0)

    def info(self, key: str, *, extended: bool = False) -> DocumentInfo | None:
        """The document of that key with its children (API-43), or None; ``extended`` adds related rows."""
        if not searchable(key):
            return None
        info = self._infos[extended]
        return read(self._engine, lambda connection: info.read(connection, key))

    def info_by_id(self, entity_id: int, *, extended: bool = False) -> DocumentInfo | None:
        """The same by the document's entity id."""
        info = self._infos[extended]
        return read(self._engine, lambda connection: info.read(connection, entity_id))


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

    def expression(self, described: DescribedColumn | Joined) -> ColumnElement[Any]:
        """What is selected for a column of the description."""
        if isinstance(described, DescribedColumn):
            return self.column(described.source)
        first, *others = (self.column(each) for each in described.sources)
        joined: ColumnElement[Any] = first
        for other in others:
            joined = joined + literal(" ", String()) + other
        return joined

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
        listed = description.list_columns
        keyed: _Keyed = _all_columns(source.document, listed) if isinstance(listed, AllColumns) else []
        named = () if isinstance(listed, AllColumns) else listed
        columns = (*named, *description.list_more, *(description.extended_list if extended else ()))
        keyed += [(column.key, source.expression(column)) for column in columns]
        # Filters may need the joins of all searchable columns.
        used = _joins_of(each for column in (*columns, *description.searchable) for each in _sources(column))
        self.keys = tuple(key for key, _ in keyed)
        self.kinds = kinds_of(keyed)
        self.query = source.selection([column for _, column in keyed], used)


class _Info:
    """The statements of an info."""

    def __init__(self, source: _Source, extended: bool) -> None:
        description = source.description
        header = _all_columns(source.document, description.info_columns)
        header += [(column.key, source.column(column.source)) for column in description.info_more]
        added = description.extended_info if extended else {}
        relations = [*description.related, *(Related(key, join) for key, join in added.items())]
        related = [(each, _related_columns(source.joined[each.join], each)) for each in relations]
        columns = [column for _, column in header] + [column for _, keyed in related for _, column in keyed]
        used = [*_joins_of(column.source for column in description.info_more), *(each.join for each in relations)]
        key = source.document.c[description.key_column]
        query = source.selection(columns, used)
        self._by_key = query.where(Folded(key) == Folded(bindparam("key", type_=String())))
        self._by_id = query.where(source.document.c[description.id_column] == bindparam("key", type_=BigInteger()))
        self._keys = tuple(key for key, _ in header)
        self._id_key = description.id_key
        self._related: list[tuple[Related, tuple[str, ...], slice]] = []
        start = len(header)
        for each, keyed in related:
            self._related.append((each, tuple(key for key, _ in keyed), slice(start, start + len(keyed))))
            start += len(keyed)
        self._children = [_Children(source.tables, children) for children in description.children]
        self.kinds: Kinds = {}
        for kinds in (*(kinds_of(keyed) for _, keyed in related), *(each.kinds for each in self._children)):
            self.kinds |= kinds
        self.kinds |= kinds_of(header)

    def read(self, connection: Connection, key: str | int) -> DocumentInfo | None:
        query = self._by_key if isinstance(key, str) else self._by_id
        found = connection.execute(query, {"key": key}).first()
        if found is None:
            return None
        row = tuple(found)
        info: DocumentInfo = dict(zip(self._keys, row, strict=False))
        parent_id = int(str(info[self._id_key]))
        for children in self._children:
            info[children.key] = children.read(connection, parent_id)
        for related, keys, part in self._related:
            values = row[part]
            if all(value is None for value in values):
                info[related.key] = None
                continue
            found_row: dict[str, Any] = dict(zip(keys, values, strict=True))
            info[related.key] = found_row | {name: plain_map(found_row[name]) or [] for name in related.decoded}
        return info


class _Children:
    """The statement of one kind of children."""

    def __init__(self, tables: Tables, description: Children) -> None:
        table = tables[description.table]
        joined = {join.name: tables[join.table] for join in description.joins}
        origin: FromClause = table
        for join in description.joins:
            other = joined[join.name]
            origin = origin.outerjoin(other, other.c[join.key] == table.c[join.on])
        if isinstance(description.columns, AllColumns):
            keyed = _all_columns(table, description.columns)
        else:
            keyed = [(name, _column(table, name)) for name in description.columns]
        for column in description.more:
            join_name, _, name = column.source.rpartition(".")
            keyed.append((column.key, _column(joined[join_name] if join_name else table, name)))
        self.key = description.key
        self.kinds = kinds_of(keyed)
        self._keys = tuple(key for key, _ in keyed)
        self._query: Statement = (
            select(*_labelled([column for _, column in keyed]))
            .select_from(origin)
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


def _related_columns(table: FromClause, related: Related) -> _Keyed:
    return _all_columns(table, related.columns) + [(more.key, _column(table, more.source)) for more in related.more]


def _sources(column: DescribedColumn | Joined) -> Sequence[str]:
    return (column.source,) if isinstance(column, DescribedColumn) else column.sources


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
