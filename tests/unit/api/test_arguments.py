"""How clients shape arguments (API-30..32, design of the argument shapes)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.api.arguments import Parameter, bind, quantities
from magento_soap.api.faults import ApiFault
from magento_soap.api.values import Struct, flag, text
from magento_soap.invoicing.errors import InvalidQuantity

CREATE = (
    Parameter("orderIncrementId", also=("invoiceIncrementId",), required=True),
    Parameter("itemsQty", default=[]),
    Parameter("comment"),
)


@pytest.mark.parametrize(
    ("args", "bound"),
    [
        (["1", {"5": "1"}, "c"], {"orderIncrementId": "1", "itemsQty": {"5": "1"}, "comment": "c"}),
        ("1", {"orderIncrementId": "1", "itemsQty": [], "comment": None}),
        (["1", None], {"orderIncrementId": "1", "itemsQty": None, "comment": None}),
        (
            {"comment": "c", "orderIncrementId": "1"},
            {"orderIncrementId": "1", "itemsQty": [], "comment": "c"},
        ),
        ({"invoiceIncrementId": "1"}, {"orderIncrementId": "1", "itemsQty": [], "comment": None}),
        # the documented example: one name, one position (PHP 5 and 7 went by position)
        (
            {"orderIncrementId": "1", 0: {"15": "1"}},
            {"orderIncrementId": "1", "itemsQty": {"15": "1"}, "comment": None},
        ),
        ({"foo": "1", "bar": []}, {"orderIncrementId": "1", "itemsQty": [], "comment": None}),
        (["1", [], "c", "surplus"], {"orderIncrementId": "1", "itemsQty": [], "comment": "c"}),
        (None, {"orderIncrementId": None, "itemsQty": [], "comment": None}),
    ],
)
def test_values_find_their_parameters(args: Any, bound: dict[str, Any]) -> None:
    assert bind(CREATE, args) == bound


@pytest.mark.parametrize("args", [[], {}, {"comment": "c"}])
def test_a_missing_required_argument_is_fault_6(args: Any) -> None:
    with pytest.raises(ApiFault) as caught:
        bind(CREATE, args)
    assert caught.value.code == "6"


@pytest.mark.parametrize("nothing", [None, "", 0, 0.0, False, "0", [], {}, Struct()])
def test_nothing_means_everything(nothing: Any) -> None:
    assert quantities(nothing) is None


@pytest.mark.parametrize(
    ("items_qty", "expected"),
    [
        ({"15": "1"}, {15: "1"}),
        ({15: 1, 16: 2.5}, {15: "1", 16: "2.5"}),
        ([{"order_item_id": 15, "qty": 1}], {15: "1"}),
        ([Struct(order_item_id="15", qty="1"), Struct(order_item_id="16", qty="0")], {15: "1", 16: "0"}),
        ({"order_item_id": "15", "qty": "1"}, {15: "1"}),
        ([{"15": "1"}, {"16": "2"}], {15: "1", 16: "2"}),
        ([{"order_item_id": 15, "qty": 1}, {"order_item_id": 15, "qty": 2}], {15: "2"}),  # API-31: later wins
        ([{"order_item_id": 15, "qty": 1}, None, "", Struct()], {15: "1"}),
        (["2"], {0: "2"}),  # a PHP list: its key is the id
        ({"11": "1,5"}, {11: "1.5"}),
        ({"11": "1.000,5"}, {11: "1000.5"}),
        ({"11": "1,000.5"}, {11: "1000.5"}),
        ({"11": "1'000.50"}, {11: "1000.50"}),
        ({"11": " 2 "}, {11: "2"}),
        ({"11": "1e2"}, {11: "100"}),
        ({"11": ".5"}, {11: "0.5"}),
        ({"11": "-3"}, {11: "-3"}),  # refused by the domain, which can name the item
    ],
)
def test_quantities_in_the_forms_that_clients_send(items_qty: Any, expected: dict[int, str]) -> None:
    assert quantities(items_qty) == {item: Decimal(qty) for item, qty in expected.items()}


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        5,
        True,
        {"11": "abc"},
        {"11": "12abc"},
        {"11": ""},
        {"11": None},
        {"11": True},
        {"11": [1]},
        {"11": "1e999"},
        {"11": float("nan")},
        {"11": float("inf")},
        {"11": "٣"},
        {"abc": "1"},
        {"order_item_id": "15"},
        {"qty": "1"},
        [{"order_item_id": "15", "qty": None}],
        [{"order_item_id": "15", "qty": "1"}, {"order_item_id": "x", "qty": "1"}],
        {"99999999999999999999999": "1"},
    ],
)
def test_what_is_not_a_quantity_is_refused_and_never_everything(wrong: Any) -> None:
    with pytest.raises(InvalidQuantity):
        quantities(wrong)


def test_entries_that_carry_nothing_are_the_documented_v2_example() -> None:
    assert quantities([Struct(), Struct()]) is None
    assert quantities([Struct(order_item_id=None, qty=None)]) is None


@given(st.dictionaries(st.integers(1, 10**6), st.decimals(0, 10**6, places=4), min_size=1))
def test_map_and_list_of_entries_say_the_same(wanted: dict[int, Decimal]) -> None:
    as_map = {str(item): str(qty) for item, qty in wanted.items()}
    as_list = [{"order_item_id": item, "qty": str(qty)} for item, qty in wanted.items()]
    assert quantities(as_map) == quantities(as_list) == wanted


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=4),
)


@given(json_like)
def test_any_value_is_understood_or_refused_in_order(value: Any) -> None:
    try:
        found = quantities(value)
    except InvalidQuantity:
        return
    assert found is None or all(isinstance(q, Decimal) and q.is_finite() for q in found.values())


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        *((yes, True) for yes in (True, 1, "1", "true", "TRUE", "yes")),
        *((no, False) for no in (None, False, 0, "", "0", "false", "no")),
    ],
)
def test_flags(value: Any, meaning: bool) -> None:
    assert flag(value) is meaning


@pytest.mark.parametrize("value", ["maybe", [], {}, [1]])
def test_what_is_no_flag(value: Any) -> None:
    with pytest.raises(ValueError, match="neither"):
        flag(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (False, ""), (True, "1"), (5, "5"), (100000001.0, "100000001"), (1.5, "1.5"), ([1], ""), ({}, "")],
)
def test_text_is_as_php_writes_it(value: Any, written: str) -> None:
    assert text(value) == written
