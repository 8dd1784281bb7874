"""Escaping of text for XML, and a look at markup before it is parsed: SOAP and XML-RPC use them."""

from __future__ import annotations

import re
from collections.abc import Callable

_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
needs_escape = _SPECIAL.search
"""Returns None for text that ``escape`` would not change; hot code checks this first."""
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


_ATTRIBUTE = re.compile(rb"=\s*[\"']").finditer


def counts_more_than(limit: int, markup: bytes) -> bool:
    """Whether a document has more elements and attributes, namespace declarations among them, than ``limit``.

    Only the bytes are looked at, in an encoding whose markup has the same bytes as in ASCII: comments count as
    elements, and so does text that looks like an attribute. The answer may be yes for fewer, but is never no for more.
    """
    elements = markup.count(b"<") - markup.count(b"</")
    return elements + markup.count(b"=") > limit and elements + sum(1 for _ in _ATTRIBUTE(markup)) > limit


def document_check(root: str) -> Callable[[bytes, bytes], bool]:
    """A function that tells whether bytes can be the beginning and the end of a document with that root element.

    The name counts without its prefix. A page of HTML is no such document, nor is one whose end is missing.
    """
    misc = rb"(?:\s|<!--.*?-->|<\?.*?\?>)*"
    name = rb"(?:[\w.-]+:)?" + root.encode()
    begins = re.compile(rb"(?:\xef\xbb\xbf)?" + misc + rb"<" + name + rb"[\s>/]", re.DOTALL).match
    ends = re.compile(rb"</" + name + rb"\s*>" + misc + rb"\Z", re.DOTALL).search
    return lambda beginning, end: begins(beginning) is not None and ends(end[-_LAST_BYTES:]) is not None


_LAST_BYTES = 1024
