"""Which headers pass from the client to the shop, and from the shop to the client (RFC 9110, 7.6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .exchange import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PSEUDONYM = "magento-soap"
"""What this server calls itself in Via."""
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "expect"}
)
REPLACED = frozenset(
    {"host", "content-length", "content-encoding", "accept-encoding", "forwarded", "via", "proxy"}
    | {
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""What this server says itself, and what clients must not say: bodies are forwarded decoded, nobody forges an address,
and CGI takes a header called Proxy for a setting of PHP's."""


def request_headers(environ: WSGIEnvironment) -> Headers:
    """The headers of a request as the shop gets them; ``X-Forwarded-*`` say who the client is and what it asked for."""
    dropped = HOP_BY_HOP | REPLACED | _named_by(environ.get("HTTP_CONNECTION", ""))
    headers = []
    for key, value in environ.items():
        name = key.removeprefix("HTTP_").replace("_", "-") if key.startswith("HTTP_") else ""
        if key == "CONTENT_TYPE" and value:
            name = "Content-Type"
        if name and name.lower() not in dropped:
            headers.append((name.title(), value))
    return [*headers, *own_headers(environ.get("HTTP_VIA", "")), *_forwarded(environ)]


def own_headers(via: str = "") -> Headers:
    """The headers that every request to the shop has. ``via`` names the proxies before this one."""
    return [("Accept-Encoding", "identity"), ("Via", ", ".join(filter(None, [via, f"1.1 {PSEUDONYM}"])))]


def was_forwarded(environ: WSGIEnvironment) -> bool:
    """Whether a request has been forwarded by this server already, or by another one of its kind."""
    return PSEUDONYM in environ.get("HTTP_VIA", "").lower()


def response_headers(headers: Headers) -> list[tuple[str, str]]:
    """The headers of a response as the client gets them; the length is said anew."""
    named = _named_by(",".join(value for name, value in headers if name.lower() == "connection"))
    dropped = HOP_BY_HOP | named | {"content-length"}
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def _forwarded(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for name, key in (
        ("X-Forwarded-For", "REMOTE_ADDR"),
        ("X-Forwarded-Host", "HTTP_HOST"),
        ("X-Forwarded-Proto", "wsgi.url_scheme"),
        ("X-Forwarded-Prefix", "SCRIPT_NAME"),
    ):
        if environ.get(key):
            yield name, environ[key]


def _named_by(connection: str) -> frozenset[str]:
    """The headers that a Connection header names, which are hop-by-hop as well."""
    return frozenset(name.strip().lower() for name in connection.split(",") if name.strip())
