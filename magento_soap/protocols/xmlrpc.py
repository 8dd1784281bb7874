"""XML-RPC: bytes of a request -> a call of the API -> bytes of the answer.

The standard library marshals the values both ways. Before that, ``parse`` refuses DTDs, too many elements, and elements
in places where XML-RPC has none. The methods are those of ``api.operations`` and XML-RPC's own ``system.*``;
``XmlRpcEndpoint`` has the table of both and checks parameters against it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from xml.parsers import expat
from xmlrpc.client import Binary, DateTime, Fault, Marshaller, ResponseError, Unmarshaller

from werkzeug.wrappers import Response

from magento_soap.api.budget import MAX_CALLS
from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.faults import MISSING_PARAMETER, ApiFault, unexpected
from magento_soap.api.faults import Fault as FaultEntry
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.operations import SESSION_OPERATIONS, Caller, SessionOperation
from magento_soap.api.values import Struct, Value, collected, shown

from .forwarding import Upstream
from .wsgi_request import MAX_BODY, Refused, body_of, client_of
from .xml_text import document_check, escape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_ELEMENTS = 100_000
MAX_RESPONSE_ELEMENTS = 1_000_000
"""How long the shop's responses may be. Their bytes are limited as well (``upstream.forwarding``)."""
MAX_DEPTH = 256
PART_BYTES = 64 * 1024
"""Requests are parsed in parts of this size; no tag, comment or instruction may be longer."""

# Faults of the protocol itself, with Zend's numbers and words (RPC-32, RPC-34).
BAD_ENTRY, RECURSION, UNKNOWN_METHOD, WRONG_SIGNATURE = 601, 605, 620, 623
UNREADABLE, UNPARSABLE, NO_METHOD, NO_VALUE, BAD_VALUE = 630, 631, 632, 633, 636
TEXTS = {
    BAD_ENTRY: "system.multicall expects each call to be a struct of methodName and params",
    RECURSION: "Recursive system.multicall forbidden",
    WRONG_SIGNATURE: "Calling parameters do not match signature",
    UNREADABLE: "Unable to read request",
    UNPARSABLE: "Failed to parse request",
    NO_METHOD: "Invalid request, no method passed; request must contain a 'methodName' tag",
    NO_VALUE: "Param must contain a value",
    BAD_VALUE: "Error creating xmlrpc value",
}

# What may be in an element: the names of its children, each with a blank behind it. All others hold text only.
CONTENT = {
    "methodCall": re.compile("methodName (params )?"),
    "methodResponse": re.compile("(params|fault) "),
    "fault": re.compile("value "),
    "params": re.compile("(param )*"),
    "param": re.compile("value "),
    "value": re.compile(r"([^ ]+ )?"),
    "array": re.compile("data "),
    "data": re.compile("(value )*"),
    "struct": re.compile("(member )*"),
    "member": re.compile("name value "),
}
TEXT_ONLY = re.compile("")
TYPES = frozenset(
    {"string", "int", "i1", "i2", "i4", "i8", "biginteger", "double", "float", "boolean", "nil", "base64"}
    | {"dateTime.iso8601", "array", "struct"}
)


def fault(code: int) -> Fault:
    """A fault of the protocol, to be raised."""
    return Fault(code, TEXTS[code])


def too_large() -> Fault:
    """The fault of a request that is too large in some respect."""
    return Fault(UNREADABLE, f"{TEXTS[UNREADABLE]}: it is too large")


