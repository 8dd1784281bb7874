"""Forwards calls to the shop: the whole request unchanged, or a part of it as a request of its own.

Whatever goes wrong is logged with its reason, and is fault 1 with the reference to the log. A request is sent at most
once: when it may have reached the shop, nobody but the client can know whether to repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from werkzeug.wrappers import Response

from magento_soap.api.client import ServedCall
from magento_soap.api.faults import ApiFault, internal_fault
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import Shop
from magento_soap.api.values import Value
from magento_soap.protocols.forwarding import MessageFormat, TooManyWaiting, waiting
from magento_soap.sales.errors import excerpt

from .circuit_breaker import CircuitBreaker
from .exchange import Address, Headers, UpstreamFailure, UpstreamRequest, UpstreamResponse, exchange
from .headers import own_headers, request_headers, response_headers, was_forwarded
from .shadow import Shadow
from .targets import shop_target

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

MAX_WSDL_BYTES = 16 * 1024 * 1024
MAX_PART_BYTES = 8 * 1024 * 1024
"""How large the shop's response to a part of a request may be: it is decoded, which takes several times the memory."""
GATEWAY_STATUSES = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""What proxies say of a shop that is down."""


class Record(Protocol):
    """Counts a forwarded call."""

    def __call__(self, call: ForwardedCall, protocol: str, *, failed: bool) -> None:
        """Count what was called, over which protocol, and whether it failed."""


class _Unchanged(Response):
    """A response whose headers are as given."""

    default_mimetype = None


class HttpUpstream:
    """protocols.forwarding.Upstream: the shop at ``address``.

    ``seconds`` limits each exchange, from connecting to the last byte, ``max_bytes`` each response. Of the reads that
    are served here, ``shadow_percent`` are compared with the shop's responses.
    """

    def __init__(
        self,
        address: Address,
        *,
        seconds: float,
        max_bytes: int,
        record: Record | None = None,
        breaker: CircuitBreaker,
        shadow_percent: float = 0,
    ) -> None:
        self._address = address
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._count = record
        self._breaker = breaker
        self._shadow = Shadow(shadow_percent, self.ask)

    def fetch_wsdl(self, target: str) -> bytes:
        """A WSDL of the shop's. Raises UpstreamFailure."""
        request = UpstreamRequest("GET", target, [("Accept", "text/xml"), *own_headers()])
        response = self._exchanged(request, MAX_WSDL_BYTES)
        with response.body:
            if response.status != HTTPStatus.OK:
                raise UpstreamFailure(f"HTTP status {response.status_line}")
            return response.body.read()

    def ask(self, request: UpstreamRequest, messages: MessageFormat) -> bytes:
        """The body of the shop's response to a request of our own. Raises UpstreamFailure."""
        response = self._exchanged(request, min(self._max_bytes, MAX_PART_BYTES))
        _check(response, messages)
        return response.content()

    def forward(
        self, environ: WSGIEnvironment, body: bytes, call: ForwardedCall, messages: MessageFormat
    ) -> WSGIApplication:
        """The shop's response, unchanged but for the headers that concern the connection only.

        Raises ApiFault (fault 1) when the shop gives none that can be used.
        """
        request = UpstreamRequest("POST", shop_target(environ), request_headers(environ), body)
        received = self._answered(environ, request, call, messages, self._max_bytes)
        self._record(call, messages.name, failed=False)
        response = _Unchanged(received.parts(), received.status_line, response_headers(received.headers))
        response.content_length = received.size
        return response

    def compare(
        self,
        environ: WSGIEnvironment,
        body: bytes,
        response: bytes,
        served: Sequence[ServedCall],
        messages: MessageFormat,
    ) -> None:
        """Compare our response with the shop's in the background, if only reads were served and it is sampled."""
        if self._shadow.compares(served):
            request = UpstreamRequest("POST", shop_target(environ), request_headers(environ), body)
            self._shadow.compare(request, response, served, messages)

    def shop(self, environ: WSGIEnvironment, messages: MessageFormat) -> Shop:
        """The shop, to be asked for a part of a request."""
        return _PartialForwarding(self, environ, messages)

    def run(
        self, environ: WSGIEnvironment, messages: MessageFormat, call: ForwardedCall, name: str, params: Sequence[Value]
    ) -> Value:
        """The shop's result of an operation. Raises ApiFault."""
        kept = [(key, value) for key, value in request_headers(environ) if key not in ("Content-Type", "Soapaction")]
        headers: Headers = [*kept, ("Content-Type", messages.content_type)]
        request = UpstreamRequest("POST", shop_target(environ), headers, messages.request(name, params))
        received = self._answered(environ, request, call, messages, min(self._max_bytes, MAX_PART_BYTES))
        try:
            result = messages.result(name, received.content())
        except ApiFault:
            self._record(call, messages.name, failed=False)
            raise
        except ValueError as error:
            raise self._failed(call, messages, f"the response cannot be read: {error}") from error
        self._record(call, messages.name, failed=False)
        return result

    def _answered(
        self,
        environ: WSGIEnvironment,
        request: UpstreamRequest,
        call: ForwardedCall,
        messages: MessageFormat,
        max_bytes: int,
    ) -> UpstreamResponse:
        """A response in the form of the protocol. Raises ApiFault."""
        try:
            if was_forwarded(environ):
                raise UpstreamFailure("the request comes from a server of this kind: does upstream_url lead back here?")
            with waiting(environ):
                response = self._exchanged(request, max_bytes)
            _check(response, messages)
        except (UpstreamFailure, TooManyWaiting) as failure:
            raise self._failed(call, messages, str(failure)) from failure
        return response

    def _exchanged(self, request: UpstreamRequest, max_bytes: int) -> UpstreamResponse:
        """The response to a request, unless the shop is being left alone. Raises UpstreamFailure."""
        self._breaker.check()
        try:
            response = exchange(self._address, request, seconds=self._seconds, max_bytes=max_bytes)
        except UpstreamFailure as failure:
            if failure.shop_is_down:
                self._breaker.failed()
            raise
        if response.status in GATEWAY_STATUSES:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return response

    def _record(self, call: ForwardedCall, protocol: str, *, failed: bool) -> None:
        if self._count is not None:
            self._count(call, protocol, failed=failed)

    def _failed(self, call: ForwardedCall, messages: MessageFormat, reason: str) -> ApiFault:
        self._record(call, messages.name, failed=True)
        return internal_fault(
            "forwarding failed", reason=reason, call=excerpt(str(call)), protocol=messages.name, user=call.user_id
        )


