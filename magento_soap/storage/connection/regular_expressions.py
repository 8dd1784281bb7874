"""Regular expressions for SQLite, which has none of its own: RE2, whose time is linear in the text.

Python's ``re`` backtracks: a pattern that a client sends could hold a thread, and all others with it, for days.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2

_MEMORY = 1024 * 1024
"""Bytes that one pattern may take up, compiled."""


@lru_cache(maxsize=16)
def compiled(pattern: str) -> Callable[[bytes], object]:
    """The search for that pattern in UTF-8, in any case. Raises ValueError when it is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        search: Callable[[bytes], object] = re2.compile(pattern.encode(), options).search
    except re2.error:
        raise ValueError("not a regular expression") from None
    finally:
        re2.purge()  # it would remember many more of them
    return search


def regexp(pattern: str, text: str | None) -> bool | None:
    """SQL's ``text REGEXP pattern``."""
    return None if text is None else compiled(pattern)(text.encode("utf-8", "replace")) is not None
