"""What every door takes from an HTTP request: the body, within bounds, and who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import Authorization
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from .api.client import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BODY = 8 * 1024 * 1024


class Refused(Exception):
    """A body that is not read; ``status`` is the HTTP status line for protocols that use it."""

    status = "400 Bad Request"


class TooLarge(Refused):
    """The body is larger than the server reads."""

    status = "413 Content Too Large"


class Incomplete(Refused):
    """The body ends before its announced length."""


def body_of(environ: WSGIEnvironment, max_body: int = MAX_BODY) -> bytes:
    """The body of a request, at most ``max_body`` bytes. Raises TooLarge, Incomplete."""
    try:
        # One byte more than is allowed: a body without Content-Length is cut at the limit, not refused.
        body: bytes = get_input_stream(environ, max_content_length=max_body + 1).read()
    except RequestEntityTooLarge:
        raise TooLarge("the body is too large") from None
    except ClientDisconnected:
        raise Incomplete("the body is incomplete") from None
    if len(body) > max_body:
        raise TooLarge("the body is too large")
    return body


def client_of(environ: WSGIEnvironment) -> Client:
    """Address, name and key of HTTP Basic (SES-20) and the header Idempotency-Key, where they were sent."""
    address = environ.get("REMOTE_ADDR") or ""
    key = environ.get("HTTP_IDEMPOTENCY_KEY", "").strip() or None
    authorization = Authorization.from_header(environ.get("HTTP_AUTHORIZATION"))
    if authorization is None or authorization.type != "basic":
        return Client(address, idempotency_key=key)
    return Client(address, authorization.username, authorization.password, key)
