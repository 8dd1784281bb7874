"""The command ``magento-soap``: serve, try out, look after the database, the users and their roles."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from magento_soap.api.keys import check_policy, hash_key
from magento_soap.demo.server import DemoFailed, DemoServer
from magento_soap.protocols.soap import describe
from magento_soap.sales.errors import InvoicingError, OutcomeUnknown, TryAgainLater
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.payment import GatewayResult
from magento_soap.server.hosts import base_url as checked_base_url
from magento_soap.server.hosts import is_loopback
from magento_soap.storage.schema.reference_rows import Rows, reference_rows

from . import __version__, logs
from .app import create_app, create_invoicing, create_registry, create_worker, open_database, open_payment_methods
from .files import make_folder
from .server.serving import CannotListen, WorkersFailed
from .server.serving import serve as serve_forever
from .settings import Settings, SettingsError, load_settings, unknown_variables
from .storage import Database

T = TypeVar("T")
FAILED, MISUSED = 1, 2  # exit codes

app = typer.Typer(
    name="magento-soap",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # variables hold customers' names and addresses
    help="The Magento 1 API for sales invoices.",
)
db = typer.Typer(no_args_is_help=True, help="The shop's database.")
user = typer.Typer(no_args_is_help=True, help="API users.")
role = typer.Typer(no_args_is_help=True, help="Roles: what API users may do.")
app.add_typer(db, name="db")
app.add_typer(user, name="user")
app.add_typer(role, name="role")
payments = typer.Typer(no_args_is_help=True, help="Payments that a gateway was asked for.")
app.add_typer(payments, name="payments")
mail = typer.Typer(no_args_is_help=True, help="Mails to customers.")
app.add_typer(mail, name="mail")

out = Console()
err = Console(stderr=True)


class Contract(str, Enum):
    """The contracts that a WSDL can describe."""

    V1 = "v1"
    V2 = "v2"
    WSI = "wsi"
    WSI_DOCUMENTED = "wsi-documented"


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


# -- serving -----------------------------------------------------------------------------------------------------------


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, show_default=False, help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default=False, help="Processes.")] = None,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Send mails beside, as `worker` does.")] = False,
) -> None:
    """Serve the shop of the settings until stopped with Ctrl-C or SIGTERM."""
    settings = _settings(context, host=host, port=port, workers=workers)
    if not (is_loopback(settings.host) or settings.base_url or settings.allowed_hosts):
        _fail(
            f"host is {settings.host}, so others can reach the server. Set base_url to the URL that clients use, "
            "or allowed_hosts to the host names that they use (* for any).",
            MISUSED,
        )
    with _database(settings) as database:
        if problems := database.check():
            _fail(_listing("The database does not fit; nothing is served.", problems))
        if problem := database.numbering_problem():
            _warn(f"Nothing can be invoiced. {problem}")
        if with_worker:
            _check_outbox(database)
    try:
        create_app(settings)  # what is wrong is told here, once, and not by every worker
        serve_forever(settings, with_worker)
    except (ValueError, CannotListen, WorkersFailed) as error:
        _fail(str(error))


@app.command()
def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
) -> None:
    """Send mails to customers, and clear old rows away, until stopped with Ctrl-C or SIGTERM."""
    settings = _settings(context)
    with _database(settings) as database:
        _check_outbox(database)
        if problems := database.check_own_tables():
            _fail(_listing("The database does not fit; no mails are sent.", problems))
        running = create_worker(settings, database)
        logs.configure(settings.log_level, settings.log_format)
        if once:
            done = running.once()
            out.print(f"Mails: {done.sent} sent, {done.delayed} to be tried again, {done.failed} given up.")
        else:
            running.run(_stopped_by_signals())


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    folder: Annotated[Path, typer.Option(help="Where the shop's database file is kept.")] = Path("var"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away the demo shop of the last time.")] = False,
    exit_after_invoice: Annotated[
        bool, typer.Option("--exit-after-invoice", help="Stop after the first invoice.")
    ] = False,
) -> None:
    """Make a demo shop, serve it on this machine, and make a first invoice through SOAP."""
    shop = DemoServer(folder / "demo.sqlite", port)
    try:
        if shop.create(fresh):
            out.print(f"Made a demo shop in [bold]{shop.file}[/bold].")
        with shop.running():
            out.print(shop.doors(), shop.accounts())
            out.print("Making an invoice through SOAP: login, salesOrderInvoiceCreate, salesOrderInvoiceInfo ...")
            out.print(shop.first_invoice())
            if not exit_after_invoice:
                out.print("The shop is open. Stop it with Ctrl-C.")
                shop.wait()
    except (CannotListen, DemoFailed) as error:
        _fail(str(error))


@app.command()
def wsdl(
    context: typer.Context,
    contract: Annotated[Contract, typer.Argument(help="Which contract.")] = Contract.V2,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Where the shop is reached; by default the setting, else http://magentohost/.", show_default=False
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output by default.")] = None,
) -> None:
    """Write the WSDL that the server serves."""
    settings = _settings(context)
    address = _understood(lambda: checked_base_url(base_url or settings.base_url or "http://magentohost/"))
    paths = {
        Contract.V1: "/api/soap/",
        Contract.V2: "/api/v2_soap/",
        Contract.WSI: "/api/v2_soap_wsi/",
        Contract.WSI_DOCUMENTED: "/api/v2_soap/",
    }
    document = describe(
        contract.value,
        f"{address}{paths[contract]}",
        namespace=settings.namespace,
        soapenc_import=settings.soapenc_import,
    )
    if output is None:
        sys.stdout.buffer.write(document)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(document)


# -- database ----------------------------------------------------------------------------------------------------------


@db.command("init")
def db_init(
    context: typer.Context,
    own_tables: Annotated[
        bool, typer.Option("--own-tables", help="Only add this program's own tables to an existing shop.")
    ] = False,
    currency: Annotated[str, typer.Option(help="Currency of the new shop.")] = "USD",
) -> None:
    """Create the tables of an empty shop, with the rows that every shop needs."""
    settings = _settings(context)
    with _database(settings) as database:
        if own_tables:
            _understood(database.create_own_tables)
            out.print("The tables magento_soap_* are there.")
            return
        if _magento_tables(database):
            _fail(
                f"{_shown(settings.database_url)} already holds Magento's tables; they are not touched.\n"
                "For a Magento shop: magento-soap db check, then magento-soap db init --own-tables."
            )
        database.create()
        database.load(reference_rows(currency.upper()))
    out.print(
        "The shop is ready, and empty. Next:\n"
        "  magento-soap role add Everything --allow all\n"
        "  magento-soap user add NAME --role Everything\n"
        "  magento-soap db load FILE      orders of your own, or magento-soap demo\n"
        "  magento-soap serve",
        markup=False,
        highlight=False,
    )


@db.command("check")
def db_check(
    context: typer.Context,
    url: Annotated[str | None, typer.Argument(help="Database URL; that of the settings by default.")] = None,
) -> None:
    """Tell whether a database fits: exit code 0 if it does, 1 with a list of what is wrong if not."""
    settings = _settings(context)
    if url is not None:
        settings = _understood(lambda: Settings.model_validate(settings.model_dump() | {"database_url": url}))
    _understood(lambda: open_payment_methods(settings))
    with _database(settings) as database:
        problems: list[object] = [*database.check()]
        if not problems and (numbering := database.numbering_problem()):
            problems.append(numbering)
    if problems:
        _fail(_listing(f"{_shown(settings.database_url)} does not fit:", problems))
    out.print(f"{_shown(settings.database_url)} fits.", markup=False, highlight=False)


@db.command("load")
def db_load(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON, {table: [row, ...]}; .gz is understood.", dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what the file's tables hold.")] = False,
) -> None:
    """Load rows, as `db dump` writes them, into the shop."""
    rows = _read_rows(file)
    settings = _settings(context)
    with _database(settings) as database:
        if not _magento_tables(database):
            _fail(f"{_shown(settings.database_url)} has no tables yet: magento-soap db init.")
        if not replace and _has_orders(database):
            _fail("The shop has orders already. With --replace, what is in the tables of the file is thrown away.")
        with Progress(console=err, transient=True) as progress:
            progress.add_task(f"Loading {file.name}", total=None)
            _understood(lambda: database.load(rows))
    out.print(f"Loaded {sum(map(len, rows.values()))} rows into {len(rows)} tables.", highlight=False)


@db.command("dump")
def db_dump(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="File to write, .gz is understood.")] = None,
) -> None:
    """Write all rows of the shop as JSON, to standard output by default."""
    with _database(_settings(context)) as database:
        text = json.dumps(database.dump(), ensure_ascii=False, indent=1, default=str) + "\n"
    if file is None:
        sys.stdout.write(text)
    elif file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, encoding="utf-8")


# -- payments ----------------------------------------------------------------------------------------------------------


class Outcome(str, Enum):
    """What a person may have found out about a payment."""

    DONE = "done"
    NOT_DONE = "not-done"
    BOOKED = "booked"


@payments.command("list")
def payments_list(context: typer.Context) -> None:
    """List the payments that are left open: asked of a gateway, and not yet in the order's books."""
    with _invoicing(context) as service:
        for attempt in service.unfinished_payments():
            invoice = attempt.invoice_increment_id or "new"
            amount = (
                f" of {attempt.base_amount} {attempt.base_currency_code}" if attempt.base_amount is not None else ""
            )
            error = f" ({attempt.error})" if attempt.error else ""
            what = f"{attempt.action}{amount} through {attempt.method}, {attempt.state}{error}"
            where = f"order {attempt.order_increment_id}, invoice {invoice}"
            line = f"{attempt.key}: {where}: {what}, since {attempt.asked_at:%Y-%m-%d %H:%M:%S} UTC"
            out.print(escape(line), highlight=False, soft_wrap=True)


