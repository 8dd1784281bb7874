"""A keyed request may be repeated at every endpoint: it returns the first response and takes effect once."""

from __future__ import annotations

import json
import re
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event
from werkzeug.test import Client as Http

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.faults import ApiFault
from magento_soap.api.keys import hash_key
from magento_soap.app import create_api, create_app
from magento_soap.demo import demo_rows
from magento_soap.demo.gateway import DemoPay
from magento_soap.sales.payment import GatewayRequest, GatewayResult
from magento_soap.settings import Settings
from magento_soap.storage import Database

ORDER = "100000003"
PAYMENT_METHODS = {"demopay": f"{__name__}:SlowPay"}
ADDRESSING = "http://www.w3.org/2005/08/addressing"
CLIENTS = 6

Send = Callable[[Http, str, Mapping[str, str], str], str]
"""Invoices an order through an endpoint: client, session, HTTP headers, comment. Gives the number, or ``code text``."""


class SlowPay(DemoPay):
    """A gateway that responds only when the test allows it, and counts its calls."""

    asked = 0
    may_answer = Event()

    def capture(self, request: GatewayRequest) -> GatewayResult:
        SlowPay.asked += 1
        assert self.may_answer.wait(30)
        return super().capture(request)


def soap(path: str, call: str, header: str = "") -> Send:
    def send(http: Http, session: str, headers: Mapping[str, str], comment: str) -> str:
        body = call.format(session=session, order=ORDER, comment=comment)
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:Magento" '
            f'xmlns:wsa="{ADDRESSING}">{header}<e:Body>{body}</e:Body></e:Envelope>'
        )
        root = etree.fromstring(http.post(path, data=envelope, headers=dict(headers)).data)
        messages = [element.text or "" for element in root.iter("faultcode", "faultstring")]
        return " ".join(messages) or str(next(root.iter("{*}result", "{*}callReturn")).text)

    return send


def xml_rpc(http: Http, session: str, headers: Mapping[str, str], comment: str) -> str:
    body = xmlrpc.client.dumps((session, "order_invoice.create", [ORDER, [], comment]), "call")
    try:
        ((number,), _) = xmlrpc.client.loads(http.post("/api/xmlrpc", data=body, headers=dict(headers)).data)
    except xmlrpc.client.Fault as fault:
        return f"{fault.faultCode} {fault.faultString}"
    return str(number)


def json_rpc(http: Http, session: str, headers: Mapping[str, str], comment: str) -> str:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "call",
        "params": [session, "order_invoice.create", [ORDER, [], comment]],
    }
    answer = json.loads(http.post("/api/jsonrpc", json=call, headers=dict(headers)).data)
    return str(answer.get("result") or f"{answer['error']['data']['faultCode']} {answer['error']['message']}")


V1 = (
    "<m:call><sessionId>{session}</sessionId><resourcePath>order_invoice.create</resourcePath>"
    '<args xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/" enc:arrayType="enc:ur-type[3]">'
    "<item>{order}</item><item/><item>{comment}</item></args></m:call>"
)
V2 = (
    "<m:salesOrderInvoiceCreate><sessionId>{session}</sessionId><invoiceIncrementId>{order}</invoiceIncrementId>"
    "<itemsQty/><comment>{comment}</comment></m:salesOrderInvoiceCreate>"
)
V2_COMMENT = (
    "<m:salesOrderInvoiceAddComment><sessionId>{session}</sessionId><invoiceIncrementId>200000006</invoiceIncrementId>"
    "<comment>{comment}</comment></m:salesOrderInvoiceAddComment>"
)
WSI = V2.replace("m:salesOrderInvoiceCreate", "m:salesOrderInvoiceCreateRequestParam")
ENDPOINTS: dict[str, Send] = {
    "V1": soap("/api/soap", V1),
    "V2": soap("/api/v2_soap", V2),
    "WS-I": soap("/api/v2_soap_wsi", WSI),
    "XML-RPC": xml_rpc,
    "JSON-RPC": json_rpc,
}
HEADER = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
MESSAGE_ID = "<e:Header><wsa:MessageID>urn:uuid:1</wsa:MessageID></e:Header>"
ADDRESSED = {
    "V1": soap("/api/soap", V1, MESSAGE_ID),
    "V2": soap("/api/v2_soap", V2, MESSAGE_ID),
    "WS-I": soap("/api/v2_soap_wsi", WSI, MESSAGE_ID),
}


