"""Locks and repetition (design 7, BUG-1)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from magento_soap.sales.errors import DatabaseBusy, DatabaseUnavailable, OrderBeingChanged
from magento_soap.sales.ports import UnitOfWork
from magento_soap.storage import Database
from magento_soap.storage.connection.waiting import Failure, Waits, failure_of, set_waits

from .shop_rows import INVOICED_ORDER, OPEN_ORDER


def test_bug_1_the_second_one_sees_what_the_first_one_committed(database: Database) -> None:
    def add_one(_: int) -> None:
        def work(unit: UnitOfWork) -> None:
            order = unit.orders.lock(OPEN_ORDER)
            assert order is not None
            order.items[2].qty_invoiced += 1
            unit.orders.save(order)

        database.transactions.run(work)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(8)))
    items = database.dump(["sales_flat_order_item"])["sales_flat_order_item"]
    assert items[2]["qty_invoiced"] == "8.0000"


def test_db_5_parallel_first_invoices_of_a_store_get_distinct_numbers(database: Database) -> None:
    database.load({"eav_entity_store": []})

    def take(_: int) -> str:
        return database.transactions.run(lambda unit: unit.increment_ids.next("invoice", 1))

    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(take, range(8)))
    assert sorted(numbers) == [f"10000000{number}" for number in range(1, 9)]
    assert len(database.dump(["eav_entity_store"])["eav_entity_store"]) == 1


def test_a_deadlock_repeats_the_whole_unit(database: Database, dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has one write lock and no deadlocks")
    both_hold_one = threading.Barrier(2, timeout=10)
    runs = []

    def crossing(first: str, second: str) -> None:
        attempts = 0

        def work(unit: UnitOfWork) -> None:
            nonlocal attempts
            attempts += 1
            assert unit.orders.lock(first)
            if attempts == 1:
                both_hold_one.wait()
            order = unit.orders.lock(second)
            assert order is not None
            order.items[0].qty_shipped += 1
            unit.orders.save(order)

        database.transactions.run(work)
        runs.append(attempts)

    with ThreadPoolExecutor(2) as threads:
        futures = [
            threads.submit(crossing, OPEN_ORDER, INVOICED_ORDER),
            threads.submit(crossing, INVOICED_ORDER, OPEN_ORDER),
        ]
        for future in futures:
            future.result(timeout=60)
    assert sorted(runs) == [1, 2]
    items = database.dump(["sales_flat_order_item"])["sales_flat_order_item"]
    assert [Decimal(items[index]["qty_shipped"]) for index in (0, 3)] == [1, 1]


class Time:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


def failure(*arguments: object, sqlstate: str | None = None) -> DBAPIError:
    original = Exception(*arguments)
    original.sqlstate = sqlstate  # type: ignore[attr-defined]
    return OperationalError("UPDATE", {}, original)


@pytest.fixture
def passing_time(database: Database) -> Time:
    """The time that passes while the database's units wait."""
    time = Time()
    set_waits(database.engine, Waits(3, repeat_seconds=5, monotonic=time.now, pause=time.pause))
    return time


@pytest.mark.parametrize(
    ("error", "seconds", "told"),
    [
        (failure(1213, "Deadlock found"), 5, OrderBeingChanged),
        (failure("", sqlstate="40P01"), 5, OrderBeingChanged),
        (failure(1205, "Lock wait timeout exceeded"), 1.5, OrderBeingChanged),
        (failure(1047, "WSREP has not yet prepared node"), 5, DatabaseUnavailable),
        (failure(2003, "Can't connect"), 5, DatabaseUnavailable),
        (failure("", sqlstate="57P01"), 5, DatabaseUnavailable),
    ],
)
def test_work_is_repeated_for_some_seconds(
    database: Database, passing_time: Time, error: DBAPIError, seconds: float, told: type[Exception]
) -> None:
    runs = []

    def work(unit: UnitOfWork) -> None:
        runs.append(unit)
        raise error

    with pytest.raises(told):
        database.transactions.run(work)
    assert len(runs) > 6
    assert seconds <= passing_time.seconds - 1000 < seconds + 0.5


