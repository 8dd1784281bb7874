"""What connections are set to: how long a statement may take, and when SQLite is done with a commit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page
from magento_soap.storage import Database
from magento_soap.storage.connection.engine import create_engine, took_too_long
from magento_soap.storage.connection.transactions import transact

from .shop_rows import INVOICE, small_shop

LIMIT = 0.5
FOR_SECONDS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99000000) SELECT max(i) FROM n",
    "mysql": "SELECT MAX(CONCAT(a.ID, b.ID, c.ID, d.ID)) FROM information_schema.COLLATIONS a, "
    "information_schema.COLLATIONS b, information_schema.COLLATIONS c, information_schema.COLLATIONS d",
    "postgresql": "SELECT pg_sleep(20)",
}


@pytest.fixture
def limited(shop_url: str, database: Database) -> Iterator[Database]:
    """The small shop, whose statements may take a moment only."""
    with closing(Database(shop_url, "shop_", statement_timeout=LIMIT)) as limited:
        yield limited


def ended(engine: Engine, statement: str) -> DBAPIError:
    started = time.monotonic()
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.exec_driver_sql(statement).all()
    assert LIMIT * 0.9 < time.monotonic() - started < LIMIT + 10
    return error.value


def test_a_statement_ends_after_its_time(limited: Database, dialect: str) -> None:
    for engine in (limited.engine, limited.read_engine):
        assert took_too_long(ended(engine, FOR_SECONDS[dialect]))
        with engine.connect() as connection:  # the same one: it goes back to the pool
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert limited.queries["invoice"].info(INVOICE) is not None


def test_a_change_whose_time_is_over_is_undone_and_not_tried_again(limited: Database, dialect: str) -> None:
    table = limited.tables["sales_flat_invoice"]
    attempts = []

    def work(connection: Any) -> None:
        attempts.append(1)
        connection.execute(table.update().values(state=3))
        connection.exec_driver_sql(FOR_SECONDS[dialect]).all()

    with pytest.raises(DBAPIError) as error:
        transact(limited.engine, work)
    assert took_too_long(error.value)
    assert attempts == [1]
    with limited.read_engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(table.c.state == 3)) == 0
    transact(limited.engine, lambda connection: connection.execute(table.update().values(state=3)))


def test_time_between_statements_does_not_count(limited: Database) -> None:
    with limited.engine.begin() as connection:
        for _ in range(3):
            connection.exec_driver_sql("SELECT 1")
            time.sleep(LIMIT * 0.5)
        connection.execute(limited.tables["sales_flat_invoice"].update().values(state=3))


def many_invoices(database: Database, count: int) -> None:
    template: dict[str, Any] = small_shop()["sales_flat_invoice"][0]
    rows = [template | {"entity_id": number, "increment_id": f"{number:09}"} for number in range(1, count + 1)]
    database.load({"sales_flat_invoice": rows})


@pytest.mark.parametrize(
    ("conditions", "page"),
    [
        ([AnyOf((Condition("increment_id", "regexp", "(0|1|2|3|4|5|6|7|8|9)*x"),) * 100)], Page()),
        ([], Page(order_by="grand_total")),
    ],
    ids=["filtered", "sorted"],
)
def test_a_list_that_takes_too_long_is_an_invalid_filter(
    shop_url: str, database: Database, conditions: list[Condition | AnyOf], page: Page
) -> None:
    many_invoices(database, 4000 if conditions else 16_000)  # a database that is busy looks late whose time is over
    with closing(Database(shop_url, "shop_", statement_timeout=0.001)) as limited:
        with pytest.raises(InvalidFilter, match="too long"):
            list(limited.queries["invoice"].find(conditions, page))
        assert "Checked out connections: 0" in limited.read_engine.pool.status()


@pytest.mark.parametrize("page", [Page(), Page(order_by="increment_id")], ids=["by key", "sorted"])
def test_a_list_that_is_read_slowly_is_read_to_its_end(limited: Database, database: Database, page: Page) -> None:
    many_invoices(database, 2500)
    rows = limited.queries["invoice"].find([], page)
    numbers: list[str] = []
    for row in rows:
        if not len(numbers) % 1000:
            time.sleep(LIMIT * 1.5)
        numbers.append(str(row["increment_id"]))
    assert len(numbers) == 2500


@pytest.mark.parametrize(("synchronous", "level"), [("full", 2), ("normal", 1)])
def test_sqlite_syncs_as_it_is_told(
    tmp_path_factory: pytest.TempPathFactory, synchronous: Literal["full", "normal"], level: int
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('sync') / 'shop.sqlite'}"
    engine = create_engine(url, writes=True, sqlite_synchronous=synchronous)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
    engine.dispose()


def test_sqlite_syncs_fully_unless_it_is_told_otherwise(tmp_path_factory: pytest.TempPathFactory) -> None:
    with closing(Database(f"sqlite:///{tmp_path_factory.mktemp('sync') / 'shop.sqlite'}")) as database:
        for engine in (database.engine, database.read_engine):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
