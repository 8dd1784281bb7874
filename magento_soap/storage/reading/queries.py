"""Reading invoices: the database's own text, in as few statements as the answer needs (API-40..43)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Select, String, bindparam, select
from sqlalchemy.exc import DBAPIError

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, InvalidFilter, Page
from magento_soap.storage.connection.engine import restart_time_limit, took_too_long
from magento_soap.storage.connection.transactions import read, repeat_reading, told
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import ExactDecimal

from .expressions import Descending, Folded, searchable, text_of
from .filters import InvoiceFilters, all_of

ROWS_AT_ONCE = 1000
FEW_CONDITIONS = 10
"""Statements with more are not kept compiled: clients could fill the memory with them."""
LIST_KEYS = ("order_id", "increment_id", "created_at", "state", "grand_total", "order_currency_code")
_MYSQL_BAD_REGEXP = frozenset({1139, *range(3685, 3701)})
_POSTGRESQL_BAD_REGEXP = "2201B"

Parts = Callable[[Connection], Generator[Sequence[Any], None, None]]
"""What reads the rows of a list on a connection, in parts of ``ROWS_AT_ONCE``; a shorter one is the last."""
_Begun = tuple[Connection | None, Generator[Sequence[Any], None, None], Sequence[Any]]


class InvoiceReader:
    """invoicing.queries.InvoiceQueries: every answer is one snapshot."""

    def __init__(self, engine: Engine, tables: Tables) -> None:
        self._engine = engine
        self._invoice = tables["sales_flat_invoice"]
        self._order = tables["sales_flat_order"]
        self._filters = InvoiceFilters(self._invoice, self._order, engine.dialect.name)
        self._lists = {with_order: self._list_query(with_order) for with_order in (False, True)}
        self._infos = {with_addresses: _Info(tables, with_addresses) for with_addresses in (False, True)}
        self.kinds = _kinds(tables)

    def find(
        self, conditions: Sequence[Condition | AnyOf], page: Page = EVERYTHING, *, with_order: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Invoices that meet all conditions: the keys of API-42; ``order_increment_id`` and ``store_id`` on request.

        Ordered by primary key unless the page says otherwise. The query has succeeded when this returns; rows are
        fetched as they are consumed, and ``close()`` ends it early. Raises InvalidFilter.
        """
        keys, query = self._lists[with_order]
        where = all_of(self._filters, list(conditions))
        if where is not None:
            query = query.where(where)
        if page.order_by is not None:
            query = query.order_by(self._filters.sorted_by(page.order_by))
        query = query.order_by(self._invoice.c.entity_id)
        if page.page < 1 or (page.limit is not None and page.limit < 1):
            raise InvalidFilter("Pages are counted from 1 and have at least one row.")
        if page.limit is not None:
            query = query.limit(page.limit).offset((page.page - 1) * page.limit)
        by_key = page.order_by is None and page.limit is None
        try:
            parts = self._by_key(query, keys) if by_key else _streamed(query)
            if _comparisons(conditions) > FEW_CONDITIONS:
                parts = _not_kept_compiled(parts)
            return Rows(self._engine, parts, keys)
        except DBAPIError as error:
            if _is_bad_regexp(error):
                raise InvalidFilter("A value is no regular expression.") from None
            if took_too_long(error) and (conditions or not by_key):
                raise InvalidFilter("The list takes too long. Ask for less at once, such as a month.") from None
            raise

    def _by_key(self, query: Select[Any], keys: Sequence[str]) -> Parts:
        """The rows of many short statements, each of which goes on after the last key.

        A statement's time limit must not depend on how long a list is, and how fast it is read; MySQL's would.
        """
        key, position = self._invoice.c.entity_id, keys.index("invoice_id")
        query = query.limit(ROWS_AT_ONCE)

        def parts(connection: Connection) -> Generator[Sequence[Any], None, None]:
            rows = connection.execute(query).all()
            yield rows
            while len(rows) == ROWS_AT_ONCE:
                rows = connection.execute(query.where(key > int(rows[-1][position]))).all()
                yield rows

        return parts

    def info(self, increment_id: str, *, with_addresses: bool = False) -> dict[str, Any] | None:
        """The invoice with the keys of API-43 (``items`` and ``comments`` are lists of dicts), or None.

        ``with_addresses`` adds ``billing_address`` and ``shipping_address`` (dicts, or None where there is none).
        """
        if not searchable(increment_id):
            return None
        info = self._infos[with_addresses]
        return read(self._engine, lambda connection: info.read(connection, increment_id))

    def _list_query(self, with_order: bool) -> tuple[tuple[str, ...], Select[Any]]:
        invoice, order = self._invoice, self._order
        keys: tuple[str, ...] = (*LIST_KEYS, "invoice_id")
        columns = [text_of(invoice.c[key]) for key in (*LIST_KEYS, "entity_id")]
        if with_order:
            keys += ("order_increment_id", "store_id")
            columns += [order.c.increment_id, text_of(invoice.c.store_id)]
        joined = invoice.outerjoin(order, order.c.entity_id == invoice.c.order_id)
        return keys, select(*_labelled(columns)).select_from(joined)


