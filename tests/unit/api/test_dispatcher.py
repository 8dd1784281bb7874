"""The one door behind all doors: what is checked in which order, and calls of several at once (API-60..63)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from magento_soap.api.acl import Acl
from magento_soap.api.arguments import Parameter
from magento_soap.api.budget import MAX_CALLS, TEXT_PER_VALUE, Budget, number_of_values
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Dispatcher
from magento_soap.api.faults import ApiFault, Fault, FaultTable
from magento_soap.api.forwarding import ForwardingRules
from magento_soap.api.logins import LoginThrottle
from magento_soap.api.resources import Method, Registry, Resource, methods
from magento_soap.api.sessions import Sessions
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.storage.logins import LoginsInMemory

from .test_acl import Rule
from .test_sessions import AccountsInMemory, User


def here() -> Client:
    """Who calls, in a request of its own."""
    return Client()


NOW = datetime(2024, 1, 1)
LENT = (Parameter("toy", required=True, optional_in_v1=True),)
BROKEN = Fault("100", "broken", "The toy is broken.")


@dataclass
class Accounts(AccountsInMemory):
    rules: list[Rule] = field(default_factory=lambda: [Rule("all")])
    privileged: Collection[int] = (1,)

    def roles_of(self, user_id: int) -> Sequence[Sequence[Any]]:
        return [self.rules] if user_id in self.privileged else []


def play(toy: Any, times: Any) -> Any:
    if toy == "broken":
        raise ApiFault(BROKEN)
    if toy == "bug":
        raise RuntimeError("secret detail")
    return [toy] * int(times)


def lend(toy: Any, key: IdempotencyKey | None) -> Any:
    return key and [key.id, key.fingerprint, key.is_optional]


def shop(
    *rules: Rule, users: Collection[int] = (1,), forwarding: ForwardingRules | None = None
) -> tuple[Dispatcher, str]:
    accounts = Accounts({"apiuser": User(1, "apiUser"), "other": User(2, "other")}, rules=list(rules) or [Rule("all")])
    accounts.privileged = users
    parameters = (Parameter("toy", required=True), Parameter("times", default=1))
    toys = Resource(
        name="toy_box",
        title="Toys",
        acl="toys",
        aliases=("toys",),
        faults=FaultTable(BROKEN),
        methods=methods(
            Method("play", "Play", "toys/play", parameters, play, lambda toy, times: f"{toy} typed"),
            Method("count", "Count", "toys/count", (), lambda: iter([{"toy": "ball"}])),
            Method("lend", "Lend", "toys/lend", LENT, lend, changes=True),
            Method("give", "Give", "toys/give", LENT, lend, changes=True),
        ),
    )
    sessions = Sessions(accounts, lambda: NOW, LoginThrottle(LoginsInMemory(), 0, 1, lambda: NOW), 60)
    api = Dispatcher(sessions, Acl(accounts, cache_seconds=0), Registry(toys), forwarding)
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
    assert api.call(here(), session, "toys.play", "ball", typed=True) == "ball typed"
    calls = [["toys.play", "ball"], ["toys.count"]]
    assert api.multi_call(here(), session, calls, None, typed=True) == ["ball typed", [{"toy": "ball"}]]
    assert list(api.call(here(), session, "toys.count", [], typed=True)) == [{"toy": "ball"}]


def test_a_session_that_was_ended_is_none_ses_13() -> None:
    api, session = shop()
    other = api.login(here(), "apiUser", "apiKey")
    assert api.end_session(session) is True
    assert fault_of(lambda: api.call(here(), session, "toys.play", "ball"))[0] == "5"
    assert api.call(here(), other, "toys.play", "ball") == ["ball"]


def test_a_session_that_was_only_started_is_not_logged_in_ses_2() -> None:
    api, _ = shop()
    assert fault_of(lambda: api.call(here(), api.start_session(), "toys.play", "ball"))[0] == "5"


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
        ({"break": 2}, False),
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
    assert len(api.multi_call(here(), session, [["toys.count"]] * MAX_CALLS, None)) == MAX_CALLS


@pytest.mark.parametrize("calls", [{"a": ["toys.count"], "b": ["no.path"]}, {5: ["toys.count"], 3: ["no.path"]}])
def test_the_keys_of_a_map_of_calls_do_not_matter(calls: Any) -> None:
    api, session = shop()
    counted, refused = api.multi_call(here(), session, calls, None)
    assert (counted, refused["faultCode"]) == ([{"toy": "ball"}], "3")


def test_calls_that_are_none_are_one_without_a_path() -> None:
    api, session = shop()
    (refused,) = api.multi_call(here(), session, "toys.count", None)
    assert refused["faultCode"] == "3"


@pytest.mark.parametrize(
    "call",
    [
        lambda api, client: api.call(client, None, "toys.play", "ball"),
        lambda api, client: api.multi_call(client, "", [["toys.play", "ball"]], None)[0],
        lambda api, client: api.resources(client, None)[0]["methods"] and ["ball"],
        lambda api, client: api.resource_faults(client, None, "toys") and ["ball"],
        lambda api, client: api.resource_faults(client, "toys", None) and ["ball"],
    ],
    ids=["call", "multi_call", "resources", "resource_faults", "resource_faults the other way round"],
)
def test_http_basic_stands_in_for_a_session_in_every_call_ses_20(call: Any) -> None:
    api, _ = shop()
    assert call(api, Client(username="apiUser", api_key="apiKey")) == ["ball"]
    assert fault_of(lambda: call(api, Client(username="apiUser", api_key="wrong")))[0] in ("2", "5")
    assert fault_of(lambda: call(api, here()))[0] == "5"


def test_rights_are_those_of_the_user_who_calls() -> None:
    api, _ = shop()
    other = api.login(here(), "other", "apiKey")
    assert fault_of(lambda: api.call(here(), other, "toys.play", "ball"))[0] == "2"
    (refused,) = api.multi_call(here(), other, [["toys.play", "ball"]], None)
    assert refused["faultCode"] == "2"
    assert api.resources(here(), other) == []


def test_what_v1_may_leave_out_api_33() -> None:
    api, session = shop()
    old = Client(speaks_v1=True)
    assert api.call(old, session, "toys.lend", []) is None
    assert api.multi_call(old, session, [["toys.lend"]], None) == [None]
    assert fault_of(lambda: api.call(here(), session, "toys.lend", []))[0] == "6"


def test_a_request_with_a_key_is_known_again() -> None:
    api, session = shop()
    keyed = Client(idempotency_key="k1")

    def asked(client: Client = keyed, path: str = "toys.lend", toy: Any = "ball") -> Any:
        return api.call(client, session, path, [toy])

    assert asked(here()) is None
    id_, content, is_optional = asked()
    assert asked() == asked(path="toy_box.lend") == [id_, content, is_optional]
    assert is_optional is False
    assert asked(Client(idempotency_key="k1", is_message_id=True)) == [id_, content, True]
    assert asked(Client(idempotency_key="k2"))[:2] != [id_, content]
    assert asked(Client(idempotency_key="k2"))[1] == content
    for other in (asked(path="toys.give"), asked(toy="bear")):
        assert other[0] == id_
        assert other[1] != content


def test_a_key_is_each_users_own() -> None:
    api, session = shop(Rule("all"), users=(1, 2))
    other = api.login(here(), "other", "apiKey")
    keyed = Client(idempotency_key="k1")
    first, second = (api.call(keyed, each, "toys.lend", "ball") for each in (session, other))
    assert first[0] != second[0]
    assert first[1] == second[1]


def test_each_of_several_calls_has_a_key_of_its_own_and_the_same_one_again() -> None:
    api, session = shop()
    keyed = Client(idempotency_key="k1", is_message_id=True, speaks_v1=True)
    calls = [["toys.lend", "ball"], ["toys.lend", "ball"], ["toys.lend"]]
    first, second, third = api.multi_call(keyed, session, calls, None)
    assert len({first[0], second[0], third[0]}) == 3
    assert first[2] is True
    assert api.multi_call(keyed, session, calls, None) == [first, second, third]
    assert api.call(keyed, session, *calls[0])[0] not in (first[0], second[0])
    assert api.multi_call(here(), session, calls[:2], None) == [None, None]


class Failing:
    """Accounts, or rights, that are out of order."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("secret detail")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda api: api.login(here(), "apiUser", "apiKey"), "login"),
        (lambda api: api.start_session(), "startSession"),
        (lambda api: api.end_session("x"), "endSession"),
        (lambda api: api.call(here(), "x", "toys.play", []), "toys.play"),
        (lambda api: api.multi_call(here(), "x", [], None), "multiCall"),
        (lambda api: api.resources(here(), "x"), "resources"),
        (lambda api: api.resource_faults(here(), "x", "toys"), "resourceFaults"),
    ],
)
def test_a_bug_is_logged_with_its_call_and_under_its_reference_bug_6(call: Any, name: str) -> None:
    api = Dispatcher(Failing(), Failing(), Registry())  # type: ignore[arg-type]
    with capture_logs() as logs:
        code, message = fault_of(lambda: call(api))
    assert code == "1"
    (entry,) = logs
    assert (entry["event"], entry["call"]) == ("unexpected error", name)
    assert re.fullmatch("[0-9a-f]{8}", entry["reference"])
    assert message.endswith(f" (reference {entry['reference']})")
    assert entry["exception"].startswith("Traceback (most recent call last):\n")
    assert entry["exception"].endswith("\nRuntimeError: secret detail\n")


