"""A shop's web server that does what a test says: answers, or fails in one of the ways in which servers fail."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket], object]
"""What the server does with a connection after it has read a request."""

READING_SECONDS = 10


class ScriptedShop:
    """A server on a free port. ``requests`` are those it has read, whole, in their order."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self._tls = tls
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._threads = [threading.Thread(target=self._serve, daemon=True)]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._threads[0].start()

    def stop(self) -> None:
        """Stop, and let every connection end that still waits."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(READING_SECONDS)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=[connection], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            connection.settimeout(READING_SECONDS)
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            self.requests.append(_read_request(connection))
            self.behaviour(connection)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, _ = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    whole = len(head) + 4 + (int(lengths[0].partition(b":")[2]) if lengths else 0)
    while len(data) < whole:
        data += _received(connection)
    return data


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionResetError
    return part


@contextlib.contextmanager
def scripted_shop(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedShop]:
    """Run such a server, with TLS if there is a context for it."""
    shop = ScriptedShop(behaviour, tls)
    shop.start()
    try:
        yield shop
    finally:
        shop.stop()


@contextlib.contextmanager
def unread_port() -> Iterator[int]:
    """A port that accepts connections and never reads from them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def response(
    body: bytes, status: str = "200 OK", content_type: str = "text/xml; charset=utf-8", headers: str = ""
) -> bytes:
    """A whole response."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def sends(data: bytes) -> Behaviour:
    """Send these bytes and close the connection."""
    return lambda connection: connection.sendall(data)


def resets(data: bytes) -> Behaviour:
    """Send these bytes and reset the connection."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def drips(data: bytes, pause: float, stopping: threading.Event) -> Behaviour:
    """Send a byte, wait, send the next: each read succeeds, and the whole takes forever."""

    def behave(connection: socket.socket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            if stopping.wait(pause):
                return

    return behave


def hangs(stopping: threading.Event) -> Behaviour:
    """Read the request and say nothing."""
    return lambda connection: stopping.wait()


def streams(size: int) -> Behaviour:
    """Send a response of that size, as fast as the other side reads it."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {size}\r\n\r\n".encode())
        part = b"x" * 65536
        for _ in range(size // len(part)):
            connection.sendall(part)

    return behave
