"""Filters of ``list``: from the shapes that clients send to conditions (API-50..52)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from magento_soap.sales.errors import excerpt
from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page, timestamp

from .budget import Budget
from .values import Value, flag, shown, text

log = structlog.get_logger(__name__)

OPERATORS = frozenset({"eq", "neq", "like", "nlike", "gt", "lt", "gteq", "lteq", "regexp", "seq", "sneq"})  # API-52
RANGE = {"from": "gteq", "to": "lteq"}
LISTS = frozenset({"in", "nin", "finset"})
WITHOUT_VALUE = frozenset({"null", "notnull"})
DATE_FLAGS = frozenset({"date", "datetime"})
KNOWN = OPERATORS | RANGE.keys() | LISTS | WITHOUT_VALUE | DATE_FLAGS
NUMBER = re.compile("[0-9]{1,5}")
LARGEST_PAGE = 10_000

MAX_VALUES = 10_000
"""Values, names and lists in the filters of one list. Connectors ask for a few thousand ids at once."""
MAX_CONDITIONS = 100
"""Comparisons of one list, but for values of which any may be equal: those are one."""
MAX_CHARACTERS = 1000
"""Characters of one value. No column that can be filtered by holds more than 255."""
MAX_DEPTH = 16

Filters = tuple[list[Condition | AnyOf], Page]


def parse(filters: Value, budget: Budget | None = None) -> Filters:
    """Conditions that must all hold, and the page asked for.

    Nothing in any form (null, "", 0, false, empty containers) filters nothing. Any other value filters or is refused;
    it never selects every row. The reserved keys ``limit``, ``page`` and ``order_by`` are not columns but say
    which part of the list is wanted. Raises InvalidFilter (fault 101), also for more than ``MAX_VALUES`` and the like,
    and ApiFault when the whole request compares with more than its ``budget``.
    """
    size = _size(filters)
    if budget is not None:
        budget.spend_filter_values(size)
    filters = _unwrapped(filters)
    if not isinstance(filters, (list, dict)):
        if _is_empty(filters):
            return [], Page()
        raise InvalidFilter(f'Invalid filters "{shown(filters)}"; a map of fields is expected.')
    fields = dict(_fields(filters))
    page = _page(fields)
    conditions = [condition for field, wanted in fields.items() for condition in _conditions(field, wanted)]
    if sum(map(_comparisons, conditions)) > MAX_CONDITIONS:
        raise InvalidFilter(f"The filters have more than {MAX_CONDITIONS} conditions.")
    return conditions, page


def _size(filters: Value) -> int:
    """How many values there are, before anything is done with them; a text counts as what commas make of it.

    Raises InvalidFilter when there are too many, or when they are nested too deeply.
    """
    size = 0
    level: list[Any] = [filters]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                size += value.count(",")
            elif isinstance(value, (list, dict)):
                size += len(value)
                if size <= MAX_VALUES:
                    below += value.values() if isinstance(value, dict) else value
            if size > MAX_VALUES:
                raise InvalidFilter(f"The filters have more than {MAX_VALUES} values.")
        if not below:
            return size
        level = below
    raise InvalidFilter("The filters are nested too deeply.")


def _comparisons(condition: Condition | AnyOf) -> int:
    """The number of comparisons that the database makes for a condition."""
    if isinstance(condition, Condition):
        return 1
    return 1 + sum(each.operator != "eq" for each in condition.conditions)


def _page(fields: dict[str, Value]) -> Page:
    """The page asked for; takes the reserved keys away."""
    order_by = fields.pop("order_by", None)
    if isinstance(order_by, (list, dict)) and order_by:
        raise InvalidFilter('Invalid value "Array" for "order_by"; a field is expected.')
    if "page" in fields and "limit" not in fields:
        raise InvalidFilter('"page" needs a "limit".')
    return Page(
        limit=_positive("limit", fields.pop("limit")) if "limit" in fields else None,
        page=_positive("page", fields.pop("page")) if "page" in fields else 1,
        order_by=text(order_by) or None,
    )


def _positive(name: str, value: Value) -> int:
    written = text(value).strip()
    if isinstance(value, (bool, float)) or not NUMBER.fullmatch(written) or not 0 < int(written) <= LARGEST_PAGE:
        raise InvalidFilter(
            f'Invalid value "{shown(value)}" for "{name}"; a number from 1 to {LARGEST_PAGE} is expected.'
        )
    return int(written)


def _is_empty(value: Value) -> bool:
    """Whether the value is empty to PHP, or white space."""
    return value in (None, 0, "0", [], {}) or (isinstance(value, str) and not value.strip())


def _unwrapped(filters: Value) -> Value:
    """The map that is alone in a list stands for itself; other lists without what is empty in them."""
    while isinstance(filters, list):
        filters = [each for each in filters if not _is_empty(each)]
        if len(filters) != 1 or not isinstance(filters[0], (list, dict)) or "key" in filters[0]:
            break
        filters = filters[0]
    return filters


def _fields(filters: list[Any] | dict[Any, Any]) -> Iterator[tuple[str, Value]]:
    """Each field with its filter; a later yield overrides an earlier one."""
    if isinstance(filters, list):
        yield from _entries(filters)
    elif filters.keys() == {"key", "value"}:
        yield from _entries([filters])
    else:
        yield from _complex(filters.get("complex_filter"))
        yield from _entries(filters.get("filter"))  # the simple filter wins (API-50)
        for field, wanted in filters.items():
            if field not in ("filter", "complex_filter"):
                yield text(field), wanted


def _entries(values: Value) -> Iterator[tuple[str, Value]]:
    """The key and value of each entry of V2's filter lists, whatever the array element was called.

    An entry without a value filters nothing where another one does, as in WS-I.
    """
    if isinstance(values, dict):
        values = [values] if "key" in values else list(values.values())
    elif not isinstance(values, list):
        values = [values]
    entries = [entry for entry in values if not _is_empty(entry) and not _is_blank(entry)]
    if not all(map(_is_entry, entries)):
        raise InvalidFilter("A filter entry needs a key and a value.")
    for entry in [entry for entry in entries if entry.get("value") is not None] or entries:
        yield text(entry["key"]), entry.get("value")


def _is_entry(entry: Value) -> bool:
    """Whether that has a key, and a value or nothing in its place."""
    if not isinstance(entry, dict) or entry.get("key") is None:
        return False
    return entry.get("value") is not None or entry.keys() <= {"key", "value"}


def _is_blank(entry: Value) -> bool:
    """Whether that is an entry that has neither key nor value."""
    return (
        isinstance(entry, dict) and entry.get("key") is entry.get("value") is None and entry.keys() <= {"key", "value"}
    )


def _complex(values: Value) -> Iterator[tuple[str, Value]]:
    """V2's complex filter: entries on one field are merged, the first value of an operator wins (API-50)."""
    merged: dict[str, dict[str, Value]] = {}
    for field, condition in _entries(values):
        if not isinstance(condition, dict) or condition.get("key") is None:
            raise InvalidFilter(f'The filter of "{excerpt(field)}" needs an operator and a value.')
        operator, value = text(condition["key"]), condition.get("value")
        if operator in LISTS and isinstance(value, str):
            value = [*value.split(",")]
        merged.setdefault(field, {}).setdefault(operator, value)
    yield from merged.items()


