"""``magento-soap user`` and ``role``: who may log in, and what they may call."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from magento_soap.api.keys import check_policy, hash_key
from magento_soap.app import create_registry

from .configuration import command_settings, or_fail, shop_database
from .terminal import fail, out, warn

user_commands = typer.Typer(no_args_is_help=True, help="API users.")
role_commands = typer.Typer(no_args_is_help=True, help="Roles: what API users may do.")

KeyOption = Annotated[
    str | None, typer.Option("--key", help="The API key; asked for if not given.", show_default=False)
]


@user_commands.command("add")
def user_add(
    context: typer.Context,
    username: Annotated[str, typer.Argument(help="The name to log in with.")],
    *,
    key: KeyOption = None,
    firstname: Annotated[str, typer.Option()] = "",
    lastname: Annotated[str, typer.Option()] = "",
    email: Annotated[str, typer.Option()] = "",
    role_name: Annotated[str | None, typer.Option("--role", help="A role to give to the user.")] = None,
) -> None:
    """Add an API user."""
    settings = command_settings(context)
    hashed = _hashed(key)
    with shop_database(settings) as database:
        accounts = database.accounts
        if role_name is not None and role_name not in (known.name for known in accounts.list_roles()):
            fail(f"There is no role {role_name!r}.")
        or_fail(lambda: accounts.add_user(username, hashed, firstname=firstname, lastname=lastname, email=email))
        if role_name is not None:
            accounts.assign_role(username, role_name)
    out.print(f"Added user {username!r}.", highlight=False, markup=False)
    if role_name is None:
        warn("Without a role nobody can log in: magento-soap user role NAME ROLE.")


@user_commands.command("role")
def user_role(context: typer.Context, username: str, role_name: Annotated[str, typer.Argument(metavar="ROLE")]) -> None:
    """Give a role to a user."""
    with shop_database(command_settings(context)) as database:
        or_fail(lambda: database.accounts.assign_role(username, role_name))
    out.print(f"{username!r} has the role {role_name!r}.", highlight=False, markup=False)


@user_commands.command("list")
def user_list(context: typer.Context) -> None:
    """List the API users."""
    table = Table("id", "user", "active", "roles", "e-mail")
    with shop_database(command_settings(context)) as database:
        for entry in database.accounts.list_users():
            active = "yes" if entry.is_active else "no"
            table.add_row(str(entry.user_id), entry.username, active, ", ".join(entry.roles), entry.email or "")
    out.print(table)


@user_commands.command("disable")
def user_disable(context: typer.Context, username: str) -> None:
    """Deactivate a user and end its sessions."""
    with shop_database(command_settings(context)) as database:
        or_fail(lambda: database.accounts.disable_user(username))
    out.print(f"{username!r} is disabled.", highlight=False, markup=False)


@user_commands.command("enable")
def user_enable(context: typer.Context, username: str) -> None:
    """Let a disabled user log in again."""
    with shop_database(command_settings(context)) as database:
        or_fail(lambda: database.accounts.enable_user(username))
    out.print(f"{username!r} is enabled.", highlight=False, markup=False)


@user_commands.command("key")
def user_key(context: typer.Context, username: str, key: KeyOption = None) -> None:
    """Give a user another API key, and end its sessions."""
    settings = command_settings(context)
    hashed = _hashed(key)
    with shop_database(settings) as database:
        or_fail(lambda: database.accounts.set_key(username, hashed))
    out.print(f"{username!r} has a new key.", highlight=False, markup=False)


@role_commands.command("add")
def role_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The role's name.")],
    allow: Annotated[
        list[str], typer.Option(help="A resource: all, sales/order/invoice, sales/order/invoice/info ... Repeatable.")
    ],
) -> None:
    """Add a role that allows some resources, each with all below it unless something below it is named too."""
    settings = command_settings(context)
    with shop_database(settings) as database:
        rules = create_registry(settings, database).rules_for(allow)
        or_fail(lambda: database.accounts.add_role(name, rules))
    out.print(f"Added role {name!r}.", highlight=False, markup=False)


@role_commands.command("list")
def role_list(context: typer.Context) -> None:
    """List the roles and what they allow."""
    table = Table("id", "role", "allows")
    with shop_database(command_settings(context)) as database:
        for entry in database.accounts.list_roles():
            table.add_row(str(entry.role_id), entry.name, "\n".join(entry.resources))
    out.print(table)


def _hashed(key: str | None) -> str:
    """The hash of a key that is given or asked for, and meets Magento's policy (SES-6)."""
    if key is None:
        key = typer.prompt("API key", hide_input=True, confirmation_prompt=True)
    or_fail(lambda: check_policy(key))
    return hash_key(key)
