"""The server under attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from magento_soap.demo import demo_rows
from magento_soap.storage import Database

from .target import Target, target


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop that nobody has used yet, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "shop.sqlite"
    database = Database(f"sqlite:///{path}")
    database.create()
    database.load(demo_rows())
    database.close()
    return path


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The server, started once for the attacks of a module."""
    with target(demo_database, tmp_path_factory.mktemp("attacked")) as running:
        yield running
