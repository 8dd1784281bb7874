"""What all lists share: conditions, order and page of a statement, and what the database's errors mean to a client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Engine, Integer
from sqlalchemy.exc import DBAPIError

from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page
from magento_soap.storage.connection.engine import took_too_long
from magento_soap.storage.schema.types import ExactDecimal

from .filters import DocumentFilters, all_of
from .streaming import Parts, Rows, Statement, not_kept_compiled

FEW_CONDITIONS = 10
"""Statements with more are not kept compiled: clients could fill the memory with them."""
_MYSQL_BAD_REGEXP = frozenset({1139, *range(3685, 3701)})
_POSTGRESQL_BAD_REGEXP = "2201B"

Kinds = dict[str, type[int] | type[float]]


def select_page(
    query: Statement,
    filters: DocumentFilters,
    conditions: Sequence[Condition | AnyOf],
    page: Page,
    key: ColumnElement[int],
) -> Statement:
    """The part of the query's rows that a client asks for, by ``key`` unless the page says otherwise.

    Raises InvalidFilter.
    """
    where = all_of(filters, list(conditions))
    if where is not None:
        query = query.where(where)
    for name in () if page.order_by is None else (page.order_by, *page.then_by):
        query = query.order_by(filters.sorted_by(name))
    query = query.order_by(key)
    if page.page < 1 or (page.limit is not None and page.limit < 1):
        raise InvalidFilter("Pages are counted from 1 and have at least one row.")
    return query if page.limit is None else query.limit(page.limit).offset((page.page - 1) * page.limit)


def is_by_key(page: Page) -> bool:
    """Whether the page is all rows in the order of their key, which can be read in many short statements."""
    return page.order_by is None and page.limit is None


def open_list(
    engine: Engine, parts: Parts, keys: tuple[str, ...], conditions: Sequence[Condition | AnyOf], page: Page
) -> Rows:
    """The rows of a list, the first of which have been read. Raises InvalidFilter."""
    if not may_be_kept_compiled(conditions):
        parts = not_kept_compiled(parts)
    with reported_as_filter(is_avoidable=bool(conditions) or not is_by_key(page)):
        return Rows(engine, parts, keys)


@contextmanager
def reported_as_filter(*, is_avoidable: bool) -> Iterator[None]:
    """Report what the database refuses because of the filters; ``is_avoidable``: other ones could take less time."""
    try:
        yield
    except DBAPIError as error:
        if _is_bad_regexp(error):
            raise InvalidFilter("A value is not a regular expression.") from None
        if is_avoidable and took_too_long(error):
            raise InvalidFilter("The list takes too long. Ask for less at once, such as a month.") from None
        raise


def may_be_kept_compiled(conditions: Sequence[Condition | AnyOf]) -> bool:
    """Whether a statement with these conditions may stay in memory: clients could fill it with large ones."""
    comparisons = sum(1 if isinstance(each, Condition) else len(each.conditions) for each in conditions)
    return comparisons <= FEW_CONDITIONS


def kinds_of(keyed: Iterable[tuple[str, ColumnElement[Any]]]) -> Kinds:
    """Which of these columns, by the keys that clients know, hold numbers."""
    kinds: Kinds = {}
    for key, column in keyed:
        if isinstance(column.type, Integer):
            kinds[key] = int
        elif isinstance(column.type, ExactDecimal):
            kinds[key] = float
    return kinds


def _is_bad_regexp(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) == _POSTGRESQL_BAD_REGEXP:
        return True
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and arguments[0] in _MYSQL_BAD_REGEXP
