"""``magento-soap mail``: the queue of mails to customers."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer
from rich.markup import escape

from magento_soap.storage import Database

from .configuration import command_settings, shop_database
from .terminal import MISUSED, fail, out

commands = typer.Typer(no_args_is_help=True, help="Mails to customers.")


class MailStatus(str, Enum):
    """What can become of a mail."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@commands.command("list")
def list_mails(
    context: typer.Context,
    status: Annotated[MailStatus | None, typer.Option(help="Only mails with this status.", show_default=False)] = None,
) -> None:
    """List the mails that are queued, sent, or failed for good."""
    with shop_database(command_settings(context)) as database:
        ensure_outbox(database)
        for entry in database.mails.listed(status and status.value):
            number = entry.increment_id or "that is gone"
            line = f"{entry.id}: {entry.kind} {number} to {entry.recipient}: {entry.status}"
            if entry.status == MailStatus.QUEUED.value:
                line += f", due {entry.due_at} UTC"
            elif entry.sent_at:
                line += f" {entry.sent_at} UTC"
            error = f" ({entry.error})" if entry.error else ""
            out.print(escape(f"{line}, attempts: {entry.attempts}{error}"), highlight=False, soft_wrap=True)


@commands.command()
def retry(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Ids of failed mails.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All failed mails.")] = False,
) -> None:
    """Queue failed mails again."""
    if bool(ids) == everything:
        fail("Which mails? Give their ids, or --all.", MISUSED)
    with shop_database(command_settings(context)) as database:
        ensure_outbox(database)
        queued = database.outbox.requeue(ids or None)
    out.print(f"Queued {len(queued)} mails again.", highlight=False)
    if missing := sorted(set(ids or ()) - set(queued)):
        fail(f"No failed mail has the id {', '.join(map(str, missing))}.")


def ensure_outbox(database: Database) -> None:
    """End the program when the database has no table for mails."""
    if not database.outbox.exists:
        fail(f"Mails need the table {database.outbox.table.name}. Create it with: magento-soap db init --own-tables")
