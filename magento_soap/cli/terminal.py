"""Printing: results go to standard output, warnings and errors to standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.console import Console

FAILED, MISUSED = 1, 2  # exit codes

out = Console()
err = Console(stderr=True)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Print the message and end the program with that exit code."""
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def warn(message: str) -> None:
    """Print a warning; the program goes on."""
    err.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def listing(title: str, problems: Sequence[object]) -> str:
    """The title with the problems below it, one a line."""
    return "\n".join([title, *(f"  - {problem}" for problem in problems)])
