"""JSON-RPC 2.0: bytes of a request -> calls of the API -> bytes of the answer.

The methods are those of ``api.operations`` (``login``, ``call``, ``multiCall`` ...). Any other name is read as an API
path: ``sales_order_invoice.info``, with the session and the arguments as parameters, is a call of its own (RPC-2).
Faults of the API are errors of code -32000, with their Magento number and name in ``data`` (RPC-4, BUG-29).
``json_text`` parses requests, ``wsgi_request`` takes them from HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from magento_soap.api.budget import MAX_CALLS
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api, run_by_shop
from magento_soap.api.faults import INVALID_PATH, ApiFault, Fault, unexpected
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.operations import SESSION_OPERATIONS, Caller, SessionOperation
from magento_soap.api.values import Value
from magento_soap.sales.errors import excerpt

from .forwarding import Upstream
from .json_text import InvalidJson, parse
from .wsgi_request import Refused, body_of, client_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, FAULT = -32700, -32600, -32601, -32602, -32000

PARAMETER_NAMES = {"resourcePath": "apiPath"}
"""What the documentation of JSON-RPC calls parameters of ``api.operations``."""


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


class JsonRpcMessages:
    """protocols.forwarding.MessageFormat: JSON-RPC as a client of the shop behind this server.

    ``is_notification``: the request has no id, and so has no response.
    """

    name = "JSON-RPC"
    content_type = "application/json"

    def __init__(self, *, is_notification: bool = False) -> None:
        self._is_notification = is_notification

    def request(self, name: str, params: Any) -> bytes:
        """The request for a method; parameters may have names."""
        return json.dumps({"jsonrpc": "2.0", "method": name, "params": params, "id": 1}).encode()

    def result(self, name: str, response: bytes) -> Value:  # noqa: ARG002 - the result says itself what it is
        """The result in a response. Raises ApiFault for the shop's fault, ValueError for what is no response."""
        answer = parse(response)
        if not isinstance(answer, dict) or not (answer.keys() & {"result", "error"}):
            raise ValueError("neither a result nor an error")
        error = answer.get("error")
        if not error:
            result: Value = answer.get("result")
            return result
        if not isinstance(error, dict):
            raise ValueError("the error is not an object")
        data = error.get("data")
        fault = {"faultCode": error.get("code"), "faultName": ""} | (data if isinstance(data, dict) else {})
        raise ApiFault(Fault(str(fault["faultCode"]), str(fault["faultName"]), str(error.get("message", ""))))

    def value(self, response: bytes) -> Value:
        """All that a response says."""
        value: Value = parse(response)
        return value

    def is_response(self, beginning: bytes, end: bytes) -> bool:
        """Whether bytes begin and end as an object or a list does; to a notification, none are a response as well."""
        if self._is_notification and not beginning:
            return True
        first, last = beginning.lstrip()[:1], end.rstrip()[-1:]
        return (first, last) in ((b"{", b"}"), (b"[", b"]"))