@payments.command("reconcile")
def payments_reconcile(context: typer.Context) -> None:
    """Bring all payments to their end that are left open: ask the gateway again, put its answer into the books."""
    with _invoicing(context) as service:
        attempts = service.unfinished_payments()
        for attempt in attempts:
            try:
                told = "settled" if service.resume_payment(attempt) else "somebody is at it"
            except InvoicingError as error:
                told = str(error)
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
            out.print(f"{attempt.key}: {escape(told)}", highlight=False)
        left = {attempt.key for attempt in attempts} & {attempt.key for attempt in service.unfinished_payments()}
    if left:
        _fail(f"{len(left)} payments are left open.")


@payments.command("decide")
def payments_decide(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The payment's key.")],
    outcome: Annotated[
        Outcome, typer.Argument(help="Whether the gateway did what it was asked; booked: the order shows it already.")
    ],
    transaction: Annotated[str | None, typer.Option(help="The gateway's transaction id.", show_default=False)] = None,
) -> None:
    """Say what became of a payment, after looking at the gateway."""
    with _invoicing(context) as service:
        attempt = next((each for each in service.unfinished_payments() if each.key == key), None)
        if attempt is None:
            _fail("No payment of that key is left open.")
        result = GatewayResult(txn_id=transaction) if outcome is Outcome.DONE else None
        try:
            if outcome is Outcome.BOOKED:
                decided = service.close_payment(attempt)
            else:
                decided = service.decide_payment(attempt, result)
        except InvoicingError as error:
            _fail(str(error))
    out.print(f"{key}: {decided.state}", highlight=False)


