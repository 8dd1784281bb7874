"""Which hosts a request may name, and the URL that clients are told.

A WSDL repeats the ``Host`` of the request for it, and a cache may hand it to others. So only known hosts are accepted,
or a base URL takes their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

ANY = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_NAME = 253
LONGEST_SHOWN = 100
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?", re.ASCII)
PATH_PREFIX = re.compile(r"(?=.{0,255}\Z)(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)*")
"""A path to stand before ours, without a slash at the end: nothing that could be read as a host, or as another path."""


def host_name(text: str) -> str:
    """A name or an address (an IPv6 one in brackets) in its one spelling. Raises ValueError for what is neither."""
    if text.startswith("["):
        try:
            return f"[{IPv6Address(text.removeprefix('[').removesuffix(']')).compressed}]"
        except AddressValueError:
            raise ValueError("not a host name") from None
    name = text.lower().removesuffix(".")
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError("not a host name")
    return name


def host_and_port(text: str) -> tuple[str, int | None]:
    """What a ``Host`` header says. Raises ValueError for what is no host, with or without a port."""
    found = _HOST.fullmatch(text.strip(" \t"))
    if found is None:
        raise ValueError("not a host")
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 1 << 16:
        raise ValueError("not a port")
    return host_name(found[1]), port


def host_pattern(text: str) -> str:
    """An entry of ``allowed_hosts`` in its one spelling: ``*``, a host, or ``.domain`` for it and all below it.

    Raises ValueError for anything else, such as a name with a port.
    """
    if text == ANY:
        return text
    dot, name = ("." if text.startswith(".") else ""), text.removeprefix(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            raise ValueError("not a host name") from None
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    return dot + host_name(name)


def base_url(text: str) -> str:
    """A URL to stand before the paths of the API, in its one spelling. Raises ValueError for what is none."""
    try:
        parts = urlsplit(text)
        host, port = host_and_port(parts.netloc)
    except ValueError:
        raise ValueError("not a URL to stand before /api") from None
    path = parts.path.rstrip("/")
    if parts.scheme not in DEFAULT_PORTS or parts.query or parts.fragment or not PATH_PREFIX.fullmatch(path):
        raise ValueError("not a URL to stand before /api")
    return f"{parts.scheme}://{_host(parts.scheme, host, port)}{path}"


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine, and can be reached from nowhere else."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class AllowedHosts:
    """The hosts of ``patterns`` (see ``host_pattern``); with ``loopback`` also all that mean this machine."""

    def __init__(self, patterns: Iterable[str], *, loopback: bool) -> None:
        known = set(patterns)
        self._any = ANY in known
        self._domains = tuple(pattern for pattern in known if pattern.startswith("."))
        self._names = known | {domain.removeprefix(".") for domain in self._domains}
        self._loopback = loopback

    def __contains__(self, name: str) -> bool:
        """Whether a name in its one spelling is allowed."""
        if self._any or name in self._names or (self._domains and name.endswith(self._domains)):
            return True
        return self._loopback and is_loopback(name)


def allowed_hosts(allowed: Sequence[str], base: str | None, listening: str) -> AllowedHosts:
    """What the settings allow: the hosts that they list, else this machine, the base URL's host, the server's address.

    An attacker's page in a browser can give its own name the address of this machine, but not one of these.
    """
    if allowed:
        return AllowedHosts(allowed, loopback=False)
    own = []
    with suppress(ValueError):  # a name that the system knows need not be one that can stand in a URL
        own.append(host_pattern(listening))
    if base is not None:
        own.append(host_and_port(urlsplit(base).netloc)[0])
    return AllowedHosts(own, loopback=True)


class Hosts:
    """Refuses requests for other hosts; for the application there is one spelling of each, or only the base URL's."""

    def __init__(self, app: WSGIApplication, allowed: AllowedHosts, base: str | None = None) -> None:
        self._app = app
        self._allowed = allowed
        self._base: dict[str, str] = {}
        if base is not None:
            parts = urlsplit(base)
            self._base = {"wsgi.url_scheme": parts.scheme, "HTTP_HOST": parts.netloc, "SCRIPT_NAME": parts.path}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, or refuse it with status 400."""
        asked = environ.get("HTTP_HOST")
        try:
            if asked is None and environ.get("SERVER_PROTOCOL") == "HTTP/1.0":  # which need not name one
                name, port = host_and_port(_own_address(environ))
            else:
                name, port = host_and_port(asked or "")
                if name not in self._allowed:
                    raise ValueError("not allowed")
        except ValueError:
            log.info("request refused", reason="host", host=(asked or "")[:LONGEST_SHOWN])
            return refusal("The host is not one of allowed_hosts.")(environ, start_response)
        environ["HTTP_HOST"] = _host(environ["wsgi.url_scheme"], name, port)
        environ.update(self._base)
        return self._app(environ, start_response)


def refusal(reason: str) -> Response:
    """The answer to a request that is not understood, which repeats nothing of it."""
    return Response(f"400 Bad Request\n{reason}\n", 400, {"X-Content-Type-Options": "nosniff"})


def _host(scheme: str, name: str, port: int | None) -> str:
    return name if port is None or port == DEFAULT_PORTS.get(scheme) else f"{name}:{port}"


def _own_address(environ: WSGIEnvironment) -> str:
    name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