class JsonRpcEndpoint:
    """A WSGI callable that answers JSON-RPC.

    Numbers are numbers, and rows have every documented field; with ``strings`` both are as OpenMage sends them. Bodies
    of more than ``max_body`` bytes are refused. ``upstream`` is the shop behind this server, if any.
    """

    def __init__(self, api: Api, *, max_body: int, strings: bool = False, upstream: Upstream | None = None) -> None:
        self._upstream = upstream
        self._messages = JsonRpcMessages()
        self._api = api
        self._max_body = max_body
        self._typed = not strings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: HTTP 200 with the answer, or 204 if there is none."""
        return self._response(environ)(environ, start_response)

    def _response(self, environ: WSGIEnvironment) -> WSGIApplication:
        """The response of this server, or of the shop behind it."""
        try:
            if environ.get("REQUEST_METHOD") != "POST":
                raise JsonRpcError(INVALID_REQUEST, "Invalid Request: use POST")
            body = body_of(environ, self._max_body)
            request = parse(body)
        except JsonRpcError as error:
            return _response(_error(None, error), HTTPStatus.METHOD_NOT_ALLOWED)
        except InvalidJson as invalid:
            reason = f": {invalid}" if str(invalid) else ""
            return _response(_error(None, JsonRpcError(PARSE_ERROR, f"Parse error{reason}")))
        except Refused as refused:
            return _response(_error(None, JsonRpcError(INVALID_REQUEST, f"Invalid Request: {refused}")), refused.status)
        client = client_of(environ)
        if self._upstream is None:
            return _response(self.answer(request, client))
        client = replace(client, shop=self._upstream.shop(environ, self._messages))
        try:
            response = _response(self.answer(request, client))
            self._upstream.compare(environ, body, response.get_data(), client.served, self._messages)
            return response
        except ForwardedCall as call:
            messages = JsonRpcMessages(is_notification="id" not in request)
            try:
                return self._upstream.forward(environ, body, call, messages)
            except ApiFault as fault:
                return _response(_error(request["id"], _as_error(fault)) if "id" in request else None)

    def answer(self, request: Any, client: Client) -> Any:
        """The answer to a request or a batch; None when all of it were notifications.

        Raises ForwardedCall for a single request that the shop answers.
        """
        if not isinstance(request, list):
            return self._answer_one(request, client, self._run)
        if not request or len(request) > MAX_CALLS:
            return _error(None, JsonRpcError(INVALID_REQUEST, "Invalid Request"))
        parts = ((each, client.for_part(number)) for number, each in enumerate(request))
        answers = [self._answer_one(each, part, self._run_anywhere) for each, part in parts]
        return [answer for answer in answers if answer is not None] or None

    def _answer_one(
        self, request: Any, client: Client, run: Callable[[Client, str, Any], Any]
    ) -> dict[str, Any] | None:
        try:
            call_id, method = _id_and_method(request)
        except JsonRpcError as error:
            return _error(None, error)
        try:
            answer = {"jsonrpc": "2.0", "result": run(client, method, request.get("params", [])), "id": call_id}
        except JsonRpcError as error:
            answer = _error(call_id, error)
        return answer if "id" in request else None  # a notification gets no answer, not even an error

    def _run_anywhere(self, client: Client, method: str, params: Any) -> Any:
        """The result of one call among several, run here or by the shop."""
        try:
            return self._run(client, method, params)
        except ForwardedCall as call:
            if client.shop is None:
                raise
            try:
                return self._run_by_shop(client, call, method, params)
            except ApiFault as fault:
                raise _as_error(fault) from fault

    def _run_by_shop(self, client: Client, call: ForwardedCall, method: str, params: Any) -> Any:
        """The shop's result of one call among several. Raises ApiFault."""
        operation = SESSION_OPERATIONS.get(method)
        if operation is not None and method != "call":
            assert client.shop is not None
            return client.shop.run(call, method, _arguments(operation, params))
        session_id, *entry = _arguments(operation, params) if operation else _session_and_path(method, params)
        return run_by_shop(client, call, session_id, entry)

    def _run(self, client: Client, method: str, params: Any) -> Any:
        if not isinstance(params, (list, dict)):
            raise JsonRpcError(INVALID_PARAMS, "Invalid params: a list or an object is expected")
        operation = SESSION_OPERATIONS.get(method)
        caller = Caller(self._api, client, self._typed)
        try:
            if operation is not None:
                return operation.run(caller, *_arguments(operation, params))
            return SESSION_OPERATIONS["call"].run(caller, *_session_and_path(method, params))
        except (JsonRpcError, ForwardedCall):
            raise
        except Exception as error:
            # No variable here holds the error: it holds this frame, and so what was sent, until garbage is collected.
            raise _as_error_of(method, error, is_path=operation is None) from error


def _as_error_of(method: str, error: Exception, *, is_path: bool) -> JsonRpcError:
    fault = error if isinstance(error, ApiFault) else unexpected(error, call=method)
    if is_path and fault.code == INVALID_PATH.code:
        return JsonRpcError(METHOD_NOT_FOUND, "Method not found")
    return _as_error(fault)


def _as_error(fault: ApiFault) -> JsonRpcError:
    return JsonRpcError(FAULT, fault.message, {"faultCode": fault.code, "faultName": fault.name})


def _id_and_method(request: Any) -> tuple[Any, str]:
    """Id and method of a request. Raises JsonRpcError (-32600)."""
    if isinstance(request, dict):
        call_id, method = request.get("id"), request.get("method")
        if not isinstance(call_id, (bool, list, dict)) and isinstance(method, str) and method:
            return call_id, method
    raise JsonRpcError(INVALID_REQUEST, "Invalid Request")


def _arguments(operation: SessionOperation, params: Any) -> list[Any]:
    """The values of an operation's parameters. Raises JsonRpcError (-32602) for unknown names."""
    if isinstance(params, list):
        return operation.completed(params)
    parameters = {PARAMETER_NAMES.get(each.name, each.name): each for each in operation.parameters}
    unknown = params.keys() - parameters.keys()
    if unknown:
        raise JsonRpcError(INVALID_PARAMS, f'Invalid params: there is no "{excerpt(min(unknown))}"')
    return [params.get(name, parameter.default) for name, parameter in parameters.items()]


def _session_and_path(path: str, params: Any) -> tuple[Any, str, Any]:
    """What to call for a method that is an API path: the session comes first, or by its name (RPC-2)."""
    if isinstance(params, dict):
        return params.get("sessionId"), path, {name: value for name, value in params.items() if name != "sessionId"}
    return (params[0] if params else None), path, params[1:]


def _response(answer: Any, status: HTTPStatus | str = HTTPStatus.OK) -> Response:
    """The HTTP response that carries an answer, or nothing."""
    if answer is None:
        response = Response(status=HTTPStatus.NO_CONTENT)
        del response.content_type
        return response
    content = json.dumps(answer, separators=(",", ":"))
    response = Response(content, status, content_type="application/json")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.allow.add("POST")
    return response


def _error(call_id: Any, error: JsonRpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": error.as_json(), "id": call_id}
