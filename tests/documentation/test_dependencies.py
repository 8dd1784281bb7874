"""docs/dependencies.md gives a reason for every dependency of pyproject.toml, and for nothing else."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

from .pages import ROOT, text_of

tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIRST_CELL = re.compile(r"^\| (.+?) \|", re.MULTILINE)
LINKED = re.compile(r"\[([\w-]+)\]\(")


def names(requirements: list[str]) -> set[str]:
    """The packages of a list of requirements, but for our own."""
    found = {re.match(r"[\w-]+", requirement)[0].lower() for requirement in requirements}  # type: ignore[index]
    return found - {"magento-soap"}


def sections() -> dict[str, str]:
    """The sections of the page by heading; what comes first has none."""
    first, *others = re.split(r"^## ", text_of("dependencies.md"), flags=re.MULTILINE)
    return {"": first, **{heading: text for heading, _, text in (section.partition("\n") for section in others)}}


def test_every_dependency_has_its_row() -> None:
    rows = FIRST_CELL.findall(sections()[""])
    assert {name.lower() for row in rows for name in LINKED.findall(row)} == names(PROJECT["dependencies"])


def test_every_extra_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \[([\w-]+)\]", sections()["Drivers, as extras"], re.MULTILINE)
    extras = {name: packages for name, packages in PROJECT["optional-dependencies"].items() if name != "dev"}
    assert {name: {package.lower()} for name, package in rows} == {
        name: names(packages) for name, packages in extras.items()
    }


def test_every_tool_of_development_is_named() -> None:
    rows = FIRST_CELL.findall(sections()["For development"])
    named = {name.lower() for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert named == names(PROJECT["optional-dependencies"]["dev"])
