"""Magento 2's InvoiceOrder through a real HTTP client, and its description fuzzed (SPEC I, seed 000).

The orders are the demo shop's: 3 is paid by check, 26 through the gateway, neither invoiced yet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
import sqlalchemy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client

from magento_soap.app import create_app
from magento_soap.demo.gateway import DemoPay
from magento_soap.protocols.rest.openapi.document import OpenApi
from magento_soap.protocols.rest.paths import REPOSITORY_PATHS
from magento_soap.sales.errors import PaymentError
from magento_soap.sales.invoicing.extensions import Extensions, OrderStates
from magento_soap.sales.order import Order
from magento_soap.sales.payment import GatewayRequest, GatewayResult
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.conftest import missing

from .conftest import copied_shop
from .rest_shop import Shop

EXAMPLES = Path(__file__).parents[2] / "examples" / "curl"
NOT_AUTHORIZED = {
    "message": "Consumer is not authorized to access %resources",
    "parameters": {"resources": "Magento_Sales::sales"},
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class DecliningPay(DemoPay):
    """A gateway that takes no money."""

    def capture(self, request: GatewayRequest) -> GatewayResult:
        raise PaymentError("The card was declined.")


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("served")
    with copied_shop(demo_database, folder) as url:
        shop = Shop(url, folder / "shop.sqlite")
        yield shop
        shop.close()


# The seed's two calls


def test_a_whole_order_offline_m2_6(shop: Shop) -> None:
    invoice = shop.row("sales_flat_invoice", entity_id=shop.invoiced(3))
    assert (invoice["order_id"], invoice["state"], invoice["email_sent"]) == (3, 2, None)  # 2: paid
    assert [line["qty"] for line in shop.rows("sales_flat_invoice_item", parent_id=invoice["entity_id"])] == [
        "1.0000",
        "3.0000",
    ]
    order = shop.row("sales_flat_order", entity_id=3)
    assert (order["state"], order["status"]) == ("processing", "processing")
    assert order["total_paid"] == order["grand_total"] == invoice["grand_total"]


def test_a_part_captured_commented_and_mailed(shop: Shop) -> None:
    entity_id = shop.invoiced(
        26,
        {
            "capture": True,
            "items": [{"order_item_id": 47, "qty": 1}],
            "notify": True,
            "appendComment": True,
            "comment": {"comment": "test_invoice", "is_visible_on_front": True},
            "arguments": {"extension_attributes": {}},
        },
        store="/all",
    )
    invoice = shop.row("sales_flat_invoice", entity_id=entity_id)
    assert (invoice["state"], invoice["email_sent"], invoice["total_qty"]) == (2, 1, "1.0000")
    assert invoice["transaction_id"].startswith("cap-")  # money moved at the gateway
    comment = shop.row("sales_flat_invoice_comment", parent_id=entity_id)
    assert (comment["comment"], comment["is_visible_on_front"], comment["is_customer_notified"]) == (
        "test_invoice",
        1,
        1,
    )
    mail = shop.row("magento_soap_outbox", entity_id=entity_id)
    assert mail["comment"] == "test_invoice"
    assert shop.row("sales_flat_order_item", item_id=47)["qty_invoiced"] == "1.0000"


def test_a_comment_stays_out_of_the_mail_unless_it_is_appended(shop: Shop) -> None:
    entity_id = shop.invoiced(5, {"notify": True, "comment": {"comment": "for us"}})
    comment = shop.row("sales_flat_invoice_comment", parent_id=entity_id)
    assert (comment["comment"], comment["is_visible_on_front"], comment["is_customer_notified"]) == ("for us", 0, 0)
    assert shop.row("magento_soap_outbox", entity_id=entity_id)["comment"] == ""


def test_offline_takes_no_money_from_the_gateway_m2_3(shop: Shop) -> None:
    invoice = shop.row("sales_flat_invoice", entity_id=shop.invoiced(29, {"capture": False}))
    assert (invoice["state"], invoice["transaction_id"]) == (2, None)


def test_a_bundle_in_camel_case(shop: Shop) -> None:
    entity_id = shop.invoiced(24, {"items": [{"orderItemId": 41, "qty": 1}], "append_comment": False})
    assert {line["order_item_id"] for line in shop.rows("sales_flat_invoice_item", parent_id=entity_id)} >= {41, 42, 43}


# Requests that are repeated


def test_the_same_request_again_is_answered_the_same(shop: Shop) -> None:
    items = [{"order_item_id": 100, "qty": 2}]
    first = shop.invoiced(39, {"items": items}, **{"Idempotency-Key": "once"})
    assert shop.invoiced(39, {"items": items}, **{"Idempotency-Key": "once"}) == first
    assert shop.row("sales_flat_order_item", item_id=100)["qty_invoiced"] == "2.0000"
    assert shop.invoiced(39, {"items": items}) != first  # without a key it is another one
    before = len(shop.rows("sales_flat_invoice", order_id=39))
    status, body = shop.answer(39, {"items": items, "notify": True}, **{"Idempotency-Key": "once"})
    assert (status, body.keys()) == (400, {"message"})
    assert len(shop.rows("sales_flat_invoice", order_id=39)) == before


def test_simultaneous_requests_of_one_key_make_one_invoice(shop: Shop) -> None:
    body, key = {"items": [{"order_item_id": 100, "qty": 1}]}, {"Idempotency-Key": "together"}
    before = len(shop.rows("sales_flat_invoice", order_id=39))
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda _: shop.answer(39, body, **key), range(4)))
    assert len({answer for _, answer in answers}) == 1, answers
    assert {status for status, _ in answers} == {200}
    assert len(shop.rows("sales_flat_invoice", order_id=39)) == before + 1


# Refusals


def test_validation_tells_everything_m2_4(shop: Shop) -> None:
    items = [{"order_item_id": 999, "qty": 1}, {"order_item_id": 20, "qty": 5}, {"order_item_id": 21, "qty": 9}]
    too_many = 'The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "{}".'
    status, body = shop.answer(10, {"items": items})
    assert (status, body) == (
        400,
        {
            "message": "Invoice Document Validation Error(s):\n"
            "The invoice contains one or more items that are not part of the original order.\n"
            + too_many.format("kanne-gruen")
            + "\n"
            + too_many.format("sencha-100")
        },
    )
    assert shop.rows("sales_flat_invoice", order_id=10) == []


@pytest.mark.parametrize(
    ("order", "body", "problem"),
    [
        (10, {"items": [{"order_item_id": 20, "qty": 0}]}, "You can't create an invoice without products."),
        (
            10,
            {"items": [{"order_item_id": 20, "qty": 0.5}]},
            'Invalid qty to invoice item "Teekanne »Grün« für Genießer"',
        ),
        (8, None, "An invoice cannot be created when an order has a status of complete."),
        (14, None, "An invoice cannot be created when an order has a status of holded."),
    ],
)
def test_what_validation_says_m2_4(shop: Shop, order: int, body: Any, problem: str) -> None:
    status, answer = shop.answer(order, body)
    assert (status, answer) == (400, {"message": f"Invoice Document Validation Error(s):\n{problem}"})


def test_no_such_order_m2_5(shop: Shop) -> None:
    assert shop.answer(424242) == (404, {"message": "Requested entity doesn't exist"})


@pytest.mark.parametrize("authorization", ["Bearer " + "0" * 64, "Bearer", "Basic YXBpVXNlcjp3cm9uZw=="])
def test_who_is_not_signed_in(shop: Shop, authorization: str) -> None:
    assert shop.answer(10, Authorization=authorization) == (401, NOT_AUTHORIZED)


def test_who_may_only_read(shop: Shop) -> None:
    assert shop.answer(10, Authorization=f"Bearer {shop.token('readonly')}") == (401, NOT_AUTHORIZED)


def test_basic_stands_in_for_a_token(shop: Shop) -> None:
    status, _ = shop.answer(424242, Authorization="Basic YXBpVXNlcjphcGlLZXk=")  # apiUser:apiKey
    assert status == 404


def test_a_token_is_a_session_of_every_endpoint(shop: Shop) -> None:
    token = shop.token()
    end: Any = {"jsonrpc": "2.0", "id": 1, "method": "endSession", "params": [token]}
    assert requests.post(f"{shop.url}/api/jsonrpc", json=end, timeout=30).json()["result"] is True
    assert shop.answer(10, Authorization=f"Bearer {token}") == (401, NOT_AUTHORIZED)


def test_the_wrong_password(shop: Shop) -> None:
    answer = shop.post("/V1/integration/admin/token", {"username": "apiUser", "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("The account sign-in was incorrect")


def test_who_may_create_but_not_capture(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    with engine.begin() as connection:
        allow = "UPDATE api_rule SET api_permission = 'allow' WHERE resource_id = 'sales/order/invoice/create'"
        connection.execute(sqlalchemy.text(allow))
    engine.dispose()
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    shop = Client(create_app(Settings(payment_methods={"demopay": "magento_soap.demo.gateway:DemoPay"}), database))
    options: Any = {"auth": ("readonly", "apiKey")}
    refused = shop.post("/rest/V1/order/26/invoice", json={"capture": True}, **options)
    assert (refused.status_code, refused.get_json()) == (401, NOT_AUTHORIZED)
    assert shop.post("/rest/V1/order/26/invoice", json={"capture": False}, **options).status_code == 200
    database.close()


def test_a_gateway_that_says_no_m2_5(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    methods = {"demopay": f"{__name__}:DecliningPay"}
    shop = Client(create_app(Settings(payment_methods=methods), database))
    answer = shop.post("/rest/V1/order/26/invoice", json={"capture": True}, auth=("apiUser", "apiKey"))
    assert (answer.status_code, answer.get_json()) == (
        400,
        {
            "message": "Could not save an invoice, see error log for details",
            "errors": [{"message": "The card was declined."}],
        },
    )
    again = shop.post("/rest/V1/order/26/invoice", json={}, auth=("apiUser", "apiKey"))
    assert again.status_code == 200  # nothing was kept of the attempt
    database.close()


class BrokenStates(OrderStates):
    """A resolver that fails, as a database may, after the invoice was computed and before it is saved."""

    def resolve(self, order: Order, shop: Any, now: Any) -> None:
        raise RuntimeError("secret detail")


def test_a_failure_is_rolled_back_and_not_explained_m2_5(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "shop.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")

    def answer(extensions: Extensions) -> Any:
        shop = Client(create_app(Settings(), database, extensions=extensions))
        key = {"Idempotency-Key": "again"}
        return shop.post("/rest/V1/order/3/invoice", json={}, headers=key, auth=("apiUser", "apiKey"))

    failed = answer(Extensions(order_state_resolver=BrokenStates()))
    assert failed.status_code == 400
    assert failed.get_json()["message"] == "Could not save an invoice, see error log for details"
    assert "reference" in failed.get_json()["errors"][0]["message"]
    assert "secret" not in failed.text
    assert answer(Extensions()).status_code == 200  # the order was left as it was, and the key is not used up
    database.close()


# The examples


def run(script: str, shop: Shop, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    for command in ("bash", "curl"):
        if shutil.which(command) is None:
            missing(f"there is no {command} command")
    settings = {**os.environ, "MAGENTO_URL": shop.url, "NO_PROXY": "127.0.0.1", **environment}
    command_line = [str(EXAMPLES / script), *arguments]
    return subprocess.run(command_line, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_curl_invoices_an_order(shop: Shop) -> None:
    done = run("rest_invoice.sh", shop, "20")
    assert done.returncode == 0, done.stderr
    assert shop.row("sales_flat_invoice", entity_id=int(done.stdout))["order_id"] == 20
    again = run("rest_invoice.sh", shop, "20")
    assert (again.returncode, again.stdout) == (1, "")
    assert "Invoice Document Validation Error(s)" in again.stderr


def test_curl_invoices_a_part_of_an_order_once(shop: Shop) -> None:
    done = [run("rest_partial_invoice.sh", shop, "1", "1", IDEMPOTENCY_KEY="curl") for _ in range(2)]
    assert [each.returncode for each in done] == [0, 0], done[0].stderr
    assert done[0].stdout == done[1].stdout
    invoice = shop.row("sales_flat_invoice", entity_id=int(done[0].stdout))
    assert (invoice["order_id"], invoice["total_qty"], invoice["email_sent"]) == (1, "1.0000", 1)


# The description, fuzzed


@pytest.fixture(scope="module")
def described(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description of a server in process, whose operations can be called."""
    path = tmp_path_factory.mktemp("fuzzed") / "shop.sqlite"
    shutil.copy(demo_database, path)
    database = Database(f"sqlite:///{path}")
    methods = {"demopay": "magento_soap.demo.gateway:DemoPay"}
    app = create_app(Settings(payment_methods=methods, login_attempts=0), database)
    # Something to refund, whichever test comes first.
    paid = Client(app).post(
        "/rest/V1/order/39/invoice",
        json={"items": [{"order_item_id": 100, "qty": 200}]},
        auth=("apiUser", "apiKey"),
    )
    assert paid.status_code == 200
    yield schemathesis.openapi.from_wsgi("/rest/all/schema?services=salesInvoiceOrderV1", app)
    database.close()


