"""Many clients on one order: the rule is checked under the lock that protects it (BUG-1, BUG-2)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
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

from .conftest import rows_with

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


MANY = 32
UNITS = 40
BUSY_ORDER, BUSY_ITEM = "100000003", "5"
REFUSALS = {  # C1..C3: nothing left, not in this state, or the order is busy
    "order_invoice.create": {"102", "104"},
    "order_shipment.create": {"102"},
    "order_creditmemo.create": {"102", "104", "106"},
    "order.hold": {"103"},
    "order.unhold": {"103"},
    "order.cancel": {"103"},
}


def test_many_clients_invoice_ship_refund_hold_and_cancel_one_order(database_url: str) -> None:
    api, database, session = shop(database_url)
    rows = demo_rows()
    (item,) = (row for row in rows["sales_flat_order_item"] if str(row["item_id"]) == BUSY_ITEM)
    item["qty_ordered"] = f"{UNITS}.0000"
    database.load({"sales_flat_order_item": rows["sales_flat_order_item"]})

    def one(number: int) -> list[tuple[str, Any]]:
        """One unit is invoiced, shipped, and sometimes refunded; some clients hold and release the order."""
        unit = {BUSY_ITEM: 1}
        calls: list[tuple[str, list[Any]]] = [
            ("order_invoice.create", [BUSY_ORDER, unit]),
            ("order_shipment.create", [BUSY_ORDER, unit]),
        ]
        if number % 2:
            calls.append(("order_creditmemo.create", [BUSY_ORDER, {"qtys": unit, "shipping_amount": 0}]))
        if number % 16 == 0:
            calls = [("order.hold", [BUSY_ORDER]), ("order.unhold", [BUSY_ORDER]), *calls]
        if number == MANY - 1:
            calls.append(("order.cancel", [BUSY_ORDER]))
        results = []
        for path, args in calls:
            try:
                results.append((path, api.call(HERE, session, path, args)))
            except ApiFault as fault:
                results.append((path, fault))
        return results

    results = [each for client in at_once([partial(one, number) for number in range(MANY)]) for each in client]
    refused = [(path, fault) for path, fault in results if isinstance(fault, ApiFault)]
    assert [(path, fault.code) for path, fault in refused if fault.code not in REFUSALS[path]] == []
    done = {path for path, result in results if not isinstance(result, ApiFault)}
    assert {"order_invoice.create", "order_shipment.create"} <= done

    (order,) = rows_with(database, "sales_flat_order", increment_id=BUSY_ORDER)
    (item,) = rows_with(database, "sales_flat_order_item", item_id=int(BUSY_ITEM))
    ordered, invoiced, shipped, refunded, canceled = (
        Decimal(item[f"qty_{name}"]) for name in ("ordered", "invoiced", "shipped", "refunded", "canceled")
    )
    assert invoiced + canceled <= ordered
    assert shipped + canceled <= ordered
    assert refunded <= invoiced
    for document, qty in (("invoice", invoiced), ("shipment", shipped), ("creditmemo", refunded)):
        ids = {row["entity_id"] for row in rows_with(database, f"sales_flat_{document}", order_id=order["entity_id"])}
        lines = rows_with(database, f"sales_flat_{document}_item", order_item_id=int(BUSY_ITEM))
        assert sum(Decimal(line["qty"]) for line in lines if line["parent_id"] in ids) == qty
        grid = rows_with(database, f"sales_flat_{document}_grid", order_id=order["entity_id"])
        assert {row["entity_id"] for row in grid} == ids
    paid, returned = (Decimal(order[f"base_total_{name}"] or 0) for name in ("paid", "refunded"))
    memos = rows_with(database, "sales_flat_creditmemo", order_id=order["entity_id"])
    assert sum(Decimal(memo["base_grand_total"]) for memo in memos) == returned <= paid
    for document in ("shipment", "creditmemo"):
        documents = rows_with(database, f"sales_flat_{document}", store_id=order["store_id"])
        numbers = sorted(int(row["increment_id"]) for row in documents)
        assert numbers == list(range(100000001, 100000001 + len(numbers)))
    database.close()