class _Reader(Unmarshaller):
    """The standard library's reader, which makes something of any request, behind a check of its structure.

    Prefixes do not matter, declared or not: Apache's ``ex:nil`` and ``ex:i8`` are ``nil`` and ``i8``.
    """

    def __init__(self, max_elements: int, root: str = "methodCall") -> None:
        super().__init__()
        self.xml("", None)  # the parser gives text, not bytes in some encoding
        self._root = root
        self._elements_left = max_elements
        self._open: list[tuple[str, list[str]]] = []

    def end_double(self, text: str) -> None:
        """A finite number; "1e999", "inf" and "nan" are faults."""
        number = float(text)
        if not math.isfinite(number):
            raise fault(BAD_VALUE)
        self.append(number)
        self._value = False

    dispatch: dict[str, Any] = Unmarshaller.dispatch | {"double": end_double, "float": end_double}

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._open and name != self._root:
            raise fault(NO_METHOD)
        self._elements_left -= 1
        if self._elements_left < 0 or len(self._open) >= MAX_DEPTH:
            raise too_large()
        if self._open:
            parent, siblings = self._open[-1]
            if parent == "value" and name not in TYPES:
                raise fault(BAD_VALUE)
            siblings.append(f"{name} ")
        self._open.append((name, []))
        super().start(tag, attrs)

    def end(self, tag: str) -> None:
        name, children = self._open.pop()
        if CONTENT.get(name, TEXT_ONLY).fullmatch("".join(children)) is None:
            raise fault({"methodCall": NO_METHOD, "param": NO_VALUE}.get(name, BAD_VALUE))
        try:
            super().end(tag)
        except (ValueError, TypeError):  # no number, boolean, base64
            raise fault(BAD_VALUE) from None
        self._data = []  # a long text is not joined again for the elements around it

    def doctype(self, *_: Any) -> None:
        """A DTD begins."""
        raise fault(UNPARSABLE)


def parse(body: bytes, max_elements: int = MAX_ELEMENTS) -> tuple[str, Sequence[Any]]:
    """Method and parameters of a request, as ``xmlrpc.client`` has them: base64 as Binary, times as DateTime.

    Raises the protocol's faults: 630 for nothing or too much, 631 for a body that is not XML or has a DTD, 632 for XML
    that is not a call, 633 and 636 for parameters that are not values.
    """
    if not body:
        raise fault(UNREADABLE)
    if b"<" not in body:
        raise fault(NO_METHOD)
    reader = _Reader(max_elements)
    _feed(reader, body)
    method = reader.getmethodname()
    if not method:
        raise fault(NO_METHOD)
    return method, reader.close()


def parse_response(body: bytes, max_elements: int) -> Any:
    """The result in a response. Raises Fault for the fault in it, ValueError for bytes that are no response."""
    reader = _Reader(max_elements, "methodResponse")
    try:
        _feed(reader, body)
    except Fault as broken:
        raise ValueError(broken.faultString) from None
    try:
        (value,) = reader.close()
    except ResponseError:
        raise ValueError("no methodResponse") from None
    return value


def _feed(reader: _Reader, body: bytes) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.data, reader.doctype
    try:
        for start in range(0, len(body), PART_BYTES):
            end = start + PART_BYTES
            parser.Parse(body[start:end], end >= len(body))
            if end - parser.CurrentByteIndex > 2 * PART_BYTES:  # expat keeps what is not complete
                raise too_large()
    except (expat.ExpatError, LookupError, ValueError):  # the latter two for encodings that Python does not read
        raise fault(UNPARSABLE) from None


class _DecodedText(str):
    """The text of binary data or of a time, which goes to the shop behind this server as what it was."""

    original: Binary | DateTime


def _write_text(writer: Marshaller, value: Any, write: Callable[[str], object]) -> None:
    writer.dump_unicode(value, write, escape)


def _write_original(writer: Marshaller, value: Any, write: Callable[[str], object]) -> None:
    writer.dump_instance(value.original, write)


def _write_struct(writer: Marshaller, value: Any, write: Callable[[str], object]) -> None:
    writer.dump_struct(value, write, escape)


class _Writer(Marshaller):
    """The standard library's writer, with the API's care for characters that XML cannot carry (API-45)."""

    def __init__(self) -> None:
        super().__init__("utf-8", allow_none=True)
        own: dict[Any, Any] = {
            str: _write_text,
            dict: _write_struct,
            Struct: _write_struct,
            _DecodedText: _write_original,
        }
        self.dispatch = Marshaller.dispatch | own


def document(result: Any) -> bytes:
    """The response that carries a result, or a Fault."""
    content = _Writer().dumps(result if isinstance(result, Fault) else (result,))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>\n{content}</methodResponse>\n'
    return text.encode()


def plain(value: Any) -> Value:
    """A parameter as the API takes it: binary data is text in UTF-8, a time what was sent."""
    return _converted(value, _text)


def with_originals(value: Any) -> Value:
    """The same where a shop is behind this server, which gets binary data and times as they came."""

    def text(value: Binary | DateTime) -> str:
        decoded = _DecodedText(_text(value))
        decoded.original = value
        return decoded

    return _converted(value, text)


