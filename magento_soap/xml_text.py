"""Text as the content of XML elements."""

from __future__ import annotations

import re

_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
needs_escape = _SPECIAL.search
"""Something that is no None for text that ``escape`` would change: where speed counts, asking comes first."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def escape(text: str) -> str:
    """Text as element content. Characters outside XML 1.0 become the literal text ``&#N;`` (API-45)."""
    return text if needs_escape(text) is None else _SPECIAL.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ENTITIES:
        return _ENTITIES[character]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"  # half a character: text that came out of broken bytes (BUG-33)
    return f"&amp;#{ord(character)};"
