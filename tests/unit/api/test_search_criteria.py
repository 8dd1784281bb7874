"""What searchCriteria means, how far it goes, and what repositories answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.api.filters import MAX_CHARACTERS, MAX_CONDITIONS, MAX_VALUES
from magento_soap.api.methods.webapi.errors import WebapiError
from magento_soap.api.methods.webapi.repositories import repositories
from magento_soap.api.methods.webapi.search_criteria import MAX_PARAMETERS, search_criteria_of
from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, DocumentInfo, InvalidFilter, Page, Row

from .test_acl import Rule
from .test_dispatcher import here
from .test_invoice_order import access_for, error_of


def criteria(query: str) -> Any:
    return search_criteria_of(parse_qsl(query, keep_blank_values=True))


def filtered(*filters: tuple[str, ...]) -> str:
    """Field, value and condition type of filters, each in a group of its own."""
    return "&".join(
        f"searchCriteria[filter_groups][{number}][filters][0][{name}]={value}"
        for number, each in enumerate(filters)
        for name, value in zip(("field", "value", "condition_type"), each, strict=False)
    )


@pytest.mark.parametrize("query", ["", "searchCriteria", "searchCriteria=all", "x[y]=1&fields=a", "searchCriteria[=1"])
def test_nothing_said_is_the_first_page_of_everything(query: str) -> None:
    found = criteria(query)
    assert (found.conditions, found.page) == ((), Page(limit=20, page=1))
    assert found.echo == {"filter_groups": [], "page_size": 20, "current_page": 1}


@pytest.mark.parametrize("names", ["snake_case", "camelCase"])
def test_groups_must_all_hold_and_of_their_filters_one(names: str) -> None:
    query = (
        "searchCriteria[filter_groups][0][filters][0][field]=state"
        "&searchCriteria[filter_groups][0][filters][0][value]=new"
        "&searchCriteria[filter_groups][0][filters][1][field]=state"
        "&searchCriteria[filter_groups][0][filters][1][value]=hol%25"
        "&searchCriteria[filter_groups][0][filters][1][condition_type]=like"
        "&searchCriteria[filter_groups][x][filters][][field]=grand_total"
        "&searchCriteria[filter_groups][x][filters][0][value]=10"
        "&searchCriteria[filter_groups][x][filters][0][condition_type]=gt"
        "&searchCriteria[filter_groups][2][filters]="
    )
    if names == "camelCase":
        query = query.replace("filter_groups", "filterGroups").replace("condition_type", "conditionType")
    found = criteria(query)
    assert found.conditions == (
        AnyOf((Condition("state", "eq", "new"), Condition("state", "like", "hol%"))),
        Condition("grand_total", "gt", "10"),
    )
    assert found.echo["filter_groups"] == [
        {
            "filters": [
                {"field": "state", "value": "new", "condition_type": "eq"},
                {"field": "state", "value": "hol%", "condition_type": "like"},
            ]
        },
        {"filters": [{"field": "grand_total", "value": "10", "condition_type": "gt"}]},
        {"filters": []},
    ]


@pytest.mark.parametrize(
    ("condition_type", "operator", "value"),
    [
        *((name, name, "1, 2") for name in ("eq", "neq", "like", "nlike", "gt", "lt", "gteq", "lteq")),
        ("from", "gteq", "1, 2"),
        ("to", "lteq", "1, 2"),
        ("moreq", "gteq", "1, 2"),
        ("in", "in", ("1", "2")),
        ("nin", "nin", ("1", "2")),
        ("finset", "finset", ("1, 2",)),
        ("null", "null", None),
        ("notnull", "notnull", None),
    ],
)
def test_condition_types(condition_type: str, operator: str, value: Any) -> None:
    assert criteria(filtered(("state", "1, 2", condition_type))).conditions == (Condition("state", operator, value),)


def test_fields_have_the_names_of_magento_2() -> None:
    found = criteria(filtered(("base_discount_tax_compensation_amount", "1")))
    assert found.conditions == (Condition("base_hidden_tax_amount", "eq", "1"),)
    assert found.echo["filter_groups"][0]["filters"][0]["field"] == "base_discount_tax_compensation_amount"


def test_pages_and_sort_orders() -> None:
    found = criteria(
        "searchCriteria[sortOrders][0][field]=state&searchCriteria[sortOrders][0][direction]=asc"
        "&searchCriteria[sortOrders][1][field]=created_at&searchCriteria[pageSize]=300&searchCriteria[current_page]=2"
    )
    assert found.page == Page(limit=300, page=2, order_by="state", then_by=("-created_at",))
    assert found.echo == {
        "filter_groups": [],
        "sort_orders": [{"field": "state", "direction": "ASC"}, {"field": "created_at", "direction": "DESC"}],
        "page_size": 300,
        "current_page": 2,
    }


@pytest.mark.parametrize(
    "query",
    [
        "searchCriteria[page_size]=301",
        "searchCriteria[page_size]=0",
        "searchCriteria[page_size]=-1",
        "searchCriteria[page_size]=x",
        "searchCriteria[page_size][]=1",
        "searchCriteria[current_page]=0",
        "searchCriteria[current_page]=10001",
        "searchCriteria[nonsense]=1",
        "searchCriteria[filter_groups]=1",
        "searchCriteria[filter_groups][0]=1",
        "searchCriteria[filter_groups][0][filters][0]=1",
        "searchCriteria[filter_groups][0][filters][0][value]=1",
        "searchCriteria[filter_groups][0][filters][0][field][]=1",
        "searchCriteria[filter_groups][0][filters][0][field]=a&searchCriteria[filter_groups][0][filters][0][field][]=1",
        "searchCriteria[sort_orders][0][direction]=ASC",
        "searchCriteria=1&searchCriteria[page_size]=1",
    ],
)
def test_what_is_not_understood(query: str) -> None:
    with pytest.raises(WebapiError) as error:
        criteria(query)
    assert error.value.status == 400


def test_the_words_for_a_page_that_is_too_large() -> None:
    with pytest.raises(WebapiError, match=r"^Maximum SearchCriteria pageSize is 300$"):
        criteria("searchCriteria[page_size]=301")


@pytest.mark.parametrize(
    "query",
    [
        filtered(("state", "1", "regexp")),
        filtered(("state", "1", "")),
        "searchCriteria[sort_orders][0][field]=a&searchCriteria[sort_orders][0][direction]=sideways",
        "&".join(f"searchCriteria[sort_orders][{number}][field]=a" for number in range(6)),
        filtered(*[("state", "1", "like")] * (MAX_CONDITIONS + 1)),
        filtered(("state", ",".join("1" * (MAX_VALUES + 1)), "in")),
        filtered(("state", "1" * (MAX_CHARACTERS + 1))),
        "&".join(["searchCriteria[x][]=1"] * (MAX_PARAMETERS + 1)),
        f"searchCriteria{'[x]' * 50}=1",
    ],
)
def test_limits(query: str) -> None:
    with pytest.raises(InvalidFilter):
        criteria(query)


def test_as_much_as_is_allowed() -> None:
    assert len(criteria(filtered(*[("state", "1" * MAX_CHARACTERS, "like")] * MAX_CONDITIONS)).conditions) == 100
    (condition,) = criteria(filtered(("state", ",".join("1" * MAX_VALUES), "in"))).conditions
    assert len(condition.value) == MAX_VALUES


names = st.lists(st.sampled_from(["filter_groups", "filters", "field", "value", "page_size", "0", ""]), max_size=9)


@given(st.lists(st.tuples(names, st.text(max_size=5)), max_size=6), st.text())
def test_whatever_comes_is_criteria_or_an_error(given_names: list[tuple[list[str], str]], text: str) -> None:
    parameters = [("searchCriteria" + "".join(f"[{each}]" for each in path), value) for path, value in given_names]
    with suppress(WebapiError, InvalidFilter):
        search_criteria_of([*parameters, (text, text), (f"searchCriteria{text}", "1")])


# Repositories


class Queries:
    """Two documents of any kind, and what they were asked for."""

    def __init__(self, id_key: str) -> None:
        self.kinds: dict[str, type[int] | type[float]] = {
            **dict.fromkeys(("order_id", id_key, "item_id", "comment_id"), int),
            "grand_total": float,
        }
        self.id_key = id_key
        self.asked: Any = None

    def find(self, conditions: Any, page: Page = EVERYTHING, *, extended: bool = False) -> Iterator[Row]:
        self.asked = (list(conditions), page)
        if any(condition.field == "nonsense" for condition in conditions):
            raise InvalidFilter('Unknown field "nonsense".')
        return iter([{self.id_key: "1"}, {self.id_key: "2"}, {self.id_key: "3"}])

    def count(self, conditions: Sequence[Any]) -> int:
        return 41

    def info(self, key: str, *, extended: bool = False) -> DocumentInfo | None:
        raise AssertionError("documents are read by their entity ids")

    def info_by_id(self, entity_id: int, *, extended: bool = False) -> DocumentInfo | None:
        if entity_id > 2:  # deleted in the meantime
            return None
        return {
            "increment_id": "100000001",
            "grand_total": "384.9800",
            "base_hidden_tax_amount": "0",
            "email_sent": None,
            "order_id": "9",
            self.id_key: str(entity_id),
            "items": [{"item_id": "5", "order_id": "9", "name": None}],
            "status_history" if self.id_key == "order_id" else "comments": [{"comment_id": "6"}],
        }


RIGHTS = {
    "order": ("sales/order", "info", "info"),
    "invoice": ("sales/order/invoice", "info", "info"),
    "shipment": ("sales/order/shipment", "info", "info"),
    "creditmemo": ("sales/order/creditmemo", "list", "info"),
}
every_kind = pytest.mark.parametrize("kind", RIGHTS)


def repository_of(kind: str, *rules: Rule) -> tuple[Any, str, Queries]:
    queries = Queries(f"{kind}_id")
    access = access_for(*rules)
    token = access.token(here(), {"username": "apiUser", "password": "apiKey"})
    return repositories(access, {kind: queries})[kind], token, queries


@every_kind
def test_a_document(kind: str) -> None:
    repository, token, _ = repository_of(kind, Rule("all"))
    found = repository.get(here(), token, "2")
    order = {} if kind == "order" else {"order_id": 9}
    item = {"item_id": 5} if kind == "order" else {"entity_id": 5}
    assert found == {
        "increment_id": "100000001",
        "grand_total": 384.98,
        "base_discount_tax_compensation_amount": "0",
        "entity_id": 2,
        **order,
        "items": [item | {"order_id": 9}],
        "status_histories" if kind == "order" else "comments": [{"entity_id": 6}],
    }


@every_kind
def test_a_list_of_documents(kind: str) -> None:
    repository, token, queries = repository_of(kind, Rule("all"))
    found = repository.get_list(here(), token, [("searchCriteria[page_size]", "3")])
    assert [each["entity_id"] for each in found["items"]] == [1, 2]
    assert (found["total_count"], found["search_criteria"]["page_size"]) == (41, 3)
    assert queries.asked == ([], Page(limit=3))


@every_kind
@pytest.mark.parametrize("document_id", ["3", "0", "4294967296"])
def test_a_document_that_does_not_exist(kind: str, document_id: str) -> None:
    repository, token, _ = repository_of(kind, Rule("all"))
    expected = (404, {"message": "Requested entity doesn't exist"})
    assert error_of(lambda: repository.get(here(), token, document_id)) == expected


def test_a_field_that_does_not_exist() -> None:
    repository, token, _ = repository_of("invoice", Rule("all"))
    parameters = parse_qsl(filtered(("nonsense", "1")))
    expected = (400, {"message": 'Unknown field "nonsense".'})
    assert error_of(lambda: repository.get_list(here(), token, parameters)) == expected


@every_kind
def test_rights(kind: str) -> None:
    acl, to_list, to_get = RIGHTS[kind]
    repository, token, _ = repository_of(kind, Rule(acl), Rule(f"{acl}/{to_list}"), Rule(f"{acl}/{to_get}"))
    assert repository.get(here(), token, "1")["entity_id"] == 1
    assert repository.get_list(here(), token, [])["total_count"] == 41
    refused, token, _ = repository_of(
        kind, Rule(acl), Rule(f"{acl}/{to_list}", "deny"), Rule(f"{acl}/{to_get}", "deny")
    )
    for call in (lambda: refused.get(here(), token, "1"), lambda: refused.get_list(here(), token, [])):
        status, body = error_of(call)
        assert (status, body["parameters"]["resources"][:15]) == (401, "Magento_Sales::")
    for bad in (None, "no session"):
        assert error_of(lambda: repository.get(here(), bad, "1"))[0] == 401  # noqa: B023


def test_only_documents_that_can_be_read_have_a_repository() -> None:
    assert list(repositories(access_for(), {"customer": Queries("customer_id"), "invoice": Queries("invoice_id")})) == [
        "invoice"
    ]
