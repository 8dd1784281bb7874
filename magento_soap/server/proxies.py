"""Trusted reverse proxies: which client, host, scheme and path prefix a request really has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from .host_names import DEFAULT_PORTS, PATH_PREFIX
from .responses import bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IPAddress = IPv4Address | IPv6Address

MAX_HOPS = 8
ADDRESS_WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([0-9.]+):\d+", re.ASCII)


class TrustedProxies:
    """Middleware that applies ``X-Forwarded-*`` headers of trusted proxies and ignores those of anyone else.

    Proxies may pass on headers that their clients sent, so invalid values are rejected with status 400.
    """

    def __init__(self, app: WSGIApplication, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._proxy_fix = ProxyFix(self._validate, x_for=0, x_proto=1, x_host=1, x_prefix=1)
        self._networks = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, with the address that a trusted proxy reports."""
        address = _ip_address(environ.get("REMOTE_ADDR", ""))  # a Unix socket has none
        if address is None or not self._is_trusted(address):
            return self._app(environ, start_response)
        environ["REMOTE_ADDR"] = self._client_address(address, environ.get("HTTP_X_FORWARDED_FOR", ""))
        return self._proxy_fix(environ, start_response)

    def _validate(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        scheme, prefix = environ["wsgi.url_scheme"].lower(), environ.get("SCRIPT_NAME", "").rstrip("/")
        if scheme not in DEFAULT_PORTS:
            return bad_request("X-Forwarded-Proto is neither http nor https.")(environ, start_response)
        if not PATH_PREFIX.fullmatch(prefix):
            return bad_request("X-Forwarded-Prefix is not a path.")(environ, start_response)
        environ |= {"wsgi.url_scheme": scheme, "SCRIPT_NAME": prefix}
        return self._app(environ, start_response)

    def _client_address(self, address: IPAddress, forwarded: str) -> str:
        """The last address that is not a trusted proxy. Anything before it in the header can be forged."""
        for text in reversed(forwarded.rsplit(",", MAX_HOPS)):
            previous = _ip_address(text)
            if previous is None:
                break
            address = previous
            if not self._is_trusted(address):
                break
        return str(address)

    def _is_trusted(self, address: IPAddress) -> bool:
        return any(address in network for network in self._networks)


def _ip_address(text: str) -> IPAddress | None:
    """Parse an address; some proxies append a port. None if it is invalid."""
    found = ADDRESS_WITH_PORT.fullmatch(text.strip())
    try:
        address = ip_address(found[1] or found[2] if found else text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
