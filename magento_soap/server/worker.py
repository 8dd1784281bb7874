"""A worker process: an event loop reads requests, threads run the application.

The supervisor starts it with two file descriptors: the listening socket, and a connection to the supervisor. The end of
that connection tells each of them that the other has died.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from magento_soap import logs
from magento_soap.app import create_app
from magento_soap.protocols.forwarding import WAITING
from magento_soap.settings import Settings, load_settings

from .connection import Connection, Connections
from .handler import respond
from .limits import Limits
from .request_queue import RequestQueue

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LAST_CALLS_SECONDS = 10
"""How long running requests may take after the worker was asked to stop."""
CHECK_SECONDS = 0.5
READY = b"ready\n"
BACKLOG = 1024
SPARE_FILES = 256
"""Files that a worker opens besides its connections: databases, logs, bodies."""
FILES_OF_A_CONNECTION = 2
"""The socket, and a copy of it with which threads write."""
FILES_OF_A_WAITING_CALL = 3
"""The connection to the other server, its response, and the body of the request."""


class Worker:
    """Serves an application on a listening socket.

    ``threads`` requests run at a time, and ``max_waiting`` more may wait for another server. If any may, the
    application finds ``protocols.forwarding.WAITING`` in the environment.
    """

    def __init__(self, application: WSGIApplication, limits: Limits, threads: int, max_waiting: int = 0) -> None:
        self._application = application
        self._limits = limits
        self._threads = threads
        self._max_waiting = max_waiting
        self._requests = RequestQueue(limits, threads, max_waiting)

    async def serve(self, listening: socket.socket, stopping: asyncio.Event, ready: Callable[[], object]) -> None:
        """Call ``ready`` and serve until ``stopping`` is set, then finish the requests that have arrived."""
        loop = asyncio.get_running_loop()
        connections = Connections(self._limits, loop)
        for number in range(self._threads + self._max_waiting):
            threading.Thread(target=self._respond_to_requests, name=f"request {number}", daemon=True).start()
        server = await loop.create_server(
            lambda: Connection(connections, self._requests.put), sock=listening, backlog=BACKLOG
        )
        ready()
        while not stopping.is_set():
            with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
                await asyncio.wait_for(stopping.wait(), min(CHECK_SECONDS, self._limits.header_timeout))
            connections.check_times()
        server.close()
        await connections.finish(LAST_CALLS_SECONDS)

    def _respond_to_requests(self) -> None:
        while True:
            exchange = self._requests.get()
            if self._max_waiting:
                exchange.environ[WAITING] = partial(self._requests.waiting, exchange)
            try:
                respond(self._application, exchange)
            finally:
                self._requests.done(exchange)


def limits_of(settings: Settings) -> Limits:
    """The limits of each worker."""
    return Limits(
        max_body_bytes=settings.max_body_bytes,
        max_connections=settings.max_connections,
        max_connections_per_address=settings.max_connections_per_address,
        header_timeout=settings.header_timeout_seconds,
        transfer_timeout=settings.transfer_timeout_seconds,
        min_bytes_per_second=settings.min_bytes_per_second,
        keep_alive=settings.keep_alive_seconds,
        unlimited_addresses=settings.trusted_proxies,
    )


def _raise_file_limit(needed: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def run(listening: socket.socket, supervisor: socket.socket) -> None:
    """Run a worker process with the settings in its environment, until SIGTERM or until the supervisor dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor handles Ctrl-C and stops its workers
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    limits = limits_of(settings)
    max_waiting = settings.upstream_connections if settings.upstream_url is not None else 0
    files = FILES_OF_A_CONNECTION * limits.max_connections + FILES_OF_A_WAITING_CALL * max_waiting
    _raise_file_limit(files + SPARE_FILES)
    with contextlib.ExitStack() as closing:
        worker = Worker(create_app(settings, closing=closing), limits, settings.threads, max_waiting)

        async def serve() -> None:
            loop, stopping = asyncio.get_running_loop(), asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, stopping.set)
            loop.add_reader(supervisor, stopping.set)  # the supervisor sends nothing: readable means closed
            await worker.serve(listening, stopping, lambda: supervisor.send(READY))

        with event_loop() as loop:
            loop.run_until_complete(serve())
    # Threads that are still busy have used up their time. A normal exit would tear down modules that they still use.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextlib.contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The fastest event loop installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        loop = asyncio.new_event_loop()
    else:
        loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        loop.close()
