"""The plain values that protocols and API exchange, and what the API reads from them.

Protocols decode a client's bytes into these values and nothing more; how a client meant them is decided here and in
``arguments`` and ``filters``, once for every protocol.
"""

from __future__ import annotations

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
