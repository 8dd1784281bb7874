"""A worker in a thread, with limits that tests do not have to wait for."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from magento_soap.server.limits import Limits
from magento_soap.server.worker import Worker, event_loop

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def served(application: WSGIApplication, limits: Limits, threads: int = 2, max_waiting: int = 0) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1; gives the port."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port: int = listening.getsockname()[1]
    is_ready = threading.Event()
    with event_loop() as loop:
        stopping = asyncio.Event()
        worker = Worker(application, limits, threads, max_waiting)
        thread = threading.Thread(
            target=loop.run_until_complete, args=[worker.serve(listening, stopping, is_ready.set)]
        )
        thread.start()
        assert is_ready.wait(10)
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(30)


class Client:
    """A client that sends bytes as they are."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))

    def send(self, data: bytes) -> Client:
        """Send bytes; a connection that is closed already is no error."""
        with suppress(ConnectionError):
            self._socket.sendall(data)
        return self

    def shut(self) -> Client:
        """Send nothing more."""
        self._socket.shutdown(socket.SHUT_WR)
        return self

    def response(self) -> bytes:
        """Everything until the server closes the connection."""
        parts = []
        try:
            while part := self._socket.recv(65536):
                parts.append(part)
        except ConnectionError:
            pass
        return b"".join(parts)

    def receive(self, end: bytes) -> bytes:
        """Everything until these bytes came, or the end of the connection."""
        data = b""
        while end not in data and (part := self._socket.recv(65536)):
            data += part
        return data

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def open_connections(port: int) -> int:
    """How many connections the server keeps open."""
    connections = psutil.Process().net_connections("tcp")
    return sum(each.laddr[1] == port and each.status == psutil.CONN_ESTABLISHED for each in connections)
