"""The pages of the repository, and what in them is code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NOT_OURS = {"node_modules", "build", "site-packages", "var"}

BLOCK = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Every page of Markdown that is ours."""
    found = (path for path in ROOT.rglob("*.md") if not any(p in NOT_OURS or p[0] == "." for p in _parts(path)))
    return sorted(found)


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts


def text_of(name: str) -> str:
    """The text of a page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def without_blocks(text: str) -> str:
    """A page without its blocks of code."""
    return BLOCK.sub("", text)


def lines_of_code(text: str) -> Iterator[str]:
    """The lines of every block, and every span of code between backticks."""
    for block in BLOCK.finditer(text):
        yield from block["text"].splitlines()
    yield from SPAN.findall(without_blocks(text))
