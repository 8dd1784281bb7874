"""Magento 2's ``searchCriteria``: from a query string to conditions and a page.

Groups must all hold, of the filters of a group one::

    searchCriteria[filter_groups][0][filters][0][field]=state
    searchCriteria[filter_groups][0][filters][0][value]=2
    searchCriteria[filter_groups][0][filters][0][condition_type]=eq
    searchCriteria[sort_orders][0][field]=created_at
    searchCriteria[page_size]=50
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from magento_soap.api.filters import LARGEST_PAGE, MAX_CHARACTERS, MAX_CONDITIONS, MAX_VALUES
from magento_soap.api.values import shown
from magento_soap.sales.errors import excerpt
from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page

from .errors import WebapiError
from .values import FRAMEWORK, Arguments, camel_case, each_of, integer, members, not_read, optional, required, string

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 20, 300
MAX_PARAMETERS = 1000
"""Parameters of a query string: a filter has three, a sort order two."""
MAX_LEVELS = 8
MAX_SORT_ORDERS = 5

ONE_VALUE = frozenset({"eq", "neq", "like", "nlike", "gt", "lt", "gteq", "lteq"})
SAME_AS = {"from": "gteq", "to": "lteq", "moreq": "gteq"}
SEVERAL_VALUES = frozenset({"in", "nin"})
WITHOUT_VALUE = frozenset({"null", "notnull"})

TOO_LARGE = f"Maximum SearchCriteria pageSize is {LARGEST_PAGE_SIZE}"
OUT_OF_RANGE = 'The "{}" value is invalid. A number from 1 to {} was expected. Verify and try again.'
_NAME = re.compile(r"(?P<first>[^\[\]]+)(?P<rest>(?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class SearchCriteria:
    """What a list is asked for; ``echo`` is the same as the answer repeats it."""

    conditions: tuple[Condition | AnyOf, ...]
    page: Page
    echo: dict[str, Any]


def search_criteria_of(parameters: Iterable[tuple[str, str]]) -> SearchCriteria:
    """The criteria in the parameters of a query string; without any, the first page of everything.

    Raises WebapiError and InvalidFilter.
    """
    given = camel_case(_nested(parameters)).get("searchCriteria")
    criteria = members(
        {"searchCriteria": given if isinstance(given, dict) else {}},  # "searchCriteria=" and "=all" are everything
        "searchCriteria",
        "SearchCriteriaInterface",
        *("filterGroups", "sortOrders", "pageSize", "currentPage"),
        namespace=FRAMEWORK,
    )
    groups = [
        [_condition(each) for each in _listed(group, "filters", "Filter", "field", "value", "conditionType")]
        for group in _listed(criteria, "filterGroups", "FilterGroup", "filters")
    ]
    _check_size([condition for group in groups for condition, _ in group])
    order_by = [_sort_order(each) for each in _listed(criteria, "sortOrders", "SortOrder", "field", "direction")]
    if len(order_by) > MAX_SORT_ORDERS:
        raise InvalidFilter(f"The list has more than {MAX_SORT_ORDERS} sort orders.")
    page_size, current_page = _page_size(criteria), _current_page(criteria)
    echo: dict[str, Any] = {"filter_groups": [{"filters": [written for _, written in group]} for group in groups]}
    if order_by:
        echo["sort_orders"] = [written for _, written in order_by]
    columns = tuple(column for column, _ in order_by)
    return SearchCriteria(
        conditions=tuple(_any_of([condition for condition, _ in group]) for group in groups if group),
        page=Page(page_size, current_page, columns[0] if columns else None, columns[1:]),
        echo=echo | {"page_size": page_size, "current_page": current_page},
    )


def _nested(parameters: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Parameters with names such as ``a[b][]`` as PHP nests them; only those of searchCriteria."""
    nested: dict[str, Any] = {}
    number = 0
    for name, value in parameters:
        found = _NAME.fullmatch(name.strip())
        if found is None or found["first"] not in ("searchCriteria", "search_criteria"):
            continue
        keys = [found["first"], *_KEY.findall(found["rest"])]
        number += 1
        if number > MAX_PARAMETERS or len(keys) > MAX_LEVELS:
            raise InvalidFilter("The search criteria are too long.")
        level = nested
        for key in keys[:-1]:
            inner = level.setdefault(key or str(len(level)), {})
            if not isinstance(inner, dict):
                raise not_read("searchCriteria", f'"{excerpt(name)}" is both a value and a list.')
            level = inner
        level[keys[-1] or str(len(level))] = value
    return nested


