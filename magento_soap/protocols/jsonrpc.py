"""JSON-RPC 2.0: bytes of a request -> calls of the API -> bytes of the answer.

The methods are those of the API (``login``, ``call``, ``multiCall`` ...); any other name is taken for an API path, so
that ``sales_order_invoice.info`` with the parameters session and arguments is a call of its own (RPC-2). Faults of the
API are errors of code -32000, their Magento number and name in ``data`` (RPC-4, BUG-29).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from magento_soap.api.budget import MAX_CALLS
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.faults import INVALID_PATH, ApiFault, unexpected
from magento_soap.api.values import collected
from magento_soap.sales.errors import excerpt

from .json_text import InvalidJson, parse
from .wsgi_request import Refused, body_of, client_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, FAULT = -32700, -32600, -32601, -32602, -32000
NOT_ALLOWED = "405 Method Not Allowed"

Method = Callable[..., Any]


class JsonRpcError(Exception):
    """An error object of the protocol: code, message and optionally data."""

    def __init__(self, code: int, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def as_json(self) -> dict[str, Any]:
        """The error object."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return error if self.data is None else error | {"data": dict(self.data)}


@dataclass(frozen=True)
class Operation:
    """A method of the API, and the names of its parameters with what they are when they are left out."""

    run: Method
    parameters: Mapping[str, Any]

    def arguments(self, params: Any) -> list[Any]:
        """The parameters by position, surplus ones ignored. Raises JsonRpcError (-32602) for unknown names."""
        if isinstance(params, list):
            return [*params, *list(self.parameters.values())[len(params) :]][: len(self.parameters)]
        unknown = params.keys() - self.parameters.keys()
        if unknown:
            raise JsonRpcError(INVALID_PARAMS, f'Invalid params: there is no "{excerpt(min(unknown))}"')
        return [params.get(name, default) for name, default in self.parameters.items()]


class JsonRpcEndpoint:
    """A WSGI callable that answers JSON-RPC.

    Numbers are numbers, and rows have all that the documentation promises; with ``strings`` both are as OpenMage sends
    them. Bodies of more than ``max_body`` bytes are refused.
    """

    def __init__(self, api: Api, *, max_body: int, strings: bool = False) -> None:
        self._api = api
        self._max_body = max_body
        self._typed = not strings
        self._operations = {
            "login": Operation(api.login, {"username": None, "apiKey": None}),
            "call": Operation(self._call, {"sessionId": None, "apiPath": None, "args": []}),
            "multiCall": Operation(self._multi_call, {"sessionId": None, "calls": [], "options": []}),
            "resources": Operation(api.resources, {"sessionId": None}),
            "resourceFaults": Operation(api.resource_faults, {"sessionId": None, "resourceName": None}),
            "startSession": Operation(lambda _client: api.start_session(), {}),
            "endSession": Operation(lambda _client, session_id: api.end_session(session_id), {"sessionId": None}),
            "globalFaults": Operation(lambda _client, _session_id: api.global_faults(), {"sessionId": None}),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: HTTP 200 with the answer, 204 when there is none to give."""
        status, answer = self._answer(environ)
        if answer is None:
            start_response("204 No Content", [])
            return []
        body = json.dumps(answer, separators=(",", ":")).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(status, [*headers, ("Allow", "POST")] if status == NOT_ALLOWED else headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, Any]:
        try:
            if environ.get("REQUEST_METHOD") != "POST":
                error = JsonRpcError(INVALID_REQUEST, "Invalid Request: use POST")
                return NOT_ALLOWED, _error(None, error)
            request = parse(body_of(environ, self._max_body))
            return "200 OK", self.answer(request, client_of(environ))
        except InvalidJson as invalid:
            reason = f": {invalid}" if str(invalid) else ""
            return "200 OK", _error(None, JsonRpcError(PARSE_ERROR, f"Parse error{reason}"))
        except Refused as refused:
            return refused.status, _error(None, JsonRpcError(INVALID_REQUEST, f"Invalid Request: {refused}"))

    def answer(self, request: Any, client: Client) -> Any:
        """The answer to a request or a batch; None when all of it were notifications."""
        if not isinstance(request, list):
            return self._answer_one(request, client)
        if not request or len(request) > MAX_CALLS:
            return _error(None, JsonRpcError(INVALID_REQUEST, "Invalid Request"))
        answers = [self._answer_one(each, client.for_part(number)) for number, each in enumerate(request)]
        return [answer for answer in answers if answer is not None] or None

    def _answer_one(self, request: Any, client: Client) -> dict[str, Any] | None:
        try:
            call_id, method = _id_and_method(request)
        except JsonRpcError as error:
            return _error(None, error)
        try:
            answer = {"jsonrpc": "2.0", "result": self._run(client, method, request.get("params", [])), "id": call_id}
        except JsonRpcError as error:
            answer = _error(call_id, error)
        return answer if "id" in request else None  # a notification gets no answer, not even an error

    def _run(self, client: Client, method: str, params: Any) -> Any:
        if not isinstance(params, (list, dict)):
            raise JsonRpcError(INVALID_PARAMS, "Invalid params: a list or an object is expected")
        operation = self._operations.get(method)
        try:
            if operation is not None:
                return operation.run(client, *operation.arguments(params))
            return self._call(client, *_session_and_path(method, params))
        except JsonRpcError:
            raise
        except Exception as error:
            fault = error if isinstance(error, ApiFault) else unexpected(error, call=method)
            if operation is None and fault.code == INVALID_PATH.code:
                raise JsonRpcError(METHOD_NOT_FOUND, "Method not found") from None
            raise JsonRpcError(FAULT, fault.message, {"faultCode": fault.code, "faultName": fault.name}) from error

    def _call(self, client: Client, session_id: Any, path: Any, args: Any) -> Any:
        return collected(self._api.call(client, session_id, path, args, typed=self._typed))

    def _multi_call(self, client: Client, session_id: Any, calls: Any, options: Any) -> Any:
        return self._api.multi_call(client, session_id, calls, options, typed=self._typed)


def _id_and_method(request: Any) -> tuple[Any, str]:
    """Id and method of a request. Raises JsonRpcError (-32600)."""
    if isinstance(request, dict):
        call_id, method = request.get("id"), request.get("method")
        if not isinstance(call_id, (bool, list, dict)) and isinstance(method, str) and method:
            return call_id, method
    raise JsonRpcError(INVALID_REQUEST, "Invalid Request")


def _session_and_path(path: str, params: Any) -> tuple[Any, str, Any]:
    """What to call for a method that is an API path: the session comes first, or by its name (RPC-2)."""
    if isinstance(params, dict):
        return params.get("sessionId"), path, {name: value for name, value in params.items() if name != "sessionId"}
    return (params[0] if params else None), path, params[1:]


def _error(call_id: Any, error: JsonRpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": error.as_json(), "id": call_id}
