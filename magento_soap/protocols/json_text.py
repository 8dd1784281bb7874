"""Parsing of JSON requests, as strict as the standard and within bounds: JSON-RPC and REST use it."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any, NoReturn

MAX_VALUES = 200_000
"""How many values, with their names and separators, a text may have: a batch of 1,000 calls has a tenth of them."""
MAX_DEPTH = 128
MAX_DECODED_BYTES = 17_000_000
"""How much memory a text may take: Python needs four bytes for each character of a text with an emoji in it."""

_STRUCTURE = re.compile(r'"[^"]*"|[\[\]{},:]').finditer


class InvalidJson(ValueError):
    """Bytes that are not a JSON text, or one that is too large; ``str`` is the reason where one is known."""


def parse(body: bytes) -> Any:
    """The value of a JSON text in UTF-8, UTF-16 or UTF-32.

    Raises InvalidJson, also for NaN, for numbers that are too large, for lone surrogates, and for more values or levels
    than are allowed.
    """
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        _check_size(text)
        value = json.loads(text, parse_constant=_refuse, parse_float=_float)
        escapes = "\\u" in text
        del text
        if escapes:
            _refuse_surrogates(value)
    except InvalidJson:
        raise
    except (ValueError, RecursionError):
        raise InvalidJson from None
    return value


def _check_size(text: str) -> None:
    """Count the values of a text before any is built. Raises InvalidJson."""
    if sys.getsizeof(text) > MAX_DECODED_BYTES or ("\\u" in text and 4 * len(text) > MAX_DECODED_BYTES):
        raise InvalidJson("it is too long")
    levels = text.count("[") + text.count("{")
    if levels <= MAX_DEPTH and levels + text.count(",") + text.count(":") <= MAX_VALUES:
        return
    values = depth = 0
    for found in _STRUCTURE(text.replace("\\\\", "").replace('\\"', "")):  # without them a quotation mark ends a string
        match found[0]:
            case "[" | "{":
                values += 1
                depth += 1
            case "]" | "}":
                depth -= 1
            case "," | ":":
                values += 1
        if depth > MAX_DEPTH:
            raise InvalidJson("it is nested too deeply")
        if values > MAX_VALUES:
            raise InvalidJson("it has too many values")


def _refuse_surrogates(value: Any) -> None:
    """Raise ValueError for text that cannot be encoded: one half of a surrogate pair."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list):
        for each in value:
            _refuse_surrogates(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            name.encode()
            _refuse_surrogates(each)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidJson("a number is too large")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
