"""Copies of the shop's WSDLs, in the database, for all workers."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from magento_soap.api.ports import WsdlCopies as Port
from magento_soap.api.ports import WsdlCopy
from magento_soap.storage import Database
from magento_soap.storage.wsdl_copies import WsdlCopiesInMemory

NOON = datetime(2025, 6, 1, 12)
OLD, NEW = WsdlCopy(b"<old/>", NOON), WsdlCopy(b"<new/>", NOON + timedelta(seconds=1))


@pytest.fixture
def database(database: Database) -> Database:
    """The small shop without copies."""
    database.load({"magento_soap_wsdl": []})
    return database


def found(copies: Port, name: str) -> WsdlCopy | None:
    copy = copies.find(name)
    return None if copy is None else WsdlCopy(copy.document, copy.fetched_at)


def test_the_latest_copy_of_a_name_is_kept(database: Database) -> None:
    for copies in (database.wsdl_copies, WsdlCopiesInMemory()):
        assert found(copies, "v2") is None
        copies.save("v2", OLD)
        copies.save("v1", OLD)
        assert found(copies, "v2") == OLD
        copies.save("v2", NEW)
        assert found(copies, "v2") == NEW
        copies.save("v2", OLD)
        assert found(copies, "v2") == NEW
        assert found(copies, "v1") == OLD
        copies.save("v1", WsdlCopy(b"<same second/>", NOON))
        assert found(copies, "v1") == WsdlCopy(b"<same second/>", NOON)


def test_another_worker_finds_it(database: Database, shop_url: str) -> None:
    other = Database(shop_url, "shop_")
    database.wsdl_copies.save("v2", NEW)
    assert found(other.wsdl_copies, "v2") == NEW
    other.close()


def test_workers_that_save_at_once_leave_the_latest(database: Database) -> None:
    copies = [WsdlCopy(str(second).encode(), NOON + timedelta(seconds=second)) for second in range(16)]
    shuffled = random.Random(13).sample(copies, len(copies))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda copy: database.wsdl_copies.save("v2", copy), shuffled))
    assert found(database.wsdl_copies, "v2") == copies[-1]


@pytest.mark.parametrize(
    "document",
    [b"", "<definitions name='日本'/>".encode(), b"\xff\x00\x80", random.Random(1).randbytes(5_000_000)],
    ids=["empty", "UTF-8", "other bytes", "5 MB, incompressible"],
)
def test_documents_come_back_byte_for_byte(database: Database, document: bytes) -> None:
    database.wsdl_copies.save("v2", WsdlCopy(document, NOON))
    assert found(database.wsdl_copies, "v2") == WsdlCopy(document, NOON)


def test_a_dump_is_text_and_restores_them(database: Database) -> None:
    database.wsdl_copies.save("v2", WsdlCopy(b"\xff\x00\x80", NOON))
    dump = json.loads(json.dumps(database.dump(["magento_soap_wsdl"]), ensure_ascii=False).encode())
    database.load({"magento_soap_wsdl": []})
    database.load(dump)
    assert found(database.wsdl_copies, "v2") == WsdlCopy(b"\xff\x00\x80", NOON)


def test_without_the_table_a_process_keeps_its_own(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(database_url)
    database.wsdl_copies.save("v2", NEW)
    assert found(database.wsdl_copies, "v2") == NEW
    assert not database.wsdl_copies.exists
    assert len([record for record in caplog.records if "no table magento_soap_wsdl" in record.message]) == 1
    database.create_own_tables()
    database.wsdl_copies.save("v2", OLD)
    assert found(database.wsdl_copies, "v2") == OLD
    database.close()
