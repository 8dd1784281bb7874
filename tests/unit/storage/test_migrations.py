"""Migrations of our own tables keep the rows of earlier versions, and these still work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, text

from magento_soap.mail.message import Composer
from magento_soap.mail.sender import SmtpSender
from magento_soap.mail.worker import MailWorker
from magento_soap.sales.ports import IdempotencyKey, StoredResponse
from magento_soap.storage import Database
from magento_soap.storage.schema.creation import create_own_tables
from tests.mail_server import MailServer

from .conftest import FixedClock
from .shop_rows import INVOICE, small_shop

OUTBOX = {
    "kind": "invoice_comment",
    "invoice_id": 1,
    "order_id": 2,
    "store_id": 1,
    "recipient": "customer2@example.com",
    "recipient_name": "Jane Roe",
    "bcc": "",
    "comment": "Thank you 😀",
    "status": "queued",
    "attempts": 1,
    "error": "mail server down",
    "created_at": "2025-06-01 11:00:00",
    "due_at": "2025-06-01 11:10:00",
    "sent_at": None,
}
REQUEST = {
    "fingerprint": "content",
    "answered": 1,
    "invoice_increment_id": INVOICE,
    "created_at": "2025-06-01 11:00:00",
}


@pytest.fixture
def old_shop(database_url: str, clock: FixedClock) -> Iterator[Database]:
    """A shop whose own tables are those of revision 0003, with mails and stored responses."""
    database = Database(database_url, "m_", clock=clock)
    database.tables.metadata.create_all(database.engine)
    database.load({name: rows for name, rows in small_shop().items() if name != "magento_soap_outbox"})
    create_own_tables(database.engine, "m_", "0003")
    mails = [OUTBOX, OUTBOX | {"status": "sent", "sent_at": "2025-06-01 11:00:30"}]
    requests = [REQUEST | {"id": "invoiced"}, REQUEST | {"id": "commented", "invoice_increment_id": None}]
    with database.engine.begin() as connection:
        for table, rows in (("m_magento_soap_outbox", mails), ("m_magento_soap_request", requests)):
            names = rows[0].keys()
            values = ", ".join(f":{name}" for name in names)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), rows)
    yield database
    database.close()


def test_a_mail_queued_by_an_earlier_version_is_sent(old_shop: Database, clock: FixedClock) -> None:
    old_shop.create_own_tables()
    assert old_shop.check_own_tables() == []
    queued, sent = old_shop.dump(["magento_soap_outbox"])["magento_soap_outbox"]
    renamed = {"entity_id" if name == "invoice_id" else name: value for name, value in OUTBOX.items()}
    assert queued == renamed | {"id": 1, "entity_type": "invoice"}
    assert (sent["id"], sent["status"], sent["entity_type"], sent["entity_id"]) == (2, "sent", "invoice", 1)
    with MailServer() as server:
        composer = Composer(old_shop.mails, old_shop.shop, clock)
        worker = MailWorker(old_shop.outbox, composer, SmtpSender("127.0.0.1", server.port, timeout=10), 5)
        assert worker.send_due().sent == 1
        assert [mail.recipients for mail in server.mails] == [["customer2@example.com"]]
    assert old_shop.outbox.count("sent") == 2


def test_a_response_stored_by_an_earlier_version_answers(old_shop: Database) -> None:
    old_shop.create_own_tables()

    def claim(key: str) -> StoredResponse | None:
        asked = IdempotencyKey(key, "content")
        return old_shop.transactions.run(lambda unit: unit.idempotency_keys.claim(asked))

    assert claim("invoiced") == StoredResponse(INVOICE)
    assert claim("commented") == StoredResponse(None)
    assert claim("new") is None


def test_an_earlier_revision_is_reported_until_the_tables_are_migrated(old_shop: Database) -> None:
    (problem,) = old_shop.check_own_tables()
    assert "0003 is older" in problem.text


def test_tables_of_revision_0004_are_kept_and_get_those_for_forwarding(old_shop: Database) -> None:
    create_own_tables(old_shop.engine, "m_", "0004")
    (problem,) = old_shop.check_own_tables()
    assert "0004 is older than this program's 0005" in problem.text
    names = ["magento_soap_outbox", "magento_soap_request", "magento_soap_payment", "magento_soap_login"]
    before = old_shop.dump(names)
    assert [len(rows) for rows in before.values()] == [2, 2, 0, 0]
    assert not old_shop.dump().keys() & {"magento_soap_forwarded", "magento_soap_wsdl"}
    old_shop.create_own_tables()
    assert old_shop.check_own_tables() == []
    assert old_shop.dump(names) == before
    assert old_shop.dump(["magento_soap_forwarded"]) == {"magento_soap_forwarded": []}
    assert old_shop.dump(["magento_soap_wsdl"]) == {"magento_soap_wsdl": []}


@pytest.mark.parametrize("name", ["outbox", "request", "payment", "login", "forwarded", "wsdl"])
def test_migrated_tables_are_those_of_the_program(old_shop: Database, name: str) -> None:
    old_shop.create_own_tables()
    inspector = inspect(old_shop.engine)
    found = {column["name"]: column for column in inspector.get_columns(f"m_magento_soap_{name}")}
    table = old_shop._own_tables()[f"magento_soap_{name}"]
    assert found.keys() == set(table.c.keys())
    for column in table.c:
        assert found[column.name]["nullable"] == column.nullable, column
        length = getattr(column.type, "length", None)
        assert length is None or getattr(found[column.name]["type"], "length", None) == length, column
    if name == "forwarded":
        assert any(index["column_names"] == ["day"] for index in inspector.get_indexes(table.name))
    if name == "outbox":
        assert found["entity_type"]["default"] is None
        assert any(index["column_names"] == ["status", "due_at"] for index in inspector.get_indexes(table.name))
