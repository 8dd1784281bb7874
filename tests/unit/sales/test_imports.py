"""The domain depends on nothing but the standard library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import magento_soap.sales

OURS = "magento_soap.sales"


def imported(file: Path) -> Iterator[str]:
    """The absolute names of the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def test_sales_imports_the_standard_library_and_itself_only() -> None:
    (folder,) = magento_soap.sales.__path__
    foreign = {
        (file.name, name)
        for file in Path(folder).rglob("*.py")
        for name in imported(file)
        if name.split(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith(f"{OURS}.")
    }
    assert not foreign
