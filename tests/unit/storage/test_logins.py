"""Failed and successful logins in the database, for all workers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from magento_soap.storage import Database
from magento_soap.storage.logins import LoginRecord, LoginsInMemory

NOW = datetime(2024, 1, 1, 12)
WINDOW = timedelta(minutes=5)
ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty shop with our own tables."""
    database = Database(database_url)
    database.create_own_tables()
    yield database
    database.close()


def test_failures_add_up_within_the_window(database: Database) -> None:
    for records in (database.logins, LoginsInMemory()):
        records.count_failure([ONE, TWO], NOW, WINDOW)
        records.count_failure([ONE], NOW + WINDOW - timedelta(seconds=1), WINDOW)
        assert records.find([ONE, TWO, "3" * 64]) == {
            ONE: LoginRecord(2, NOW + WINDOW - timedelta(seconds=1)),
            TWO: LoginRecord(1, NOW),
        }
        records.count_failure([TWO], NOW + WINDOW, WINDOW)
        assert records.find([TWO])[TWO].failures == 1


def test_a_success_forgets_the_failures_and_a_failure_does_not_forget_the_success(database: Database) -> None:
    for records in (database.logins, LoginsInMemory()):
        records.count_failure([ONE], NOW, WINDOW)
        records.succeeded(ONE, NOW + WINDOW)
        assert records.find([ONE]) == {ONE: LoginRecord(0, None, NOW + WINDOW)}
        records.count_failure([ONE], NOW + 2 * WINDOW, WINDOW)
        assert records.find([ONE]) == {ONE: LoginRecord(1, NOW + 2 * WINDOW, NOW + WINDOW)}


def test_another_worker_sees_them(database: Database, database_url: str) -> None:
    other = Database(database_url)
    database.logins.count_failure([ONE], NOW, WINDOW)
    other.logins.count_failure([ONE], NOW, WINDOW)
    assert database.logins.find([ONE])[ONE].failures == 2
    other.close()


def test_old_records_are_deleted(database: Database) -> None:
    database.logins.count_failure([ONE], NOW, WINDOW)
    database.logins.succeeded(TWO, NOW + WINDOW)
    assert database.logins.forget(NOW + timedelta(seconds=1)) == 1
    assert list(database.logins.find([ONE, TWO])) == [TWO]


def test_without_the_table_a_process_counts_by_itself(database_url: str) -> None:
    database = Database(database_url)
    database.logins.count_failure([ONE], NOW, WINDOW)
    assert database.logins.find([ONE])[ONE].failures == 1
    assert database.logins.forget(NOW + WINDOW) == 0
    database.close()


def test_memory_is_bounded() -> None:
    records = LoginsInMemory(most=10)
    records.count_failure([str(number) for number in range(100)], NOW, WINDOW)
    assert len(records.find([str(number) for number in range(100)])) == 10
