"""Orders that somebody else has locked, and databases that are busy or away."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest
import sqlalchemy

from magento_soap.demo import demo_rows
from magento_soap.storage import Database
from tests.conftest import NewDatabase
from tests.database_proxy import Proxy

from .target import MEGABYTE, OTHER_CLIENT, Target, envelope, target

ORDER, ORDER_ID, OTHER_ORDER = "100000003", 3, "200000008"
BEING_CHANGED = "The order is being changed by another call. Try again later."


@pytest.fixture(scope="module")
def url(dialect: str, new_database: NewDatabase) -> str:
    """A demo shop in each of the databases."""
    url = new_database(dialect)
    database = Database(url)
    database.create()
    database.load(demo_rows())
    database.close()
    return url


@pytest.fixture(scope="module")
def proxy(url: str, dialect: str) -> Iterator[Proxy | None]:
    """What is between the server and its database, so that it can be lost; nothing before SQLite."""
    if dialect == "sqlite":
        yield None
        return
    proxy = Proxy(url)
    yield proxy
    proxy.go_away()


@pytest.fixture(scope="module")
def shop(
    url: str, proxy: Proxy | None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """The server on that database."""
    database_url = proxy.url if proxy else url
    with target(demo_database, tmp_path_factory.mktemp("attacked"), database_url=database_url) as running:
        yield running


@contextlib.contextmanager
def locked(url: str, *numbers: str) -> Iterator[None]:
    """Orders that a long transaction of another program holds."""
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "BEGIN")
        for number in numbers:
            connection.exec_driver_sql(
                f"UPDATE sales_flat_order SET customer_note_notify = 1 WHERE increment_id = '{number}'"
            )
        try:
            yield
        finally:
            connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


def create(shop: Target, number: str, source: str = "127.0.0.1") -> str:
    call = (
        f"<salesOrderInvoiceCreate><sessionId>{shop.session()}</sessionId>"
        f"<invoiceIncrementId>{number}</invoiceIncrementId></salesOrderInvoiceCreate>"
    )
    return shop.post("/api/v2_soap", envelope(call), source=source)[1].decode()


def test_a_locked_order_holds_nobody_up(shop: Target, url: str) -> None:
    with shop.attacked() as cost, locked(url, ORDER), ThreadPoolExecutor(24) as clients:
        started = time.monotonic()
        answers = list(clients.map(lambda _: create(shop, ORDER), range(48)))
        took = time.monotonic() - started
    assert set(answers) == {answers[0]}
    assert "<faultcode>104</faultcode>" in answers[0]
    assert BEING_CHANGED in answers[0]
    assert took < 8
    assert cost.longest_wait < 0.2
    assert cost.processor < 2
    assert cost.memory < 64 * MEGABYTE


def test_other_orders_are_invoiced_while_several_are_locked(shop: Target, url: str, dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has one lock for everything")
    numbers = ("100000003", "100000010", "100000015", "100000020", "100000025", "100000030")
    with shop.attacked() as cost, locked(url, *numbers), ThreadPoolExecutor(24) as clients:
        refused = [clients.submit(create, shop, numbers[each % 6]) for each in range(48)]
        time.sleep(0.5)  # by now as many wait as may
        made = create(shop, OTHER_ORDER, OTHER_CLIENT)
        assert "<result" in made, made
        assert all("<faultcode>104</faultcode>" in each.result() for each in refused)
    assert cost.longest_wait < 0.2


def test_rest_says_when_to_come_back(shop: Target, url: str) -> None:
    shop.session()
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, 60)
    headers = {"Authorization": f"Bearer {shop.session()}"}
    with contextlib.closing(connection), locked(url, ORDER):
        connection.request("POST", f"/rest/V1/order/{ORDER_ID}/invoice", b"{}", headers)
        response = connection.getresponse()
        body = json.loads(response.read())
    assert (response.status, body) == (503, {"message": BEING_CHANGED})
    assert int(response.headers["Retry-After"]) > 0


def test_a_database_that_restarts_is_waited_for(shop: Target, proxy: Proxy | None) -> None:
    if proxy is None:
        pytest.skip("SQLite does not restart")
    shop.info()
    proxy.go_away()
    back = Timer(2, proxy.come_back)
    back.start()
    shop.info()
    back.join()
    assert "<result" in create(shop, ORDER)
