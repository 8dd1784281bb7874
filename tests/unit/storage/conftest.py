"""A small shop on each database, with its rows put back before every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from magento_soap.storage import Database

from .shop_rows import small_shop


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = datetime(2025, 6, 1, 12, 0, 0)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time


@pytest.fixture
def clock() -> FixedClock:
    """The database's clock."""
    return FixedClock()


@pytest.fixture(scope="session")
def shop_url(dialect: str, new_database: Callable[[str], str]) -> str:
    """A database with all tables, one for all tests of a dialect."""
    url = new_database(dialect)
    database = Database(url, "shop_")
    database.create()
    database.close()
    return url


@pytest.fixture
def database(shop_url: str, clock: FixedClock) -> Iterator[Database]:
    """The small shop."""
    database = Database(shop_url, "shop_", clock=clock)
    database.load(small_shop())
    yield database
    database.close()
