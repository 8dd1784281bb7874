"""``magento-soap serve`` and ``worker``: the programs that run until they are stopped."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from magento_soap import logs
from magento_soap.app import create_app, create_worker
from magento_soap.server.host_names import is_loopback
from magento_soap.server.serving import CannotListen, WorkersFailed
from magento_soap.server.serving import serve as serve_forever

from .configuration import command_settings, shop_database
from .mail import ensure_outbox
from .terminal import MISUSED, fail, listing, out, warn


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, show_default=False, help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default=False, help="Number of server processes.")] = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Also send mails, as `magento-soap worker` does.")
    ] = False,
) -> None:
    """Serve the configured shop until stopped with Ctrl-C or SIGTERM."""
    settings = command_settings(context, host=host, port=port, workers=workers)
    if not (is_loopback(settings.host) or settings.base_url or settings.allowed_hosts):
        fail(
            f"host is {settings.host}, so others can reach the server. Set base_url to the URL that clients use, "
            "or allowed_hosts to the host names that they use (* for any).",
            MISUSED,
        )
    with shop_database(settings) as database:
        if problems := database.check():
            fail(listing("The database does not fit; the server does not start.", problems))
        if problem := database.numbering_problem():
            warn(f"Nothing can be invoiced. {problem}")
        if with_worker:
            ensure_outbox(database)
    try:
        create_app(settings)  # so that an error is reported here, once, and not by every worker
        serve_forever(settings, with_worker)
    except (ValueError, CannotListen, WorkersFailed) as error:
        fail(str(error))


def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, then exit.")] = False,
) -> None:
    """Send mails to customers and delete expired rows, until stopped with Ctrl-C or SIGTERM."""
    settings = command_settings(context)
    with shop_database(settings) as database:
        ensure_outbox(database)
        if problems := database.check_own_tables():
            fail(listing("The database does not fit; no mails are sent.", problems))
        running = create_worker(settings, database)
        logs.configure(settings.log_level, settings.log_format)
        if once:
            done = running.once()
            out.print(f"Mails: {done.sent} sent, {done.delayed} to be tried again, {done.failed} given up.")
        else:
            running.run(_stopped_by_signals())


def _stopped_by_signals() -> threading.Event:
    """An event that the first Ctrl-C or SIGTERM sets; the second one ends the program at once."""
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping
