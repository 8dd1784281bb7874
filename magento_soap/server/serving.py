"""Serves the application: listens on an address and runs the supervisor, with a mail worker if requested."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from magento_soap import logs
from magento_soap.app import create_worker, open_database
from magento_soap.settings import Settings

from .supervisor import Supervisor, WorkersFailed
from .worker import BACKLOG, LAST_CALLS_SECONDS

__all__ = ["LAST_CALLS_SECONDS", "CannotListen", "WorkersFailed", "check_address", "listen", "mail_worker", "serve"]


class CannotListen(Exception):
    """The server cannot listen on the address; the message says why."""


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address. Raises CannotListen if the port is in use or the address is not local."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"Port {port} of {host} is in use. Choose another one with --port.") from None
        raise CannotListen(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None


def check_address(host: str, port: int) -> None:
    """Raise CannotListen if the port is in use or the address is not local."""
    listen(host, port).close()


@contextmanager
def mail_worker(settings: Settings) -> Iterator[None]:
    """Run a worker that sends mail in a thread of this process, and stop it at the end.

    It has as much time to stop as calls have. A mail that takes longer counts as not sent and is sent again later.
    """
    logs.configure(settings.log_level, settings.log_format)
    database, stopping = open_database(settings), threading.Event()
    worker = create_worker(settings, database)
    thread = threading.Thread(target=worker.run, args=[stopping], name="mail worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(LAST_CALLS_SECONDS)
        database.close()


def serve(settings: Settings, with_worker: bool = False) -> None:
    """Serve until SIGINT or SIGTERM, then finish the running calls.

    ``with_worker`` also runs a mail worker. The settings are written to the environment, from which workers read them.
    Raises CannotListen and supervisor.WorkersFailed.
    """
    listening = listen(settings.host, settings.port)
    logs.configure(settings.log_level, settings.log_format)
    os.environ.update(settings.as_environment())
    supervisor = Supervisor(listening, settings.workers, settings.worker_memory_mb * 1024 * 1024)
    with mail_worker(settings) if with_worker else nullcontext():
        supervisor.run()
