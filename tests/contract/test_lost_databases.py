"""Databases that are lost while they work, and come back: nothing is done twice, and no client learns fault 1."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Timer
from typing import Any

import pytest
import sqlalchemy
from werkzeug.test import Client as Http

from magento_soap.app import create_app, open_database
from magento_soap.demo import demo_rows
from magento_soap.sales.errors import DatabaseUnavailable
from magento_soap.sales.payment import GatewayRequest, GatewayResult
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.database_proxy import Loss, Moment, Proxy
from tests.lab_payments import LabPay

from .conftest import rows_with

ORDER, ORDER_ID, INVOICE = "100000003", 3, "100000016"
UNKNOWN = "It is not known whether the call was carried out. Look before you repeat it."
AWAY = "The database cannot be reached now. Try again later."
NEW_INVOICE, JOURNAL = b"INSERT INTO sales_flat_invoice ", b"magento_soap_payment"

pytestmark = pytest.mark.parametrize(
    "dialect",
    [
        pytest.param("mysql", marks=pytest.mark.mariadb),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ],
    indirect=True,
    scope="session",
)


class CountingBank(LabPay):
    """Takes no notice of keys, and counts how often it is asked."""

    is_idempotent = False
    asked = 0

    def capture(self, request: GatewayRequest) -> GatewayResult:
        CountingBank.asked += 1
        return super().capture(request)


class Shop:
    """A server in this process, its database behind a proxy."""

    def __init__(self, url: str) -> None:
        self.direct = Database(url)
        self.direct.load(demo_rows() | {f"magento_soap_{name}": [] for name in ("outbox", "payment", "request")})
        self.proxy = Proxy(url)
        settings = Settings(
            database_url=self.proxy.url, payment_methods={"demopay": f"{__name__}:CountingBank"}, login_attempts=0
        )
        self.database = open_database(settings)
        self.http = Http(create_app(settings, self.database))
        self.session = self.call("login", "apiUser", "apiKey")["result"]

    def call(self, method: str, *params: Any, key: str | None = None) -> dict[str, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self.http.post("/api/jsonrpc", json=request, headers=headers)
        assert answer.status_code == 200
        return dict(answer.get_json())

    def method(self, name: str, *args: Any, key: str | None = None) -> dict[str, Any]:
        return self.call(f"sales_order_invoice.{name}", self.session, *args, key=key)

    def rows(self, table: str, **wanted: Any) -> list[dict[str, Any]]:
        return rows_with(self.direct, table, **wanted)


@pytest.fixture
def shop(empty_shop: str) -> Iterator[Shop]:
    CountingBank.asked = 0
    made = Shop(empty_shop)
    yield made
    made.database.close()
    made.direct.close()
    made.proxy.go_away()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_commit_of_which_nobody_knows_is_not_repeated(shop: Shop, moment: Moment) -> None:
    shop.proxy.lose(Loss(NEW_INVOICE, moment=moment))
    answer = shop.method("create", ORDER)
    assert answer["error"]["message"] == UNKNOWN
    assert answer["error"]["data"] == {"faultCode": "0", "faultName": "outcome_unknown"}
    assert shop.proxy.losses == 1
    assert len(shop.rows("sales_flat_invoice", order_id=ORDER_ID)) == (1 if moment == "after" else 0)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_with_an_idempotency_key_the_repetition_finds_out(shop: Shop, moment: Moment) -> None:
    shop.proxy.lose(Loss(NEW_INVOICE, moment=moment))
    answer = shop.method("create", ORDER, key="once")
    (invoice,) = shop.rows("sales_flat_invoice", order_id=ORDER_ID)
    assert answer["result"] == invoice["increment_id"]
    assert shop.proxy.losses == 1
    assert shop.method("create", ORDER, key="once")["result"] == invoice["increment_id"]


def test_work_that_is_lost_before_it_is_committed_is_repeated(shop: Shop) -> None:
    shop.proxy.lose(Loss(NEW_INVOICE, statement=NEW_INVOICE))
    answer = shop.method("create", ORDER)
    (invoice,) = shop.rows("sales_flat_invoice", order_id=ORDER_ID)
    assert (answer.get("result"), shop.proxy.losses) == (invoice["increment_id"], 1)


@pytest.mark.parametrize("key", [None, "once"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", [0, 1, 2], ids=["begun", "answered", "settled"])
def test_a_gateway_is_asked_once_whichever_commit_is_lost(
    shop: Shop, step: int, moment: Moment, key: str | None
) -> None:
    shop.proxy.lose(Loss(JOURNAL, moment=moment, skipped=step))
    answer = shop.method("capture", INVOICE, key=key)
    assert (answer.get("result"), shop.proxy.losses, CountingBank.asked) == (True, 1, 1), answer
    (attempt,) = shop.rows("magento_soap_payment")
    assert attempt["state"] == "settled"
    (invoice,) = shop.rows("sales_flat_invoice", increment_id=INVOICE)
    assert invoice["state"] == 2


def test_connections_that_an_administrator_ends_are_replaced(shop: Shop, dialect: str) -> None:
    shop.method("info", INVOICE)
    name = sqlalchemy.engine.make_url(shop.proxy.url).database
    with sqlalchemy.create_engine(shop.direct.engine.url, isolation_level="AUTOCOMMIT").connect() as administrator:
        if dialect == "mysql":
            query = "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> CONNECTION_ID()"
            for (number,) in administrator.exec_driver_sql(query, (name,)).all():
                administrator.exec_driver_sql(f"KILL {number}")
        else:
            query = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            )
            administrator.exec_driver_sql(query, (name,))
    assert shop.method("info", INVOICE)["result"]["increment_id"] == INVOICE
    assert "result" in shop.method("create", ORDER)
    assert len(shop.method("list")["result"]) > 1


def test_a_database_that_returns_within_seconds_is_waited_for(shop: Shop) -> None:
    calls: list[Callable[[], dict[str, Any]]] = [
        lambda: shop.method("info", INVOICE),
        lambda: shop.method("list"),
        lambda: shop.method("create", ORDER),
    ]
    for call in calls:
        shop.proxy.go_away()
        back = Timer(1, shop.proxy.come_back)
        back.start()
        assert "result" in call()
        back.join()


def test_a_list_that_is_cut_off_says_so(shop: Shop, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if dialect == "mysql":
        pytest.skip("the rows of a small shop are on their way at once")
    monkeypatch.setattr("magento_soap.storage.reading.streaming.ROWS_AT_ONCE", 2)
    rows = shop.database.queries["invoice"].find([])
    next(rows)
    shop.proxy.cut()
    with pytest.raises(DatabaseUnavailable):
        list(rows)


def test_while_a_database_is_down_clients_get_a_fault_and_soon_without_waiting(shop: Shop) -> None:
    shop.proxy.go_away()
    started = time.monotonic()
    answer = shop.method("create", ORDER)
    assert 4 < time.monotonic() - started < 15
    assert answer["error"]["message"] == AWAY
    assert answer["error"]["data"] == {"faultCode": "0", "faultName": "try_again_later"}
    started = time.monotonic()
    response = shop.http.post(
        f"/rest/V1/order/{ORDER_ID}/invoice", json={}, headers={"Authorization": f"Bearer {shop.session}"}
    )
    assert (response.status_code, response.get_json()) == (503, {"message": AWAY})
    assert int(response.headers["Retry-After"]) > 0
    assert shop.method("info", INVOICE)["error"]["message"] == AWAY
    assert shop.call("login", "apiUser", "apiKey")["error"]["message"] == AWAY
    token = shop.http.post("/rest/V1/integration/admin/token", json={"username": "apiUser", "password": "apiKey"})
    assert token.status_code == 503
    assert time.monotonic() - started < 4  # none of the four waited as the first call did
    shop.proxy.come_back()
    assert "result" in shop.method("info", INVOICE)
