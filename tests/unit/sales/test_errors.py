"""How messages quote a client's words."""

from __future__ import annotations

import pytest

from magento_soap.sales.errors import excerpt


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Grüße 🍵", "Grüße 🍵"),
        ("a\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 97 + "..."),
        ("", ""),
    ],
)
def test_an_excerpt_is_short_and_printable(text: str, quoted: str) -> None:
    assert excerpt(text) == quoted
