"""One HTTP/1.1 connection: bytes -> a complete request -> the application's response -> bytes.

A request is read completely, within the limits of bytes and time, before it occupies a thread. A slow client therefore
occupies a connection, but never a thread. A connection is always in one of these states::

    WAITING ---> HEAD ---> BODY ---> RUNNING ---> WAITING         (keep-alive)
       |          |          |          +-------> LINGERING ---+  (the client is still sending a rejected request)
       +----------+----------+--------------------------------+-> closed

``Connections`` holds all connections of a worker. It closes those that exceed a time limit. If an address has too many
connections, a new one replaces the one that has been idle longest.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from enum import Enum
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes

import httptools

from magento_soap.api.addresses import address_group
from magento_soap.protocols.forwarding import TooManyWaiting, waiting

from .limits import Limits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_PIPELINED = 32
SPOOL_BYTES = 32 * 1024
"""Larger bodies are kept in a temporary file."""
PRESSURE = 0.75
"""With a larger share of the connections in use, connections are not kept alive."""
LINGER_SECONDS = 2.0
SLOW_SECONDS = 0.1
"""A client is slow that takes longer to make room for the next part of a response."""


class State(Enum):
    """What a connection is doing."""

    WAITING = "waiting"
    HEAD = "head"
    BODY = "body"
    RUNNING = "running"
    LINGERING = "lingering"
    CLOSED = "closed"


class BadRequest(Exception):
    """A request that is rejected before it reaches the application."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class IncomingRequest:
    """A request that is being read."""

    __slots__ = ("_file", "_parts", "announced", "expects_continue", "headers", "is_too_large", "received", "target")

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.announced = 0
        """What ``Content-Length`` says."""
        self.received = 0
        """Bytes of the body so far."""
        self.expects_continue = False
        self.is_too_large = False
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None

    def add_body(self, part: bytes) -> None:
        """Keep a part of the body, in a file once it is large."""
        self.received += len(part)
        if self._file is not None:
            self._file.write(part)
            return
        self._parts.append(part)
        if self.received > SPOOL_BYTES:
            self._file = TemporaryFile()  # noqa: SIM115 - ``discard`` or the reader closes it
            self._file.writelines(self._parts)
            self._parts = []

    def body(self) -> IO[bytes]:
        """The whole body; it can be read once."""
        if self._file is None:
            return io.BytesIO(b"".join(self._parts))
        self._file.seek(0)
        return self._file

    def discard(self) -> None:
        """Delete the body."""
        self._parts = []
        if self._file is not None:
            self._file.close()
            self._file = None


class Exchange:
    """A complete request that waits for its response. The methods may be called from any thread."""

    def __init__(
        self, connection: Connection, environ: WSGIEnvironment, *, keep_alive: bool, version: str, is_first: bool
    ) -> None:
        self.environ = environ
        self.keep_alive = keep_alive
        self.version = version
        """``1.0`` or ``1.1``."""
        self._connection = connection
        self._is_first = is_first
        """Whether nothing has been sent yet, so that a thread may write to the socket itself."""

    @property
    def address(self) -> str:
        """The address of the client."""
        return self._connection.address

    def write(self, data: bytes) -> None:
        """Send a part of the response, and wait while the client cannot keep up.

        While a slow client is waited for, another request may take the thread's place, where the server has some
        for requests that wait.

        Raises ConnectionResetError if the client has disconnected.
        """
        self._is_first = False
        connection = self._connection
        connection.drained.clear()
        connection.call(connection.send_part, data)
        if not connection.drained.wait(SLOW_SECONDS):
            with ExitStack() as stack:
                with suppress(TooManyWaiting):
                    stack.enter_context(waiting(self.environ))
                connection.drained.wait()
        if connection.state is State.CLOSED:
            raise ConnectionResetError("the client has disconnected")

    def finish(self, data: bytes, *, close: bool) -> None:
        """Send the last part of the response, then wait for the next request or close the connection."""
        connection, close = self._connection, close or not self.keep_alive
        if not (self._is_first and not close and connection.finish_here(data)):
            connection.call(connection.finish, data, close)


