"""Reads entities with attributes (EAV), such as customers: most values are rows of tables by type (L1, L3, L4).

The shop defines the attributes: ``eav_attribute`` is read for every answer, so those that a shop adds are listed, and
can be filtered by, as well. A list is read in batches of entities, each with one statement for the entities and one for
every table of values.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Connection, Engine, Select, select

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, DocumentInfo, Page, Row
from magento_soap.storage.connection.transactions import read
from magento_soap.storage.schema.tables import RANGES, Tables

from .expressions import text_of
from .filters import DocumentFilters, column_name
from .paging import Kinds, is_by_key, kinds_of, open_list, select_page
from .streaming import ROWS_AT_ONCE, Part, Parts, by_key, one_statement

_LARGEST_ID = RANGES["id"][1]
_Keys: TypeAlias = Callable[[Connection], Iterator[Sequence[int]]]
"""Reads the primary keys of a list in batches of ``ROWS_AT_ONCE``."""


@dataclass(frozen=True)
class AttributeEntity:
    """One kind of entity with attributes.

    ``code`` is its name in ``eav_entity_type``, ``table`` has its static attributes, and clients call its primary key
    ``id_key``. ``columns`` of the table come first in answers, whether they are attributes or not. ``hidden``
    attributes are neither read nor compared with.
    """

    code: str
    table: str
    id_key: str
    columns: tuple[str, ...]
    hidden: frozenset[str] = frozenset()


CUSTOMER = AttributeEntity(
    "customer",
    "customer_entity",
    "customer_id",
    ("created_at", "updated_at", "increment_id", "store_id", "website_id"),
    # A filter would be enough to guess a token letter by letter.
    hidden=frozenset({"password_hash", "rp_token", "rp_token_created_at"}),
)
CUSTOMER_ADDRESS = AttributeEntity(
    "customer_address",
    "customer_address_entity",
    "customer_address_id",
    ("parent_id", "created_at", "updated_at", "increment_id"),
)


@dataclass(frozen=True)
class _Attribute:
    """An attribute: its ``column`` in the entity's table or in a table of values, where it has a ``number``."""

    column: Column[Any]
    number: int | None = None


_Attributes: TypeAlias = Mapping[str, _Attribute]
"""Attributes by the keys that clients know, in the order of answers."""