@pytest.fixture
def shop(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    database.load(demo_rows())
    SlowPay.asked = 0
    SlowPay.may_answer.clear()
    yield database
    SlowPay.may_answer.set()
    database.close()


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Iterator[tuple[Http, str, Database]]:
    """A client, a session, a shop: endpoints work alike on every database."""
    url = f"sqlite:///{tmp_path}/shop.sqlite"
    database = Database(url)
    database.create()
    database.load(demo_rows())
    settings = settings_for(url)
    session = create_api(settings, database).login(Client(), "apiUser", "apiKey")
    yield Http(create_app(settings, database)), session, database
    database.close()


def settings_for(url: str) -> Settings:
    return Settings(database_url=url, payment_methods=PAYMENT_METHODS, login_attempts=0)


def made(database: Database) -> list[str]:
    """The numbers of the order's invoices."""
    rows = database.dump(["sales_flat_invoice", "sales_flat_order"])
    (order,) = (row["entity_id"] for row in rows["sales_flat_order"] if row["increment_id"] == ORDER)
    return [row["increment_id"] for row in rows["sales_flat_invoice"] if row["order_id"] == order]


@pytest.mark.parametrize(
    ("send", "headers"),
    [pytest.param(endpoint, HEADER, id=name) for name, endpoint in ENDPOINTS.items()]
    + [pytest.param(endpoint, {}, id=f"{name} MessageID") for name, endpoint in ADDRESSED.items()],
)
def test_every_endpoint_honours_the_key(
    send: Send, headers: Mapping[str, str], sqlite_shop: tuple[Http, str, Database]
) -> None:
    http, session, database = sqlite_shop
    number = send(http, session, headers, "Thank you")
    assert number.isdecimal()
    assert send(http, session, headers, "Thank you") == number
    assert made(database) == [number]
    refused = "102 This idempotency key was used for another request."
    assert send(http, session, headers, "Thanks") == refused


def test_without_a_key_the_same_call_is_another_one(sqlite_shop: tuple[Http, str, Database]) -> None:
    http, session, _ = sqlite_shop
    ENDPOINTS["V2"](http, session, {}, "Thank you")
    assert ENDPOINTS["V2"](http, session, {}, "Thank you") == "102 Cannot do invoice for order."


@pytest.mark.parametrize("first", ENDPOINTS)
def test_the_same_request_is_recognized_at_another_endpoint(
    sqlite_shop: tuple[Http, str, Database], first: str
) -> None:
    http, session, database = sqlite_shop
    number = ENDPOINTS[first](http, session, HEADER, "Thank you")
    assert number.isdecimal()
    assert {
        endpoint: send(http, session, HEADER, "Thank you") for endpoint, send in ENDPOINTS.items()
    } == dict.fromkeys(ENDPOINTS, number)
    for name, send in ENDPOINTS.items():
        assert send(http, session, HEADER, "Thanks").startswith("102 This idempotency key"), name
    assert made(database) == [number]


def test_keys_are_each_users_own(sqlite_shop: tuple[Http, str, Database]) -> None:
    http, session, database = sqlite_shop
    database.accounts.add_user("other", hash_key("apiKey1"))
    database.accounts.assign_role("other", "All resources")
    other = create_api(settings_for("sqlite://"), database).login(Client(), "other", "apiKey1")
    add_comment = soap("/api/v2_soap", V2_COMMENT)
    for whose, comment in ((session, "mine"), (other, "theirs"), (session, "mine"), (other, "theirs")):
        assert add_comment(http, whose, HEADER, comment) == "true"
    rows = database.dump(["sales_flat_invoice_comment"])["sales_flat_invoice_comment"]
    assert [row["comment"] for row in rows if row["comment"] in ("mine", "theirs")] == ["mine", "theirs"]


def test_each_call_of_a_batch_has_a_key_of_its_own(sqlite_shop: tuple[Http, str, Database]) -> None:
    http, session, database = sqlite_shop
    comment = [session, "order_invoice.addComment", ["200000006", "twice in one batch"]]
    call = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": comment}
    for _ in range(2):
        answers = json.loads(http.post("/api/jsonrpc", json=[call, call | {"id": 2}], headers=HEADER).data)
        assert [answer["result"] for answer in answers] == [True, True]
    comments = database.dump(["sales_flat_invoice_comment"])["sales_flat_invoice_comment"]
    assert len([row for row in comments if row["comment"] == "twice in one batch"]) == 2


def at_once(api: Dispatcher, session: str, path: str, *arguments: Any) -> list[Any]:
    """The answers to clients who send the same request at the same time, and again on request."""
    start = Barrier(CLIENTS)

    def call(_: int) -> Any:
        start.wait()
        while True:
            try:
                return api.call(Client(idempotency_key="the same"), session, path, list(arguments))
            except ApiFault as fault:
                if not fault.message.endswith("Try again later."):  # a slow machine may take longer than anybody waits
                    return f"{fault.code} {fault.message}"

    with ThreadPoolExecutor(CLIENTS) as pool:
        if path.endswith("capture"):
            results = pool.map(call, range(CLIENTS))
            SlowPay.may_answer.set()
            return list(results)
        return list(pool.map(call, range(CLIENTS)))


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("order_invoice.create", (ORDER, [], "Thank you", 1)),
        ("order_invoice.addComment", ("200000006", "once")),
        ("order_invoice.capture", ("100000016",)),
        ("order_invoice.cancel", ("100000013",)),
    ],
)
def test_while_the_first_is_still_running_the_others_wait_for_its_answer(
    shop: Database, database_url: str, path: str, arguments: tuple[Any, ...]
) -> None:
    api = create_api(settings_for(database_url), shop)
    session = api.login(Client(), "apiUser", "apiKey")
    answers = at_once(api, session, path, *arguments)
    assert len(set(answers)) == 1, answers
    assert not str(answers[0]).startswith("10") or path.endswith("create")
    assert SlowPay.asked == (1 if path.endswith("capture") else 0)
    if path.endswith("create"):
        assert made(shop) == [answers[0]]
        assert len(shop.dump(["magento_soap_outbox"])["magento_soap_outbox"]) == 1


