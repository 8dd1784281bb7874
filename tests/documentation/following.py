"""Follows a page that says ``Create `file`:`` before a block of code and ``Change `file`:`` before a diff."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .pages import ROOT

STEP = re.compile(r"^(Create|Change) `([^`]+)`:\n\n```(?:python|diff)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEXT_PLACE = "@@\n"


def copy_of_the_program(folder: Path) -> Path:
    """The program and the generator of the documentation, to be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("magento_soap", "docs"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    return folder


def follow(page: str, folder: Path) -> list[str]:
    """Take every step of the page in that copy; the files that were created or changed."""
    steps = STEP.findall(page)
    for action, name, code in steps:
        file = folder / name
        if action == "Create":
            assert not file.exists(), f"{name} exists already"
            file.write_text(code, encoding="utf-8")
        else:
            text = file.read_text(encoding="utf-8")
            for place in code.split(NEXT_PLACE):
                text = changed(text, place, name)
            file.write_text(text, encoding="utf-8")
    return [name for _, name, _ in steps]


def changed(text: str, diff: str, name: str) -> str:
    """The text after one place of a diff, which has to be there exactly once."""
    lines = [line if line.strip() else " \n" for line in diff.splitlines(keepends=True)]
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"{name} has {text.count(old)} times:\n{old}"
    return text.replace(old, new)


def run(script: str, folder: Path, *arguments: str) -> str:
    """What a script prints with that copy of the program."""
    command = [sys.executable, "-c", script, *arguments]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
