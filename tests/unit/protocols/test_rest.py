"""The REST door: paths, methods, bodies, tokens, and errors in Magento 2's form (M2-1, M2-5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV2SpecValidator, validate
from werkzeug.test import Client as Http
from werkzeug.test import TestResponse

from magento_soap.api.client import Client
from magento_soap.api.methods.webapi import WebapiServices
from magento_soap.api.methods.webapi.errors import WebapiError
from magento_soap.api.methods.webapi.repositories import KINDS
from magento_soap.protocols.rest.endpoint import RestEndpoint

INVOICE = "/rest/V1/order/7/invoice"
TOKEN = "/rest/V1/integration/admin/token"
SCHEMA = "/rest/all/schema?services=salesInvoiceOrderV1"
NOT_AUTHORIZED = "Consumer is not authorized to access %resources"
RESOURCES = {"resources": "Magento_Sales::sales"}


class Service:
    """Every service, remembering what it was asked."""

    def __init__(self) -> None:
        self.asked: Any = None

    def get_list(self, client: Client, token: str | None, parameters: Iterable[tuple[str, str]]) -> dict[str, Any]:
        self.user_of(client, token)
        return {"parameters": list(parameters)}

    def get(self, client: Client, token: str | None, document_id: str) -> dict[str, Any]:
        self.user_of(client, token)
        return {"entity_id": document_id}

    def token(self, client: Client, arguments: Mapping[str, Any]) -> str:
        self.asked = arguments
        return "a" * 32

    def user_of(self, client: Client, token: str | None) -> int:
        if not client.username and token != "good":
            raise WebapiError(401, NOT_AUTHORIZED, RESOURCES)
        return 1

    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Mapping[str, Any]) -> int:
        if "crash" in arguments:
            raise RuntimeError("secret detail")
        self.asked = (entity_id, arguments, client.idempotency_key)
        return 42


def endpoint_for(each: Any, repositories: Iterable[str] = KINDS) -> RestEndpoint:
    services = WebapiServices(each, each, each, each, each, dict.fromkeys(repositories, each))
    return RestEndpoint(services, max_body=10_000)


def post(path: str, body: bytes | str = b"{}", **headers: str) -> TestResponse:
    door = Http(endpoint_for(Service()))
    return door.post(path, data=body, headers={"Authorization": "Bearer good", **headers})


def get(path: str) -> TestResponse:
    return Http(endpoint_for(Service())).get(path, headers={"Authorization": "Bearer good"})


@pytest.mark.parametrize("prefix", ["", "/index.php"])
@pytest.mark.parametrize("store", ["", "/default", "/all", "/store_2"])
@pytest.mark.parametrize("end", ["", "/"])
def test_every_spelling_of_the_path(prefix: str, store: str, end: str) -> None:
    answer = post(f"{prefix}/rest{store}/V1/order/7/invoice{end}")
    assert (answer.status_code, answer.text) == (200, "42")
    assert answer.content_type == "application/json; charset=utf-8"
    assert post(f"{prefix}/rest{store}/V1/integration/admin/token{end}").text == f'"{"a" * 32}"'
    found = get(f"{prefix}/rest{store}/V1/orders{end}?searchCriteria[page_size]=2&x=%C3%BC&x=")
    assert found.get_json() == {"parameters": [["searchCriteria[page_size]", "2"], ["x", "ü"], ["x", ""]]}


@pytest.mark.parametrize("path", ["order/7/invoice", "order/7/ship", "order/7/refund", "invoice/7/refund"])
def test_what_creates_a_document(path: str) -> None:
    assert post(f"/rest/V1/{path}").text == "42"


@pytest.mark.parametrize(
    "path",
    ["orders", "invoices", "shipment", "creditmemo", "shipments", "creditmemos"],  # the last two as in the lists
)
def test_one_document(path: str) -> None:
    assert get(f"/rest/V1/{path}/7").get_json() == {"entity_id": "7"}
    refused = Http(endpoint_for(Service())).get(f"/rest/V1/{path}/7", headers={"Authorization": "Bearer bad"})
    assert (refused.status_code, refused.get_json()["message"]) == (401, NOT_AUTHORIZED)


@pytest.mark.parametrize("path", ["orders", "invoices", "shipments", "creditmemos"])
def test_a_list_of_documents(path: str) -> None:
    assert get(f"/rest/V1/{path}").get_json() == {"parameters": []}


def test_documents_that_cannot_be_read_have_no_route() -> None:
    endpoint = Http(endpoint_for(Service(), repositories=[]))
    assert endpoint.get("/rest/V1/orders").status_code == 404
    assert "/V1/orders" not in endpoint.get("/rest/schema?services=all").get_json()["paths"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", INVOICE),
        ("PUT", INVOICE),
        ("GET", TOKEN),
        ("POST", SCHEMA),
        ("POST", "/rest/V1/order/7"),
        ("POST", "/rest/V1/orders"),
        ("GET", "/rest/V1/orders/7/items"),
        ("POST", "/rest/V1/order//invoice"),
        ("POST", "/rest/V2/order/7/invoice"),
        ("POST", "/rest/a/b/V1/order/7/invoice"),
        ("POST", "/rest//V1/order/7/invoice"),
    ],
)
def test_anything_else_has_no_route(method: str, path: str) -> None:
    answer = Http(endpoint_for(Service())).open(path, method=method)
    assert (answer.status_code, answer.get_json()) == (404, {"message": "Request does not match any route."})


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        (b"", {}),
        (b" \n", {}),
        (b"{}", {}),
        (b"[]", {}),  # json_encode(array()) of PHP
        (b'{"capture": true, "x": [null, 1.5]}', {"capture": True, "x": [None, 1.5]}),
        ('{"comment": "größer"}'.encode("utf-16"), {"comment": "größer"}),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_the_body_is_json_whatever_it_is_called(body: bytes, arguments: Any, content_type: str) -> None:
    service = Service()
    door = Http(endpoint_for(service))
    headers = {"Authorization": "bearer good", "Content-Type": content_type, "Idempotency-Key": "once"}
    assert door.post(INVOICE, data=body, headers=headers).text == "42"
    assert service.asked == ("7", arguments, "once")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"null",
        b"7",
        b'"x"',
        b"[1]",
        b'{"x": NaN}',
        b'{"x": -Infinity}',
        b'{"x": 1e999}',
        b'{"x": "\\ud800"}',
        b"\xff\xfe\xff",
        b'{"x": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 9000,
    ],
)
@pytest.mark.parametrize("path", [INVOICE, TOKEN])
def test_what_is_no_object_of_json(path: str, body: bytes) -> None:
    answer = post(path, body)
    assert (answer.status_code, answer.get_json()) == (400, {"message": "Decoding error."})


def test_a_body_that_is_too_large() -> None:
    answer = post(INVOICE, b" " * 10_001)
    assert (answer.status_code, answer.get_json()) == (413, {"message": "Content Too Large"})


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer bad", "Basic", "good", "OAuth x=y", "Token good"])
def test_without_a_good_token_m2_5(authorization: str) -> None:
    answer = post(INVOICE, b"{", Authorization=authorization)  # whose body is not even looked at
    assert (answer.status_code, answer.get_json()) == (401, {"message": NOT_AUTHORIZED, "parameters": RESOURCES})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_bug_is_told_without_its_details() -> None:
    answer = post(INVOICE, b'{"crash": 1}')
    assert answer.status_code == 500
    assert answer.get_json().keys() == {"message"}
    assert "reference" in answer.text
    assert "secret" not in answer.text


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(body: bytes) -> None:
    answer = post(INVOICE, body)
    assert answer.status_code in (200, 400)
    assert isinstance(json.loads(answer.text), (int, dict))


# The description


@pytest.mark.parametrize("path", ["/rest/schema", "/rest/all/schema", "/index.php/rest/default/schema"])
def test_the_description_is_valid_and_names_its_address(path: str) -> None:
    door = Http(endpoint_for(Service()))
    document = door.get(f"{path}?services=salesInvoiceOrderV1", base_url="https://shop.example").get_json()
    validate(document, cls=OpenAPIV2SpecValidator)
    assert (document["schemes"], document["host"]) == (["https"], "shop.example")
    assert document["basePath"] == path.removesuffix("/schema")
    operations = {path: [each["operationId"] for each in of.values()] for path, of in document["paths"].items()}
    assert operations == {
        "/V1/order/{orderId}/invoice": ["salesInvoiceOrderV1ExecutePost"],
        "/V1/order/{orderId}/ship": ["salesShipOrderV1ExecutePost"],
        "/V1/order/{orderId}/refund": ["salesRefundOrderV1ExecutePost"],
        "/V1/invoice/{invoiceId}/refund": ["salesRefundInvoiceV1ExecutePost"],
        "/V1/orders": ["salesOrderRepositoryV1GetListGet"],
        "/V1/orders/{id}": ["salesOrderRepositoryV1GetGet"],
        "/V1/invoices": ["salesInvoiceRepositoryV1GetListGet"],
        "/V1/invoices/{id}": ["salesInvoiceRepositoryV1GetGet"],
        "/V1/shipments": ["salesShipmentRepositoryV1GetListGet"],
        "/V1/shipment/{id}": ["salesShipmentRepositoryV1GetGet"],
        "/V1/creditmemos": ["salesCreditmemoRepositoryV1GetListGet"],
        "/V1/creditmemo/{id}": ["salesCreditmemoRepositoryV1GetGet"],
        "/V1/integration/admin/token": ["integrationAdminTokenServiceV1CreateAdminAccessTokenPost"],
    }


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("", 400, {"message": "Incorrect format of request URI or Requested services are missing."}),
        ("?services=", 400, {"message": "Incorrect format of request URI or Requested services are missing."}),
        (
            "?services=salesInvoiceOrderV1,catalogProductRepositoryV1",
            404,
            {"message": 'Requested service is not available: "%1"', "parameters": {"1": "catalogProductRepositoryV1"}},
        ),
        (
            f"?services={'x' * 5000}",
            404,
            {"message": 'Requested service is not available: "%1"', "parameters": {"1": f"{'x' * 97}..."}},
        ),
    ],
)
def test_services_that_are_not_served(query: str, status: int, error: Any) -> None:
    answer = Http(endpoint_for(Service())).get(f"/rest/all/schema{query}")
    assert (answer.status_code, answer.get_json()) == (status, error)


def test_services_that_are_served() -> None:
    door = Http(endpoint_for(Service()))
    for services in ("integrationAdminTokenServiceV1", "all", "salesInvoiceOrderV1,integrationAdminTokenServiceV1"):
        assert door.get(f"/rest/schema?services={services}").get_json()["swagger"] == "2.0"
