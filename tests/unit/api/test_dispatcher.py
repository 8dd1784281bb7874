"""The one door behind all doors: what is checked in which order, and calls of several at once (API-60..63)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from magento_soap.api.acl import Acl
from magento_soap.api.arguments import Parameter
from magento_soap.api.budget import MAX_CALLS, TEXT_PER_VALUE, Budget, number_of_values
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.faults import ApiFault, Fault, FaultTable
from magento_soap.api.logins import LoginThrottle
from magento_soap.api.resources import Method, Registry, Resource, methods
from magento_soap.api.sessions import Sessions
from magento_soap.storage.logins import LoginsInMemory

from .test_acl import Rule
from .test_sessions import AccountsInMemory, User


def here() -> Client:
    """Who calls, in a request of its own."""
    return Client()


NOW = datetime(2024, 1, 1)
BROKEN = Fault("100", "broken", "The toy is broken.")


@dataclass
class Accounts(AccountsInMemory):
    rules: list[Rule] = field(default_factory=lambda: [Rule("all")])

    def roles_of(self, user_id: int) -> Sequence[Sequence[Any]]:
        return [self.rules]


def play(toy: Any, times: Any) -> Any:
    if toy == "broken":
        raise ApiFault(BROKEN)
    if toy == "bug":
        raise RuntimeError("secret detail")
    return [toy] * int(times)


def shop(*rules: Rule) -> tuple[Dispatcher, str]:
    accounts = Accounts({"apiuser": User(1, "apiUser")}, rules=list(rules) or [Rule("all")])
    parameters = (Parameter("toy", required=True), Parameter("times", default=1))
    toys = Resource(
        name="toy_box",
        title="Toys",
        acl="toys",
        aliases=("toys",),
        faults=FaultTable(BROKEN),
        methods=methods(
            Method("play", "Play", "toys/play", parameters, play, lambda toy, times: f"{toy} natively"),
            Method("count", "Count", "toys/count", (), lambda: iter([{"toy": "ball"}])),
        ),
    )
    sessions = Sessions(accounts, lambda: NOW, LoginThrottle(LoginsInMemory(), 0, 1, lambda: NOW), 60)
    api = Dispatcher(sessions, Acl(accounts, cache_seconds=0), Registry(toys))
    return api, api.login(here(), "apiUser", "apiKey")


def fault_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ApiFault) as caught:
        call()
    return caught.value.code, caught.value.message


def test_a_call_by_name_or_alias_with_any_shape_of_arguments() -> None:
    api, session = shop()
    for path in ("toy_box.play", "toys.play", "toy_box.play.x"):
        for args in ("ball", ["ball"], {"toy": "ball"}, {0: "ball"}):
            assert api.call(here(), session, path, args) == ["ball"]
    assert list(api.call(here(), session, "toys.count", [])) == [{"toy": "ball"}]


def test_a_native_answer_for_doors_that_ask_for_it() -> None:
    api, session = shop()
    assert api.call(here(), session, "toys.play", "ball", natively=True) == "ball natively"
    assert list(api.call(here(), session, "toys.count", [], natively=True)) == [{"toy": "ball"}]


def test_the_order_of_checks_is_session_path_access_arguments() -> None:
    api, session = shop(Rule("toys"), Rule("toys/count", "deny"))  # API-61
    assert fault_of(lambda: api.call(here(), "no", "no.path", []))[0] == "5"
    assert fault_of(lambda: api.call(here(), session, "no.path", []))[0] == "3"
    assert fault_of(lambda: api.call(here(), session, None, []))[0] == "3"
    assert fault_of(lambda: api.call(here(), session, ["toys", "play"], []))[0] == "3"
    assert fault_of(lambda: api.call(here(), session, "toys.count", []))[0] == "2"
    assert fault_of(lambda: api.call(here(), session, "toys.play", []))[0] == "6"
    assert fault_of(lambda: api.call(here(), session, "toys.play", "broken")) == ("100", "The toy is broken.")


def test_a_bug_is_fault_1_with_a_reference_and_no_details() -> None:
    api, session = shop()
    code, message = fault_of(lambda: api.call(here(), session, "toys.play", "bug"))
    assert code == "1"
    assert message.startswith("Internal Error. Please see log for details. (reference ")
    assert "secret" not in message


def test_several_calls_have_their_faults_in_place() -> None:
    api, session = shop()  # API-62
    calls = [["toys.play", ["ball"]], ["toys.play", ["broken"]], ["no.path"], [], ["toys.count"], "text", ["toys.play"]]
    results = api.multi_call(here(), session, calls, None)
    assert results[0] == ["ball"]
    assert results[1] == {"isFault": True, "faultCode": "100", "faultMessage": "The toy is broken."}
    assert results[4] == [{"toy": "ball"}]
    assert [r["faultCode"] for r in results if isinstance(r, dict)] == ["100", "3", "3", "3", "6"]


@pytest.mark.parametrize(
    ("entry", "result"),
    [
        (["toys.play", "ball"], ["ball"]),
        ({"0": "toys.play", "1": ["ball"]}, ["ball"]),
        (["toys.play", {"toy": "ball", "times": 2}], ["ball", "ball"]),
        (["toys.count", None], [{"toy": "ball"}]),
    ],
)
def test_the_forms_of_an_entry(entry: Any, result: Any) -> None:
    api, session = shop()
    assert api.multi_call(here(), session, [entry], None) == [result]


@pytest.mark.parametrize(
    ("options", "stops"),
    [
        ({"break": 1}, True),
        ({"break": "1"}, True),
        ({"break": True}, True),
        ({"break": 0}, False),
        ({}, False),
        (None, False),
        ([], False),
        ("break", False),
    ],
)
def test_break_stops_after_the_first_fault(options: Any, stops: bool) -> None:
    api, session = shop()
    calls = [["toys.play", "ball"], ["toys.play", "broken"], ["toys.play", "ball"]]
    assert len(api.multi_call(here(), session, calls, options)) == (2 if stops else 3)


def test_several_calls_need_a_session_even_when_there_are_none() -> None:
    api, session = shop()
    assert fault_of(lambda: api.multi_call(here(), "no", [], None))[0] == "5"
    assert api.multi_call(here(), session, None, None) == []
    assert api.multi_call(here(), session, [], None) == []


def test_too_many_calls_are_refused_and_none_is_made() -> None:
    api, session = shop()
    code, message = fault_of(lambda: api.multi_call(here(), session, [["toys.count"]] * (MAX_CALLS + 1), None))
    assert code == "6"
    assert str(MAX_CALLS) in message


def test_resources_are_those_that_the_user_may_use() -> None:
    api, session = shop(Rule("toys"), Rule("toys/count", "deny"))
    (toys,) = api.resources(here(), session)
    assert [method["path"] for method in toys["methods"]] == ["toy_box.play"]
    nothing, session = shop(Rule("catalog"))
    assert nothing.resources(here(), session) == []


def test_fault_tables() -> None:
    api, session = shop()
    assert [fault["code"] for fault in api.global_faults()] == list("0123456")
    table = [{"code": "100", "message": "The toy is broken."}]
    assert api.resource_faults(here(), session, "toy_box") == table
    assert api.resource_faults(here(), session, "toys") == table
    assert api.resource_faults(here(), "toys", session) == table  # API-60: the other way round, too
    assert fault_of(lambda: api.resource_faults(here(), session, "nothing"))[0] == "3"
    assert fault_of(lambda: api.resource_faults(here(), session, None))[0] == "3"
    assert fault_of(lambda: api.resource_faults(here(), "no", "toys"))[0] == "5"


def test_a_request_has_a_thousand_calls_however_they_are_put() -> None:
    api, session = shop()
    client = Client()
    half = [["toys.count"]] * (MAX_CALLS // 2)
    for _ in range(2):
        assert len(api.multi_call(client, session, half, None)) == MAX_CALLS // 2
    assert fault_of(lambda: api.multi_call(client, session, [["toys.count"]], None))[0] == "6"
    assert fault_of(lambda: api.call(client, session, "toys.count", []))[0] == "6"
    assert api.call(Client(), session, "toys.count", [])


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1), (None, 1), ("text", 1), ([], 1), ({"a": 1, "b": [2, 3]}, 5), ("x" * 10 * TEXT_PER_VALUE, 11)],
)
def test_values_of_a_result_are_counted_to_the_bottom(value: Any, number: int) -> None:
    assert number_of_values(value) == number


def test_after_too_large_results_a_request_makes_no_more_calls() -> None:
    api, session = shop()
    client = Client(budget=Budget(result_values=100))
    # The first result does not count, and one that is too large is still given.
    calls = [["toys.play", ["a", 1000]], ["toys.play", ["b", 50]], ["toys.play", ["c", 60]], ["toys.play", ["d", 1]]]
    *given, refused = api.multi_call(client, session, calls, None)
    assert [len(result) for result in given] == [1000, 50, 60]
    assert (refused["isFault"], refused["faultCode"]) == (True, "6")
    assert "too large" in refused["faultMessage"]
    assert fault_of(lambda: api.call(client, session, "toys.count", []))[0] == "6"
    assert fault_of(lambda: api.resources(client, session))[0] == "6"


def test_rows_count_when_they_are_taken() -> None:
    api, session = shop()
    client = Client(budget=Budget(result_values=3))
    rows = [api.call(client, session, "toys.count", []) for _ in range(4)]
    assert [list(each) for each in rows] == [[{"toy": "ball"}]] * 4
    assert fault_of(lambda: api.call(client, session, "toys.count", []))[0] == "6"