def _streamed(query: Select[Any]) -> Parts:
    """The rows of one statement."""

    def parts(connection: Connection) -> Generator[Sequence[Any], None, None]:
        with closing(connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)) as result:
            while rows := result.fetchmany(ROWS_AT_ONCE):
                yield rows
                restart_time_limit(connection)

    return parts


def _not_kept_compiled(parts: Parts) -> Parts:
    return lambda connection: parts(connection.execution_options(compiled_cache=None))


def _comparisons(conditions: Sequence[Condition | AnyOf]) -> int:
    return sum(1 if isinstance(each, Condition) else len(each.conditions) for each in conditions)


class Rows(Iterator[dict[str, Any]]):
    """Rows of a list as dicts, fetched some at a time; the last one or ``close`` gives their connection back."""

    def __init__(self, engine: Engine, parts: Parts, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._rows: Iterator[Any]
        self._connection, self._parts, rows = self._begun(engine, parts)
        self._take(rows)

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> dict[str, Any]:
        row = next(self._rows, None)
        if row is None:
            self._fetch()
            row = next(self._rows)
        return dict(zip(self._keys, row, strict=True))

    def close(self) -> None:
        """Give the connection back; no more rows come."""
        self._rows = iter(())
        if self._connection is not None:
            self._parts.close()
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        if getattr(self, "_connection", None) is not None:
            self.close()

    @staticmethod
    def _begun(engine: Engine, parts: Parts) -> _Begun:
        def attempt() -> _Begun:
            connection = engine.connect()
            try:
                reading = parts(connection)
                return connection, reading, next(reading, ())
            except BaseException:
                connection.close()
                raise

        return repeat_reading(engine, attempt)

    def _fetch(self) -> None:
        """Fetch the next rows; the last ones give the connection back before they are read."""
        if self._connection is None:
            return
        try:
            rows = next(self._parts, ())
        except DBAPIError as error:  # rows have been read already: nothing can be repeated
            raise told(error) from error
        self._take(rows)

    def _take(self, rows: Sequence[Any]) -> None:
        if len(rows) < ROWS_AT_ONCE:
            self.close()
        self._rows = iter(rows)


class _Info:
    """The statements behind ``info``, made once."""

    def __init__(self, tables: Tables, with_addresses: bool) -> None:
        invoice, order, address = (
            tables["sales_flat_invoice"],
            tables["sales_flat_order"],
            tables["sales_flat_order_address"],
        )
        billing, shipping = address.alias("billing"), address.alias("shipping")
        header = [column for column in invoice.c if column.name != "entity_id"] + [invoice.c.entity_id]
        header += [order.c.increment_id, order.c.created_at]
        header += [billing.c.firstname, billing.c.middlename, billing.c.lastname]
        self._header_keys = (
            *(column.name for column in invoice.c if column.name != "entity_id"),
            "invoice_id",
            "order_increment_id",
            "order_created_at",
            "billing_firstname",
            "billing_middlename",
            "billing_lastname",
        )
        self._address_keys = tuple(column.name for column in address.c)
        joined = invoice.outerjoin(order, order.c.entity_id == invoice.c.order_id).outerjoin(
            billing, billing.c.entity_id == order.c.billing_address_id
        )
        columns = header
        self._with_addresses = with_addresses
        if with_addresses:
            joined = joined.outerjoin(shipping, shipping.c.entity_id == order.c.shipping_address_id)
            columns = [*header, *billing.c, *shipping.c]
        self._query = (
            select(*_labelled([text_of(column) for column in columns]))
            .select_from(joined)
            .where(Folded(invoice.c.increment_id) == Folded(bindparam("increment_id", type_=String())))
        )
        line = tables["sales_flat_invoice_item"]
        lines = []
        for column in line.c:
            if column.name != "entity_id":
                lines.append((column.name, column))
            if column.name == "base_weee_tax_applied_row_amnt":
                lines.append(("base_weee_tax_applied_row_amount", column))
        lines.append(("item_id", line.c.entity_id))
        self._line_keys, self._lines = _children(lines, line.c.parent_id)
        self._lines = self._lines.order_by(line.c.entity_id)
        comment = tables["sales_flat_invoice_comment"]
        names = ("parent_id", "is_customer_notified", "is_visible_on_front", "comment", "created_at")
        comments = [(name, comment.c[name]) for name in names] + [("comment_id", comment.c.entity_id)]
        self._comment_keys, self._comments = _children(comments, comment.c.parent_id)
        self._comments = self._comments.order_by(Descending(comment.c.created_at), comment.c.entity_id.desc())

    def read(self, connection: Connection, increment_id: str) -> dict[str, Any] | None:
        found = connection.execute(self._query, {"increment_id": increment_id}).first()
        if found is None:
            return None
        row = list(found)
        header, addresses = len(self._header_keys), len(self._address_keys)
        info: dict[str, Any] = dict(zip(self._header_keys, row, strict=False))
        parent = {"parent": int(info["invoice_id"])}
        for key, query, keys in (
            ("items", self._lines, self._line_keys),
            ("comments", self._comments, self._comment_keys),
        ):
            info[key] = [dict(zip(keys, each, strict=True)) for each in connection.execute(query, parent).all()]
        if self._with_addresses:
            info["billing_address"] = _address(self._address_keys, row[header : header + addresses])
            info["shipping_address"] = _address(self._address_keys, row[header + addresses :])
        return info


def _kinds(tables: Tables) -> dict[str, type]:
    names = ("sales_flat_order_address", "sales_flat_invoice_item", "sales_flat_invoice_comment", "sales_flat_invoice")
    kinds: dict[str, type] = {"invoice_id": int, "item_id": int, "comment_id": int}
    for column in (column for name in names for column in tables[name].c):
        if isinstance(column.type, Integer):
            kinds[column.name] = int
        elif isinstance(column.type, ExactDecimal):
            kinds[column.name] = float
            kinds[column.name.replace("_amnt", "_amount")] = float
    return kinds


def _children(columns: list[tuple[str, Column[Any]]], parent_id: Column[Any]) -> tuple[tuple[str, ...], Select[Any]]:
    query = select(*_labelled([text_of(column) for _, column in columns])).where(parent_id == bindparam("parent"))
    return tuple(key for key, _ in columns), query


def _labelled(columns: Sequence[Any]) -> list[Any]:
    """Distinct names, since joined tables share theirs; rows are read by position."""
    return [column.label(f"c{position}") for position, column in enumerate(columns)]


def _address(keys: tuple[str, ...], values: Sequence[Any]) -> dict[str, Any] | None:
    return None if values[0] is None else dict(zip(keys, values, strict=True))


def _is_bad_regexp(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) == _POSTGRESQL_BAD_REGEXP:
        return True
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and arguments[0] in _MYSQL_BAD_REGEXP
