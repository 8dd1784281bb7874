"""The plain values that protocols and API exchange, and the one place that understands how clients shape arguments."""

from __future__ import annotations

from typing import Any, Union

Value = Union[None, bool, int, float, str, list[Any], dict[Any, Any]]


class Struct(dict[str, Any]):
    """A struct: what PHP decodes to an object, where a plain dict stands for PHP's array or Apache's Map.

    The difference matters in one rule: only structs are unpacked as filters of V2 (API-50).
    """

    __slots__ = ()