def _conditions(field: str, wanted: Value) -> Iterator[Condition | AnyOf]:
    """The conditions on one field (API-51)."""
    if isinstance(wanted, list):
        if not wanted:
            raise InvalidFilter(f'The filter of "{excerpt(field)}" is empty.')
        alternatives = [[] if isinstance(value, list) else list(_conditions(field, value)) for value in wanted]
        if any(len(found) != 1 for found in alternatives):
            raise InvalidFilter(f'The filter of "{excerpt(field)}" is nested too deeply.')
        yield AnyOf(tuple(found[0] for found in alternatives if isinstance(found[0], Condition)))
    elif isinstance(wanted, dict):
        if not wanted:
            raise InvalidFilter(f'The filter of "{excerpt(field)}" is empty.')
        yield from _operators(field, wanted)
    else:
        yield Condition(field, "eq", _compared(field, wanted))


def _operators(field: str, wanted: Mapping[Any, Value]) -> Iterator[Condition]:
    """A range, or the first operator of the map: Magento never looked at a second one, and connectors rely on it."""
    operators = {text(key): value for key, value in wanted.items()}
    unknown = operators.keys() - KNOWN
    if unknown or operators.keys() <= DATE_FLAGS:
        name = excerpt(min(unknown or operators))
        raise InvalidFilter(f'Unknown operator "{name}" in the filter of "{excerpt(field)}".')
    if RANGE.keys() & operators.keys():
        as_date = any(flag(name, operators.get(name)) for name in DATE_FLAGS)
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


def _single(field: str, operator: str, value: Value) -> str:
    if isinstance(value, (list, dict)):
        raise InvalidFilter(f'The operator "{operator}" of "{excerpt(field)}" takes one value.')
    return _compared(field, value)


def _several(field: str, operator: str, value: Value) -> tuple[str, ...]:
    values = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    if any(isinstance(v, (list, dict)) for v in values):
        raise InvalidFilter(f'The operator "{operator}" of "{excerpt(field)}" takes a list of values.')
    return tuple(_compared(field, v) for v in values)


def _compared(field: str, value: Value) -> str:
    """The text to compare with."""
    written = text(value)
    if len(written) > MAX_CHARACTERS:
        raise InvalidFilter(f'A value of "{excerpt(field)}" has more than {MAX_CHARACTERS} characters.')
    return written


def _timestamp(field: str, value: str) -> str:
    """A date as a full timestamp, a day alone as its beginning (API-51)."""
    try:
        return timestamp(value)
    except ValueError:
        raise InvalidFilter(
            f'"{excerpt(value)}" is not a date; the filter of "{excerpt(field)}" needs YYYY-MM-DD.'
        ) from None
