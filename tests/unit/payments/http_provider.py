"""A real HTTP server that plays the gateway's other side, well or badly."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

SECRET = "a secret for the tests"


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The body's JSON."""
        return cast("dict[str, Any]", json.loads(self.body))


class Exchange(BaseHTTPRequestHandler):
    """One request, and what a reply can do about it."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.take(Received(self.path, headers, body))
        self.close_connection = True
        reply(self)

    def log_message(self, *args: object) -> None:
        """Nothing."""


Reply = Callable[[Exchange], None]


class Provider(ThreadingHTTPServer):
    """Gives the replies of the test in turn, and the last one for ever; remembers what it received."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.replies: list[Reply] = []
        self.received: list[Received] = []
        self.is_over = threading.Event()
        self._one_at_a_time = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/pay?shop=1"

    def replies_with(self, *replies: Reply) -> None:
        """What to do from now on."""
        self.replies[:] = replies
        self.received.clear()

    def take(self, request: Received) -> Reply:
        """Remember a request; the reply to it."""
        with self._one_at_a_time:
            self.received.append(request)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


def sign(prefix: str, body: bytes, secret: str = SECRET) -> str:
    """The protocol's signature, written down a second time."""
    return "sha256=" + hmac.new(secret.encode(), prefix.encode() + b"." + body, hashlib.sha256).hexdigest()


def says(
    answer: object, status: int = 200, *, secret: str | None = SECRET, headers: Mapping[str, str] | None = None
) -> Reply:
    """Reply with JSON, or with bytes as they are, signed unless ``secret`` is None."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def reply(exchange: Exchange) -> None:
        exchange.send_response(status)
        exchange.send_header("Content-Length", str(len(body)))
        if secret is not None:
            key = exchange.headers["Idempotency-Key"]
            exchange.send_header("X-Magento-Soap-Signature", sign(key, body, secret))
        for name, value in (headers or {}).items():
            exchange.send_header(name, value)
        exchange.end_headers()
        exchange.wfile.write(body)

    return reply


def hangs_up(exchange: Exchange) -> None:
    """Close the connection without a word."""
    exchange.connection.shutdown(socket.SHUT_RDWR)


def says_nothing(exchange: Exchange) -> None:
    """Keep the connection open until the test is over."""
    exchange.server.is_over.wait(30)


def dribbles_headers(exchange: Exchange) -> None:
    """Send a header that never ends, byte by byte."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not exchange.server.is_over.wait(0.02):
        exchange.wfile.write(b"a")


def dribbles_body(exchange: Exchange) -> None:
    """Send a body byte by byte."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while not exchange.server.is_over.wait(0.02):
        exchange.wfile.write(b" ")


def breaks_off(exchange: Exchange) -> None:
    """Send half an answer and hang up."""
    exchange.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"status": "captured"')
    hangs_up(exchange)


@contextmanager
def providing(tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """A provider that listens, with TLS if a context is given."""
    with Provider() as provider:
        if tls is not None:
            provider.socket = tls.wrap_socket(provider.socket, server_side=True)
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.is_over.set()
            provider.shutdown()
            thread.join()