@contextmanager
def _invoicing(context: typer.Context) -> Iterator[InvoiceService]:
    settings = _settings(context)
    with _database(settings) as database:
        try:
            yield create_invoicing(settings, database)
        except ValueError as error:
            _fail(str(error))


# -- mails -------------------------------------------------------------------------------------------------------------


class MailStatus(str, Enum):
    """What can become of a mail."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@mail.command("list")
def mail_list(
    context: typer.Context,
    status: Annotated[MailStatus | None, typer.Option(help="Only mails in this status.", show_default=False)] = None,
) -> None:
    """List the mails: queued, sent, and failed ones, which were given up."""
    with _database(_settings(context)) as database:
        _check_outbox(database)
        for entry in database.mails.listed(status and status.value):
            told = f"{entry.id}: {entry.kind} {entry.invoice or 'that is gone'} to {entry.recipient}: {entry.status}"
            if entry.status == MailStatus.QUEUED.value:
                told += f", due {entry.due_at} UTC"
            elif entry.sent_at:
                told += f" {entry.sent_at} UTC"
            error = f" ({entry.error})" if entry.error else ""
            out.print(escape(f"{told}, attempts: {entry.attempts}{error}"), highlight=False, soft_wrap=True)


@mail.command("retry")
def mail_retry(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Ids of failed mails.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All failed mails.")] = False,
) -> None:
    """Queue failed mails again."""
    if bool(ids) == everything:
        _fail("Which mails? Give their ids, or --all.", MISUSED)
    with _database(_settings(context)) as database:
        _check_outbox(database)
        queued = database.outbox.requeue(ids or None)
    out.print(f"Queued {len(queued)} mails again.", highlight=False)
    if missing := sorted(set(ids or ()) - set(queued)):
        _fail(f"No failed mail has the id {', '.join(map(str, missing))}.")


def _check_outbox(database: Database) -> None:
    if not database.outbox.exists:
        _fail(f"There is no table {database.outbox.table.name}, so no mails: magento-soap db init --own-tables.")


def _stopped_by_signals() -> threading.Event:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the program at once."""
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping


# -- users and roles ---------------------------------------------------------------------------------------------------

KeyOption = Annotated[
    str | None, typer.Option("--key", help="The API key; asked for when not given.", show_default=False)
]


@user.command("add")
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
    settings = _settings(context)
    hashed = _hashed(key)
    with _database(settings) as database:
        accounts = database.accounts
        if role_name is not None and role_name not in (known.name for known in accounts.list_roles()):
            _fail(f"There is no role {role_name!r}.")
        _understood(lambda: accounts.add_user(username, hashed, firstname=firstname, lastname=lastname, email=email))
        if role_name is not None:
            accounts.assign_role(username, role_name)
    out.print(f"Added user {username!r}.", highlight=False, markup=False)
    if role_name is None:
        _warn("Without a role nobody can log in: magento-soap user role NAME ROLE.")


@user.command("role")
def user_role(context: typer.Context, username: str, role_name: Annotated[str, typer.Argument(metavar="ROLE")]) -> None:
    """Give a role to a user."""
    with _database(_settings(context)) as database:
        _understood(lambda: database.accounts.assign_role(username, role_name))
    out.print(f"{username!r} has the role {role_name!r}.", highlight=False, markup=False)


@user.command("list")
def user_list(context: typer.Context) -> None:
    """List the API users."""
    table = Table("id", "user", "active", "roles", "e-mail")
    with _database(_settings(context)) as database:
        for entry in database.accounts.list_users():
            active = "yes" if entry.is_active else "no"
            table.add_row(str(entry.user_id), entry.username, active, ", ".join(entry.roles), entry.email or "")
    out.print(table)


@user.command("disable")
def user_disable(context: typer.Context, username: str) -> None:
    """Deactivate a user and end its sessions."""
    with _database(_settings(context)) as database:
        _understood(lambda: database.accounts.disable_user(username))
    out.print(f"{username!r} is disabled.", highlight=False, markup=False)


@user.command("enable")
def user_enable(context: typer.Context, username: str) -> None:
    """Let a disabled user log in again."""
    with _database(_settings(context)) as database:
        _understood(lambda: database.accounts.enable_user(username))
    out.print(f"{username!r} is enabled.", highlight=False, markup=False)


