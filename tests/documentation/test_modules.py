"""The modules that the pages about the architecture name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .following import STEP
from .pages import DOCS, ROOT

MODULE = re.compile(r"`((?:\w+/)*\w+\.py|\w+(?:/\w+)*/?)`")
PACKAGES = ("api", "cli", "demo", "mail", "payments", "protocols", "sales", "server", "storage")


def modules(page: Path) -> set[str]:
    """The files and folders of the program that a page names, but for those that it adds."""
    text = page.read_text(encoding="utf-8")
    added = {name for action, name, _ in STEP.findall(text) if action == "Create"}
    named = {name.removeprefix("magento_soap/") for name in MODULE.findall(text)}
    ours = {name for name in named if "/" in name and name.split("/")[0] in PACKAGES}
    return {name for name in ours if f"magento_soap/{name}" not in added}


@pytest.mark.parametrize("page", sorted((DOCS / "architecture").glob("*.md")), ids=lambda page: page.name)
def test_the_modules_are_there(page: Path) -> None:
    missing = [name for name in modules(page) if not (ROOT / "magento_soap" / name).exists()]
    assert not missing
