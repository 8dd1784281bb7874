"""Filters of ``list``: from the shapes that clients send to conditions (API-50..52)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import structlog

from ..invoicing.queries import AnyOf, Condition, InvalidFilter, Page
from .values import Value, flag, text

log = structlog.get_logger(__name__)

OPERATORS = frozenset({"eq", "neq", "like", "nlike", "gt", "lt", "gteq", "lteq", "regexp", "seq", "sneq"})  # API-52
RANGE = {"from": "gteq", "to": "lteq"}
LISTS = frozenset({"in", "nin", "finset"})
WITHOUT_VALUE = frozenset({"null", "notnull"})
DATE_FLAGS = frozenset({"date", "datetime"})
KNOWN = OPERATORS | RANGE.keys() | LISTS | WITHOUT_VALUE | DATE_FLAGS
LARGEST_PAGE = 10_000

Filters = tuple[list[Condition | AnyOf], Page]


def parse(filters: Value) -> Filters:
    """Conditions that must all hold, and the page asked for.

    Null, scalars and empty containers filter nothing. The reserved keys ``limit``, ``page`` and ``order_by`` are not
    columns but say which part of the list is wanted. Raises InvalidFilter (fault 101).
    """
    if not isinstance(filters, (list, dict)) or not filters:
        return [], Page()
    fields = dict(_fields(filters))
    page = Page(
        limit=_positive("limit", fields.pop("limit")) if "limit" in fields else None,
        page=_positive("page", fields.pop("page")) if "page" in fields else 1,
        order_by=text(fields.pop("order_by")) or None if "order_by" in fields else None,
    )
    return [condition for field, wanted in fields.items() for condition in _conditions(field, wanted)], page


def _positive(name: str, value: Value) -> int:
    written = text(value).strip()
    if not written.isascii() or not written.isdigit() or not 0 < int(written[:9]) <= LARGEST_PAGE:
        raise InvalidFilter(f'Invalid value "{written}" for "{name}"; a number from 1 to {LARGEST_PAGE} is expected.')
    return int(written)


def _fields(filters: list[Any] | dict[Any, Any]) -> Iterator[tuple[str, Value]]:
    """What is asked of each field; a later yield overrides an earlier one."""
    if isinstance(filters, list):
        yield from _entries(filters)
        return
    wrapped = {key: filters[key] for key in ("filter", "complex_filter") if key in filters}
    if wrapped:
        yield from _complex(wrapped.get("complex_filter"))
        yield from _entries(wrapped.get("filter"))  # the simple filter wins (API-50)
        return
    if set(filters) == {"key", "value"}:
        yield from _entries([filters])
        return
    for field, wanted in filters.items():
        yield text(field), wanted


def _entries(values: Value) -> Iterator[tuple[str, Value]]:
    """The key and value of each entry of V2's filter lists, whatever the array element was called.

    Among several, an entry without a value filters nothing, as in WS-I.
    """
    if isinstance(values, dict):
        values = [values] if "key" in values else list(values.values())
    if not isinstance(values, list):
        return
    for entry in values:
        if isinstance(entry, dict) and entry.get("key") is not None:
            value = entry.get("value")
            if value is not None or len(values) == 1:
                yield text(entry["key"]), value
        elif entry not in (None, "", {}, []):
            raise InvalidFilter("A filter entry needs a key and a value.")


def _complex(values: Value) -> Iterator[tuple[str, Value]]:
    """V2's complex filter: entries on one field are merged, the first value of an operator wins (API-50)."""
    merged: dict[str, dict[str, Value]] = {}
    for field, condition in _entries(values):
        if not isinstance(condition, dict) or condition.get("key") is None:
            raise InvalidFilter(f'The filter of "{field}" needs an operator and a value.')
        operator, value = text(condition["key"]), condition.get("value")
        if operator in LISTS and isinstance(value, str):
            value = list(value.split(","))
        merged.setdefault(field, {}).setdefault(operator, value)
    yield from merged.items()


def _conditions(field: str, wanted: Value) -> Iterator[Condition | AnyOf]:
    """The conditions on one field (API-51)."""
    if isinstance(wanted, list):
        if not wanted:
            raise InvalidFilter(f'The filter of "{field}" is empty.')
        alternatives = [list(_conditions(field, value)) for value in wanted]
        if any(len(found) != 1 or isinstance(found[0], AnyOf) for found in alternatives):
            raise InvalidFilter(f'The filter of "{field}" is nested too deeply.')
        yield AnyOf(tuple(found[0] for found in alternatives if isinstance(found[0], Condition)))
    elif isinstance(wanted, dict):
        if not wanted:
            raise InvalidFilter(f'The filter of "{field}" is empty.')
        yield from _operators(field, wanted)
    else:
        yield Condition(field, "eq", text(wanted))


def _operators(field: str, wanted: Mapping[Any, Value]) -> Iterator[Condition]:
    """A range, or the first operator of the map: Magento never looked at a second one, and connectors rely on it."""
    operators = {text(key): value for key, value in wanted.items()}
    unknown = operators.keys() - KNOWN
    if unknown or operators.keys() <= DATE_FLAGS:
        raise InvalidFilter(f'Unknown operator "{min(unknown or operators)}" in the filter of "{field}".')
    if RANGE.keys() & operators.keys():
        as_date = any(_is_set(operators.get(name)) for name in DATE_FLAGS)
        for name, operator in RANGE.items():
            if name in operators:
                bound = _single(field, name, operators[name])
                yield Condition(field, operator, _timestamp(field, bound) if as_date else bound)
        return
    used, *ignored = (name for name in operators if name not in DATE_FLAGS)
    if ignored:
        log.warning("only the first operator of a filter counts", field=field, used=used, ignored=ignored)
    if used in LISTS:
        yield Condition(field, used, _several(field, used, operators[used]))
    elif used in WITHOUT_VALUE:
        yield Condition(field, used)
    else:
        yield Condition(field, used, _single(field, used, operators[used]))


def _is_set(value: Value) -> bool:
    try:
        return flag(value)
    except ValueError:
        return True


def _single(field: str, operator: str, value: Value) -> str:
    if isinstance(value, (list, dict)):
        raise InvalidFilter(f'The operator "{operator}" of "{field}" takes one value.')
    return text(value)


def _several(field: str, operator: str, value: Value) -> tuple[str, ...]:
    values = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    if any(isinstance(v, (list, dict)) for v in values):
        raise InvalidFilter(f'The operator "{operator}" of "{field}" takes a list of values.')
    return tuple(text(v) for v in values)


def _timestamp(field: str, value: str) -> str:
    """A date as a full timestamp, a day alone as its beginning (API-51)."""
    try:
        return datetime.fromisoformat(value.strip()).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise InvalidFilter(f'"{value}" is not a date; the filter of "{field}" needs YYYY-MM-DD.') from None
