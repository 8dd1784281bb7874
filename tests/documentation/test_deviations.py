"""The numbers of docs/deviations.md: all that code and tests cite are there, in order and without gaps."""

from __future__ import annotations

import re

from .pages import ROOT, text_of

NUMBER = re.compile(r"\bBUG-(\d+)\b")
ROW = re.compile(r"^\| BUG-(\d+) \|", re.MULTILINE)


def cited() -> set[int]:
    sources = [*(ROOT / "magento_soap").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return {int(number) for path in sources for number in NUMBER.findall(path.read_text(encoding="utf-8"))}


def documented() -> set[int]:
    return {int(number) for number in NUMBER.findall(text_of("deviations.md"))}


def test_every_number_that_code_or_a_test_cites_is_documented() -> None:
    assert cited() <= documented()


def test_the_numbers_have_no_gaps() -> None:
    assert documented() == set(range(1, max(documented()) + 1))


def test_the_table_is_in_order() -> None:
    numbers = [int(number) for number in ROW.findall(text_of("deviations.md"))]
    assert numbers == sorted(set(numbers))
