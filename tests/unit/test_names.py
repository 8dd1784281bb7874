"""Names that were replaced by standard terms must not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import magento_soap

SOURCE = Path(magento_soap.__file__).parent
RETIRED = {
    "bury": "remove",
    "deaf": "is_input_ignored",
    "door": "endpoint",
    "doors": "endpoints, router",
    "guessed": "no_sniffing",
    "hopeless": "permanent failure",
    "letter": "mail, composed mail",
    "lifeline": "connection",
    "natively": "typed",
    "owed": "withheld",
    "patience": "max_polls",
    "story": "history comment",
    "told": "message, fault",
}
"""Words, and what to use instead."""
RETIRED_PHRASES = {"left_open": "unfinished, pending", "take_up": "resume", "left_out": "rejected, omitted"}
"""Sequences of words, and what to use instead."""


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Every name that a module defines or uses."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def words(identifier: str) -> list[str]:
    """The lower-case words of a name in snake case or camel case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def retired(identifier: str) -> dict[str, str]:
    """The retired words and phrases of a name, with their replacements."""
    parts = words(identifier)
    phrase = f"_{'_'.join(parts)}_"
    found = {word: RETIRED[word] for word in parts if word in RETIRED}
    return found | {text: better for text, better in RETIRED_PHRASES.items() if f"_{text}_" in phrase}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.relative_to(SOURCE).as_posix())
def test_identifiers_use_standard_terms(module: Path) -> None:
    names = set(identifiers(ast.parse(module.read_text(encoding="utf-8"))))
    problems = {name: found for name in sorted(names) if (found := retired(name))}
    assert not problems


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("_wsi_door", ["door"]),
        ("LeftOpen", ["left_open"]),
        ("HTTPDoors", ["doors"]),
        ("take_up", ["take_up"]),
        ("outdoor", []),
        ("history", []),
    ],
)
def test_retired_words_are_found_in_any_case(identifier: str, expected: list[str]) -> None:
    assert list(retired(identifier)) == expected
