"""Tables of fresh databases, and the check of existing ones (SPEC G, design 6)."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from magento_soap.sales.errors import IdempotencyKeysNotKept
from magento_soap.sales.ports import IdempotencyKey, UnitOfWork
from magento_soap.storage import Database
from magento_soap.storage.schema.tables import Tables

from .shop_rows import small_shop


def test_a_fresh_database_fits(database: Database) -> None:
    assert database.check() == []


def test_every_table_carries_the_prefix() -> None:
    tables = Tables("m1_")
    assert {"sales_flat_order", "sales_flat_shipment", "salesrule_coupon"} <= tables.keys()
    assert {table.name for table in tables.values()} == {f"m1_{name}" for name in tables}


def test_columns_are_in_table_order() -> None:
    names = Tables()["sales_flat_invoice_comment"].c.keys()
    assert names == ["entity_id", "parent_id", "is_customer_notified", "is_visible_on_front", "comment", "created_at"]


def test_index_names_fit_every_database_and_differ() -> None:
    names = [index.name or "" for table in Tables("a_long_prefix_").values() for index in table.indexes]
    assert max(map(len, names)) <= 63
    assert len(set(names)) == len(names)


def test_an_empty_database_lacks_tables_and_is_left_alone(database_url: str) -> None:
    database = Database(database_url)
    problems = database.check()
    assert "sales_flat_invoice: the table is missing" in map(str, problems)
    assert database.dump() == {}
    database.close()


def test_narrow_and_missing_columns_are_named(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE sales_flat_invoice_comment (entity_id VARCHAR(10), parent_id INTEGER, comment VARCHAR(20),"
            " is_customer_notified INTEGER, is_visible_on_front INTEGER)"
        )
        connection.exec_driver_sql("CREATE TABLE api_session (user_id INTEGER, logdate INTEGER, sessid VARCHAR(16))")
    problems = [str(problem) for problem in database.check() if problem.column]
    assert "sales_flat_invoice_comment.created_at: the column is missing" in problems
    assert "sales_flat_invoice_comment.entity_id: VARCHAR(10) is not an integer type" in problems
    assert "api_session.logdate: INTEGER is not a time type" in [text.replace("(11)", "") for text in problems]
    assert "api_session.sessid: VARCHAR(16) is shorter than 32 characters" in problems
    database.close()


def test_load_and_dump_are_inverse(database: Database) -> None:
    first = database.dump()
    assert first["sales_flat_order"][0]["grand_total"] == "100.0000"
    assert first["sales_flat_order"][0]["created_at"] == "2024-01-01 10:00:00"
    assert first["core_store"][0]["store_id"] == 0
    database.load(first)
    assert database.dump() == first


def test_load_refuses_what_it_does_not_know(database: Database) -> None:
    with pytest.raises(ValueError, match="unknown table nonsense"):
        database.load({"nonsense": []})
    with pytest.raises(ValueError, match="core_store has no column color"):
        database.load({"core_store": [{"color": "red"}]})


def test_the_database_numbers_on_after_loaded_keys(database: Database) -> None:
    assert database.accounts.add_user("first", "hash") == 1
    database.load({"api_user": [{"user_id": 7, "username": "seven", "created": "2024-01-01 00:00:00"}]})
    assert database.accounts.add_user("next", "hash") == 8


def test_an_attached_shop_gets_our_own_tables_on_request_only(database_url: str) -> None:
    database = Database(database_url, "m_")
    database.tables.metadata.create_all(database.engine)
    database.load({name: rows for name, rows in small_shop().items() if name != "magento_soap_outbox"})
    assert not database.outbox.exists
    assert "magento_soap_outbox" not in database.dump()
    database.create_own_tables()
    database.create_own_tables()
    assert database.dump(["magento_soap_outbox"]) == {"magento_soap_outbox": []}
    database.close()


def test_own_tables_that_are_created_while_others_run_are_noticed(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    running, other = Database(database_url), Database(database_url)

    def looks() -> tuple[bool, bool, bool]:
        def claims(unit: UnitOfWork) -> bool:
            try:
                return unit.idempotency_keys.claim(IdempotencyKey("key", "fingerprint")) is None
            except IdempotencyKeysNotKept:
                return False

        is_kept = running.transactions.run(lambda unit: unit.payments.is_kept)
        return running.outbox.exists, is_kept, running.transactions.run(claims)

    running.tables.metadata.create_all(running.engine)
    assert looks() == (False, False, False)
    assert looks() == (False, False, False)
    assert len([record for record in caplog.records if "no table" in record.message]) == 3  # each is told once
    other.create_own_tables()
    assert looks() == (True, True, True)
    for database in (running, other):
        database.close()


def test_a_table_that_is_there_is_looked_for_once(database_url: str) -> None:
    database = Database(database_url)
    database.create()
    database.transactions.run(lambda unit: unit.payments.is_kept)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    database.transactions.run(lambda unit: unit.payments.is_kept)
    assert [text for text in statements if not text.startswith("BEGIN")] == []
    database.close()


@pytest.mark.parametrize(("revision", "told"), [("0001", "is older than"), ("9999", "was made by a newer")])
def test_the_revision_of_our_own_tables_is_checked(database_url: str, revision: str, told: str) -> None:
    database = Database(database_url, "m_")
    database.tables.metadata.create_all(database.engine)
    assert database.check() == []  # an attached shop has them on request only
    database.create_own_tables()
    assert database.check() == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE m_magento_soap_alembic_version SET version_num = '{revision}'")
    (problem,) = database.check()
    assert (problem.table, problem.column) == ("m_magento_soap_alembic_version", None)
    assert told in problem.text
    assert database.check_own_tables() == [problem]
    database.close()


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite://")
