"""Generated pages and sections are up to date, and the methods and texts that pages name are there."""

from __future__ import annotations

import re

import pytest

from docs.generate import Application, application, generated_pages, operation_of

from .pages import ROOT, pages, text_of


@pytest.fixture(scope="module")
def served() -> Application:
    return application()


def test_generated_pages_are_up_to_date() -> None:
    for page, text in generated_pages().items():
        assert page.read_text(encoding="utf-8") == text, f"{page.relative_to(ROOT)}: run make docs"


def test_the_tables_of_methods_and_faults_are_in_the_documentation() -> None:
    assert {"methods", "faults"} <= set(re.findall(r"<!-- generated: (\w+) -->", text_of("endpoints.md")))


def test_every_operation_belongs_to_a_method(served: Application) -> None:
    methods = {operation_of(resource, method) for resource, method in served.methods()}
    own = set(served.own_operations())
    for protocol in ("V1", "V2", "WS-I"):
        assert set(served.operations[protocol]) <= methods | own
    assert methods <= set(served.operations["V2"])
    assert set(served.operations["JSON-RPC"]) == own
    assert own <= set(served.operations["XML-RPC"])


def test_the_methods_that_pages_name_exist(served: Application) -> None:
    names = {
        f"{name}.{method.name}" for resource, method in served.methods() for name in (resource.name, *resource.aliases)
    }
    operations = {operation_of(resource, method) for resource, method in served.methods()}
    for page in pages():
        if page.name.startswith("add-a"):
            continue  # these add methods
        text = page.read_text(encoding="utf-8")
        for path in re.findall(r"\bsales_order_invoice\.(?!php\b)[a-zA-Z]\w*", text):
            assert path in names, f"{page.name}: {path}"
        for operation in re.findall(r"\bsalesOrder[A-Z]\w*", text):
            name = re.sub(r"Request(Param)?$", "", operation)
            assert name in operations or name.endswith("Entity"), f"{page.name}: {operation}"


@pytest.mark.parametrize("page", ["endpoints.md", "payments.md", "rest.md", "deviations.md"])
def test_the_texts_of_faults_are_those_of_the_code(page: str) -> None:
    code = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "magento_soap").rglob("*.py"))
    code = re.sub(r'"\s*\n\s*f?"', "", code)  # texts that are written over several lines
    quoted = [t for t in re.findall(r"`([A-Z][^`=<>]* [^`=<>]*\.)`", text_of(page)) if not t.endswith("...")]
    assert quoted
    for text in quoted:
        assert text in code, f"nothing says: {text}"
