"""Parsing and normalizing host names, ``Host`` headers and base URLs.

These functions depend on the standard library only, so ``settings`` and the command line use them without loading the
server.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address, ip_address
from urllib.parse import urlsplit

ANY = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_NAME_LENGTH = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?", re.ASCII)
PATH_PREFIX = re.compile(r"(?=.{0,255}\Z)(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)*")
"""A path prefix without a trailing slash. It can be read neither as a host nor as another path."""


def host_name(text: str) -> str:
    """Normalize a host name or an IP address (IPv6 in brackets). Raises ValueError for anything else."""
    if text.startswith("["):
        try:
            return f"[{IPv6Address(text.removeprefix('[').removesuffix(']')).compressed}]"
        except AddressValueError:
            raise ValueError("not a host name") from None
    name = text.lower().removesuffix(".")
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise ValueError("not a host name")
    return name


def host_and_port(text: str) -> tuple[str, int | None]:
    """Split a ``Host`` header into the normalized name and the port. Raises ValueError for an invalid host or port."""
    found = _HOST.fullmatch(text.strip(" \t"))
    if found is None:
        raise ValueError("not a host")
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 1 << 16:
        raise ValueError("not a port")
    return host_name(found[1]), port


def host_pattern(text: str) -> str:
    """Normalize an entry of ``allowed_hosts``: ``*``, a host, or ``.domain`` for a domain and its subdomains.

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
    """Normalize the URL that precedes the paths of the API. Raises ValueError for an invalid one."""
    try:
        parts = urlsplit(text)
        host, port = host_and_port(parts.netloc)
    except ValueError:
        raise ValueError("not a valid base URL") from None
    path = parts.path.rstrip("/")
    if parts.scheme not in DEFAULT_PORTS or parts.query or parts.fragment or not PATH_PREFIX.fullmatch(path):
        raise ValueError("not a valid base URL")
    return f"{parts.scheme}://{host_header(parts.scheme, host, port)}{path}"


def is_loopback(host: str) -> bool:
    """Whether a name or an address belongs to the loopback interface, which only this machine can reach."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_header(scheme: str, name: str, port: int | None) -> str:
    """The ``Host`` header for a host and a port; the scheme's default port is omitted."""
    return name if port is None or port == DEFAULT_PORTS.get(scheme) else f"{name}:{port}"
