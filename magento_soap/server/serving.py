"""Serve an application: listen on an address, run the supervisor and its workers, and send mail beside them."""

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
    """The address cannot be listened on; the text says why."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises CannotListen when another program has the port, or it is not our address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"Port {port} of {host} is taken by another program. Choose one with --port.") from None
        raise CannotListen(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None


def check_address(host: str, port: int) -> None:
    """Raise CannotListen when another program has the port, or the address is not this machine's."""
    listen(host, port).close()


@contextmanager
def mail_worker(settings: Settings) -> Iterator[None]:
    """A worker that sends mails, in a thread of this process; told to stop in the end.

    It is given as long as calls are. A mail that takes longer is recorded as not sent, and sent again (at least once).
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
    """Serve until SIGINT or SIGTERM; calls that are being worked on are finished first.

    ``with_worker`` sends mails beside. Workers read their settings from the environment, so it is given exactly these.
    Raises CannotListen and supervisor.WorkersFailed.
    """
    listening = listen(settings.host, settings.port)
    logs.configure(settings.log_level, settings.log_format)
    os.environ.update(settings.as_environment())
    supervisor = Supervisor(listening, settings.workers, settings.worker_memory_mb * 1024 * 1024)
    with mail_worker(settings) if with_worker else nullcontext():
        supervisor.run()