@user.command("key")
def user_key(context: typer.Context, username: str, key: KeyOption = None) -> None:
    """Give a user another API key, and end its sessions."""
    settings = _settings(context)
    hashed = _hashed(key)
    with _database(settings) as database:
        _understood(lambda: database.accounts.set_key(username, hashed))
    out.print(f"{username!r} has a new key.", highlight=False, markup=False)


@role.command("add")
def role_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The role's name.")],
    allow: Annotated[
        list[str], typer.Option(help="A resource: all, sales/order/invoice, sales/order/invoice/info ... Repeatable.")
    ],
) -> None:
    """Add a role that allows some resources, each with all below it unless something below it is named too."""
    settings = _settings(context)
    with _database(settings) as database:
        rules = create_registry(settings, database).rules_for(allow)
        _understood(lambda: database.accounts.add_role(name, rules))
    out.print(f"Added role {name!r}.", highlight=False, markup=False)


@role.command("list")
def role_list(context: typer.Context) -> None:
    """List the roles and what they allow."""
    table = Table("id", "role", "allows")
    with _database(_settings(context)) as database:
        for entry in database.accounts.list_roles():
            table.add_row(str(entry.role_id), entry.name, "\n".join(entry.resources))
    out.print(table)


# -- what the commands share -------------------------------------------------------------------------------------------


def _fail(message: str, code: int = FAILED) -> NoReturn:
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def _warn(message: str) -> None:
    err.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _listing(title: str, problems: Sequence[object]) -> str:
    return "\n".join([title, *(f"  - {problem}" for problem in problems)])


def _understood(action: Callable[[], T]) -> T:
    """Do what was asked, or say why it cannot be done."""
    try:
        return action()
    except SettingsError as error:
        _fail(f"The settings cannot be used.\n{error}", MISUSED)
    except (ValueError, LookupError) as error:
        _fail(str(error.args[0]) if error.args else str(error))


def _settings(context: typer.Context, **given: Any) -> Settings:
    """The settings, with what the command line gives instead of theirs."""
    settings = _understood(lambda: load_settings(context.obj))
    for name in unknown_variables(os.environ):
        _warn(f"{name} in the environment is no setting and has no effect.")
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The shop's database; its errors end the program with one line."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        make_folder(Path(url.database).parent)
    try:
        database = open_database(settings)
        try:
            yield database
        finally:
            database.close()
    except (SQLAlchemyError, TryAgainLater, OutcomeUnknown) as error:
        cause = error if isinstance(error, SQLAlchemyError) or error.__cause__ is None else error.__cause__
        _fail(f"The database {_shown(settings.database_url)} cannot be used: {getattr(cause, 'orig', None) or cause}")
    except ImportError as error:
        _fail(f"The driver for {_shown(settings.database_url)} is not installed: {error}")


def _magento_tables(database: Database) -> set[str]:
    """Those of Magento's tables that the database has."""
    known = {table.name for table in database.tables.values()}
    return known & set(inspect(database.read_engine).get_table_names())


def _has_orders(database: Database) -> bool:
    with database.read_engine.connect() as connection:
        return connection.scalar(select(database.tables["sales_flat_order"].c.entity_id).limit(1)) is not None


def _shown(url: str) -> str:
    """A database URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def _read_rows(file: Path) -> Rows:
    try:
        data = file.read_bytes()
        rows = json.loads(gzip.decompress(data) if file.suffix == ".gz" else data)
    except (OSError, EOFError, ValueError) as error:
        _fail(f"{file} cannot be read: {error}")
    if not isinstance(rows, dict) or not all(isinstance(each, list) for each in rows.values()):
        _fail(f"{file} is not of the form {{table: [row, ...]}}.")
    return rows


def _hashed(key: str | None) -> str:
    """The hash of a key that is given or asked for, and meets Magento's policy (SES-6)."""
    if key is None:
        key = typer.prompt("API key", hide_input=True, confirmation_prompt=True)
    _understood(lambda: check_policy(key))
    return hash_key(key)