def _text(value: Binary | DateTime) -> str:
    return value.data.decode("utf-8", "replace") if isinstance(value, Binary) else str(value)


def _converted(value: Any, text: Callable[[Binary | DateTime], str]) -> Value:
    if isinstance(value, list):
        return [_converted(each, text) for each in value]
    if isinstance(value, dict):
        return {name: _converted(each, text) for name, each in value.items()}
    converted: Value = text(value) if isinstance(value, (Binary, DateTime)) else value
    return converted


class XmlRpcMessages:
    """protocols.forwarding.MessageFormat: XML-RPC as a client of the shop behind this server."""

    name = "XML-RPC"
    content_type = "text/xml; charset=utf-8"

    def request(self, name: str, params: Sequence[Value]) -> bytes:
        """The request for a method."""
        content = _Writer().dumps(tuple(params))
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<methodCall>\n<methodName>{escape(name)}</methodName>\n'
        return f"{head}{content}</methodCall>\n".encode()

    def result(self, name: str, response: bytes) -> Value:  # noqa: ARG002 - the result says itself what it is
        """The result in a response. Raises ApiFault for the shop's fault, ValueError for what is no response."""
        try:
            return plain(parse_response(response, MAX_RESPONSE_ELEMENTS))
        except Fault as failed:
            raise ApiFault(FaultEntry(str(failed.faultCode), "", str(failed.faultString))) from None

    def value(self, response: bytes) -> Value:
        """All that a response says."""
        try:
            return {"result": plain(parse_response(response, MAX_RESPONSE_ELEMENTS))}
        except Fault as failed:
            return {"fault": [failed.faultCode, failed.faultString]}

    is_response = staticmethod(document_check("methodResponse"))


@dataclass(frozen=True)
class Method:
    """A method as clients see it: what it is for, the types of its result and parameters, and what it runs.

    The type ``session`` is a string, or nil from a client with HTTP Basic credentials (SES-20). Parameters after the
    first ``required`` ones can be left out.
    """

    help: str
    returns: str
    parameters: Sequence[str]
    required: int
    run: Callable[..., Any]

    def accepts(self, params: Sequence[Any], client: Client) -> bool:
        """Whether number and types of the parameters fit (RPC-32)."""
        return self.required <= len(params) <= len(self.parameters) and all(
            isinstance(value, list if wanted == "array" else str)
            or (wanted == "session" and value is None and client.username is not None)
            for wanted, value in zip(self.parameters, params)  # noqa: B905
        )

    def signatures(self) -> list[dict[str, Any]]:
        """Every way to call the method, as Zend describes it."""
        types = ["string" if type_ == "session" else type_ for type_ in self.parameters]
        return [
            {"returnType": self.returns, "parameters": types[:count]} for count in range(self.required, len(types) + 1)
        ]


# Arguments and options, of any type elsewhere, have to be arrays; a result of any type is described as a struct.
PARAMETER_TYPES = {"session": "session", "string": "string", "array": "array", "any": "array"}
RESULT_TYPES = {"string": "string", "boolean": "boolean", "array": "array", "any": "struct"}


def _method_of(operation: SessionOperation, api: Api) -> Method:
    """The method for an operation that all protocols have."""
    return Method(
        operation.title,
        RESULT_TYPES[operation.returns],
        [PARAMETER_TYPES[parameter.kind] for parameter in operation.parameters],
        operation.required,
        lambda client, *values: operation.run(Caller(api, client), *operation.completed(values)),
    )