@dataclass(frozen=True)
class _PartialForwarding:
    """api.ports.Shop for one request."""

    upstream: HttpUpstream
    environ: WSGIEnvironment
    messages: MessageFormat

    def run(self, call: ForwardedCall, name: str, params: Sequence[Value]) -> Value:
        """The shop's result of an operation. Raises ApiFault."""
        return self.upstream.run(self.environ, self.messages, call, name, params)


def _check(response: UpstreamResponse, messages: MessageFormat) -> None:
    """Raise UpstreamFailure for a response that is not one of the protocol, and close it."""
    reason = _misfit(response, messages)
    if reason:
        response.body.close()
        raise UpstreamFailure(reason)


def _misfit(response: UpstreamResponse, messages: MessageFormat) -> str | None:
    status = response.status_line
    if 300 <= response.status < 400:
        return f"HTTP status {status}: the shop redirects to {excerpt(response.header('location'))}"
    if response.header("content-encoding").lower() not in ("", "identity"):
        return f"HTTP status {status}: the response is compressed, which was not asked for"
    if response.status == HTTPStatus.NO_CONTENT and response.size == 0:
        return None
    if messages.is_response(response.beginning, response.end):
        return None
    kind = excerpt(response.header("content-type")) or "no content type"
    return f"HTTP status {status}: {response.size} bytes of {kind} are no complete {messages.name} response"
