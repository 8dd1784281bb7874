"""Filters: from the shapes that clients send to conditions (API-50..53, BUG-10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from magento_soap.api.budget import Budget
from magento_soap.api.faults import ApiFault
from magento_soap.api.filters import MAX_CHARACTERS, MAX_CONDITIONS, MAX_DEPTH, MAX_VALUES, parse
from magento_soap.api.values import Struct
from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page

from .test_arguments import json_like

NOTHING: list[Any] = [None, "", " \n ", "0", 0, 0.0, False, [], {}, Struct(), [None], [[]], [{}, ""], [[[None]]]]
WRAPPED_NOTHING: list[Any] = [
    Struct(filter=None),
    Struct(filter=[], complex_filter={}),
    Struct(filter=[Struct()]),
    Struct(filter=[Struct(key=None, value=None)]),
    Struct(filter="", complex_filter=" "),
    {"order_by": ""},
]


@pytest.mark.parametrize("nothing", NOTHING + WRAPPED_NOTHING)
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
        # one entry by itself, and entries whose array element is called otherwise
        (Struct(key="state", value="2"), [Condition("state", "eq", "2")]),
        (Struct(filter=Struct(key="state", value="2")), [Condition("state", "eq", "2")]),
        (
            Struct(filter=Struct(item=Struct(key="state", value="2"), item2=Struct(key="order_id", value="5"))),
            [Condition("state", "eq", "2"), Condition("order_id", "eq", "5")],
        ),
        (
            Struct(complex_filter=Struct(key="state", value=Struct(key="gt", value="2"))),
            [Condition("state", "gt", "2")],
        ),
        # a list of values in any form
        ({"state": {"in": {"0": "2", "1": 3}}}, [Condition("state", "in", ("2", "3"))]),
        ({"state": {"nin": 2}}, [Condition("state", "nin", ("2",))]),
        ({"state": {"finset": "2,3"}}, [Condition("state", "finset", ("2,3",))]),
        # a map in a list is that map
        ([{"state": 2}], [Condition("state", "eq", "2")]),
        ([[{"state": {"gt": 2}}], None], [Condition("state", "gt", "2")]),
        ([{"state": None}], [Condition("state", "eq", "")]),
        ([{"filter": [{"key": "state", "value": 2}]}], [Condition("state", "eq", "2")]),
        # both ways to write it at once
        (
            {"filter": [{"key": "state", "value": 2}], "order_id": 5, "complex_filter": None},
            [Condition("state", "eq", "2"), Condition("order_id", "eq", "5")],
        ),
        # an entry without a value filters nothing where another one does
        ([Struct(key="state", value="2"), Struct(key="order_id")], [Condition("state", "eq", "2")]),
        ([Struct(key="state")], [Condition("state", "eq", "")]),
        (
            [Struct(key="state"), Struct(key="order_id")],
            [Condition("state", "eq", ""), Condition("order_id", "eq", "")],
        ),
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
        *("state", "state=2", 5, -1, 2.5, True, float("nan")),
        *(["state"], ["state", "2"], [5], [["state", "2"]], [{"state": 2}, {"order_id": 5}], [{"state": 2}, "x"]),
        [{"state": None}, {"order_id": None}],
        *(Struct(filter="state"), Struct(filter=5), Struct(complex_filter="state"), Struct(filter=[["state", 2]])),
        *(Struct(filter={"a": "state"}), Struct(complex_filter={"state": {"in": "2,3"}})),
        Struct(filter=[Struct(key="state", value="2"), Struct(value="2")]),
        {"created_at": {"from": "2024-02-30", "date": True}},
        *({"limit": limit} for limit in (0, -1, "ten", "", None, "1e3", 1e3, 10.0, 10.5, True, [5], "5;", "٥")),
        *({"limit": limit} for limit in (10_001, "10001", 10**9, 10**30, "9" * 30, "0" * 8 + "1" + "0" * 22)),
        *({"limit": 5, "page": page} for page in (0, "-1", 1.0, "1e3", 10**30, "1" * 30, "000000001" + "0" * 21)),
        *({"page": page} for page in (1, "1", 2)),
        *({"order_by": order} for order in (["state"], {"state": "desc"})),
    ],
)
def test_what_cannot_be_understood_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidFilter):
        parse(wrong)


def test_values_are_not_followed_into_the_deep() -> None:
    deep: Any = "2"
    for _ in range(50_000):
        deep = [deep]
    assert parse([[[{"state": 2}]]]) == parse({"state": 2})
    for wrong in (deep, {"state": deep}, {"state": [{"in": deep}]}, {"filter": deep}, {"limit": deep}):
        with pytest.raises(InvalidFilter):
            parse(wrong)


@pytest.mark.parametrize("number", [1, "1", " 1 ", 10_000, "10000", "00001"])
def test_pages_go_from_1_to_10000(number: Any) -> None:
    assert parse({"limit": number, "page": number}) == ([], Page(limit=int(number), page=int(number)))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("state=2", 'Invalid filters "state=2"; a map of fields is expected.'),
        ({"limit": "ten"}, 'Invalid value "ten" for "limit"; a number from 1 to 10000 is expected.'),
        ({"limit": 5, "page": 0}, 'Invalid value "0" for "page"; a number from 1 to 10000 is expected.'),
        ({"page": 2}, '"page" needs a "limit".'),
        ({"order_by": ["state"]}, 'Invalid value "Array" for "order_by"; a field is expected.'),
        (Struct(filter=[Struct(value="2")]), "A filter entry needs a key and a value."),
        (
            Struct(complex_filter=[Struct(key="state", value="2")]),
            'The filter of "state" needs an operator and a value.',
        ),
        ({"state": []}, 'The filter of "state" is empty.'),
        ({"state": {}}, 'The filter of "state" is empty.'),
        ({"state": [[1]]}, 'The filter of "state" is nested too deeply.'),
        ({"state": {"foo": 2, "bar": 3}}, 'Unknown operator "bar" in the filter of "state".'),
        ({"state": {"date": True}}, 'Unknown operator "date" in the filter of "state".'),
        ({"state": {"date": True, "datetime": True}}, 'Unknown operator "date" in the filter of "state".'),
        ({"state": {"from": [1]}}, 'The operator "from" of "state" takes one value.'),
        ({"state": {"eq": {"a": 1}}}, 'The operator "eq" of "state" takes one value.'),
        ({"state": {"in": [1, [2]]}}, 'The operator "in" of "state" takes a list of values.'),
        (
            {"created_at": {"from": "yesterday", "date": True}},
            '"yesterday" is not a date; the filter of "created_at" needs YYYY-MM-DD.',
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_where(wrong: Any, text: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        parse(wrong)
    assert str(refused.value) == text


def test_operators_beside_the_first_are_ignored_and_logged() -> None:
    with capture_logs() as logs:
        assert parse({"grand_total": {"gt": "1", "date": True, "lt": 5}})[0] == [Condition("grand_total", "gt", "1")]
    (entry,) = logs
    assert (entry["log_level"], entry["field"], entry["used"], entry["ignored"]) == (
        "warning",
        "grand_total",
        "gt",
        ["lt"],
    )


def test_reserved_keys_page_the_list_and_are_no_columns() -> None:
    conditions, page = parse({"state": 2, "limit": "20", "page": 3, "order_by": "-created_at"})
    assert conditions == [Condition("state", "eq", "2")]
    assert page == Page(limit=20, page=3, order_by="-created_at")


LONG = "x" * 5000
NESTED: list[Any] = ["deep", ["er", {"and": "deeper"}], None, True]


@pytest.mark.parametrize(
    "wrong",
    [
        *(LONG, NESTED, True, {LONG: {LONG: 1}}, {LONG: []}, {LONG: [[1]]}, {LONG: {"eq": [1]}}, {LONG: {"in": [[1]]}}),
        *({LONG: {"from": LONG, "date": 1}}, {"limit": LONG}, {"limit": NESTED}, {"limit": True}, {"order_by": NESTED}),
        *({"complex_filter": [{"key": LONG, "value": 1}]}, {"state": {"eq": NESTED}}, {"filter": LONG}),
    ],
)
def test_texts_of_refusals_are_short_and_in_nobodys_programming_language(wrong: Any) -> None:
    with pytest.raises(InvalidFilter) as refused:
        parse(wrong)
    assert len(str(refused.value)) < 300
    assert not re.search(r"\[|\{|True|None|'|x{101}", str(refused.value))


@pytest.mark.parametrize(
    ("sent", "bound"),
    [
        ("2024-01-01", "2024-01-01 00:00:00"),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02 01:04:05"),
        ("2023-12-31 20:00-0500", "2024-01-01 01:00:00"),
        ("20240102T03:04:05", "2024-01-02 03:04:05"),  # XML-RPC's dateTime.iso8601
    ],
)
def test_bounds_that_are_dates_are_in_utc(sent: str, bound: str) -> None:
    conditions = [Condition("created_at", "gteq", bound)]
    assert parse({"created_at": {"from": sent, "date": True}}) == (conditions, Page())


WORDS = (
    "filter complex_filter filters key value limit page order_by item complexObjectArray state created_at eq in from "
    "to date null nonsense 0 2"
)
words = st.sampled_from(["", *WORDS.split()])
filter_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.integers(0, 2), inner, max_size=3),
    max_leaves=12,
)


def is_plainly_empty(value: Any) -> bool:
    """Whether nothing was sent, perhaps in the wrapping that V2 has around its entries."""
    if isinstance(value, list):
        return all(map(is_plainly_empty, value))
    if isinstance(value, dict):
        is_entry = value.keys() <= {"key", "value"} and not any(value.values())
        is_wrapping = value.keys() <= {"filter", "complex_filter", "order_by"}
        return is_entry or (is_wrapping and all(is_list_of_nothing(each) for each in value.values()))
    return value is None or value in (0, "0") or not str(value).strip()


def is_list_of_nothing(value: Any) -> bool:
    """Whether a list has no entries with anything in them, whatever its elements are called."""
    if isinstance(value, dict):
        value = list(value.values())
    return all(map(is_list_of_nothing, value)) if isinstance(value, list) else is_plainly_empty(value)


@given(filter_like)
def test_what_was_sent_and_is_not_understood_is_never_every_row(filters: Any) -> None:
    try:
        conditions, page = parse(filters)
    except InvalidFilter:
        return
    assert conditions or page != Page() or is_plainly_empty(filters)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()), st.sampled_from(["map", "list", "entries"]))
def test_every_field_that_was_sent_filters(fields: dict[str, Any], form: str) -> None:
    assume(not fields.keys() & {"filter", "complex_filter", "key", "limit", "page", "order_by"})
    sent: Any = fields
    if form == "list":
        sent = [fields]
    elif form == "entries":
        sent = {"filter": [{"key": key, "value": value or ""} for key, value in fields.items()]}
    conditions, page = parse(sent)
    assert page == Page()
    assert [condition.field for condition in conditions if isinstance(condition, Condition)] == list(fields)


@given(json_like)
def test_any_value_is_understood_or_refused_in_order(value: Any) -> None:
    try:
        conditions, _ = parse(value)
    except InvalidFilter:
        return
    assert all(isinstance(c, (Condition, AnyOf)) for c in conditions)


def test_an_entry_whose_value_goes_by_another_name_is_refused_beside_one_that_filters() -> None:
    entries = [{"key": "store_id", "value": "1"}, {"key": "state", "is": "3"}]
    with pytest.raises(InvalidFilter):
        parse({"filter": entries})


def nested(depth: int) -> Any:
    value: Any = {"state": "1"}
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("most", "too_much", "text"),
    [
        ({"order_id": {"in": ["1"] * (MAX_VALUES - 2)}}, {"order_id": {"in": ["1"] * (MAX_VALUES - 1)}}, "values"),
        ({"state": ["1"] * (MAX_VALUES - 1)}, {"state": ["1"] * MAX_VALUES}, "values"),
        (
            Struct(complex_filter=[Struct(key="state", value=Struct(key="in", value="1" + ",1" * 9000))]),
            Struct(complex_filter=[Struct(key="state", value=Struct(key="in", value="1" + ",1" * 10_000))]),
            "values",
        ),
        (
            {f"field{number}": "1" for number in range(MAX_CONDITIONS)},
            {f"field{number}": "1" for number in range(MAX_CONDITIONS + 1)},
            "conditions",
        ),
        (
            {"state": [{"gt": "1"}] * (MAX_CONDITIONS - 1)},
            {"state": [{"gt": "1"}] * MAX_CONDITIONS},
            "conditions",
        ),
        ({"state": "1" * MAX_CHARACTERS}, {"state": "1" * (MAX_CHARACTERS + 1)}, "characters"),
        ({"state": {"like": "é" * MAX_CHARACTERS}}, {"state": {"like": "é" * (MAX_CHARACTERS + 1)}}, "characters"),
        ({"state": {"in": ["1" * MAX_CHARACTERS]}}, {"state": {"in": ["1" * (MAX_CHARACTERS + 1)]}}, "characters"),
        (nested(MAX_DEPTH - 2), nested(MAX_DEPTH - 1), "deep"),
    ],
)
def test_filters_are_bounded(most: Any, too_much: Any, text: str) -> None:
    assert len(parse(most)[0]) > 0
    with pytest.raises(InvalidFilter, match=text):
        parse(too_much)


def test_all_lists_of_a_request_have_one_limit() -> None:
    budget = Budget(filter_values=10)
    parse({"state": {"in": ["1", "2", "3"]}}, budget)  # the field, its operator and three values
    parse({"state": {"in": ["1", "2", "3"]}}, budget)
    with pytest.raises(ApiFault) as fault:
        parse({"state": 1}, budget)
    assert fault.value.code == "6"
    parse(None, budget)