def test_a_bug_in_one_of_several_calls_is_logged_with_its_path() -> None:
    api, session = shop()
    with capture_logs() as logs:
        (fault,) = api.multi_call(here(), session, [["toys.play", "bug"]], None)
    assert fault["faultCode"] == "1"
    assert [entry["call"] for entry in logs] == ["toys.play"]


def test_resources_are_those_that_the_user_may_use() -> None:
    api, session = shop(Rule("toys"), Rule("toys/count", "deny"))
    (toys,) = api.resources(here(), session)
    assert [method["path"] for method in toys["methods"]] == ["toy_box.play", "toy_box.lend", "toy_box.give"]
    nothing, session = shop(Rule("catalog"))
    assert nothing.resources(here(), session) == []


def test_fault_tables() -> None:
    api, session = shop()
    assert [fault["code"] for fault in api.global_faults(Client(), None)] == list("0123456")
    table = [{"code": "100", "message": "The toy is broken."}]
    assert api.resource_faults(here(), session, "toy_box") == table
    assert api.resource_faults(here(), session, "toys") == table
    assert api.resource_faults(here(), "toys", session) == table  # API-60: the other way round, too
    assert fault_of(lambda: api.resource_faults(here(), session, "nothing"))[0] == "3"
    for none in (None, ["toys"], {"name": "toys"}):
        assert fault_of(lambda none=none: api.resource_faults(here(), session, none))[0] == "3"
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
