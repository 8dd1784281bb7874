"""What commands work with: the settings, and the database that they name.

Whatever is wrong with either ends the program with one line instead of a traceback.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from magento_soap.app import open_database
from magento_soap.files import make_folder
from magento_soap.sales.errors import OutcomeUnknown, TryAgainLater
from magento_soap.settings import Settings, SettingsError, load_settings, unknown_variables
from magento_soap.storage import Database

from .terminal import MISUSED, fail, warn

T = TypeVar("T")


def command_settings(context: typer.Context, **options: Any) -> Settings:
    """The settings, overridden by those options of the command that are not None."""
    settings = or_fail(lambda: load_settings(context.obj))
    for name in unknown_variables(os.environ):
        warn(f"{name} in the environment is not a setting and has no effect.")
    return settings.model_copy(update={name: value for name, value in options.items() if value is not None})


@contextmanager
def shop_database(settings: Settings) -> Iterator[Database]:
    """The shop's database. Its errors end the program with one line."""
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
        fail(
            f"The database {without_password(settings.database_url)} cannot be used: "
            f"{getattr(cause, 'orig', None) or cause}"
        )
    except ImportError as error:
        fail(f"The driver for {without_password(settings.database_url)} is not installed: {error}")


def or_fail(action: Callable[[], T]) -> T:
    """The action's result. Its ValueError, LookupError or SettingsError ends the program with one line."""
    try:
        return action()
    except SettingsError as error:
        fail(f"The settings cannot be used.\n{error}", MISUSED)
    except (ValueError, LookupError) as error:
        fail(str(error.args[0]) if error.args else str(error))


def without_password(url: str) -> str:
    """A database URL without its password."""
    return make_url(url).render_as_string(hide_password=True)