class XmlRpcEndpoint:
    """A WSGI callable that answers XML-RPC, with HTTP 200 whatever the answer is (RPC-31).

    Bodies of more than ``max_body`` bytes or ``max_elements`` elements are refused. ``upstream`` is the shop behind
    this server, if any.
    """

    def __init__(
        self,
        api: Api,
        *,
        max_body: int = MAX_BODY,
        max_elements: int = MAX_ELEMENTS,
        upstream: Upstream | None = None,
    ) -> None:
        self._upstream = upstream
        self._messages = XmlRpcMessages()
        self._max_body = max_body
        self._max_elements = max_elements
        self._methods = {
            "system.listMethods": Method("Names of all methods", "array", (), 0, lambda _: list(self._methods)),
            "system.methodHelp": Method("What a method is for", "string", ("string",), 1, self._help),
            "system.methodSignature": Method("How a method is called", "array", ("string",), 1, self._signature),
            "system.multicall": Method("Several calls at once", "array", ("array",), 1, self._multicall),
            **{name: _method_of(operation, api) for name, operation in SESSION_OPERATIONS.items()},
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self._response(environ)(environ, start_response)

    def _response(self, environ: WSGIEnvironment) -> WSGIApplication:
        """The response of this server, or of the shop behind it."""
        try:
            body = body_of(environ, self._max_body)
        except Refused as refused:
            return _response(document(Fault(UNREADABLE, f"{TEXTS[UNREADABLE]}: {refused}")))
        client = replace(client_of(environ), speaks_v1=True)
        if self._upstream is None:
            return _response(self.answer(body, client))
        client = replace(client, shop=self._upstream.shop(environ, self._messages))
        try:
            answer = self.answer(body, client)
            self._upstream.compare(environ, body, answer, client.served, self._messages)
            return _response(answer)
        except ForwardedCall as call:
            try:
                return self._upstream.forward(environ, body, call, self._messages)
            except ApiFault as failed:
                return _response(document(_as_fault(failed)))

    def answer(self, body: bytes, client: Client) -> bytes:
        """The response to the body of a request. Every exception becomes a fault, but for ForwardedCall."""
        try:
            method, params = parse(body, self._max_elements)
            return document(self._run(client, method, params))
        except ForwardedCall:
            raise
        except Exception as error:
            return document(_as_fault(error))

    def _run(self, client: Client, name: Value, params: Sequence[Any]) -> Any:
        method = self._method(name)
        if not method.accepts(params, client):
            raise fault(WRONG_SIGNATURE)
        return collected(method.run(client, *map(plain if client.shop is None else with_originals, params)))

    def _method(self, name: Value) -> Method:
        method = self._methods.get(name) if isinstance(name, str) else None
        if method is None:
            raise Fault(UNKNOWN_METHOD, f'Method "{shown(name)}" does not exist')
        return method

    def _help(self, _: Client, name: Value) -> str:
        return self._method(name).help

    def _signature(self, _: Client, name: Value) -> list[dict[str, Any]]:
        return self._method(name).signatures()

    def _multicall(self, client: Client, calls: list[Any]) -> list[Any]:
        """Each result in a list of its own, as clients expect it, or a struct of ``faultCode`` and ``faultString``."""
        if len(calls) > MAX_CALLS:
            raise ApiFault(MISSING_PARAMETER, f"More than {MAX_CALLS} calls at once are not answered.")
        return [self._entry(client.for_part(number), call) for number, call in enumerate(calls)]

    def _entry(self, client: Client, call: Any) -> list[Any] | dict[str, Any]:
        try:
            name, params = _name_and_params(call)
            return [self._run_anywhere(client, name, params)]
        except Exception as error:
            failed = _as_fault(error)
            return {"faultCode": failed.faultCode, "faultString": failed.faultString}

    def _run_anywhere(self, client: Client, name: Value, params: list[Any]) -> Any:
        """The result of one call among several, run here or by the shop."""
        try:
            return self._run(client, name, params)
        except ForwardedCall as call:
            if client.shop is None:
                raise
            return client.shop.run(call, str(name), params)


def _response(content: bytes) -> Response:
    return Response(content, content_type="text/xml; charset=UTF-8")


def _name_and_params(call: Any) -> tuple[Value, list[Any]]:
    """The two members of a call in ``system.multicall``. Raises faults 601, 605."""
    if not isinstance(call, dict) or not isinstance(call.get("params"), list):
        raise fault(BAD_ENTRY)
    if call.get("methodName") == "system.multicall":
        raise fault(RECURSION)
    return call.get("methodName"), call["params"]


def _as_fault(error: Exception) -> Fault:
    """The fault for an exception. An unexpected one is logged; the client gets only the reference to the log."""
    if isinstance(error, Fault):
        return error
    reported = error if isinstance(error, ApiFault) else unexpected(error)
    return Fault(int(reported.code), reported.message)
