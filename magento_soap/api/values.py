"""The plain values that protocols and API exchange, and how the API reads them.

Protocols decode a client's bytes into these values and nothing more; how a client meant them is decided here and in
``arguments`` and ``filters``, once for every protocol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import structlog

from magento_soap.sales.errors import excerpt

log = structlog.get_logger(__name__)

Value: TypeAlias = "bool | int | float | str | list[Any] | dict[Any, Any] | None"

Kinds: TypeAlias = "Mapping[str, type[int] | type[float]]"
"""The keys of a row that stand for numbers."""

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


class Struct(dict[str, Any]):
    """A struct: what PHP decodes to an object, where a plain dict stands for PHP's array or Apache's Map."""

    __slots__ = ()


def text(value: object) -> str:
    """A scalar as PHP writes it: None and False are "", True is "1", 100000001.0 is "100000001".

    A list or a map has no text and gives "".
    """
    if isinstance(value, str):
        return value
    if value is None or value is False or isinstance(value, (list, dict)):
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).upper()
    return str(value)


def identifier(value: Value) -> str:
    """The name of an order, an invoice or an item, as text; "" names nothing.

    Connectors wrap ids in lists and maps, so a container stands for the only scalar in it. Its keys never count:
    ``{"like": "1%"}`` is "1%", not an operator (BUG-8).
    """
    return text(_only_scalar(value))


def _only_scalar(value: Value) -> Value:
    """A value, or for a list or a map the one scalar in it; None when there is none, or more than one."""
    pending: list[Value] = [value]
    found: list[Value] = []
    while pending and len(found) < 2:
        each = pending.pop()
        if isinstance(each, (list, dict)):
            pending += each.values() if isinstance(each, dict) else each
        elif each is not None:
            found.append(each)
    return found[0] if len(found) == 1 else None


def flag(name: str, value: Value) -> bool:
    """Whether the flag ``name`` is set, as in PHP, but for words that say no (API-32, BUG-13).

    Any other text is true, unless it is empty, and is logged once for each name. One scalar in a list or a map stands
    for itself.
    """
    if isinstance(value, (list, dict)):
        scalar = _only_scalar(value)
        value = bool(value) if scalar is None else scalar
        if scalar is None and value:
            _log_loose_flag(name)
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word in FALSE_WORDS:
        return False
    if word not in TRUE_WORDS:
        _log_loose_flag(name)
    return True


@cache
def _log_loose_flag(name: str) -> None:
    log.warning("a flag that is neither yes nor no counts as yes", flag=name)


def shown(value: object) -> str:
    """A value as messages quote it: the beginning of its text, ``Array`` for a list or a map."""
    return "Array" if isinstance(value, (list, dict)) else excerpt(text(value))


def as_list(value: Value) -> list[Any]:
    """A PHP array as the list of its values, whatever its keys; a scalar as a list of itself, null as an empty one."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def collected(result: Any) -> Any:
    """A result with the rows of an iterator in a list."""
    return list(result) if isinstance(result, Iterator) else result


def typed(row: Mapping[str, object], kinds: Kinds) -> dict[str, object]:
    """A row with numbers in the place of text, in nested rows too: keys of kind int and float are numbers."""
    return {key: _typed(value, kinds.get(key), kinds) for key, value in row.items()}


def _typed(value: object, kind: type[int] | type[float] | None, kinds: Kinds) -> object:
    if isinstance(value, list):
        return [typed(each, kinds) for each in value]
    if isinstance(value, dict):
        return typed(value, kinds)
    return kind(value) if kind is not None and isinstance(value, str) else value
