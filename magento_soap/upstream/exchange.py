"""One HTTP exchange with the shop: a request, sent once, and its complete response, within a time and a size.

Every exchange has a connection of its own. A connection that is kept may be closed by the shop at the moment at which a
request is sent, and nobody can tell then whether it arrived. h11 reads and writes HTTP/1.1; the socket is used here,
because only that limits the time of the whole exchange rather than of each read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TypeAlias
from urllib.parse import urlsplit

import h11

Headers: TypeAlias = Sequence[tuple[str, str]]

CONNECT_SECONDS = 5.0
"""How long a connection may take to be established; a shop that is further away than that is down."""
PART_BYTES = 64 * 1024
MEMORY_BYTES = 1024 * 1024
"""How much of a response is kept in memory; the rest is in a temporary file."""
MAX_HEAD_BYTES = 64 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}


class UpstreamFailure(Exception):
    """The shop gave no response that can be used. The text says why, for the log.

    ``shop_is_down``: other calls would most likely fail as well. Otherwise only this one did.
    """

    def __init__(self, reason: str, *, shop_is_down: bool = True) -> None:
        super().__init__(reason)
        self.shop_is_down = shop_is_down


@dataclass(frozen=True)
class Address:
    """Where the shop is: host, port, the path before the API's, the Host header, and TLS where the URL says https."""

    host: str
    port: int
    path: str
    host_header: str
    tls: ssl.SSLContext | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, url: str, *, host_header: str | None = None, ca: Path | None = None) -> Address:
        """The address in a base URL.

        With TLS, the certificate must be valid for the host header's name, and be signed by ``ca``, a PEM file, or by
        one of the system's authorities. Raises ValueError for a file without certificates.
        """
        parts = urlsplit(url)
        tls = None
        if parts.scheme == "https":
            try:
                tls = ssl.create_default_context(cafile=ca)
            except (OSError, ssl.SSLError) as error:
                raise ValueError(f"upstream_ca: {ca} cannot be read: {error}") from error
        return cls(
            parts.hostname or "",
            parts.port or DEFAULT_PORTS[parts.scheme],
            parts.path.rstrip("/"),
            host_header or parts.netloc,
            tls,
        )

    @property
    def server_name(self) -> str:
        """The name that the certificate must have."""
        return urlsplit(f"//{self.host_header}").hostname or self.host


@dataclass(frozen=True)
class UpstreamRequest:
    """A request. ``target`` is path and query below the address's path; headers are those besides the connection's own.

    Host, Content-Length and Connection are the connection's own.
    """

    method: str
    target: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True)
class UpstreamResponse:
    """A complete response. ``body`` is at its beginning; ``close`` it, or read ``parts`` to its end."""

    status: int
    reason: str
    headers: Headers
    body: IO[bytes]
    size: int
    beginning: bytes
    """The first bytes of the body, at most ``PART_BYTES``."""
    end: bytes
    """Its last bytes, at most ``PART_BYTES``."""

    @property
    def status_line(self) -> str:
        """Code and reason."""
        return f"{self.status} {self.reason}".rstrip()

    def header(self, name: str) -> str:
        """The value of the first header of that name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def content(self) -> bytes:
        """The whole body, and close it."""
        with self.body:
            return self.body.read()

    def parts(self) -> Iterator[bytes]:
        """The body in parts of ``PART_BYTES``; it is closed after the last one, and when the iterator is."""
        with self.body:
            while part := self.body.read(PART_BYTES):
                yield part


def exchange(address: Address, request: UpstreamRequest, *, seconds: float, max_bytes: int) -> UpstreamResponse:
    """Send a request and receive its response, both complete after ``seconds`` at most.

    Redirects are responses like any other. Raises UpstreamFailure for a shop that cannot be reached, is too slow, ends
    the connection before the response is complete, sends more than ``max_bytes``, or does not speak HTTP.
    """
    deadline = time.monotonic() + seconds
    try:
        with _connected(address, deadline) as connection:
            return _exchanged(_Channel(connection, deadline), address, request, max_bytes)
    except TimeoutError:
        raise UpstreamFailure(f"no complete response after {seconds:g} seconds") from None
    except h11.RemoteProtocolError as error:
        raise UpstreamFailure(f"the response is not valid HTTP, or incomplete: {error}") from None
    except OSError as error:
        raise UpstreamFailure(f"the connection broke: {error}") from None


def _connected(address: Address, deadline: float) -> socket.socket:
    try:
        connection = socket.create_connection(
            (address.host, address.port), max(min(CONNECT_SECONDS, deadline - time.monotonic()), 0.001)
        )
    except OSError as error:  # TimeoutError and gaierror are among them
        raise UpstreamFailure(f"no connection: {error or type(error).__name__}") from None
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.tls is None:
        return connection
    try:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        return address.tls.wrap_socket(connection, server_hostname=address.server_name)
    except OSError as error:
        connection.close()
        raise UpstreamFailure(f"no TLS connection: {error}") from None


class _Channel:
    """A connected socket whose every operation ends at the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def send(self, data: bytes) -> None:
        self._limit()
        self._connection.sendall(data)

    def receive(self) -> bytes:
        self._limit()
        return self._connection.recv(PART_BYTES)

    def _limit(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)


def _exchanged(channel: _Channel, address: Address, request: UpstreamRequest, max_bytes: int) -> UpstreamResponse:
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    own = [("Host", address.host_header), ("Content-Length", str(len(request.body))), ("Connection", "close")]
    try:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*own, *request.headers)]
        event = h11.Request(method=request.method, target=address.path + request.target, headers=headers)
        head = http.send(event) or b""
    except (h11.LocalProtocolError, UnicodeError) as error:
        raise UpstreamFailure(f"the request cannot be forwarded: {error}", shop_is_down=False) from None
    channel.send(head + request.body[:PART_BYTES])
    for start in range(PART_BYTES, len(request.body), PART_BYTES):
        channel.send(request.body[start : start + PART_BYTES])
    http.send(h11.Data(request.body))
    http.send(h11.EndOfMessage())
    return _received(http, channel, max_bytes)


def _received(http: h11.Connection, channel: _Channel, max_bytes: int) -> UpstreamResponse:
    response = None
    spool: IO[bytes] = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed by whoever reads the response
    try:
        beginning, end, size = b"", b"", 0
        for event in _events(http, channel):
            if isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > max_bytes:
                    raise UpstreamFailure(f"the response has more than {max_bytes} bytes", shop_is_down=False)
                spool.write(event.data)
                if len(beginning) < PART_BYTES:
                    beginning = (beginning + event.data)[:PART_BYTES]
                end = (end + event.data)[-PART_BYTES:]
        if response is None:
            raise UpstreamFailure("the connection was closed without a response")
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    text = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items()]
    return UpstreamResponse(response.status_code, response.reason.decode("latin-1"), text, spool, size, beginning, end)


def _events(http: h11.Connection, channel: _Channel) -> Iterable[h11.Event]:
    """What arrives until the response is complete."""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(channel.receive())
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return
        elif not isinstance(event, type):
            yield event
