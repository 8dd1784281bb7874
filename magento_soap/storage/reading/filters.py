"""Filters of a list as SQL conditions that mean on every database what they mean in MySQL (API-51..54).

Fields are whitelisted columns, values are bound parameters. Numbers and times must be such, where MySQL would
quietly read "abc" as 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Integer,
    Numeric,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, timestamp
from magento_soap.storage.connection.regular_expressions import compiled
from magento_soap.storage.schema.types import ExactDecimal, UtcTime

from .expressions import Ascending, Descending, Folded, text_of

_NUMBER = re.compile(r"\s*(?P<number>[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?)\s*", re.ASCII)
_ZERO_DATE = re.compile(r"\s*0000-00-00(?:[ T][0-9:.]{1,20})?\s*", re.ASCII)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")
_BEFORE_ALL_TIMES = "0001-01-01 00:00:00"  # MySQL's zero date sorts before all others; not every database has it
_PATTERN_LENGTH = 255
_VALUELESS = {"null", "notnull"}
_SEVERAL = {"in", "nin", "finset"}

Compare = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]
_COMPARISONS: dict[str, Compare] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "lt": lambda column, value: column < value,
    "gteq": lambda column, value: column >= value,
    "lteq": lambda column, value: column <= value,
}


class _FoldedText(TypeDecorator[str]):
    """Text to compare with a folded column."""

    impl = String
    cache_ok = True

    def bind_expression(self, bindparam: BindParameter[str]) -> ColumnElement[str]:
        return Folded(bindparam)


class _NumberInText(TypeDecorator[Decimal]):
    """A number that SQLite reads from text as it reads its columns, and not by way of Python's floats."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def bind_expression(self, bindparam: BindParameter[Decimal]) -> ColumnElement[Decimal]:
        return cast(bindparam, Numeric())


def column_name(field: str) -> str:
    """The name of the column that a client calls so: in any case, also after ``main_table.`` (API-54)."""
    return field.strip(" ").lower().removeprefix("main_table.")


