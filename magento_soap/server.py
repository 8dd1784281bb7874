"""The HTTP server: granian, with workers that are processes and share nothing but the database."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from . import logs
from .app import create_app, create_worker, open_database
from .settings import Settings, load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

APPLICATION = "magento_soap.server:worker_application"
LAST_CALLS_SECONDS = 10  # how long calls that are being worked on may take when the server is to end


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


def worker_application() -> WSGIApplication:
    """What a worker process serves, with the settings of its environment."""
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    return create_app(settings)


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


def take_interrupts() -> None:
    """Let Ctrl-C end this process as SIGTERM does, and no worker.

    It reaches every process of a terminal at once. Workers inherit that it is blocked, so it does not break one that is
    starting; the server ends them in order.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return
    resource_tracker.ensure_running()  # started with the first worker, it would unblock the signal again
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])

    main_thread = threading.get_ident()

    def pass_on() -> None:
        while True:
            signal.sigwait([signal.SIGINT])
            signal.pthread_kill(main_thread, signal.SIGTERM)  # whose waiting only a signal of its own interrupts

    threading.Thread(target=pass_on, name="Ctrl-C", daemon=True).start()


def serve(settings: Settings, with_worker: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; calls that are being worked on are finished first.

    ``with_worker`` sends mails beside. Workers read their settings from the environment, so it is given exactly these.
    Raises CannotListen.
    """
    check_address(settings.host, settings.port)
    os.environ.update(settings.as_environment())
    # A forked worker would inherit the signal handlers of this process, and miss a SIGTERM that comes at once.
    multiprocessing.set_start_method("spawn", force=True)
    take_interrupts()
    server = Granian(
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
    )
    with mail_worker(settings) if with_worker else nullcontext():
        try:
            server.serve()
        except SystemExit:
            # A signal to the whole group may end a starting worker before its parent does, which is no failure then.
            if not server.interrupt_signal:
                raise
