"""How clients shape arguments (API-30..32, design of the argument shapes)."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from magento_soap.api.arguments import Parameter, bind
from magento_soap.api.faults import ApiFault
from magento_soap.api.methods.invoices import quantities_to_invoice
from magento_soap.api.values import Struct, flag, identifier, text
from magento_soap.sales.errors import InvalidQuantity

CREATE = (
    Parameter("orderIncrementId", also=("invoiceIncrementId",), required=True),
    Parameter("itemsQty", default=[]),
    Parameter("comment"),
)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=4),
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


@pytest.mark.parametrize("args", [[], ["surplus"], {"surplus": 1}, {}, None, "surplus"])
def test_a_method_without_parameters_ignores_what_it_is_sent(args: Any) -> None:
    assert bind((), args) == {}


COMMENT = (Parameter("invoiceIncrementId", required=True), Parameter("comment", required=True, optional_in_v1=True))


@pytest.mark.parametrize("args", [["1"], "1", {"invoiceIncrementId": "1"}])
def test_what_v1_may_leave_out_newer_clients_must_send(args: Any) -> None:
    assert bind(COMMENT, args, v1=True) == {"invoiceIncrementId": "1", "comment": None}
    with pytest.raises(ApiFault) as caught:
        bind(COMMENT, args)
    assert caught.value.code == "6"
    with pytest.raises(ApiFault):
        bind(COMMENT, [], v1=True)


LIST = (Parameter("filters", takes_map=True),)


@pytest.mark.parametrize(
    ("args", "filters"),
    [
        ({"state": 2}, {"state": 2}),
        ({"state": 0}, {"state": 0}),  # which must not pass for no filter
        ({"state": None, "order_id": 5}, {"state": None, "order_id": 5}),
        ({"state": []}, {"state": []}),
        ({"filters": {"state": 2}}, {"state": 2}),
        ({"filters": None}, None),
        ([{"state": 2}], {"state": 2}),
        # by position, as in PHP 5 and 7
        ({"foo": {"state": 2}}, {"state": 2}),
        ({"foo": [{"key": "state", "value": 2}]}, [{"key": "state", "value": 2}]),
        ({"0": None}, None),
        ({1: ""}, ""),
        ({}, None),
        ([], None),
        (5, 5),
    ],
)
def test_a_map_may_stand_for_the_list_that_holds_it(args: Any, filters: Any) -> None:
    assert bind(LIST, args) == {"filters": filters}


@pytest.mark.parametrize("nothing", [None, "", 0, 0.0, False, "0", [], {}, Struct()])
def test_nothing_means_everything(nothing: Any) -> None:
    assert quantities_to_invoice(nothing) is None


@pytest.mark.parametrize(
    ("items_qty", "expected"),
    [
        ({"15": "1"}, {"15": "1"}),
        ({15: 1, 16: 2.5}, {"15": "1", "16": "2.5"}),
        ([{"order_item_id": 15, "qty": 1}], {"15": "1"}),
        ([{"order_item_id": 15.0, "qty": 1}], {"15": "1"}),
        ([{"order_item_id": ["15"], "qty": 1}], {"15": "1"}),
        ([Struct(order_item_id="15", qty="1"), Struct(order_item_id="16", qty="0")], {"15": "1", "16": "0"}),
        ({"order_item_id": "15", "qty": "1"}, {"15": "1"}),
        ([{"15": "1"}, {"16": "2"}], {"15": "1", "16": "2"}),
        ([{"order_item_id": 15, "qty": 1}, {"order_item_id": 15, "qty": 2}], {"15": "2"}),  # API-31: later wins
        ([{"order_item_id": 15, "qty": 1}, None, "", Struct()], {"15": "1"}),
        (["2"], {0: "2"}),  # a PHP list: its key is the id, and never a SKU
        ({"11": "1,5"}, {"11": "1.5"}),
        ({"11": "1.000,5"}, {"11": "1000.5"}),
        ({"11": "1,000.5"}, {"11": "1000.5"}),
        ({"11": "1'000.50"}, {"11": "1000.50"}),
        ({"11": "1.000.000,5"}, {"11": "1000000.5"}),
        ({"11": "1,000,000.5"}, {"11": "1000000.5"}),
        ({"11": "99999999.9999"}, {"11": "99999999.9999"}),
        ({"11": " 2 "}, {"11": "2"}),
        ({"11": "1e2"}, {"11": "100"}),
        ({"11": ".5"}, {"11": "0.5"}),
        ({"11": "-3"}, {"11": "-3"}),  # refused by the domain, which can name the item
        # SKUs, which the domain looks for
        ({"n2610-slider": 1, " 007 ": "2"}, {"n2610-slider": "1", "007": "2"}),
        ([{"order_item_id": "n2610-slider", "qty": 1}], {"n2610-slider": "1"}),
    ],
)
def test_quantities_in_the_forms_that_clients_send(items_qty: Any, expected: dict[int | str, str]) -> None:
    assert quantities_to_invoice(items_qty) == {item: Decimal(qty) for item, qty in expected.items()}


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
        {"11": "100000000"},
        {"11": float("nan")},
        {"11": float("inf")},
        {"11": "٣"},
        {"11": "1" * 200_000 + "x"},  # in no time
        {"11": "0." + "1" * 200_000},
        {"": "1"},
        {" ": "1"},
        {"order_item_id": "15"},
        {"qty": "1"},
        {"order_item_id": True, "qty": "1"},
        {"order_item_id": [15, 16], "qty": "1"},
        [{"order_item_id": "15", "qty": None}],
        [{"order_item_id": "15", "qty": "1"}, {"order_item_id": "", "qty": "1"}],
    ],
)
def test_what_is_not_a_quantity_is_refused_and_never_everything(wrong: Any) -> None:
    with pytest.raises(InvalidQuantity):
        quantities_to_invoice(wrong)


LONG = "x" * 5000
NESTED: list[Any] = ["deep", ["er", {"and": "deeper"}], None, True]


@pytest.mark.parametrize(
    "wrong",
    [LONG, NESTED, {"11": LONG}, {"11": NESTED}, {"order_item_id": NESTED, "qty": 1}, [LONG], True, {"1": True}],
)
def test_texts_of_refusals_are_short_and_in_nobodys_programming_language(wrong: Any) -> None:
    with pytest.raises(InvalidQuantity) as refused:
        quantities_to_invoice(wrong)
    assert len(str(refused.value)) < 150
    assert not re.search(r"\[|\{|True|None|'", str(refused.value))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("x", 'Invalid items quantity "x"'),
        ({"11": "many"}, 'Invalid qty to invoice "many"'),
        ({"11": [1]}, 'Invalid qty to invoice "Array"'),
        ({"order_item_id": "15"}, 'Invalid qty to invoice ""'),
        ({"order_item_id": "", "qty": "1"}, 'Invalid order item id ""'),
        ({"qty": "1"}, 'Invalid order item id ""'),
        ({"order_item_id": True, "qty": "1"}, 'Invalid order item id "1"'),
    ],
)
def test_a_refusal_says_what_is_wrong(wrong: Any, text: str) -> None:
    with pytest.raises(InvalidQuantity) as refused:
        quantities_to_invoice(wrong)
    assert str(refused.value) == text


def test_entries_that_carry_nothing_are_the_documented_v2_example() -> None:
    with capture_logs() as logs:
        assert quantities_to_invoice([Struct(), Struct()]) is None
    assert [(entry["log_level"], "the whole order is invoiced" in entry["event"]) for entry in logs] == [
        ("warning", True)
    ]
    assert quantities_to_invoice([Struct(order_item_id=None, qty=None)]) is None


@given(st.dictionaries(st.integers(1, 10**6), st.decimals(0, 10**6, places=4), min_size=1))
def test_map_and_list_of_entries_say_the_same(wanted: dict[int, Decimal]) -> None:
    as_map = {str(item): str(qty) for item, qty in wanted.items()}
    as_list = [{"order_item_id": item, "qty": str(qty)} for item, qty in wanted.items()]
    assert (
        quantities_to_invoice(as_map)
        == quantities_to_invoice(as_list)
        == {str(item): qty for item, qty in wanted.items()}
    )


@given(json_like)
def test_any_value_is_understood_or_refused_in_order(value: Any) -> None:
    try:
        found = quantities_to_invoice(value)
    except InvalidQuantity:
        return
    assert found is None or all(isinstance(q, Decimal) and q.is_finite() for q in found.values())


YES: list[Any] = [True, 1, -1, 0.5, "1", "true", "TRUE", "yes", "on", " True\n"]
NO: list[Any] = [None, False, 0, 0.0, "", " ", "0", "false", "False", "no", "off", "OFF"]
YES_IN_PHP: list[Any] = ["2", "ti@example.com", "fatura", "0.0", "null", [1, 0], {"a": 0, "b": 0}, [[], []]]
NO_IN_PHP: list[Any] = [[], {}, Struct()]
YES_IN_A_CONTAINER: list[Any] = [["1"], {"email": "ti@example.com"}, [[True]]]
NO_IN_A_CONTAINER: list[Any] = [["0"], {"email": False}, [{"a": "no"}], ["off", None]]


@pytest.mark.parametrize("value", YES + YES_IN_PHP + YES_IN_A_CONTAINER)
def test_flags_that_are_set(value: Any) -> None:
    assert flag("email", value) is True


@pytest.mark.parametrize("value", NO + NO_IN_PHP + NO_IN_A_CONTAINER)
def test_flags_that_are_not_set(value: Any) -> None:
    assert flag("email", value) is False


def test_what_is_loosely_a_flag_is_logged_once_for_each_name_and_without_what_was_sent() -> None:
    first, second, third = (f"flag-{uuid.uuid4()}" for _ in range(3))  # new ones, however often the test is run
    with capture_logs() as logs:
        for _ in range(3):
            assert flag(first, "ti@example.com")
            assert flag(second, ["a", "b"])
        for spelled in ("true", "no", "", 0, None, True, [], ["1"]):
            flag(third, spelled)
    assert [(entry["log_level"], entry["flag"]) for entry in logs] == [("warning", first), ("warning", second)]
    assert "example.com" not in str(logs)


@given(json_like)
def test_any_value_is_a_flag(value: Any) -> None:
    assert flag("email", value) in (True, False)


@pytest.mark.parametrize(
    ("value", "id_"),
    [
        ("100000001", "100000001"),
        (100000001, "100000001"),
        (100000001.0, "100000001"),
        (None, ""),
        (False, ""),
        ([{"invoiceIncrementId ": "100000001"}], "100000001"),
        (["100000001"], "100000001"),
        ({"id": 100000001}, "100000001"),
        ([None, [], {"id": ["100000001"]}], "100000001"),
        ({"like": "1%"}, "1%"),  # a value to be found or not, never an operator
        ({"neq": "x"}, "x"),
        ({"from": "1", "to": "2"}, ""),
        (["100000001", "100000002"], ""),
        (["100000001", ""], ""),
        ([], ""),
        ({}, ""),
        ([None], ""),
    ],
)
def test_ids_are_scalars_or_the_only_scalar_in_a_container_bug_8(value: Any, id_: str) -> None:
    assert identifier(value) == id_


def test_ids_may_be_nested_as_deep_as_json_allows() -> None:
    value: Any = "1"
    for _ in range(50_000):
        value = [value]
    assert identifier(value) == "1"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (False, ""),
        (True, "1"),
        (5, "5"),
        (100000001.0, "100000001"),
        (1.5, "1.5"),
        (1e22, "1E+22"),
        (999999999999999.0, "999999999999999"),
        (-5.0, "-5"),
        (-1e22, "-1E+22"),
        ([1], ""),
        ({}, ""),
    ],
)
def test_text_is_as_php_writes_it(value: Any, written: str) -> None:
    assert text(value) == written
