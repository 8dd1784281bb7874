"""What databases say in their errors reaches logs, so it names columns and keys and never what customers are called."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from magento_soap.api.faults import unexpected
from magento_soap.storage import Database
from magento_soap.storage.connection.hidden_values import hidden_in_mysql, hidden_in_postgresql

from .shop_rows import small_shop

FIRST, LAST, STREET, EMAIL = SECRETS = ("Mary", "O'Neill", "5 Quay St", "mary@example.ie")
CUSTOMER = {"entity_id": 1, "email": f"{EMAIL}' for key 'x", "website_id": 1}
NOON = datetime(2024, 1, 1, 12)


def told(database: Database, caplog: pytest.LogCaptureFixture, work: Callable[[Connection], object]) -> str:
    """All that is written of the error that this work ends in: its traceback, and what logs make of it."""
    with pytest.raises(SQLAlchemyError) as failure, database.engine.begin() as connection:
        work(connection)
    error = failure.value
    unexpected(error)
    logging.getLogger("shop").error("failed", exc_info=error)
    shown = [*traceback.format_exception(error), str(error), repr(error), caplog.text]
    if isinstance(error, DBAPIError):
        shown += [str(error.orig), repr(error.orig)]
    written = "\n".join(shown)
    for secret in SECRETS:
        assert secret not in written
    return written


def test_the_values_of_a_key_that_is_taken_are_hidden(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    customers = database.tables["customer_entity"]

    def work(connection: Connection) -> None:
        connection.execute(customers.insert(), CUSTOMER)
        connection.execute(customers.insert(), CUSTOMER | {"entity_id": 2})

    assert "customer_entity" in told(database, caplog, work)


def test_a_row_that_breaks_a_constraint_is_hidden(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    comments = database.tables["sales_flat_invoice_comment"]
    row = {"parent_id": None, "comment": f"{FIRST} {LAST}, {STREET}", "created_at": NOON}
    assert "parent_id" in told(database, caplog, lambda connection: connection.execute(comments.insert(), row))


def test_a_value_of_the_wrong_type_is_hidden(
    database: Database, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite takes any value")
    statement = "SELECT CAST(:name AS integer)"
    if dialect == "mysql":
        statement = "UPDATE shop_sales_flat_order SET store_id = :name"

    def work(connection: Connection) -> None:
        if dialect == "mysql":
            connection.execute(text("SET SESSION sql_mode='STRICT_ALL_TABLES'"))
        connection.execute(text(statement), {"name": f"{LAST}\n{FIRST}"})

    told(database, caplog, work)


def test_values_that_cannot_be_bound_are_hidden(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    row = {"customer_lastname": LAST, "grand_total": object()}
    told(database, caplog, lambda connection: connection.execute(database.tables["sales_flat_order"].insert(), row))


def test_names_of_the_schema_are_shown(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    query = text("SELECT no_such_column FROM shop_core_store")
    assert "no_such_column" in told(database, caplog, lambda connection: connection.execute(query))


def test_readers_hide_values_too(database: Database, dialect: str, caplog: pytest.LogCaptureFixture) -> None:
    query = select(database.tables["sales_flat_invoice"].c.entity_id).where(text("no_such_column = :name"))
    with pytest.raises(SQLAlchemyError) as failure, database.read_engine.connect() as connection:
        connection.execute(query, {"name": LAST})
    assert LAST not in str(failure.value)


def test_errors_keep_their_codes(database: Database, dialect: str) -> None:
    """Conflicts are recognized by them."""
    row = small_shop()["sales_flat_invoice"][0]
    with pytest.raises(DBAPIError) as failure, database.engine.begin() as connection:
        connection.execute(database.tables["sales_flat_invoice"].insert(), row | {"created_at": None})
    error = failure.value.orig
    assert error is not None
    if dialect == "mysql":
        assert error.args[0] == 1062
    if dialect == "postgresql":
        assert getattr(error, "sqlstate", None) == "23505"


@pytest.mark.parametrize(
    ("code", "said", "shown"),
    [
        (1062, "Duplicate entry 'a' for key 'b' for key 'KEY'", "Duplicate entry '***' for key 'KEY'"),
        (
            1366,
            "Incorrect integer value: 'O'Neill' for column 'qty' at 1",
            "Incorrect integer value: '***' at 1",
        ),
        (1064, "... near 'Mary'' at line 1", "... near '***' at line 1"),
        (1644, "Mary is no customer", "***"),
        (1054, "Unknown column 'x' in 'field list'", "Unknown column 'x' in 'field list'"),
        (2003, "Can't connect to MySQL server on 'db.example'", "Can't connect to MySQL server on 'db.example'"),
    ],
)
def test_mysqls_texts_lose_what_they_quote_of_values(code: int, said: str, shown: str) -> None:
    assert hidden_in_mysql(code, said) == shown


@pytest.mark.parametrize(
    ("sqlstate", "said", "shown"),
    [
        ("23505", 'duplicate key value violates unique constraint "key"', None),
        ("42703", 'column "x" does not exist', None),
        ("22P02", 'invalid input syntax for type integer: "O"Neill"', 'invalid input syntax for type integer: "***"'),
        ("P0001", "Mary is no customer", "***"),
    ],
)
def test_postgresqls_texts_lose_what_they_quote_of_values(sqlstate: str, said: str, shown: str | None) -> None:
    assert hidden_in_postgresql(sqlstate, said) == (shown or said)
