"""The snippets of docs/clients.md are lines of the clients that the matrix runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "clients.md"
LINK_OR_SNIPPET = re.compile(r"\(\.\./(tests/interop/[^)]+)\)|^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def snippets() -> list[tuple[str, str]]:
    """Each snippet that is no command, with the file that is linked last before it."""
    found, source = [], ""
    for link, language, text in LINK_OR_SNIPPET.findall(DOCUMENT.read_text(encoding="utf-8")):
        source = link or source
        if text and language != "console":
            found.append((source, text))
    return found


@pytest.mark.parametrize(("source", "text"), [pytest.param(*snippet, id=snippet[0]) for snippet in snippets()])
def test_a_snippet_is_of_the_client_it_names(source: str, text: str) -> None:
    lines = iter((ROOT / source).read_text(encoding="utf-8").splitlines())
    for line in filter(str.strip, text.splitlines()):
        assert line in lines, f"not in {source}, or not there: {line}"


def test_every_client_is_named() -> None:
    named = set(re.findall(r"\.\./(tests/interop/[^)]+)", DOCUMENT.read_text(encoding="utf-8")))
    here = ROOT / "tests" / "interop"
    clients = {
        path for ending in ("php", "mjs", "pl", "cpp", "java", "cs", "py") for path in here.glob(f"[a-z]*/*.{ending}")
    }
    assert named == {path.relative_to(ROOT).as_posix() for path in clients if path.name != "__init__.py"}
