"""JSON of requests, as strict as the standard."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class InvalidJson(ValueError):
    """Bytes that are no JSON text."""


def parse(body: bytes) -> Any:
    """The value of a JSON text in UTF-8, UTF-16 or UTF-32. Raises InvalidJson, also for NaN and lone surrogates."""
    try:
        value = json.loads(body, parse_constant=_refuse)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise InvalidJson from None
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
