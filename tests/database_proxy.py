"""A proxy before a database server that loses connections at a chosen moment, or is away for a while."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.engine import make_url

Moment = Literal["before", "after"]
"""Whether a statement that is lost has reached the server."""


@dataclass
class Loss:
    """The connection that has sent ``marker`` is lost with its next ``statement``, but for the first ``skipped``."""

    marker: bytes
    statement: bytes = b"COMMIT"
    moment: Moment = "before"
    skipped: int = 0


class Proxy:
    """Forwards connections to the server of a database URL; ``url`` is the same database through the proxy."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._server = (target.host or "127.0.0.1", target.port or 0)
        self._listening = self._listen(0)
        self._port = self._listening.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._loss: Loss | None = None
        self.losses = 0
        """How many connections were lost on purpose."""
        self.url = target.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)
        self._accept()

    def lose(self, loss: Loss) -> None:
        """Lose one connection that way."""
        self._loss = loss

    def go_away(self) -> None:
        """Close all connections, and refuse new ones."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def cut(self) -> None:
        """Close all connections."""
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """Accept connections again."""
        self._listening = self._listen(self._port)
        self._accept()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(100)
        return listening

    def _accept(self) -> None:
        listening = self._listening

        def run() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                server = socket.create_connection(self._server)
                with self._lock:
                    self._open |= {client, server}
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """From the client to the server, watching for the loss."""
        sent = b""
        while data := _received(client):
            sent += data
            loss = self._loss
            if loss is not None and loss.marker in sent and loss.statement in sent[sent.index(loss.marker) :]:
                sent = b""
                if loss.skipped:
                    loss.skipped -= 1
                else:
                    self._loss = None
                    self.losses += 1
                    self._close(client)
                    if loss.moment == "after":
                        server.sendall(data)  # the pump waits for the answer, which nobody gets
                        server.shutdown(socket.SHUT_WR)
                        return
                    break
            elif b"COMMIT" in data or b"ROLLBACK" in data:
                sent = b""
            with contextlib.suppress(OSError):
                server.sendall(data)
        self._close(server)

    def _pump(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            with contextlib.suppress(OSError):
                client.sendall(data)
        self._close(client)

    def _close(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""