class AttributeReader:
    """queries.DocumentQueries for one kind of entity; every answer is one snapshot.

    Attributes of tables and columns that Magento does not have are left out.
    """

    def __init__(self, engine: Engine, tables: Tables, entity: AttributeEntity) -> None:
        self._engine = engine
        self._tables = tables
        self._entity = entity
        self._table = tables[entity.table]
        self._id = self._table.c.entity_id
        attributes, types = tables["eav_attribute"], tables["eav_entity_type"]
        self._definitions = (
            select(attributes.c.attribute_id, attributes.c.attribute_code, attributes.c.backend_type)
            .join(types, types.c.entity_type_id == attributes.c.entity_type_id)
            .where(types.c.entity_type_code == entity.code)
            .order_by(attributes.c.attribute_id)
        )

    @property
    def kinds(self) -> Kinds:
        """The attributes that are numbers, as the shop defines them now."""
        return kinds_of((code, each.column) for code, each in read(self._engine, self._attributes).items())

    def find(
        self,
        conditions: Sequence[Condition | AnyOf],
        page: Page = EVERYTHING,
        *,
        extended: bool = False,  # noqa: ARG002 - all protocols have the same keys
    ) -> Iterator[Row]:
        """The entities that meet all conditions, each with the attributes that it has (L3). Raises InvalidFilter."""
        attributes = read(self._engine, self._attributes)
        compared = {column_name(each.field) for each in _each(conditions)}
        if page.order_by is not None:
            compared.add(column_name(page.order_by.removeprefix("-")))
        origin, columns = self._searchable({code: attributes[code] for code in compared & attributes.keys()})
        filters = DocumentFilters(columns, self._engine.dialect.name, "Invalid attribute name: {}")
        query = select_page(origin, filters, conditions, page, self._id)
        keys = _by_key(query, self._id) if is_by_key(page) else _in_order(query)
        rows = open_list(self._engine, self._batches(keys, attributes), tuple(attributes), conditions, page)
        return map(_without_null, rows)

    def info(self, key: str, *, extended: bool = False) -> DocumentInfo | None:  # noqa: ARG002 - see find
        """The entity of that primary key with all attributes (L1), or None."""
        if not (key.isascii() and key.isdecimal() and len(key) < 20 and int(key) <= _LARGEST_ID):
            return None

        def entity(connection: Connection) -> DocumentInfo | None:
            attributes = self._attributes(connection)
            rows = self._rows(connection, [int(key)], attributes)
            return dict(zip(attributes, rows[0], strict=True)) if rows else None

        return read(self._engine, entity)

    def _attributes(self, connection: Connection) -> _Attributes:
        """The attributes that can be read."""
        names = (*self._entity.columns, *self._entity.hidden)
        found = {self._entity.id_key: _Attribute(self._id)}
        found |= {name: _Attribute(self._table.c[name]) for name in self._entity.columns}
        for number, code, kind in connection.execute(self._definitions):
            if code in names or code in found:
                continue
            if kind == "static":
                if code in self._table.c:
                    found[code] = _Attribute(self._table.c[code])
            elif (values := self._tables.get(f"{self._entity.table}_{kind}")) is not None:
                found[code] = _Attribute(values.c.value, number)
        return found

    def _searchable(self, attributes: _Attributes) -> tuple[Select[Any], dict[str, ColumnElement[Any]]]:
        """A statement of primary keys that joins the values of those attributes, and the columns by their names."""
        columns: dict[str, ColumnElement[Any]] = {column.name: column for column in self._table.c}
        columns[self._entity.id_key] = self._id
        origin: Any = self._table
        for code, attribute in sorted(attributes.items()):  # in a fixed order, so that statements repeat
            if attribute.number is not None:
                values = attribute.column.table.alias()
                is_value = (values.c.entity_id == self._id) & (values.c.attribute_id == attribute.number)
                origin = origin.outerjoin(values, is_value)
                columns[code] = values.c.value
        return select(self._id).select_from(origin), columns

    def _batches(self, keys: _Keys, attributes: _Attributes) -> Parts:
        """The rows of those keys."""

        def parts(connection: Connection) -> Generator[Part, None, None]:
            for batch in keys(connection):
                yield self._rows(connection, batch, attributes)

        return parts

    def _rows(self, connection: Connection, keys: Sequence[int], attributes: _Attributes) -> list[Any]:
        """The attributes of the entities, in the order of both, as text."""
        if not keys:
            return []
        columns = {code: each.column for code, each in attributes.items() if each.number is None}
        labelled = [text_of(column).label(f"c{position}") for position, column in enumerate(columns.values())]
        static = select(self._id, *labelled).where(self._id.in_(keys))
        found: dict[int, dict[str, Any]] = {
            key: dict(zip(columns, values, strict=True)) for key, *values in connection.execute(static)
        }
        codes = {each.number: code for code, each in attributes.items() if each.number is not None}
        for table in dict.fromkeys(attributes[code].column.table for code in codes.values()):
            numbers = [number for number, code in codes.items() if attributes[code].column.table is table]
            values = select(table.c.entity_id, table.c.attribute_id, text_of(table.c.value).label("text")).where(
                table.c.entity_id.in_(keys), table.c.attribute_id.in_(numbers)
            )
            for key, number, text in connection.execute(values):
                found[key][codes[number]] = text
        return [tuple(found[key].get(code) for code in attributes) for key in keys if key in found]


def _each(conditions: Sequence[Condition | AnyOf]) -> Iterator[Condition]:
    for each in conditions:
        yield from (each,) if isinstance(each, Condition) else each.conditions


def _by_key(query: Select[Any], key: ColumnElement[int]) -> _Keys:
    """Keys in their order, a batch at a time."""
    return lambda connection: ([row[0] for row in rows] for rows in by_key(query, key, 0)(connection))


def _in_order(query: Select[Any]) -> _Keys:
    """Keys in any order: all are read before the first batch, since not every driver runs statements meanwhile."""

    def batches(connection: Connection) -> Iterator[Sequence[int]]:
        keys = array("Q")
        for rows in one_statement(query)(connection):
            keys.extend(row[0] for row in rows)
        for start in range(0, len(keys), ROWS_AT_ONCE):
            yield keys[start : start + ROWS_AT_ONCE].tolist()

    return batches


def _without_null(row: Row) -> Row:
    return {key: value for key, value in row.items() if value is not None}
