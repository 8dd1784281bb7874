"""The HTTP request that every endpoint reads: its body, decompressed and within bounds, and the client that sent it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from werkzeug.datastructures import Authorization
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from magento_soap.api.client import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BODY = 8 * 1024 * 1024
GZIP, ZLIB, RAW_DEFLATE = 31, 15, -15  # the formats, as zlib numbers them


class Refused(Exception):
    """A body that cannot be read; ``status`` is the HTTP status line for protocols that use it."""

    status = "400 Bad Request"


class TooLarge(Refused):
    """The body is larger than the server reads."""

    status = "413 Content Too Large"


class Incomplete(Refused):
    """The body ends before its announced length."""


class UnknownEncoding(Refused):
    """The body has a Content-Encoding, or several, that the server does not support."""

    status = "415 Unsupported Media Type"


class Broken(Refused):
    """The body does not match its Content-Encoding."""


def body_of(environ: WSGIEnvironment, max_body: int = MAX_BODY) -> bytes:
    """The body of a request, decompressed, at most ``max_body`` bytes of it. Raises Refused.

    The limit is also one of the bytes that are transferred.
    """
    try:
        # One byte more than is allowed: a body without Content-Length is cut at the limit, not refused.
        body: bytes = get_input_stream(environ, max_content_length=max_body + 1).read()
    except RequestEntityTooLarge:
        raise TooLarge("the body is too large") from None
    except ClientDisconnected:
        raise Incomplete("the body is incomplete") from None
    if len(body) > max_body:
        raise TooLarge("the body is too large")
    return _decoded(body, environ.get("HTTP_CONTENT_ENCODING", ""), max_body)


def _decoded(body: bytes, encodings: str, max_body: int) -> bytes:
    """The body without its Content-Encoding: ``gzip`` or ``deflate``, which some take for zlib's format, some not."""
    names = [name.strip().lower() for name in encodings.split(",")]
    match [name for name in names if name not in ("", "identity")]:
        case []:
            return body
        case ["gzip" | "x-gzip"]:
            formats = [GZIP]
        case ["deflate"]:
            formats = [ZLIB, RAW_DEFLATE]
        case _:
            raise UnknownEncoding(f'the content encoding "{encodings[:100]}" is not supported')
    for wbits in formats:
        decompressor = zlib.decompressobj(wbits)
        try:
            # One byte more than is allowed shows that it is too large; nothing beyond it is decompressed.
            decoded = decompressor.decompress(body, max_body + 1)
        except zlib.error:
            continue
        if len(decoded) > max_body:
            raise TooLarge("the body is too large")
        if decompressor.eof and not decompressor.unused_data:
            return decoded
    raise Broken("the compressed body is broken")


def client_of(environ: WSGIEnvironment) -> Client:
    """Address, name and key of HTTP Basic (SES-20) and the header Idempotency-Key, where they were sent."""
    address = environ.get("REMOTE_ADDR") or ""
    key = environ.get("HTTP_IDEMPOTENCY_KEY", "").strip() or None
    authorization = Authorization.from_header(environ.get("HTTP_AUTHORIZATION"))
    if authorization is None or authorization.type != "basic":
        return Client(address, idempotency_key=key)
    return Client(address, authorization.username, authorization.password, key)
