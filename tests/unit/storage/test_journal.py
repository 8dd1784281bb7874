"""The journal of payments: what was asked of gateways, and what they said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import Integer, String, Text, inspect

from magento_soap.sales.paying.attempts import ANSWERED, ASKED, REFUSED, SETTLED, Attempt
from magento_soap.sales.payment import CAPTURE, GatewayResult
from magento_soap.storage import Database
from magento_soap.storage.sales.journal import payment_table

ASKED_AT = datetime(2024, 5, 6, 7, 8, 9)
LATER = ASKED_AT.replace(hour=9)
ATTEMPT = Attempt(
    key="a" * 32,
    action=CAPTURE,
    order_id=7,
    order_increment_id="100000007",
    invoice_increment_id=None,
    method="paypal_direct",
    base_amount=Decimal("112.0000"),
    base_currency_code="USD",
    parent_txn_id="auth",
    asked_at=ASKED_AT,
    leased_until=ASKED_AT,
    command={"comment": "Grüße 🍵" * 10_000, "quantities": {"15": "1.5"}},
    request_id="b" * 64,
)


@pytest.fixture
def database(database_url: str) -> Database:
    made = Database(database_url)
    made.create()
    return made


def write(database: Database, attempt: Attempt) -> None:
    database.transactions.run(lambda unit: unit.payments.write(attempt))


def find(database: Database) -> Attempt | None:
    return database.transactions.run(lambda unit: unit.payments.find(ATTEMPT.key))


def test_an_attempt_comes_back_as_it_was_written(database: Database) -> None:
    """Also a long command, for which TEXT would be too short on MySQL."""
    write(database, ATTEMPT)
    assert database.transactions.run(lambda unit: unit.payments.open(7)) == ATTEMPT
    assert database.transactions.run(lambda unit: unit.payments.find(ATTEMPT.key)) == ATTEMPT
    assert database.transactions.run(lambda unit: unit.payments.open(8)) is None
    database.close()


@pytest.mark.parametrize(
    "attempt",
    [
        replace(ATTEMPT, invoice_increment_id="100000009", state=REFUSED, error="Card declined.", leased_until=LATER),
        replace(
            ATTEMPT,
            state=SETTLED,
            result=GatewayResult("cap", False, True, is_pending=True, is_fraud=True, message="Hello."),
        ),
        replace(ATTEMPT, base_amount=None, base_currency_code=None, parent_txn_id=None, command=None, request_id=None),
        replace(ATTEMPT, command={}),
    ],
    ids=["refused", "settled", "what may be missing", "an empty command"],
)
def test_everything_of_an_attempt_comes_back_as_it_was_written(database: Database, attempt: Attempt) -> None:
    write(database, attempt)
    assert find(database) == attempt
    write(database, ATTEMPT)
    assert find(database) == ATTEMPT
    database.close()


def test_the_oldest_comes_first(database: Database) -> None:
    for key in "bca":  # neither the order of the keys nor that of the times
        write(database, replace(ATTEMPT, key=key, asked_at=LATER if key == "b" else ASKED_AT))
    unit_of = database.transactions.run
    assert [each.key for each in unit_of(lambda unit: unit.payments.all_open())] == ["b", "c", "a"]
    oldest = unit_of(lambda unit: unit.payments.open(7))
    assert oldest is not None
    assert oldest.key == "b"
    write(database, replace(oldest, state=SETTLED))
    next_one = unit_of(lambda unit: unit.payments.open(7))
    assert next_one is not None
    assert next_one.key == "c"
    database.close()


def test_it_is_dumped_and_loaded_with_the_shop(database: Database) -> None:
    write(database, ATTEMPT)
    rows = database.dump(["magento_soap_payment"])
    database.load(rows)
    assert database.dump(["magento_soap_payment"]) == rows
    database.close()


def test_only_what_has_not_come_to_its_end_is_open(database: Database) -> None:
    states = [ASKED, ANSWERED, REFUSED, SETTLED]
    for number, state in enumerate(states):
        attempt = replace(ATTEMPT, key=str(number), order_id=number, state=state)
        write(database, attempt)
    found = database.transactions.run(lambda unit: unit.payments.all_open())
    assert [each.state for each in found] == [ASKED, ANSWERED]
    assert database.transactions.run(lambda unit: unit.payments.open(3)) is None
    database.close()


@pytest.mark.parametrize(
    "stored",
    [
        replace(ATTEMPT, state=ANSWERED, result=GatewayResult(txn_id="first")),
        replace(ATTEMPT, state=REFUSED, error="Card declined."),
        replace(ATTEMPT, state=SETTLED),
        replace(ATTEMPT, leased_until=LATER),
    ],
    ids=["answered", "refused", "settled", "under another lease"],
)
def test_what_was_changed_meanwhile_is_not_overwritten(database: Database, stored: Attempt) -> None:
    write(database, stored)
    late = replace(ATTEMPT, state=ANSWERED, result=GatewayResult(txn_id="late"), leased_until=LATER)
    assert not database.transactions.run(lambda unit: unit.payments.replace(late, ASKED, ASKED_AT))
    assert find(database) == stored
    database.close()


def test_what_is_unchanged_is_replaced(database: Database) -> None:
    write(database, ATTEMPT)
    other = replace(ATTEMPT, key="other")
    write(database, other)
    answered = replace(ATTEMPT, state=ANSWERED, result=GatewayResult(txn_id="first"))
    assert database.transactions.run(lambda unit: unit.payments.replace(answered, ASKED, ASKED_AT))
    assert database.transactions.run(lambda unit: unit.payments.replace(answered, ANSWERED, ASKED_AT))  # no change
    assert find(database) == answered
    assert database.transactions.run(lambda unit: unit.payments.find("other")) == other
    database.close()


def test_whatever_a_gateway_says_can_be_written_down(database: Database) -> None:
    """The money is taken by then."""
    odd = {"at": ASKED_AT, "amount": Decimal("1.10"), ("a", "b"): 1, "nested": {"list": [1, None, True]}}
    answered = replace(ATTEMPT, state=ANSWERED, result=GatewayResult("cap", additional_information=odd))  # type: ignore[arg-type]
    write(database, answered)
    found = database.transactions.run(lambda unit: unit.payments.find(ATTEMPT.key))
    assert found is not None
    assert found.result == GatewayResult(
        "cap",
        additional_information={"at": str(ASKED_AT), "amount": "1.10", "nested": {"list": [1, None, True]}},
    )
    database.close()


def test_an_attached_shop_without_the_table_has_no_journal(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE magento_soap_payment")
    database.create_own_tables()  # is up to date, and looks again
    unit_of = database.transactions.run
    assert unit_of(lambda unit: unit.payments.is_kept) is False
    assert unit_of(lambda unit: unit.payments.open(7)) is None
    assert unit_of(lambda unit: unit.payments.all_open()) == []
    database.close()


TEXT_BYTES = {"TEXT": 2**16 - 1, "MEDIUMTEXT": 2**24 - 1}  # on MySQL; elsewhere a text is as long as it likes


def test_the_table_is_declared_as_the_migrations_leave_it(database: Database, dialect: str) -> None:
    declared = payment_table("")
    assert declared.name == "magento_soap_payment"
    assert payment_table("mage_").name == "mage_magento_soap_payment"
    inspector = inspect(database.engine)
    found = {column["name"]: column for column in inspector.get_columns(declared.name)}
    assert list(found) == [column.name for column in declared.columns]
    for column in declared.columns:
        there = found[column.name]
        assert there["nullable"] == column.nullable, column.name
        if isinstance(column.type, Text):
            kind = str(there["type"]).split(maxsplit=1)[0] if dialect == "mysql" else None
            assert column.info["bytes"] in ([TEXT_BYTES[kind]] if kind else TEXT_BYTES.values()), column.name
        elif isinstance(column.type, String):
            assert isinstance(there["type"], String)
            assert there["type"].length == column.type.length, column.name
        else:
            assert isinstance(there["type"], Integer), column.name
    assert inspector.get_pk_constraint(declared.name)["constrained_columns"] == list(
        declared.primary_key.columns.keys()
    )
    uniques = {tuple(each["column_names"]) for each in inspector.get_unique_constraints(declared.name)}
    indexes = {tuple(each["column_names"]) for each in inspector.get_indexes(declared.name) if each["unique"]}
    assert uniques | indexes == {(column.name,) for column in declared.columns if column.unique}
    database.close()
