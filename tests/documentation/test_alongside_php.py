"""docs/alongside-php.md shows the samples of examples/alongside-php as they are, each below its link."""

from __future__ import annotations

import re

from .pages import BLOCK, ROOT, text_of

SAMPLES = ROOT / "examples" / "alongside-php"
LINK = re.compile(r"\(\.\./examples/alongside-php/([^)]+)\):\n\n(?=```)")


def test_every_sample_is_shown_as_it_is() -> None:
    page = text_of("alongside-php.md")
    shown = {link[1]: block["text"] for link in LINK.finditer(page) if (block := BLOCK.match(page, link.end()))}
    assert shown == {file.name: file.read_text(encoding="utf-8") for file in SAMPLES.iterdir()}