def test_a_key_is_locked_before_its_order(shop: Database, database_url: str) -> None:
    """Whoever did it the other way around would lock the others out, and be locked out by them."""
    locked: list[list[str]] = []

    def begun(_: Any) -> None:
        locked.append([])

    def executing(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "magento_soap_request" in statement:
            locked[-1].append("key")
        elif re.search(r"FROM \S*sales_flat_order\W", statement):
            locked[-1].append("order")

    api = create_api(settings_for(database_url), shop)
    session = api.login(Client(), "apiUser", "apiKey")
    SlowPay.may_answer.set()
    event.listen(shop.engine, "begin", begun)
    event.listen(shop.engine, "before_cursor_execute", executing)
    assert api.call(Client(idempotency_key="the same"), session, "order_invoice.capture", ["100000016"]) is True
    both = [each for each in locked if {"key", "order"} <= set(each)]
    assert len(both) == 2  # asking is written down, and what was answered
    assert [each[0] for each in both] == ["key", "key"]


def test_old_answers_are_forgotten(shop: Database, database_url: str) -> None:
    api = create_api(settings_for(database_url), shop)
    session = api.login(Client(), "apiUser", "apiKey")
    api.call(Client(idempotency_key="old"), session, "order_invoice.addComment", ["200000006", "first"])
    assert shop.forget_stored_responses() == 0
    rows = shop.dump(["magento_soap_request"])["magento_soap_request"]
    old = [row | {"created_at": "2020-01-01 00:00:00"} for row in rows]
    shop.load({"magento_soap_request": old})
    assert api.call(Client(idempotency_key="old"), session, "order_invoice.addComment", ["200000006", "second"]) is True
    shop.load({"magento_soap_request": old})
    assert shop.forget_stored_responses() == 1
    assert not shop.dump(["magento_soap_request"])["magento_soap_request"]


NOT_KEPT = "Idempotency keys cannot be kept in this database."


@pytest.fixture
def without_keys(sqlite_shop: tuple[Http, str, Database]) -> tuple[Http, str, Database]:
    """A shop without the table that keys are kept in, as an attached shop may be."""
    http, session, database = sqlite_shop
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE magento_soap_request")
    return http, session, database


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_key_that_cannot_be_kept_is_refused(without_keys: tuple[Http, str, Database], endpoint: str) -> None:
    http, session, database = without_keys
    assert ENDPOINTS[endpoint](http, session, HEADER, "Thank you") == f"102 {NOT_KEPT}"
    assert made(database) == []
    assert ENDPOINTS[endpoint](http, session, {}, "Thank you").isdecimal()


@pytest.mark.parametrize("endpoint", ADDRESSED)
def test_a_message_id_that_cannot_be_kept_is_none(without_keys: tuple[Http, str, Database], endpoint: str) -> None:
    """Some stacks send one with every call, and worked with Magento."""
    http, session, database = without_keys
    number = ADDRESSED[endpoint](http, session, {}, "Thank you")
    assert made(database) == [number]
    assert ADDRESSED[endpoint](http, session, HEADER, "Thank you") == f"102 {NOT_KEPT}"


def test_a_key_that_cannot_be_kept_is_not_implemented_in_rest(without_keys: tuple[Http, str, Database]) -> None:
    http, _, database = without_keys
    answer = http.post("/rest/V1/order/3/invoice", json={}, headers=HEADER, auth=("apiUser", "apiKey"))
    assert (answer.status_code, answer.get_json()) == (501, {"message": NOT_KEPT})
    assert made(database) == []
