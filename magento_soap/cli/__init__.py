"""The command ``magento-soap``: each group of commands is a module of this package.

========================  ==============================================================
``serve``                 ``serve`` and ``worker``, the two that run until they are stopped
``demo``                  ``demo``, which needs no configuration
``wsdl``                  ``wsdl``, which needs no database
``database``              ``db init``, ``check``, ``load``, ``dump``
``users``                 ``user ...`` and ``role ...``
``payments``              ``payments list``, ``reconcile``, ``decide``
``mail``                  ``mail list``, ``retry``
``upstream``              ``upstream report``
========================  ==============================================================

``configuration`` gives commands their settings and their database, ``terminal`` prints. A command reads its settings,
does one thing, and prints one result. Errors that a user can cause end it with one line and an exit code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from magento_soap import __version__

from . import database, demo, mail, payments, serve, upstream, users, wsdl
from .terminal import out

app = typer.Typer(
    name="magento-soap",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # variables hold customers' names and addresses
    help="The Magento 1 API for sales invoices.",
)
app.command()(serve.serve)
app.command()(serve.worker)
app.command()(demo.demo)
app.command()(wsdl.wsdl)
app.add_typer(database.commands, name="db")
app.add_typer(users.user_commands, name="user")
app.add_typer(users.role_commands, name="role")
app.add_typer(payments.commands, name="payments")
app.add_typer(mail.commands, name="mail")
app.add_typer(upstream.commands, name="upstream")


def main() -> None:
    """Run the command line."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"magento-soap {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="TOML file with settings.", show_default=False)] = None,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    context.obj = config