class DocumentFilters:
    """Translates conditions on the columns of one document for one database.

    ``unknown`` is the text about a field that is none of them.
    """

    def __init__(
        self, columns: Mapping[str, ColumnElement[Any]], dialect_name: str, unknown: str = 'Unknown field "{}".'
    ) -> None:
        self._columns = columns
        self._dialect = dialect_name
        self._unknown = unknown

    def column(self, field: str) -> ColumnElement[Any]:
        """The column that a client calls so. Raises InvalidFilter."""
        name = column_name(field)
        if name not in self._columns:
            raise InvalidFilter(self._unknown.format(_shown(field)))
        return self._columns[name]

    def where(self, condition: Condition | AnyOf) -> ColumnElement[bool]:
        """The condition in SQL. Raises InvalidFilter."""
        if isinstance(condition, AnyOf):
            return or_(false(), *map(self.where, _merged(condition.conditions)))
        column = self.column(condition.field)
        operator = condition.operator
        if operator in _VALUELESS:
            return column.is_(None) if operator == "null" else column.is_not(None)
        if operator in _SEVERAL:
            return self._several(column, condition)
        value = condition.value
        if isinstance(value, tuple):
            raise InvalidFilter(
                f'The operator "{_shown(operator)}" of field "{_shown(condition.field)}" takes one value.'
            )
        return self._one(column, condition, value or "")

    def sorted_by(self, order_by: str) -> ColumnElement[Any]:
        """The column to order by, descending after a ``-``; NULL is below everything. Raises InvalidFilter."""
        column = self._comparable(self.column(order_by.removeprefix("-")))
        return Descending(column) if order_by.startswith("-") else Ascending(column)

    def _several(self, column: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
        given = condition.value or ()
        values = (given,) if isinstance(given, str) else given
        if condition.operator == "finset":
            if len(values) != 1:
                raise InvalidFilter(f'The operator "finset" of field "{_shown(condition.field)}" takes one value.')
            return self._in_set(column, self._clean(condition, values[0]))
        if not values:
            return false()  # compares with NULL (API-52)
        # One parameter of SQLAlchemy's for all members: as expressions of their own they cost twenty times as much.
        operands = [self._operand(column, condition, value) for value in values]
        members = bindparam(None, operands, type_=self._operand_type(column), expanding=True)
        comparable = self._comparable(column)
        return comparable.in_(members) if condition.operator == "in" else comparable.not_in(members)

    def _one(self, column: ColumnElement[Any], condition: Condition, value: str) -> ColumnElement[bool]:
        operator = condition.operator
        if operator in ("seq", "sneq"):
            if value == "":
                return column.is_(None) if operator == "seq" else column.is_not(None)
            operator = operator[1:]
        if operator in _COMPARISONS:
            operand = literal(self._operand(column, condition, value), self._operand_type(column))
            return _COMPARISONS[operator](self._comparable(column), operand)
        if operator in ("like", "nlike"):
            found = self._like(column, self._clean(condition, value))
            return found if operator == "like" else not_(found)
        if operator == "regexp":
            return self._regexp(column, condition, self._clean(condition, value))
        raise InvalidFilter(f'Unknown operator "{_shown(operator)}".')

    def _comparable(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The column in a form that compares as in MySQL."""
        if isinstance(column.type, ExactDecimal):
            return cast(column, Numeric()) if self._dialect == "sqlite" else column
        return Folded(column) if isinstance(column.type, String) else column

    def _operand(self, column: ColumnElement[Any], condition: Condition, value: str) -> str | Decimal:
        """The value to compare the column's comparable form with."""
        text = self._clean(condition, value)
        if isinstance(column.type, ExactDecimal | Integer):
            return _number(condition, text)
        return _time(condition, text) if isinstance(column.type, UtcTime) else text

    def _operand_type(self, column: ColumnElement[Any]) -> TypeEngine[Any]:
        """How such values become parameters."""
        if isinstance(column.type, ExactDecimal | Integer):
            return _NumberInText() if self._dialect == "sqlite" else Numeric(asdecimal=True)
        return column.type if isinstance(column.type, UtcTime) else _FoldedText()

    def _clean(self, condition: Condition, text: str) -> str:
        if _NO_TEXT.search(text):
            raise _invalid(condition, "is not text")
        # MySQL refuses to compare Magento's three-byte UTF-8 with longer characters, which its columns cannot hold.
        return _BEYOND_BASIC_PLANE.sub("\ufffd", text) if self._dialect == "mysql" else text

    def _like(self, column: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
        text = text_of(column)
        if len(pattern) - len(pattern.rstrip("\\")) & 1:
            pattern += "\\"  # a last, lone escape character stands for itself
        if self._dialect == "mysql":
            return text.like(pattern)
        return func.lower(text).like(func.lower(literal(pattern, String())), escape="\\")

    def _in_set(self, column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
        text = text_of(column)
        if self._dialect == "mysql":
            return func.find_in_set(value, text) > 0
        if "," in value:
            return false()
        listed = func.lower(literal(",", String()) + text + ",")
        member = re.sub(r"([\\%_])", r"\\\1", value)
        return listed.like(func.lower(literal(f"%,{member},%", String())), escape="\\")

    def _regexp(self, column: ColumnElement[Any], condition: Condition, pattern: str) -> ColumnElement[bool]:
        if not pattern or len(pattern) > _PATTERN_LENGTH:
            raise _invalid(condition, "is not a regular expression")
        if self._dialect == "sqlite":
            try:
                compiled(pattern)
            except ValueError:
                raise _invalid(condition, "is not a regular expression") from None
        operator = "~*" if self._dialect == "postgresql" else "REGEXP"
        return text_of(column).op(operator, is_comparison=True)(literal(pattern, String()))


def _merged(alternatives: Sequence[Condition]) -> Iterator[Condition]:
    """The same alternatives, those that are values of which any may be equal as one: connectors send many."""
    equal: dict[str, list[str]] = {}
    for each in alternatives:
        if each.operator == "eq" and isinstance(each.value, str):
            equal.setdefault(each.field, []).append(each.value)
        else:
            yield each
    for field, values in equal.items():
        yield Condition(field, "in", tuple(values))


def all_of(filters: DocumentFilters, conditions: list[Condition | AnyOf]) -> ColumnElement[bool] | None:
    """All conditions joined, or None when there are none. Raises InvalidFilter."""
    return and_(*(filters.where(condition) for condition in conditions)) if conditions else None


def _number(condition: Condition, text: str) -> Decimal:
    """The number; "" is 0, as in MySQL."""
    if text == "":
        return Decimal(0)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _invalid(condition, "is not a number")
    limit = Decimal(10) ** 40
    return max(-limit, min(Decimal(match["number"]), limit))


def _time(condition: Condition, text: str) -> str:
    """The time in UTC; "" and zero dates come before every time, as in MySQL."""
    if text == "" or _ZERO_DATE.fullmatch(text):
        return _BEFORE_ALL_TIMES
    try:
        return timestamp(text)
    except ValueError:
        raise _invalid(condition, "is not a date") from None


def _invalid(condition: Condition, reason: str) -> InvalidFilter:
    return InvalidFilter(f'A value of field "{_shown(condition.field)}" {reason}.')


def _shown(name: str) -> str:
    """A client's word, short and printable."""
    return "".join(character for character in name[:64] if character.isprintable())