class Connection(asyncio.Protocol):
    """The protocol of one connection, on the worker's event loop. Complete requests are passed to ``accept``."""

    def __init__(self, connections: Connections, accept: Callable[[Exchange], None]) -> None:
        self._connections = connections
        self._limits = connections.limits
        self._accept = accept
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._request = IncomingRequest()
        self._head_bytes = 0
        self._pipelined: deque[Exchange] = deque()
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        """Held while the state changes, because a thread may be sending a response at that moment."""
        self._is_receiving = False
        self._is_input_ignored = False
        self._is_paused = False
        self._started = 0.0
        self._sent = 0
        self._progress = (0.0, 0)
        """A time, and how many bytes the client had received by then."""
        self.deadline = 0.0
        """When the client must have made progress, by the monotonic clock."""
        self._server = ("", 0)
        self.address = ""
        self._port = 0
        self.state = State.WAITING
        self.drained = threading.Event()

    # What the transport reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or close it if there is no room."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's class is not a subclass
        peer, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self._socket = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        if isinstance(peer, tuple):
            self.address, self._port = peer[:2]
        if isinstance(server, tuple):
            self._server = server[:2]
        self.deadline = time.monotonic() + self._limits.header_timeout
        if not self._connections.admit(self):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason does not matter
        """Remove the connection, and wake the thread that is writing to it."""
        with self._lock:
            self.state = State.CLOSED
            if self._socket is not None:
                self._socket.close()
        self._request.discard()
        self._connections.remove(self)
        self.drained.set()

    def pause_writing(self) -> None:
        """Make the application wait for a slow client."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Let the application go on: the client has caught up."""
        self._is_paused = False
        self.drained.set()

    def eof_received(self) -> bool:
        """Keep the connection if a response is due: clients may close their half early."""
        return self.state is State.RUNNING

    def data_received(self, data: bytes) -> None:
        """Parse the data, and reject a request that is malformed or too large."""
        if self._is_input_ignored:
            return
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
            if self.state is State.HEAD and self._head_bytes > self._limits.max_head_bytes:
                raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except BadRequest as error:
            self._refuse(error.status)
        except httptools.HttpParserUpgrade:  # CONNECT, or an upgrade to another protocol
            self._refuse(HTTPStatus.BAD_REQUEST)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, BadRequest) else HTTPStatus.BAD_REQUEST)

    # What the parser reports

    def on_message_begin(self) -> None:
        """Start the time limit for request line and headers with the first byte."""
        with self._lock:
            self._is_receiving = True
            if self.state is State.WAITING:
                self.state = State.HEAD
                self.deadline = time.monotonic() + self._limits.header_timeout

    def on_url(self, url: bytes) -> None:
        """Store a part of the target."""
        self._request.target += url
        if len(self._request.target) > self._limits.max_head_bytes:
            raise BadRequest(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Store a header."""
        headers = self._request.headers
        if len(headers) >= self._limits.max_headers or len(name) + len(value) > self._limits.max_head_bytes:
            raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Decide whether to read the body."""
        request = self._request
        for name, value in request.headers:
            lower = name.lower()
            if lower == b"content-length":
                request.announced = int(value)
            elif lower == b"expect":
                request.expects_continue = value.lower() == b"100-continue"
        if self.state is State.HEAD:
            self.state = State.BODY
            self._started = time.monotonic()
            self.deadline = self._limits.deadline(self._started, 0)
        if request.announced > self._limits.max_body_bytes:
            self._stop_reading()
        elif request.expects_continue and self.state is State.BODY and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Store a part of the body."""
        if self._is_input_ignored:
            return
        request = self._request
        request.add_body(body)
        if self.state is State.BODY:
            self.deadline = self._limits.deadline(self._started, request.received)
        if request.received > self._limits.max_body_bytes:
            self._stop_reading()

    def on_message_complete(self) -> None:
        """Pass the request on, or queue it behind those that came before it."""
        if not self._is_input_ignored:
            self._complete(keep_alive=self._parser.should_keep_alive())

    # Requests and responses

    def _stop_reading(self) -> None:
        """Pass on a request that is too large without its body: the endpoint reports that as its protocol requires."""
        self._is_input_ignored = True
        self._request.is_too_large = True
        self._complete(keep_alive=False)

    def _complete(self, *, keep_alive: bool) -> None:
        request, self._request, self._head_bytes = self._request, IncomingRequest(), 0
        version = self._parser.get_http_version()
        exchange = Exchange(
            self,
            self._environ(request, version),
            keep_alive=keep_alive and not self._connections.is_under_pressure,
            version=version,
            is_first=not request.expects_continue,
        )
        with self._lock:
            self._is_receiving = False
            if self.state is State.RUNNING:
                if len(self._pipelined) >= MAX_PIPELINED:
                    raise BadRequest(HTTPStatus.TOO_MANY_REQUESTS)
                self._pipelined.append(exchange)
                assert self._transport is not None
                self._transport.pause_reading()
                return
            self.state = State.RUNNING
        self._accept(exchange)

    def _environ(self, request: IncomingRequest, version: str) -> WSGIEnvironment:
        target = b"/" if request.target == b"*" else request.target
        try:
            url = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError:
            raise BadRequest(HTTPStatus.BAD_REQUEST) from None
        path, query = url.path or b"/", url.query or b""
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self._parser.get_method().decode("ascii"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            # As the client encoded them, and nothing else that it sent: neither a host nor a fragment.
            "REQUEST_URI": (b"%b?%b" % (path, query) if query else path).decode("latin-1"),
            "SERVER_NAME": self._server[0],
            "SERVER_PORT": str(self._server[1]),
            "SERVER_PROTOCOL": f"HTTP/{version}",
            "REMOTE_ADDR": self.address,
            "REMOTE_PORT": str(self._port),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for raw_name, raw_value in request.headers:
            if b"_" in raw_name:  # indistinguishable in WSGI from the one with hyphens, which a proxy may protect
                continue
            name = raw_name.decode("latin-1").upper().replace("-", "_")
            if name in ("CONTENT_LENGTH", "TRANSFER_ENCODING", "EXPECT"):
                continue
            key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
            value = raw_value.rstrip(b" \t").decode("latin-1")  # the parser has removed leading space only
            if key in environ:
                if key == "HTTP_HOST":
                    raise BadRequest(HTTPStatus.BAD_REQUEST)
                value = f"{environ[key]},{value}"
            environ[key] = value
        if request.is_too_large:
            request.discard()
            # More than any endpoint reads: endpoints have the same limit.
            environ["CONTENT_LENGTH"] = str(max(request.announced, request.received, self._limits.max_body_bytes + 2))
            environ["wsgi.input"] = io.BytesIO()
        else:
            environ["CONTENT_LENGTH"] = str(request.received)
            environ["wsgi.input"] = request.body()
        return environ

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Run a method of this connection on its event loop. May be called from any thread."""
        self._connections.loop.call_soon_threadsafe(function, *args)

    def send_part(self, data: bytes) -> None:
        """Send a part of the response, and let the application go on unless the client is slow."""
        self._send(data)
        if not self._is_paused or self.state is State.CLOSED:
            self.drained.set()

    def finish_here(self, data: bytes) -> bool:
        """Send a whole response from the current thread, which is faster than waking the event loop.

        Returns False if that is impossible. Nothing has been sent then, and ``finish`` must run on the event loop.
        """
        with self._lock:
            if (
                self.state is not State.RUNNING
                or self._is_input_ignored
                or self._pipelined
                or self._connections.is_closing
            ):
                return False
            if self.unsent:  # of the previous response, which the client has not read yet
                return False
            assert self._socket is not None
            try:
                sent = self._socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return False
            if sent == len(data):
                self._wait()
                return True
        self.call(self.finish, data[sent:], False)
        return True

    def finish(self, data: bytes, close: bool) -> None:
        """Send the last part of the response, then wait for the next request or close."""
        self._send(data)
        if self.state is not State.RUNNING or self._transport is None:
            return
        if close or self._connections.is_closing:
            self._close()
        elif self._pipelined:
            exchange = self._pipelined.popleft()
            if not self._pipelined:
                self._transport.resume_reading()
            self._accept(exchange)
        elif self._is_input_ignored:
            self._close()
        else:
            with self._lock:
                self._wait()

    def _wait(self) -> None:
        """Wait for the next request, or for the rest of one that has begun to arrive."""
        now = time.monotonic()
        if self._is_receiving:
            self.state = State.BODY
            self._started = now
            self.deadline = self._limits.deadline(now, 0)
        else:
            self.state = State.WAITING
            self.deadline = now + self._limits.keep_alive

    def _send(self, data: bytes) -> None:
        if self.state is State.CLOSED or self._transport is None:
            return
        if not self._transport.get_write_buffer_size():
            self._progress = (time.monotonic(), self._sent)
        self._sent += len(data)
        self._transport.write(data)

    def _refuse(self, status: HTTPStatus) -> None:
        """Reject a request in plain text, unless another response is still due, and close."""
        self._is_input_ignored = True
        if self.state is State.RUNNING:
            return  # ``finish`` closes the connection after the responses that are due
        text = f"{status.value} {status.phrase}\n"
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        self._send(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
        self._close()

    def _close(self) -> None:
        """Close the connection after sending what was written.

        A client that is still sending could lose the response if the connection were closed at once, so its data is
        read and discarded for a moment.
        """
        if self._transport is None or self._transport.is_closing():
            return
        if self._is_input_ignored and self._transport.can_write_eof():
            self.state = State.LINGERING
            self.deadline = time.monotonic() + LINGER_SECONDS
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    @property
    def unsent(self) -> int:
        """Bytes of responses that the client has not received."""
        if self._transport is None or self.state is State.CLOSED:
            return 0
        return self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close the connection if it has no request."""
        if self.state is State.WAITING and self._transport is not None:
            self._transport.close()

    def check_time(self, now: float) -> None:
        """Close the connection if it has exceeded a time limit."""
        if self._transport is None:
            return
        if self._reads_too_slowly(now):
            self._transport.abort()
        elif self.state in (State.HEAD, State.BODY) and now > self.deadline:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self.state in (State.WAITING, State.LINGERING) and now > self.deadline:
            self._transport.close()

    def _reads_too_slowly(self, now: float) -> bool:
        """Whether the client receives the response too slowly, measured per period.

        An average over the whole response would mean nothing, because the system buffers megabytes at once.
        """
        unsent = self.unsent
        if not unsent:
            return False
        since, taken_before = self._progress
        taken = self._sent - unsent
        if taken - taken_before >= self._limits.transfer_timeout * self._limits.min_bytes_per_second:
            self._progress = (now, taken)
            return False
        return now - since > self._limits.transfer_timeout


class Connections:
    """All connections of a worker, by address."""

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.limits = limits
        self.loop = loop
        self.is_closing = False
        self._by_address: dict[str, dict[Connection, None]] = {}
        self._count = 0

    def __iter__(self) -> Iterator[Connection]:
        return iter([connection for group in self._by_address.values() for connection in group])

    @property
    def is_under_pressure(self) -> bool:
        """Whether too many connections are open to keep any of them alive."""
        return self.is_closing or self._count > PRESSURE * self.limits.max_connections

    def admit(self, connection: Connection) -> bool:
        """Count a new connection. Returns False if there is no room and none can be made."""
        group = self._by_address.setdefault(address_group(connection.address), {})
        if self.limits.is_limited(connection.address) and len(group) >= self.limits.max_connections_per_address:
            is_admitted = self._make_room(group)
        elif self._count >= self.limits.max_connections:
            is_admitted = self._make_room(max(self._by_address.values(), key=len))
        else:
            is_admitted = True
        if is_admitted:
            group = self._by_address.setdefault(address_group(connection.address), {})
            group[connection] = None
            self._count += 1
        return is_admitted

    def remove(self, connection: Connection) -> None:
        """Remove a connection."""
        key = address_group(connection.address)
        group = self._by_address.get(key, {})
        if connection in group:
            del group[connection]
            self._count -= 1
        if not group:
            self._by_address.pop(key, None)

    def _make_room(self, group: dict[Connection, None]) -> bool:
        """Close the connection that has been idle longest. Returns False if all of them have running requests."""
        for state in (State.LINGERING, State.WAITING, State.HEAD, State.BODY):
            candidates = [connection for connection in group if connection.state is state]
            if candidates:
                oldest = min(candidates, key=lambda connection: connection.deadline)
                self.remove(oldest)
                oldest.abort()
                return True
        return False

    def check_times(self) -> None:
        """Close connections that exceed a time limit, and those with most unsent data while it exceeds its limit."""
        now = time.monotonic()
        unsent: dict[Connection, int] = {}
        for connection in self:
            connection.check_time(now)
            if (size := connection.unsent) > 0:
                unsent[connection] = size
        excess = sum(unsent.values()) - self.limits.max_unsent_bytes
        while excess > 0:
            largest = max(unsent, key=lambda connection: unsent[connection])
            excess -= unsent.pop(largest)
            largest.abort()

    async def finish(self, seconds: float) -> None:
        """Close every connection after its response, or after ``seconds``.

        Idle connections stay open for a moment, because a request may be on its way.
        """
        self.is_closing = True
        started = time.monotonic()
        while self._count and (now := time.monotonic()) < started + seconds:
            if now > started + LINGER_SECONDS / 2:
                for connection in self:
                    connection.close_if_idle()
            await asyncio.sleep(0.02)
            self.check_times()
