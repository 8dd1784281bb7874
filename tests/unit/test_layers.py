"""Imports point one way: upstream -> protocols -> api -> sales <- storage, payments, mail."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import magento_soap

ROOT = Path(magento_soap.__file__).parent
MAY_IMPORT = {
    "sales": set[str](),
    "api": {"sales"},
    "protocols": {"api", "sales"},
    "storage": {"sales"},
    "payments": {"sales"},
    "mail": {"sales"},
    "upstream": {"api", "sales", "protocols"},
}
"""The other packages that each may import; server, cli, demo and the modules beside them may import all."""


def imported(file: Path) -> Iterator[str]:
    """The absolute name of everything that the file imports, also inside functions."""
    package = ("magento_soap", *file.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_lies_below_them(package: str) -> None:
    known = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"}
    forbidden = known - MAY_IMPORT[package] - {package, "__init__"}
    found = {
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / package).rglob("*.py")
        for name in imported(file)
        if name.startswith("magento_soap.") and name.split(".")[1] in forbidden
    }
    assert found == set()


def test_sales_imports_the_standard_library_only() -> None:
    names = {name.partition(".")[0] for file in (ROOT / "sales").rglob("*.py") for name in imported(file)}
    assert names - {"magento_soap"} <= sys.stdlib_module_names


def test_relative_imports_and_those_in_functions_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sales" / "paying" / "example.py"
    file.parent.mkdir(parents=True)
    file.write_text("from ...storage import clock\nfrom . import gateway\ndef f() -> None:\n    import lxml.etree\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    expected = {"magento_soap.storage.clock", "magento_soap.sales.paying.gateway", "lxml.etree"}
    assert set(imported(file)) == expected