def _listed(named: Arguments, name: str, interface: str, *allowed: str) -> list[Arguments]:
    """The members of each object of a PHP array, whatever its keys."""
    value = named.get(name)
    entries = list(value.values()) if isinstance(value, dict) else value or []
    return each_of({name: entries}, name, interface, *allowed, namespace=FRAMEWORK)


def _condition(entry: Arguments) -> tuple[Condition, dict[str, Any]]:
    """A filter as a condition, and as it was written."""
    field, value = required(string, entry, "field"), optional(string, entry, "value", None)
    condition_type = optional(string, entry, "conditionType", "eq")
    written = {"field": field, "value": value, "condition_type": condition_type}
    operator = SAME_AS.get(condition_type, condition_type)
    text = value or ""
    column = column_of(field)
    if operator in WITHOUT_VALUE:
        return Condition(column, operator), written
    if operator in SEVERAL_VALUES:
        return Condition(column, operator, tuple(each.strip() for each in text.split(","))), written
    if operator == "finset":
        return Condition(column, operator, (text,)), written
    if operator not in ONE_VALUE:
        raise InvalidFilter(f'Unknown condition type "{excerpt(condition_type)}" in the filter of "{excerpt(field)}".')
    return Condition(column, operator, text), written


def _check_size(conditions: list[Condition]) -> None:
    """Raise InvalidFilter for more than a database should be asked to compare."""
    if len(conditions) > MAX_CONDITIONS:
        raise InvalidFilter(f"The filters have more than {MAX_CONDITIONS} conditions.")
    values = [
        value
        for condition in conditions
        for value in (condition.value if isinstance(condition.value, tuple) else (condition.value or "",))
    ]
    if len(values) > MAX_VALUES:
        raise InvalidFilter(f"The filters have more than {MAX_VALUES} values.")
    if any(len(value) > MAX_CHARACTERS for value in values):
        raise InvalidFilter(f"A value of the filters has more than {MAX_CHARACTERS} characters.")


def _any_of(conditions: list[Condition]) -> Condition | AnyOf:
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def _sort_order(entry: Arguments) -> tuple[str, dict[str, Any]]:
    """A sort order as ``Page.order_by`` has it, and as the answer repeats it; the default is descending."""
    field = required(string, entry, "field")
    direction = optional(string, entry, "direction", "DESC").upper()
    if direction not in ("ASC", "DESC"):
        raise InvalidFilter(f'The direction "{excerpt(direction)}" is neither ASC nor DESC.')
    column = column_of(field)
    return column if direction == "ASC" else f"-{column}", {"field": field, "direction": direction}


def _page_size(criteria: Arguments) -> int:
    size = optional(integer, criteria, "pageSize", DEFAULT_PAGE_SIZE)
    if size > LARGEST_PAGE_SIZE:
        raise WebapiError(400, TOO_LARGE)
    if size < 1:
        raise not_read("pageSize", OUT_OF_RANGE.format(shown(size), LARGEST_PAGE_SIZE))
    return size


def _current_page(criteria: Arguments) -> int:
    page = optional(integer, criteria, "currentPage", 1)
    if not 1 <= page <= LARGEST_PAGE:
        raise not_read("currentPage", OUT_OF_RANGE.format(shown(page), LARGEST_PAGE))
    return page


def column_of(field: str) -> str:
    """Magento 1's name of a field of Magento 2."""
    return field.replace("discount_tax_compensation", "hidden_tax")


def field_of(column: str) -> str:
    """Magento 2's name of a field of Magento 1."""
    return column.replace("hidden_tax", "discount_tax_compensation")