def test_a_lock_that_was_waited_for_is_not_waited_for_again(database: Database, passing_time: Time) -> None:
    runs = []

    def work(unit: UnitOfWork) -> None:
        runs.append(unit)
        passing_time.seconds += 3
        raise failure(1205, "Lock wait timeout exceeded")

    with pytest.raises(OrderBeingChanged):
        database.transactions.run(work)
    assert len(runs) == 1


def test_while_a_database_stays_away_calls_fail_at_once(database: Database, passing_time: Time) -> None:
    runs: list[float] = []
    is_away = True

    def work(_: UnitOfWork) -> None:
        runs.append(passing_time.seconds)
        if is_away:
            raise failure(2003, "Can't connect")

    with pytest.raises(DatabaseUnavailable):
        database.transactions.run(work)
    runs.clear()
    passing_time.seconds += 1
    with pytest.raises(DatabaseUnavailable):
        database.transactions.run(work)
    assert len(runs) == 1
    is_away = False
    database.transactions.run(work)
    is_away = True
    runs.clear()
    with pytest.raises(DatabaseUnavailable):
        database.transactions.run(work)
    assert len(runs) > 6


def test_after_a_quiet_hour_a_lost_connection_is_repeated_again(database: Database, passing_time: Time) -> None:
    with pytest.raises(DatabaseUnavailable):
        database.transactions.run(lambda _: _raise(failure(2003, "Can't connect")))
    passing_time.seconds += 3600
    errors = [failure(2006, "Server has gone away")]
    database.transactions.run(lambda _: _raise(errors.pop()) if errors else None)
    assert not errors


def _raise(error: Exception) -> None:
    raise error


def test_what_passes_and_what_does_not() -> None:
    for conflict in (failure(1213), failure(1020), failure("", sqlstate="40001")):
        assert failure_of(conflict) is Failure.CONFLICT
    for timeout in (failure(1205), failure("database is locked"), failure("", sqlstate="55P03")):
        assert failure_of(timeout) is Failure.LOCK_TIMEOUT
    for away in (failure(1047), failure(2013), failure("", sqlstate="57P03"), failure("", sqlstate="08006")):
        assert failure_of(away) is Failure.UNREACHABLE
    for lasting in (failure(1064), failure("no such table"), failure("", sqlstate="42P01"), ValueError("locked")):
        assert failure_of(lasting) is None


def test_only_so_many_threads_wait_for_a_lock() -> None:
    waits = Waits(3, most=2)
    with waits.for_lock(1) as first, waits.for_lock(2) as second:
        started = time.monotonic()
        with waits.for_lock(1) as third:
            assert (first, second, third) == (True, True, False)
        assert time.monotonic() - started < 2.5  # it would wait for 3 seconds
        with waits.for_lock(1, "counter", share=2) as other_kind:
            assert other_kind
        with pytest.raises(DatabaseBusy), waits.for_lock(1):
            raise failure(1205)
    with waits.for_lock(1) as again:
        assert again
    with pytest.raises(DBAPIError), waits.for_lock(1):
        raise failure(1205)


def test_while_others_come_on_everybody_has_a_turn() -> None:
    waits = Waits(3, most=1)
    waiting = threading.Barrier(2, timeout=10)

    def come_on() -> None:
        with waits.for_lock(1):
            waiting.wait()

    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(come_on)
        waiting.wait()
        with waits.for_lock(1) as may_wait:
            assert may_wait
        other.result()


def test_a_lock_that_moves_is_waited_for_longer() -> None:
    """Somebody keeps waiting while others get the same lock: then newcomers may wait, too; not so for another lock."""
    seconds = 0.0
    waits = Waits(3, most=2, monotonic=lambda: seconds)
    for key, newcomer_may_wait in ((1, True), (2, False)):
        with waits.for_lock(1):
            seconds += 1
            with waits.for_lock(key):
                pass
            patience = [wait.since for wait in waits._waiting["order"]]
            assert (patience == [seconds]) is newcomer_may_wait
