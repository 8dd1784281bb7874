"""Shadow mode: which responses are compared with the shop's, and what the log says of them."""

from __future__ import annotations

import threading
from typing import Any
from xmlrpc.client import Fault

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from magento_soap.api.client import ServedCall
from magento_soap.protocols.forwarding import MessageFormat
from magento_soap.protocols.soap.contracts import CONTRACTS
from magento_soap.protocols.soap.endpoint import client_messages
from magento_soap.protocols.xmlrpc import XmlRpcMessages, document
from magento_soap.upstream.comparison import ABSENT, differences
from magento_soap.upstream.exchange import UpstreamFailure, UpstreamRequest
from magento_soap.upstream.shadow import MAX_SHOWN, MAX_WAITING, Shadow
from tests.unit.protocols.soap.wire import envelope

READ, WRITE = ServedCall("sales_order_invoice.info", changes=False), ServedCall("sales_order_invoice.create", True)
REQUEST = UpstreamRequest("POST", "/api/xmlrpc", [], b"<call/>")

PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


def places(ours: Any, theirs: Any) -> list[str]:
    return [difference.place for difference in differences(ours, theirs)]


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert places(value, value) == []


@given(VALUES, VALUES)
def test_what_differs_does_so_from_either_side(ours: Any, theirs: Any) -> None:
    assert sorted(places(ours, theirs)) == sorted(places(theirs, ours))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("1", 1, []),
        (1, 1.0, []),
        ("1.0000", 1, [""]),
        (None, "", [""]),
        ("0", False, [""]),
        ("1", True, []),
        ([], {}, []),
        ([], None, [""]),
        ([], "", [""]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "y"}]}}, ["a.b[1].c"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ([1, 2, 3], [1, 3], ["[1]", "[2]"]),
        ([1], {"0": 1}, [""]),
    ],
)
def test_the_places_that_differ(ours: Any, theirs: Any, expected: list[str]) -> None:
    assert places(ours, theirs) == expected


def test_what_is_missing_is_not_null() -> None:
    (difference,) = differences({"a": None}, {})
    assert (difference.ours, difference.theirs) == (None, ABSENT)
    assert str(difference) == "a: here None, in the shop nothing"


def compared(ours: bytes, theirs: bytes | Exception, messages: MessageFormat | None = None) -> list[Any]:
    """What the log says after one comparison."""

    def ask(request: UpstreamRequest, messages: MessageFormat) -> bytes:
        assert request == REQUEST
        if isinstance(theirs, Exception):
            raise theirs
        return theirs

    shadow = Shadow(100, ask)
    with capture_logs() as logs:
        shadow.compare(REQUEST, ours, [READ, READ], messages or XmlRpcMessages())
        shadow.wait()
    return logs


def test_equal_responses_are_not_logged() -> None:
    assert compared(document({"a": "1"}), document({"a": 1})) == []


def test_places_are_logged_and_values_only_for_those_who_look() -> None:
    warning, debug = compared(document([{"name": "Jane"}]), document([{"name": "John"}]))
    assert warning == {
        "event": "the shop answers otherwise",
        "log_level": "warning",
        "call": "sales_order_invoice.info, sales_order_invoice.info",
        "protocol": "XML-RPC",
        "places": ["result[0].name"],
        "more": False,
    }
    assert (debug["log_level"], debug["differences"]) == ("debug", ["result[0].name: here 'Jane', in the shop 'John'"])


def test_many_differences_are_not_all_logged() -> None:
    warning, _ = compared(document(list(range(100))), document([]))
    assert len(warning["places"]) == MAX_SHOWN
    assert warning["more"] is True


V2 = client_messages(CONTRACTS["v2"], "urn:Magento")[False]
FAULT = "<SOAP-ENV:Fault><faultcode>{}</faultcode><faultstring>{}</faultstring></SOAP-ENV:Fault>"


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ('<a:rResponse xmlns:a="x"><result>1</result></a:rResponse>', "<rResponse><result>1</result></rResponse>", []),
        (
            "<r><result><a>1</a><b>2</b></result></r>",
            '<r><result xsi:type="ns1:x"><b>2</b><a xsi:type="xsd:int">3</a></result></r>',
            ["result[0].a"],
        ),
        (FAULT.format("100", "x"), FAULT.format("100", "y"), ["fault[1]"]),
        (FAULT.format("100", "x"), "<r><result>1</result></r>", ["fault", "result"]),
    ],
)
def test_soap_is_compared_by_what_it_says(ours: str, theirs: str, expected: list[str]) -> None:
    logs = compared(envelope(ours), envelope(theirs), V2)
    assert [place for entry in logs if "places" in entry for place in entry["places"]] == expected


def test_a_session_that_has_ended_meanwhile_says_nothing() -> None:
    assert compared(document(1), document(Fault(5, "Session expired. Try to relogin."))) == []


@pytest.mark.parametrize("theirs", [UpstreamFailure("it is down"), b"<html/>"])
def test_a_shop_that_does_not_answer_is_logged_in_one_line(theirs: Any) -> None:
    (entry,) = compared(document(1), theirs)
    assert (entry["event"], entry["log_level"]) == ("no comparison with the shop", "info")


def test_only_reads_are_sampled() -> None:
    def ask(*_: Any) -> bytes:
        raise AssertionError

    always, never = Shadow(100, ask), Shadow(0, ask, lambda: 0.0)
    assert always.compares([READ, READ])
    assert not always.compares([READ, WRITE])
    assert not always.compares([])
    assert not never.compares([READ])


@given(st.floats(0, 100), st.floats(0, 1, exclude_max=True))
def test_the_sample_is_a_share(percent: float, chance: float) -> None:
    assert Shadow(percent, lambda *_: b"", lambda: chance).compares([READ]) is (chance < percent / 100)


def test_a_slow_shop_delays_nobody_and_what_is_too_much_is_dropped() -> None:
    release = threading.Event()
    asked: list[UpstreamRequest] = []

    def ask(request: UpstreamRequest, messages: MessageFormat) -> bytes:
        asked.append(request)
        release.wait(10)
        return document(1)

    shadow = Shadow(100, ask)
    for _ in range(MAX_WAITING + 50):
        shadow.compare(REQUEST, document(1), [READ], XmlRpcMessages())
    release.set()
    shadow.wait()
    assert MAX_WAITING <= len(asked) <= MAX_WAITING + 1
