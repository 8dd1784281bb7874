"""Commands in the documentation exist with their options, and every command and option is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from magento_soap.cli import app

from .pages import ROOT, lines_of_code, pages, text_of

COMMAND = re.compile(r"(?:^|[\s/=$(])magento-soap((?: [^#`'\"]*)?)")
MAKE = re.compile(r"^(?:\$ )?make((?: [\w.=/-]+)*)(?: *#.*)?$")
OPTION = re.compile(r"--[a-z][\w-]*")
ROOT_COMMAND: Any = typer.main.get_command(app)  # of click, or of the copy that newer versions of typer bring along


def parts(command: Any) -> dict[str, Any]:
    """The commands of a group by name; none of a command that does something itself."""
    return dict(getattr(command, "commands", {}))


def commands(command: Any = ROOT_COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its path: ``db init``."""
    if not parts(command):
        yield " ".join(path), command
    for name, part in parts(command).items():
        yield from commands(part, (*path, name))


def options(command: Any) -> set[str]:
    """The long options of a command that are its own."""
    found = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    return found - {"--help", "--install-completion", "--show-completion"}


def resolved(words: list[str]) -> tuple[str, Any]:
    """The command that these words call, and its path. Raises KeyError for one that is not there."""
    command, path = ROOT_COMMAND, []
    for word in words:
        if not parts(command):
            break
        if word.startswith(("-", "[")) or word.isupper() or "=" in word:
            continue
        command = parts(command)[word]
        path.append(word)
    return " ".join(path), command


def calls(text: str) -> Iterator[list[str]]:
    """The arguments of every call of magento-soap in the code of a page."""
    for line in lines_of_code(text):
        for found in COMMAND.finditer(line):
            yield found[1].split()


def named_options(words: list[str]) -> set[str]:
    return {option for word in words for option in OPTION.findall(word)} - {"--help"}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_exist_with_their_options(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # it tells of the past, too
    for words in calls(page.read_text(encoding="utf-8")):
        path, command = resolved(words)
        unknown = named_options(words) - options(command) - options(ROOT_COMMAND)
        assert not unknown, f"magento-soap {path} has no {unknown}"


def test_the_page_of_the_command_line_has_every_command_with_its_options() -> None:
    documented: dict[str, set[str]] = {}
    for words in calls(text_of("command-line.md")):
        path, command = resolved(words)
        if not parts(command):
            documented.setdefault(path, set()).update(named_options(words))
    assert documented == {path: options(command) for path, command in commands()}


def test_the_options_before_the_command_are_documented() -> None:
    named = set(OPTION.findall(text_of("command-line.md")))
    assert options(ROOT_COMMAND) <= named


def test_make_targets_exist_and_are_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    named = {
        word
        for page in pages()
        for line in lines_of_code(page.read_text(encoding="utf-8"))
        if (found := MAKE.match(line.strip()))
        for word in found[1].split()
        if "=" not in word
    }
    assert named == set(phony.split())
