"""Removes the values of rows from database errors: errors reach the log, where customers' data does not belong.

SQLAlchemy hides the parameters of a statement, but not what the database itself quotes: MySQL's ``Duplicate entry
'mary@example.com'``, PostgreSQL's ``DETAIL: Failing row contains (...)``. Codes stay, as conflicts are known by them.
"""

from __future__ import annotations

import re

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

HIDDEN = "***"
# MySQL's errors that quote names of the schema or of accounts only: access, columns, tables, foreign keys, locks.
_MYSQL_NAMES_ONLY = frozenset(
    {1020, 1044, 1045, 1048, 1049, 1054, 1142, 1143, 1146, 1205, 1213, 1264, 1364, 1406, 1451, 1452, 3572}
)
_MYSQL_DUPLICATE, _MYSQL_SIGNAL = 1062, 1644  # the latter has whatever text a trigger gave it
_MYSQL_OWN_CLIENT = range(2000, 3000)
_DATA_EXCEPTION, _RAISED = "22", "P0"  # classes of SQLSTATE: values that do not fit; a trigger's own text


def hide_values(engine: Engine) -> None:
    """Take the values of rows out of all errors of this engine's connections."""
    event.listen(engine, "handle_error", _hide)


def hidden_in_mysql(code: int, text: str) -> str:
    """The text of an error of MySQL or MariaDB without what it quotes of values."""
    if code in _MYSQL_NAMES_ONLY or code in _MYSQL_OWN_CLIENT:
        return text
    if code == _MYSQL_SIGNAL:
        return HIDDEN
    if code == _MYSQL_DUPLICATE:
        entry, for_key, key = text.rpartition(" for key ")
        return _unquoted(entry, "'") + for_key + key
    return _unquoted(text, "'")


def hidden_in_postgresql(sqlstate: str, text: str) -> str:
    """The primary message of an error of PostgreSQL without what it quotes of values."""
    if sqlstate.startswith(_RAISED):
        return HIDDEN
    return _unquoted(text, '"') if sqlstate.startswith(_DATA_EXCEPTION) else text


def _unquoted(text: str, quote: str) -> str:
    """From the first quotation mark to the last one, since values may hold such marks themselves."""
    return re.sub(f"{quote}.*{quote}", quote + HIDDEN + quote, text, flags=re.DOTALL)


def _hide(context: ExceptionContext) -> None:
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    before = str(error)
    diagnostics = getattr(error, "diag", None)  # psycopg's: the message apart from DETAIL, CONTEXT and LINE
    sqlstate, primary = getattr(error, "sqlstate", None), getattr(diagnostics, "message_primary", None)
    if sqlstate and primary:
        error.args = (hidden_in_postgresql(sqlstate, primary),)
    elif len(error.args) == 2 and isinstance(error.args[0], int) and isinstance(error.args[1], str):
        error.args = (error.args[0], hidden_in_mysql(*error.args))
    if wrapped is not None:
        wrapped.args = tuple(part.replace(before, str(error)) for part in wrapped.args)
