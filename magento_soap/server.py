"""The HTTP server: granian, with workers that are processes and share nothing but the database."""

from __future__ import annotations

import errno
import multiprocessing
import os
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from .settings import Settings

APPLICATION = "magento_soap.app:create_application"
LAST_CALLS_SECONDS = 30  # how long calls that are being worked on may take when the server is to end


class CannotListen(Exception):
    """The address cannot be listened on; the text says why."""


def check_address(host: str, port: int) -> None:
    """Raise CannotListen when another program has the port, or the address is not this machine's."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"Port {port} of {host} is taken by another program. Choose one with --port.") from None
        raise CannotListen(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; calls that are being worked on are finished first.

    Workers read their settings from the environment, so it is given exactly these. Raises CannotListen.
    """
    check_address(settings.host, settings.port)
    os.environ.update(settings.as_environment())
    # A forked worker would inherit the signal handlers of this process, and miss a SIGTERM that comes at once.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        APPLICATION,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads,
        workers_kill_timeout=LAST_CALLS_SECONDS,
        websockets=False,
        log_level=LogLevels(settings.log_level),
    ).serve()
