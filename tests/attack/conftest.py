"""The server under attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .target import Target, target


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The server, started once for the attacks of a module."""
    with target(demo_database, tmp_path_factory.mktemp("attacked")) as running:
        yield running
