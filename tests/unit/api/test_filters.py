"""Filters: from the shapes that clients send to conditions (API-50..53, BUG-10)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from magento_soap.api.filters import parse
from magento_soap.api.values import Struct
from magento_soap.invoicing.queries import AnyOf, Condition, InvalidFilter, Page

from .test_arguments import json_like


@pytest.mark.parametrize("nothing", [None, "", "state", 5, True, [], {}, Struct(), [None], Struct(filter=None)])
def test_what_filters_nothing(nothing: Any) -> None:
    assert parse(nothing) == ([], Page())


@pytest.mark.parametrize(
    ("filters", "conditions"),
    [
        ({"state": 2}, [Condition("state", "eq", "2")]),
        ({"state": None}, [Condition("state", "eq", "")]),
        ({"state": {"in": ["2", 3]}}, [Condition("state", "in", ("2", "3"))]),
        (
            {"grand_total": {"gt": "1", "lt": 5}},  # API-51: the first operator counts
            [Condition("grand_total", "gt", "1")],
        ),
        (
            {"created_at": {"from": "2024-01-01", "to": "2024-01-02"}},
            [Condition("created_at", "gteq", "2024-01-01"), Condition("created_at", "lteq", "2024-01-02")],
        ),
        (
            {"created_at": {"from": "2024-01-01", "to": "2024-01-02T03:04", "date": True}},
            [
                Condition("created_at", "gteq", "2024-01-01 00:00:00"),
                Condition("created_at", "lteq", "2024-01-02 03:04:00"),
            ],
        ),
        ({"transaction_id": {"null": "0"}}, [Condition("transaction_id", "null")]),
        ({"state": [2, 3]}, [AnyOf((Condition("state", "eq", "2"), Condition("state", "eq", "3")))]),
        (
            {"state": [{"eq": 2}, {"gt": 5}]},
            [AnyOf((Condition("state", "eq", "2"), Condition("state", "gt", "5")))],
        ),
        # V2: the seed's complex filter (API-55)
        (
            Struct(complex_filter=[Struct(key="state", value=Struct(key="in", value="2,3"))]),
            [Condition("state", "in", ("2", "3"))],
        ),
        (
            Struct(filter=[Struct(key="state", value="1"), Struct(key="state", value="3")]),
            [Condition("state", "eq", "3")],  # later duplicates win
        ),
        (
            Struct(
                filter=[Struct(key="state", value="1")],
                complex_filter=[Struct(key="state", value=Struct(key="gt", value="2"))],
            ),
            [Condition("state", "eq", "1")],  # the simple filter wins
        ),
        (
            Struct(
                complex_filter=[
                    Struct(key="created_at", value=Struct(key="from", value="2024-01-01")),
                    Struct(key="created_at", value=Struct(key="to", value="2024-01-02")),
                    Struct(key="created_at", value=Struct(key="to", value="2029-01-02")),
                ]
            ),
            [Condition("created_at", "gteq", "2024-01-01"), Condition("created_at", "lteq", "2024-01-02")],
        ),
        ([Struct(key="state", value="2")], [Condition("state", "eq", "2")]),
    ],
)
def test_conditions(filters: Any, conditions: list[Any]) -> None:
    assert parse(filters) == (conditions, Page())


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": {"foo": "2"}},
        {"state": {"EQ": "2"}},
        {"state": {"is": "NULL"}},
        {"state": {"moreq": "2"}},
        {"state": {"eq": [1, 2]}},
        {"state": {"in": [[1]]}},
        {"state": {}},
        {"state": []},
        {"state": [[1, 2]]},
        {"state": [{"from": 1, "to": 2}]},
        {"state": {"datetime": True}},
        {"state": {"eq": 2, "nonsense": 2}},
        {"created_at": {"from": "yesterday", "date": True}},
        Struct(filter=[Struct(value="2")]),
        Struct(complex_filter=[Struct(key="state", value="2")]),
        {"limit": 0},
        {"limit": "ten"},
        {"page": -1},
        {"limit": 10**9},
    ],
)
def test_what_cannot_be_understood_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidFilter):
        parse(wrong)


def test_reserved_keys_page_the_list_and_are_no_columns() -> None:
    conditions, page = parse({"state": 2, "limit": "20", "page": 3, "order_by": "-created_at"})
    assert conditions == [Condition("state", "eq", "2")]
    assert page == Page(limit=20, page=3, order_by="-created_at")


@given(json_like)
def test_any_value_is_understood_or_refused_in_order(value: Any) -> None:
    try:
        conditions, _ = parse(value)
    except InvalidFilter:
        return
    assert all(isinstance(c, (Condition, AnyOf)) for c in conditions)
