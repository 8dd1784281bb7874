"""Counts of forwarded calls, and copies of the shop's WSDLs, in tables of ours."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import text

from magento_soap.api.ports import ForwardedCount, WsdlCopy
from magento_soap.storage import Database
from magento_soap.storage.schema.creation import create_own_tables

from .shop_rows import small_shop

DAY, NEXT = date(2025, 6, 1), date(2025, 6, 2)
AT = datetime(2025, 6, 1, 12, 30)


@pytest.fixture
def shop(database_url: str) -> Iterator[Database]:
    database = Database(database_url, "m_")
    database.create()
    database.load(small_shop())
    database.load({"api_user": [{"user_id": 1, "username": "erp", "is_active": 1}]})
    yield database
    database.close()


def count(method: str = "catalog_product.list", calls: int = 1, failures: int = 0, **changed: object) -> ForwardedCount:
    values: dict[str, object] = {"day": DAY, "method": method, "protocol": "V1", "user_id": 1, "last_at": AT} | changed
    return ForwardedCount(calls=calls, failures=failures, **values)  # type: ignore[arg-type]


def test_counts_of_the_same_key_add_up(shop: Database) -> None:
    counts = shop.forwarded_counts
    assert counts.add([count(calls=2), count("ol_websites.list", user_id=7)])
    later = datetime(2025, 6, 1, 13)
    counts.add([count(calls=3, failures=1, last_at=later), count(protocol="V2")])
    counts.add([count(calls=1, last_at=datetime(2025, 6, 1, 1))])
    found = {(use.method, use.protocol, use.username): use for use in counts.since()}
    use = found["catalog_product.list", "V1", "erp"]
    assert (use.calls, use.failures, use.last_at) == (6, 1, later)
    assert found["catalog_product.list", "V2", "erp"].calls == 1
    assert found["ol_websites.list", "V1", None].user_id == 7
    assert len(found) == 3


def test_days_are_summed_or_listed(shop: Database) -> None:
    counts = shop.forwarded_counts
    counts.add([count(), count(day=NEXT, calls=4), count("a.b", day=NEXT)])
    assert [(use.method, use.first_day, use.last_day, use.calls) for use in counts.since()] == [
        ("a.b", NEXT, NEXT, 1),
        ("catalog_product.list", DAY, NEXT, 5),
    ]
    assert [(use.last_day, use.method, use.calls) for use in counts.since(by_day=True)] == [
        (DAY, "catalog_product.list", 1),
        (NEXT, "a.b", 1),
        (NEXT, "catalog_product.list", 4),
    ]
    assert [use.calls for use in counts.since(NEXT)] == [1, 4]


def test_methods_differ_in_case_and_in_their_last_characters(shop: Database) -> None:
    names = ["a.b", "A.b", "ü.b", "u.b", "x" * 254 + "a", "x" * 254 + "b", "🍵.list"]
    shop.forwarded_counts.add([count(name) for name in names])
    assert sorted(use.method for use in shop.forwarded_counts.since()) == sorted(names)


def test_counts_of_several_servers_add_up_exactly(shop: Database) -> None:
    rows = [count(f"method.{number}") for number in range(10)]

    def add(number: int) -> None:
        shop.forwarded_counts.add(rows if number % 2 else rows[::-1])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    assert [use.calls for use in shop.forwarded_counts.since()] == [20] * 10


def test_what_nobody_calls_any_more_is_forgotten(shop: Database) -> None:
    counts = shop.forwarded_counts
    counts.add([count("old.method"), count("used.method"), count("used.method", day=NEXT)])
    assert counts.forget(NEXT) == 1
    assert [(use.method, use.calls) for use in counts.since()] == [("used.method", 2)]


def test_an_attached_shop_without_our_tables_keeps_nothing_and_fails_nothing(database_url: str) -> None:
    database = Database(database_url)
    database.tables.metadata.create_all(database.engine)
    assert not database.forwarded_counts.exists
    assert database.forwarded_counts.add([count()]) is False
    assert database.forwarded_counts.since() == []
    assert database.forwarded_counts.forget(NEXT) == 0
    database.wsdl_copies.save("v2", WsdlCopy(b"x", AT))
    assert database.wsdl_copies.find("v2") is None
    database.create_own_tables()
    assert database.forwarded_counts.add([count()]) is True
    assert len(database.forwarded_counts.since()) == 1
    database.close()


def test_a_later_copy_replaces_an_earlier_one_and_never_the_other_way_round(shop: Database) -> None:
    copies = shop.wsdl_copies
    assert copies.find("v2") is None
    document = bytes(range(256)) * 20_000
    copies.save("v2", WsdlCopy(document, AT))
    copies.save("wsi", WsdlCopy(b"other", AT))
    found = copies.find("v2")
    assert found is not None
    assert (found.document, found.fetched_at) == (document, AT)
    copies.save("v2", WsdlCopy(b"earlier", datetime(2025, 6, 1, 12, 29)))
    copies.save("v2", WsdlCopy(b"later", datetime(2025, 6, 1, 12, 31)))
    found = copies.find("v2")
    assert found is not None
    assert (found.document, found.fetched_at) == (b"later", datetime(2025, 6, 1, 12, 31))
    copies.save("v2", WsdlCopy(b"earlier", AT))
    found = copies.find("v2")
    assert found is not None
    assert found.document == b"later"


@pytest.mark.parametrize("stored", ["", "no base64!", "eJwrSS0u"])
def test_a_damaged_copy_is_an_error(shop: Database, stored: str) -> None:
    shop.wsdl_copies.save("v2", WsdlCopy(b"document" * 100, AT))
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE m_magento_soap_wsdl SET document = :stored"), {"stored": stored})
    with pytest.raises(ValueError, match=r"damaged|base64|padding|Non-base64|Incorrect"):
        shop.wsdl_copies.find("v2")


def test_the_tables_are_added_to_those_of_an_earlier_version(database_url: str) -> None:
    database = Database(database_url, "m_")
    database.tables.metadata.create_all(database.engine)
    create_own_tables(database.engine, "m_", "0004")
    mails = database.dump(["magento_soap_outbox"])
    (problem,) = database.check_own_tables()
    assert "0004 is older" in str(problem)
    database.create_own_tables()
    assert database.check_own_tables() == []
    assert database.forwarded_counts.add([count()])
    assert database.dump(["magento_soap_outbox"]) == mails
    dumped = database.dump(["magento_soap_forwarded", "magento_soap_wsdl"])
    database.load(dumped)
    assert database.dump(["magento_soap_forwarded", "magento_soap_wsdl"]) == dumped
    database.close()
