"""``magento-soap payments``: payments that a gateway was asked for and that are unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated

import typer
from rich.markup import escape

from magento_soap.app import create_sales
from magento_soap.sales.errors import SalesError
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.services import SalesServices

from .configuration import command_settings, shop_database
from .terminal import fail, out

commands = typer.Typer(no_args_is_help=True, help="Unfinished payments.")


class Outcome(str, Enum):
    """What a person may have found out about a payment."""

    DONE = "done"
    NOT_DONE = "not-done"
    BOOKED = "booked"


@commands.command("list")
def list_unfinished(context: typer.Context) -> None:
    """List unfinished payments: a gateway was asked, and the order does not show its answer yet."""
    with _sales(context) as sales:
        for attempt in sales.payments.all():
            invoice = attempt.invoice_increment_id or "new"
            amount = (
                f" of {attempt.base_amount} {attempt.base_currency_code}" if attempt.base_amount is not None else ""
            )
            error = f" ({attempt.error})" if attempt.error else ""
            what = f"{attempt.action}{amount} through {attempt.method}, {attempt.state}{error}"
            where = f"order {attempt.order_increment_id}, invoice {invoice}"
            line = f"{attempt.key}: {where}: {what}, since {attempt.asked_at:%Y-%m-%d %H:%M:%S} UTC"
            out.print(escape(line), highlight=False, soft_wrap=True)


@commands.command()
def reconcile(context: typer.Context) -> None:
    """Finish all unfinished payments: ask the gateway again, and apply its answer to the order."""
    with _sales(context) as sales:
        attempts = sales.payments.all()
        for attempt in attempts:
            try:
                outcome = "settled" if sales.payments.resume(attempt) else "in progress elsewhere"
            except SalesError as error:
                outcome = str(error)
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            out.print(f"{attempt.key}: {escape(outcome)}", highlight=False)
        left = {attempt.key for attempt in attempts} & {attempt.key for attempt in sales.payments.all()}
    if left:
        fail(f"{len(left)} payments are unfinished.")


@commands.command()
def decide(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The payment's key.")],
    outcome: Annotated[
        Outcome, typer.Argument(help="Whether the gateway did what it was asked; booked: the order shows it already.")
    ],
    transaction: Annotated[str | None, typer.Option(help="The gateway's transaction id.", show_default=False)] = None,
) -> None:
    """Record the outcome of a payment that you looked up at the gateway."""
    with _sales(context) as sales:
        attempt = next((each for each in sales.payments.all() if each.key == key), None)
        if attempt is None:
            fail("There is no unfinished payment with that key.")
        result = GatewayResult(txn_id=transaction) if outcome is Outcome.DONE else None
        try:
            if outcome is Outcome.BOOKED:
                decided = sales.payments.close(attempt)
            else:
                decided = sales.payments.decide(attempt, result)
        except SalesError as error:
            fail(str(error))
    out.print(f"{key}: {decided.state}", highlight=False)


@contextmanager
def _sales(context: typer.Context) -> Iterator[SalesServices]:
    settings = command_settings(context)
    with shop_database(settings) as database:
        try:
            yield create_sales(settings, database)
        except ValueError as error:
            fail(str(error))
