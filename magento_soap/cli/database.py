"""``magento-soap db``: create, check, load and dump the shop's database."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy import inspect, select

from magento_soap.app import open_payment_methods
from magento_soap.settings import Settings
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import Rows, reference_rows

from .configuration import command_settings, or_fail, shop_database, without_password
from .terminal import err, fail, listing, out

commands = typer.Typer(no_args_is_help=True, help="The shop's database.")


@commands.command()
def init(
    context: typer.Context,
    own_tables: Annotated[
        bool, typer.Option("--own-tables", help="Only add this program's own tables to an existing shop.")
    ] = False,
    currency: Annotated[str, typer.Option(help="Currency of the new shop.")] = "USD",
) -> None:
    """Create the tables of an empty shop, with the rows that every shop needs."""
    settings = command_settings(context)
    with shop_database(settings) as database:
        if own_tables:
            or_fail(database.create_own_tables)
            out.print("The tables magento_soap_* are there.")
            return
        if _magento_tables(database):
            fail(
                f"{without_password(settings.database_url)} already holds Magento's tables; they are not touched.\n"
                "For a Magento shop: magento-soap db check, then magento-soap db init --own-tables."
            )
        database.create()
        database.load(reference_rows(currency.upper()))
    out.print(
        "The shop is ready, and empty. Next:\n"
        "  magento-soap role add Everything --allow all\n"
        "  magento-soap user add NAME --role Everything\n"
        "  magento-soap db load FILE      to load orders of your own; for a shop with orders: magento-soap demo\n"
        "  magento-soap serve",
        markup=False,
        highlight=False,
    )


@commands.command()
def check(
    context: typer.Context,
    url: Annotated[str | None, typer.Argument(help="Database URL; by default that of the settings.")] = None,
) -> None:
    """Check whether a database fits. Exit code 0: it does; 1: it does not, and a list says why."""
    settings = command_settings(context)
    if url is not None:
        settings = or_fail(lambda: Settings.model_validate(settings.model_dump() | {"database_url": url}))
    or_fail(lambda: open_payment_methods(settings))
    with shop_database(settings) as database:
        problems: list[object] = [*database.check()]
        if not problems and (numbering := database.numbering_problem()):
            problems.append(numbering)
    if problems:
        fail(listing(f"{without_password(settings.database_url)} does not fit:", problems))
    out.print(f"{without_password(settings.database_url)} fits.", markup=False, highlight=False)


@commands.command()
def load(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="JSON of the form {table: [row, ...]}; may be compressed (.gz).", dir_okay=False)
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the content of the file's tables.")] = False,
) -> None:
    """Load rows, as `db dump` writes them, into the shop."""
    rows = _read_rows(file)
    settings = command_settings(context)
    with shop_database(settings) as database:
        if not _magento_tables(database):
            fail(f"{without_password(settings.database_url)} has no tables yet: magento-soap db init.")
        if not replace and _has_orders(database):
            fail("The shop has orders already. With --replace, the file's rows replace all rows of its tables.")
        with Progress(console=err, transient=True) as progress:
            progress.add_task(f"Loading {file.name}", total=None)
            or_fail(lambda: database.load(rows))
    out.print(f"Loaded {sum(map(len, rows.values()))} rows into {len(rows)} tables.", highlight=False)


@commands.command()
def dump(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="File to write; compressed if it ends in .gz.")] = None,
) -> None:
    """Write all rows of the shop as JSON, to standard output by default."""
    with shop_database(command_settings(context)) as database:
        text = json.dumps(database.dump(), ensure_ascii=False, indent=1, default=str) + "\n"
    if file is None:
        sys.stdout.write(text)
    elif file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, encoding="utf-8")


def _magento_tables(database: Database) -> set[str]:
    """Those of Magento's tables that the database has."""
    known = {table.name for table in database.tables.values()}
    return known & set(inspect(database.read_engine).get_table_names())


def _has_orders(database: Database) -> bool:
    with database.read_engine.connect() as connection:
        return connection.scalar(select(database.tables["sales_flat_order"].c.entity_id).limit(1)) is not None


def _read_rows(file: Path) -> Rows:
    try:
        data = file.read_bytes()
        rows = json.loads(gzip.decompress(data) if file.suffix == ".gz" else data)
    except (OSError, EOFError, ValueError) as error:
        fail(f"{file} cannot be read: {error}")
    if not isinstance(rows, dict) or not all(isinstance(each, list) for each in rows.values()):
        fail(f"{file} is not of the form {{table: [row, ...]}}.")
    return rows
