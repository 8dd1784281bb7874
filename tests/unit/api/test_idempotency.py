"""What makes two requests the same: user and key, and the content as any protocol may send it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from magento_soap.api.client import Client
from magento_soap.api.idempotency import idempotency_key_of
from magento_soap.api.values import Struct
from magento_soap.sales.ports import IdempotencyKey

PATH = "sales_order_invoice.create"
NOTHING: list[Any] = [False, "", [], {}, Struct()]


def request(content: Any, *, user_id: int = 1, key: str = "k1", path: str = PATH) -> IdempotencyKey:
    made = idempotency_key_of(Client(idempotency_key=key), user_id, path, content)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"itemsQty": {15: 1}}, {"itemsQty": {"15": "1"}}),
        ({"itemsQty": {"15": "1", "16": "2"}}, {"itemsQty": {"16": "2", "15": "1"}}),
        ({"itemsQty": [{"order_item_id": 15, "qty": 1}]}, {"itemsQty": [Struct(qty="1", order_item_id="15")]}),
        ({"quantities": {15: Decimal("1.5")}}, {"quantities": {15: "1.5"}}),
        ({"quantities": (Decimal("1.50"),)}, {"quantities": ["1.50"]}),
        ({"email": True}, {"email": "1"}),
        *(({"itemsQty": nothing}, {"itemsQty": None}) for nothing in NOTHING),
        ({}, None),
    ],
)
def test_content_that_means_the_same(first: Any, second: Any) -> None:
    assert request(first) == request(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"itemsQty": {"15": "1"}}, {"itemsQty": {"16": "1"}}),
        ({"itemsQty": {"15": "1"}}, {"itemsQty": {"15": "2"}}),
        ({"itemsQty": {"15": "1"}}, {"itemsQty": {"15": "1", "16": "1"}}),
        ({"itemsQty": [{"15": "1"}]}, {"itemsQty": [{"16": "1"}]}),
        ({"itemsQty": ["1"]}, {"itemsQty": ["2"]}),
        ({"quantities": {15: Decimal("1.5")}}, {"quantities": {15: Decimal("2.5")}}),
        ({"quantities": {15: Decimal(1)}}, {"quantities": {15: None}}),
        ({"comment": "a"}, {"comment": "b"}),
        ({"comment": "a"}, {"email": "a"}),
    ],
)
def test_content_that_means_something_else(first: Any, second: Any) -> None:
    assert request(first).id == request(second).id
    assert request(first).fingerprint != request(second).fingerprint


def test_a_key_is_that_of_a_user_and_the_content_that_of_a_method() -> None:
    asked = request({"comment": "a"})
    assert request({"comment": "a"}, path="sales_order_invoice.cancel").id == asked.id
    assert request({"comment": "a"}, path="sales_order_invoice.cancel").fingerprint != asked.fingerprint
    assert request({"comment": "a"}, user_id=11, key="1").id != request({"comment": "a"}, user_id=1, key="11").id
    for other in (request({"comment": "a"}, user_id=2), request({"comment": "a"}, key="k2")):
        assert other.id != asked.id
        assert other.fingerprint == asked.fingerprint


def test_without_a_key_there_is_nothing_to_know_again() -> None:
    assert idempotency_key_of(Client(), 1, PATH, {}) is None


@pytest.mark.parametrize("is_message_id", [True, False])
def test_a_message_id_asks_for_nothing(is_message_id: bool) -> None:
    made = idempotency_key_of(Client(idempotency_key="k1", is_message_id=is_message_id), 1, PATH, {})
    assert made is not None
    assert made.is_optional is is_message_id
    assert made == IdempotencyKey(request({}).id, request({}).fingerprint, is_optional=is_message_id)
