"""Which hosts a request may name.

A WSDL contains the ``Host`` of the request for it, and a cache may serve that WSDL to others. ``HostCheck`` therefore
accepts known hosts only. ``FixedBaseUrl`` replaces the address of every request by the configured base URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from magento_soap.sales.errors import excerpt

from .host_names import ANY, host_and_port, host_header, host_pattern, is_loopback
from .responses import bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)


class AllowedHosts:
    """The hosts that match ``patterns`` (see ``host_pattern``); ``loopback`` adds all names of this machine."""

    def __init__(self, patterns: Iterable[str], *, loopback: bool) -> None:
        names = set(patterns)
        self._any = ANY in names
        self._domains = tuple(pattern for pattern in names if pattern.startswith("."))
        self._names = names | {domain.removeprefix(".") for domain in self._domains}
        self._loopback = loopback

    def __contains__(self, name: str) -> bool:
        """Whether a normalized name is allowed."""
        if self._any or name in self._names or (self._domains and name.endswith(self._domains)):
            return True
        return self._loopback and is_loopback(name)


def allowed_hosts(allowed: Sequence[str], base: str | None, listening: str) -> AllowedHosts:
    """The configured hosts. If there are none: this machine, the host of the base URL, and the server's address.

    A malicious page can make its own host name resolve to this machine (DNS rebinding), but it cannot use these names.
    """
    if allowed:
        return AllowedHosts(allowed, loopback=False)
    own = []
    with suppress(ValueError):  # a name that the system resolves is not always valid in a URL
        own.append(host_pattern(listening))
    if base is not None:
        own.append(host_and_port(urlsplit(base).netloc)[0])
    return AllowedHosts(own, loopback=True)


class HostCheck:
    """Middleware that rejects requests for unknown hosts and normalizes the ``Host`` header of all others."""

    def __init__(self, app: WSGIApplication, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, or reject it with status 400."""
        header = environ.get("HTTP_HOST")
        try:
            if header is None and environ.get("SERVER_PROTOCOL") == "HTTP/1.0":  # where the header is optional
                name, port = host_and_port(_server_address(environ))
            else:
                name, port = host_and_port(header or "")
                if name not in self._allowed:
                    raise ValueError("not allowed")
        except ValueError:
            log.info("request refused", reason="host", host=excerpt(header or ""))
            return bad_request("The host is not one of allowed_hosts.")(environ, start_response)
        environ["HTTP_HOST"] = host_header(environ["wsgi.url_scheme"], name, port)
        return self._app(environ, start_response)


class FixedBaseUrl:
    """Middleware that replaces scheme, host and path prefix of every request by those of ``base_url``."""

    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        self._app = app
        parts = urlsplit(base_url)
        self._variables = {"wsgi.url_scheme": parts.scheme, "HTTP_HOST": parts.netloc, "SCRIPT_NAME": parts.path}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, as if it had been sent to the base URL."""
        environ.update(self._variables)
        return self._app(environ, start_response)


def _server_address(environ: WSGIEnvironment) -> str:
    name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
