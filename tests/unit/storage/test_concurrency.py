"""Locks and repetition (design 7, BUG-1)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from magento_soap.invoicing.ports import UnitOfWork
from magento_soap.storage import Database
from magento_soap.storage.transactions import ATTEMPTS, is_passing

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
        return database.transactions.run(lambda unit: unit.increment_ids.next_invoice_id(1))

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


def test_repetition_is_bounded(database: Database) -> None:
    attempts = []

    def work(unit: UnitOfWork) -> None:
        attempts.append(unit)
        raise OperationalError("UPDATE", {}, Exception(1213, "Deadlock found"))

    with pytest.raises(OperationalError):
        database.transactions.run(work)
    assert len(attempts) == ATTEMPTS


def test_what_passes_and_what_does_not() -> None:
    def error(*arguments: object, sqlstate: str | None = None) -> DBAPIError:
        original = Exception(*arguments)
        original.sqlstate = sqlstate  # type: ignore[attr-defined]
        return DBAPIError("SELECT", {}, original)

    for passing in (error(1205), error(1213), error(1020), error("database is locked"), error("", sqlstate="40001")):
        assert is_passing(passing)
    for lasting in (error(1064), error("no such table"), error("", sqlstate="42P01"), ValueError("database is locked")):
        assert not is_passing(lasting)