OPERATIONS = [
    (path, method.upper())
    for path, methods in OpenApi(REPOSITORY_PATHS).description("http", "localhost", "/rest")["paths"].items()
    for method in methods
]


def fuzz(operation: Any, mode: GenerationMode, change: Callable[[Any], None] | None = None) -> set[int]:
    """Call an operation with requests that fit its description, or that do not; every answer has to fit.

    The statuses that were seen are returned.
    """
    statuses = set()

    @hypothesis.settings(max_examples=40, derandomize=True, database=None)
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if change is not None:
            change(case)
        plain = {"Accept-Encoding": "identity"}  # this client does not decompress what is larger
        answer = case.call_and_validate(checks=CHECKS, auth=("apiUser", "apiKey"), headers=plain)
        statuses.add(answer.status_code)

    ask()
    return statuses


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_breaks_the_server(described: Any, path: str, method: str, mode: GenerationMode) -> None:
    fuzz(described[path][method], mode)


@pytest.mark.parametrize("action", ["invoice", "ship", "refund"])
@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_for_an_order_breaks_the_server(described: Any, action: str, mode: GenerationMode) -> None:
    def for_an_order(case: Any) -> None:
        case.path_parameters = {"orderId": 39}
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
            case.body["items"] = [{"order_item_id": 100, "qty": 1}]  # there are 500, enough for every example
            case.body.pop("tracks", None)  # of carriers that do not exist

    statuses = fuzz(described[f"/V1/order/{{orderId}}/{action}"]["POST"], mode, for_an_order)
    if mode is GenerationMode.POSITIVE:
        assert 200 in statuses


@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_for_an_invoice_breaks_the_server(described: Any, mode: GenerationMode) -> None:
    def for_an_invoice(case: Any) -> None:
        case.path_parameters = {"invoiceId": 1}

    fuzz(described["/V1/invoice/{invoiceId}/refund"]["POST"], mode, for_an_invoice)
