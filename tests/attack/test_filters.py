"""Filters that cost the server far more than the client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .target import MEGABYTE, Cost, Target, envelope

FOREVER = "(.*)" * 40 + "x"
"""It takes a backtracking engine days to find out that no number of nine digits ends with an x."""


def listing(session: str, filters: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "sales_order_invoice.list", "params": [session, filters]}


def asked(shop: Target, filters: Any, timeout: float = 20) -> tuple[Cost, dict[str, Any]]:
    """What a list with those filters cost, and its response."""
    body = json.dumps(listing(shop.session(), filters)).encode()
    with shop.attacked() as cost:
        _, answer = shop.post("/api/jsonrpc", body, timeout=timeout)
    return cost, json.loads(answer)


def is_bounded(cost: Cost) -> bool:
    return (
        cost.processor < 2
        and cost.memory < 64 * MEGABYTE
        and cost.left_over < 48 * MEGABYTE
        and cost.longest_wait < 0.2
    )


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"increment_id": {"in": ["1"] * 190_000}}, "values"),
        ({"state": {"nin": ["1"] * 190_000}}, "values"),
        ({"state": [{"eq": "1"}] * 50_000}, "values"),
        ({"state": [{"gt": "1"}] * 4_000}, "conditions"),
        ({" " * number + "state": "1" for number in range(3000)}, "conditions"),
        ({"increment_id": {"like": "%1" * 25_000}}, "characters"),
        ({"increment_id": "1" * 5_000_000}, "characters"),
        ({"increment_id": {"regexp": "a" * 50_000}}, "characters"),
    ],
    ids=["in", "nin", "equal alternatives", "alternatives", "fields", "like", "a long value", "a long pattern"],
)
def test_too_much_to_compare_with_is_refused(shop: Target, filters: Any, reason: str) -> None:
    cost, answer = asked(shop, filters)
    assert answer["error"]["data"]["faultCode"] == "101", answer
    assert reason in answer["error"]["message"], answer
    assert is_bounded(cost)


def test_a_regular_expression_that_backtracks_ends(shop: Target) -> None:
    cost, answer = asked(shop, {"increment_id": {"regexp": FOREVER}}, timeout=10)
    assert answer["result"] == []
    assert is_bounded(cost)


@pytest.mark.parametrize("depth", [17, 400, 100_000])
def test_deep_nesting_is_refused(shop: Target, depth: int) -> None:
    with shop.attacked() as cost:
        body = json.dumps(listing(shop.session(), 0)).encode()
        nested = body.replace(b", 0]", b", " + b"[" * depth + b'{"state": 1}' + b"]" * depth + b"]")
        status, answer = shop.post("/api/jsonrpc", nested)
    assert (status, "error" in json.loads(answer)) == (200, True), answer[:300]
    assert b"-32700" in answer or b'"101"' in answer, answer[:300]
    assert is_bounded(cost)


def test_a_list_of_values_in_one_text_is_counted_before_it_is_split(shop: Target) -> None:
    call = (
        f"<salesOrderInvoiceList><sessionId>{shop.session()}</sessionId><filters><complex_filter><item><key>state</key>"
        f"<value><key>in</key><value>{'1,' * 3_000_000}</value></value></item></complex_filter></filters>"
        "</salesOrderInvoiceList>"
    )
    with shop.attacked() as cost:
        _, answer = shop.post("/api/v2_soap", envelope(call))
    assert b"<faultcode>101</faultcode>" in answer, answer[:500]
    assert is_bounded(cost)


def test_many_lists_in_one_request_have_one_limit(shop: Target) -> None:
    one = listing(shop.session(), {"increment_id": {"in": ["1"] * 9000}})
    body = json.dumps([one] * 20).encode()  # about as many values as a document may have
    with shop.attacked() as cost:
        _, answer = shop.post("/api/jsonrpc", body)
    refused = [each["error"]["data"]["faultCode"] for each in json.loads(answer) if "error" in each]
    assert refused == ["6"] * 17
    assert is_bounded(cost)


def test_as_many_values_as_connectors_send_are_compared_with(shop: Target) -> None:
    cost, answer = asked(shop, {"order_id": {"in": list(range(1, 5001))}})
    assert len(answer["result"]) > 10
    assert is_bounded(cost)
