"""Many clients on one order: the rule is checked under the lock that protects it (BUG-1, BUG-2)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from magento_soap.api.budget import Budget
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.faults import ApiFault
from magento_soap.app import create_api
from magento_soap.demo import demo_rows
from magento_soap.settings import Settings
from magento_soap.storage import Database

CLIENTS = 8
HERE = Client(budget=Budget(calls=1_000_000, logins=1_000))


def shop(database_url: str) -> tuple[Dispatcher, Database, str]:
    database = Database(database_url)
    database.create()
    database.load(demo_rows())
    settings = Settings(
        database_url=database_url, payment_methods={"demopay": "magento_soap.demo.gateway:DemoPay"}, login_attempts=0
    )
    api = create_api(settings, database)
    return api, database, api.login(HERE, "apiUser", "apiKey")


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """The results of calls that start together; a fault is its code."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except ApiFault as fault:
            return fault

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_an_order_is_invoiced_once_however_many_ask(database_url: str) -> None:
    api, database, session = shop(database_url)
    create = lambda: api.call(HERE, session, "order_invoice.create", ["100000003"])  # noqa: E731
    results = at_once([create] * CLIENTS)
    refused = [r for r in results if isinstance(r, ApiFault)]
    assert [(f.code, f.message) for f in refused] == [("102", "Cannot do invoice for order.")] * (CLIENTS - 1)
    invoices = list(api.call(HERE, session, "order_invoice.list", [{"order_increment_id": "100000003"}]))
    assert len(invoices) == 1
    database.close()


def test_partial_invoices_never_add_up_to_more_than_the_order(database_url: str) -> None:
    api, database, session = shop(database_url)
    create = lambda: api.call(HERE, session, "order_invoice.create", ["200000008", {"15": 1}])  # noqa: E731
    results = at_once([create] * CLIENTS)
    made = [r for r in results if not isinstance(r, ApiFault)]
    assert made
    lines = [line for number in made for line in api.call(HERE, session, "order_invoice.info", number)["items"]]
    (ordered,) = [i["qty_ordered"] for i in demo_rows()["sales_flat_order_item"] if str(i["item_id"]) == "15"]
    assert len(made) == min(CLIENTS, int(float(ordered)))
    assert sum(float(line["qty"]) for line in lines if line["order_item_id"] == "15") == len(made)
    database.close()


def test_an_invoice_is_captured_once(database_url: str) -> None:
    api, database, session = shop(database_url)
    capture = lambda: api.call(HERE, session, "order_invoice.capture", "100000016")  # noqa: E731
    results = at_once([capture] * CLIENTS)
    assert results.count(True) == 1
    assert {r.code for r in results if r is not True} == {"104"}
    database.close()


def test_numbers_of_a_store_are_gapless(database_url: str) -> None:
    api, database, session = shop(database_url)
    open_orders = [
        order["increment_id"]
        for order in demo_rows()["sales_flat_order"]
        if order["store_id"] == 1 and order["state"] in ("new", "processing")
    ]

    def create(number: str) -> Callable[[], Any]:
        return lambda: api.call(HERE, session, "order_invoice.create", [number])

    results = at_once([create(number) for number in open_orders])
    numbers = sorted(int(r) for r in results if isinstance(r, str))
    assert len(numbers) > 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    database.close()
