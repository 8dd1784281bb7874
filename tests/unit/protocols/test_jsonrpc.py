"""JSON-RPC 2.0 as specified, and the API behind it (RPC-1..7, BUG-29)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client as Http

from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault, Fault
from magento_soap.protocols.jsonrpc import JsonRpcEndpoint
from tests.unit.api.test_arguments import json_like

SESSION = "1" * 32


class EchoApi:
    """The API, answering with what it was asked."""

    def login(self, client: Client, username: Any, api_key: Any) -> Any:
        return ["login", client.username, username, api_key]

    def start_session(self) -> Any:
        return "started"

    def end_session(self, session_id: Any) -> Any:
        return True

    def call(self, client: Client, session_id: Any, path: Any, args: Any, *, typed: bool = False) -> Any:
        if path == "no.fault":
            raise ApiFault(Fault("100", "not_exists", "Requested invoice does not exist."), None, "invoice_not_exists")
        if path == "nope" or path is None:
            raise ApiFault(Fault("3", "resource_path_invalid", "Invalid api path."))
        if path == "crash.now":
            raise RuntimeError("secret detail")
        return iter([["call", session_id, path, args, typed]])

    def multi_call(self, client: Client, session_id: Any, calls: Any, options: Any, *, typed: bool = False) -> Any:
        return ["multiCall", session_id, calls, options, typed]

    def resources(self, client: Client, session_id: Any) -> Any:
        return ["resources", session_id]

    def global_faults(self, client: Client, session_id: Any) -> Any:
        return ["globalFaults"]

    def resource_faults(self, client: Client, session_id: Any, resource_name: Any) -> Any:
        return ["resourceFaults", session_id, resource_name]

    def unserved(self, client: Client, session_id: Any, operation: str) -> None:
        return None


def door(**options: Any) -> Http:
    return Http(JsonRpcEndpoint(EchoApi(), **{"max_body": 8_000_000} | options))


def post(body: Any, **options: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = door(**options).post("/api/jsonrpc", data=data)
    assert answer.status_code == 200
    return answer.get_json()


def call(method: str, params: Any, **options: Any) -> Any:
    return post({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}, **options)


@pytest.mark.parametrize(
    ("method", "params", "asked"),
    [
        ("login", ["apiUser", "apiKey"], ["login", None, "apiUser", "apiKey"]),
        ("login", ["apiUser"], ["login", None, "apiUser", None]),
        ("login", {"apiKey": "k", "username": "u"}, ["login", None, "u", "k"]),
        ("startSession", [], "started"),
        ("endSession", [], True),
        ("call", [SESSION, "a.b", ["1", {"5": 2}]], [["call", SESSION, "a.b", ["1", {"5": 2}], True]]),
        ("call", [SESSION, "a.b"], [["call", SESSION, "a.b", [], True]]),
        ("call", [SESSION, "a.b", None], [["call", SESSION, "a.b", None, True]]),
        ("call", [SESSION, "a.b", "1", "surplus"], [["call", SESSION, "a.b", "1", True]]),
        ("call", {"args": [1], "apiPath": "a.b", "sessionId": SESSION}, [["call", SESSION, "a.b", [1], True]]),
        ("multiCall", [SESSION, [["a.b"]], {"break": 1}], ["multiCall", SESSION, [["a.b"]], {"break": 1}, True]),
        ("resources", [SESSION], ["resources", SESSION]),
        ("resourceFaults", [SESSION, "x"], ["resourceFaults", SESSION, "x"]),
        ("globalFaults", [SESSION], ["globalFaults"]),
        # a method that is an API path (RPC-2)
        ("a.b", [SESSION, "1", 2], [["call", SESSION, "a.b", ["1", 2], True]]),
        ("a.b", [], [["call", None, "a.b", [], True]]),
        ("a.b", {"sessionId": SESSION, "id": "1"}, [["call", SESSION, "a.b", {"id": "1"}, True]]),
    ],
)
def test_methods_and_parameters(method: str, params: Any, asked: Any) -> None:
    assert call(method, params) == {"jsonrpc": "2.0", "result": asked, "id": 1}


@pytest.mark.parametrize("call_id", [1, 0, -5, 1.5, "abc-1", "", None, 12345678901234567890])
def test_the_id_comes_back_as_it_was_sent(call_id: Any) -> None:
    assert post({"jsonrpc": "2.0", "method": "startSession", "id": call_id})["id"] == call_id


def test_faults_of_the_api_carry_their_number_and_name() -> None:
    assert call("no.fault", [SESSION]) == {
        "jsonrpc": "2.0",
        "error": {
            "code": -32000,
            "message": "Requested invoice does not exist.",
            "data": {"faultCode": "100", "faultName": "invoice_not_exists"},
        },
        "id": 1,
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b'{"jsonrpc":', b"\xff\xfe\xff", b"[1,", b'{"id": NaN}', b"[" * 90, b'["\\ud800"]', b"9" * 9000],
)
def test_what_is_not_json(body: bytes) -> None:
    assert post(body) == {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}


def nested(opening: str, closing: str, levels: int) -> str:
    return opening * levels + closing * levels


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"id": 1e400, "method": "startSession"}', "a number is too large"),
        ("[-1e999]", "a number is too large"),
        (nested("[", "]", 129), "it is nested too deeply"),
        (nested('{"a":', "}", 128).replace(":}", ":[]}"), "it is nested too deeply"),
        ("[" * 9000, "it is nested too deeply"),
        (f"[{'[],' * 100_000}0]", "it has too many values"),
        ("{" + '"":[],' * 70_000 + '"":0}', "it has too many values"),
        ('["\U0001f600' + "x" * 5_000_000 + '"]', "it is too long"),
    ],
)
def test_json_that_would_cost_too_much_is_refused_and_says_why(body: str, reason: str) -> None:
    error = post(body.encode())["error"]
    assert error == {"code": -32700, "message": f"Parse error: {reason}"}


def test_what_is_in_texts_is_not_counted() -> None:
    text = '[{,:"\\' * 60_000
    assert post({"jsonrpc": "2.0", "method": "startSession", "params": [text], "id": 1})["result"]


def test_values_may_be_nested_and_many() -> None:
    deep = json.loads(nested("[", "]", 126))
    many = [[str(number), {"qty": number}] for number in range(30_000)]
    for value in (deep, many):
        assert "result" in post({"jsonrpc": "2.0", "method": "startSession", "params": [value], "id": 1})


@pytest.mark.parametrize(
    "request_",
    [
        *(5, "x", None, True, {}, [], {"id": 1}, {"method": ""}, {"method": 5}),
        *({"method": "login", "id": {}}, {"method": "login", "id": []}, {"method": "login", "id": True}),
    ],
)
def test_what_is_no_request(request_: Any) -> None:
    error = post(request_)
    assert (error["error"]["code"], error["id"]) == (-32600, None)


@pytest.mark.parametrize("params", ["x", 5, None, True])
def test_parameters_are_a_list_or_an_object(params: Any) -> None:
    assert call("login", params)["error"]["code"] == -32602


def test_unknown_names_of_parameters() -> None:
    error = call("login", {"user": "x"})["error"]
    assert error["code"] == -32602
    assert "user" in error["message"]
    assert call("login", {"x" * 5000: 1})["error"]["message"] == f'Invalid params: there is no "{"x" * 97}..."'


def test_an_unknown_method() -> None:
    assert call("nope", [SESSION])["error"] == {"code": -32601, "message": "Method not found"}
    assert call("call", [SESSION, "nope"])["error"]["data"]["faultCode"] == "3"


def test_a_bug_is_told_with_a_reference_only() -> None:
    error = call("crash.now", [SESSION])["error"]
    assert error["data"] == {"faultCode": "1", "faultName": "internal"}
    assert "reference" in error["message"]
    assert "secret" not in json.dumps(error)


def test_notifications_get_no_answer() -> None:
    for method in ("startSession", "nope", "no.fault", "crash.now"):
        answer = door().post("/", json={"jsonrpc": "2.0", "method": method, "params": []})
        assert (answer.status_code, answer.data) == (204, b"")


def test_batches() -> None:
    one = {"jsonrpc": "2.0", "method": "startSession", "id": 1}
    two = {"jsonrpc": "2.0", "method": "nope", "params": [SESSION], "id": "2"}
    told = {"jsonrpc": "2.0", "method": "startSession"}
    answers = post([one, told, two, 5])
    assert [answer["id"] for answer in answers] == [1, "2", None]
    assert answers[0]["result"] == "started"
    assert [answer["error"]["code"] for answer in answers[1:]] == [-32601, -32600]
    assert door().post("/", json=[told, told]).status_code == 204


def test_a_batch_has_at_most_1000_calls() -> None:
    call = {"method": "startSession", "id": 1}
    one_call = json.dumps(call).encode()

    def answers(count: int) -> Any:
        body = b"[" + b",".join([one_call] * count) + b"]"
        return Http(JsonRpcEndpoint(EchoApi(), max_body=len(body))).post("/", data=body).get_json()

    assert len(answers(1000)) == 1000
    assert answers(1001) == {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": None}


def test_utf_16_is_json_too() -> None:
    body = json.dumps({"jsonrpc": "2.0", "method": "login", "params": ["ü日😀"], "id": 1}, ensure_ascii=False)
    assert post(body.encode("utf-16"))["result"][2] == "ü日😀"


def test_other_http_methods_and_bodies_that_are_too_large() -> None:
    for method in ("GET", "HEAD", "PUT", "OPTIONS"):
        answer = door(max_body=10_000).open("/", method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Allow" not in door(max_body=10_000).post("/", data=b"{}").headers
    refused = door(max_body=10_000).post("/", data=b" " * 10_001)
    assert refused.status_code == 413
    assert refused.get_json()["error"]["code"] == -32600


def test_http_basic_reaches_the_api() -> None:
    basic = "Basic " + base64.b64encode(b"apiUser:apiKey").decode()
    answer = door(max_body=10_000).post(
        "/", json={"method": "login", "params": [], "id": 1}, headers={"Authorization": basic}
    )
    assert answer.get_json()["result"][1] == "apiUser"


def test_strings_on_request() -> None:
    assert call("a.b", [SESSION], strings=True)["result"][0][-1] is False


@given(json_like, st.sampled_from(["login", "call", "a.b", "multiCall", "startSession"]))
def test_any_parameters_get_an_orderly_answer(params: Any, method: str) -> None:
    try:
        body = json.dumps({"method": method, "params": params, "id": 1}, allow_nan=False).encode()
    except ValueError:
        return
    answer = door(max_body=10_000).post("/", data=body)
    assert answer.status_code in (200, 413)
    assert ("result" in answer.get_json()) != ("error" in answer.get_json())
