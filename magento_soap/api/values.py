"""The plain values that protocols and API exchange, and what the API reads from them.

Protocols decode a client's bytes into these values and nothing more; how a client meant them is decided here and in
``arguments`` and ``filters``, once for every protocol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Any] | dict[Any, Any] | None"

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


class Struct(dict[str, Any]):
    """A struct: what PHP decodes to an object, where a plain dict stands for PHP's array or Apache's Map."""

    __slots__ = ()


def text(value: Value) -> str:
    """A scalar as PHP writes it: None and False are "", True is "1", 100000001.0 is "100000001".

    A list or a map has no text and gives "", which names nothing: ids are scalars only (BUG-8).
    """
    if isinstance(value, str):
        return value
    if value is None or value is False or isinstance(value, (list, dict)):
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def flag(value: Value) -> bool:
    """A yes or no as clients send it: booleans, numbers, "0", "1", "true", "false", "" and null (API-32, BUG-13).

    Raises ValueError for anything else, lists and maps included.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
    raise ValueError("neither yes nor no")


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


def native(row: Mapping[str, Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    """The database's text as what it stands for, in nested rows too: columns of kind int and float are numbers."""
    return {key: _native(value, kinds.get(key), kinds) for key, value in row.items()}


def _native(value: Any, kind: type | None, kinds: Mapping[str, type]) -> Any:
    if isinstance(value, list):
        return [native(each, kinds) for each in value]
    if isinstance(value, dict):
        return native(value, kinds)
    return value if value is None or kind is None else kind(value)
