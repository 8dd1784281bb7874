"""What was forwarded, in the database, for all workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from magento_soap.api.ports import ForwardedCount
from magento_soap.api.ports import ForwardedCounts as Port
from magento_soap.storage import Database
from magento_soap.storage.forwarded_counts import ForwardedUse

JUNE_1, JUNE_2, JUNE_30 = date(2025, 6, 1), date(2025, 6, 2), date(2025, 6, 30)
ONE = ForwardedCount(JUNE_1, "catalog_product.list", "V1", 7, calls=1, failures=0, last_at=datetime(2025, 6, 1, 12))


@pytest.fixture
def database(database: Database) -> Database:
    """The small shop with two users, where nothing was forwarded yet."""
    created = {"created": "2024-01-01 00:00:00"}
    users = [{"user_id": 7, "username": "erp"} | created, {"user_id": 8, "username": "shop floor"} | created]
    database.load({"magento_soap_forwarded": [], "api_user": users})
    return database


def sums(database: Database) -> dict[tuple[str, str, str, int], tuple[int, int, str]]:
    rows = database.dump(["magento_soap_forwarded"])["magento_soap_forwarded"]
    return {
        (row["day"], row["method"], row["protocol"], row["user_id"]): (row["calls"], row["failures"], row["last_at"])
        for row in rows
    }


def test_counts_of_the_same_day_method_protocol_and_user_add_up(database: Database) -> None:
    port: Port = database.forwarded_counts
    others = [
        replace(ONE, day=JUNE_2),
        replace(ONE, method="catalog_product.info"),
        replace(ONE, protocol="V2"),
        replace(ONE, user_id=8),
        replace(ONE, method="Catalog_Product.List"),
    ]
    assert port.add([ONE, *others])
    assert port.add([replace(ONE, calls=4, failures=2, last_at=datetime(2025, 6, 1, 13, 0, 1))])
    key = ("2025-06-01", "catalog_product.list", "V1", 7)
    found = sums(database)
    assert found.pop(key) == (5, 2, "2025-06-01 13:00:01")
    assert list(found.values()) == [(1, 0, "2025-06-01 12:00:00")] * 5


def test_the_last_call_is_the_latest_of_all_workers(database: Database) -> None:
    database.forwarded_counts.add([ONE])
    database.forwarded_counts.add([replace(ONE, last_at=datetime(2025, 6, 1, 11, 59, 59))])
    assert list(sums(database).values()) == [(2, 0, "2025-06-01 12:00:00")]


def test_one_batch_may_name_a_method_twice(database: Database) -> None:
    database.forwarded_counts.add([ONE, replace(ONE, failures=1)])
    assert list(sums(database).values()) == [(2, 1, "2025-06-01 12:00:00")]


def test_nothing_to_add(database: Database) -> None:
    assert database.forwarded_counts.add([])
    assert sums(database) == {}


def test_long_names_are_cut_and_still_counted(database: Database) -> None:
    long = replace(ONE, method="x" * 300)
    database.forwarded_counts.add([long])
    database.forwarded_counts.add([long])
    ((_, method, *_),) = sums(database)
    assert method == "x" * 255
    assert list(sums(database).values()) == [(2, 0, "2025-06-01 12:00:00")]


def test_threads_and_workers_that_add_at_once_lose_nothing(database: Database, shop_url: str) -> None:
    other = Database(shop_url, "shop_")
    batch = [replace(ONE, method=f"acme.method{number}", failures=number % 2) for number in range(12)]

    def add(number: int) -> bool:
        counts = (database if number % 2 else other).forwarded_counts
        return counts.add(batch if number % 3 else batch[::-1])

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(add, range(30)))
    other.close()
    assert {calls for calls, _, _ in sums(database).values()} == {30}
    assert sum(failures for _, failures, _ in sums(database).values()) == 30 * 6


def test_the_report_sums_days(database: Database) -> None:
    database.forwarded_counts.add(
        [
            replace(ONE, calls=3, failures=1),
            replace(ONE, day=JUNE_2, calls=4, last_at=datetime(2025, 6, 2, 8)),
            replace(ONE, day=JUNE_30, protocol="V2", last_at=datetime(2025, 6, 30, 8)),
            replace(ONE, user_id=99),
        ]
    )
    v1, v2, deleted = database.forwarded_counts.since()
    noon = datetime(2025, 6, 1, 12)
    assert v1 == ForwardedUse(
        method="catalog_product.list",
        protocol="V1",
        user_id=7,
        username="erp",
        first_day=JUNE_1,
        last_day=JUNE_2,
        calls=7,
        failures=1,
        last_at=datetime(2025, 6, 2, 8),
    )
    assert v2 == replace(
        v1, protocol="V2", first_day=JUNE_30, last_day=JUNE_30, calls=1, failures=0, last_at=v2.last_at
    )
    assert deleted == replace(v1, user_id=99, username=None, last_day=JUNE_1, calls=1, failures=0, last_at=noon)


def test_the_report_begins_with_its_first_day(database: Database) -> None:
    database.forwarded_counts.add([ONE, replace(ONE, day=JUNE_2), replace(ONE, day=JUNE_30)])
    assert [use.calls for use in database.forwarded_counts.since(JUNE_2)] == [2]
    days = database.forwarded_counts.since(JUNE_1, by_day=True)
    assert [(use.first_day, use.last_day, use.calls) for use in days] == [
        (JUNE_1, JUNE_1, 1),
        (JUNE_2, JUNE_2, 1),
        (JUNE_30, JUNE_30, 1),
    ]
    assert database.forwarded_counts.since(date(2025, 7, 1)) == []


def test_a_method_is_forgotten_as_a_whole_or_not_at_all(database: Database) -> None:
    database.forwarded_counts.add(
        [
            replace(ONE, method="still.used"),
            replace(ONE, method="still.used", day=JUNE_30),
            replace(ONE, method="not.used"),
            replace(ONE, method="not.used", day=JUNE_2),
            replace(ONE, method="still.used", protocol="V2"),
            replace(ONE, method="still.used", user_id=8),
        ]
    )
    assert database.forwarded_counts.forget(JUNE_2) == 2
    assert {key[1] for key in sums(database)} == {"still.used", "not.used"}
    assert database.forwarded_counts.forget(JUNE_30) == 2
    assert [key[:2] for key in sorted(sums(database))] == [("2025-06-01", "still.used"), ("2025-06-30", "still.used")]


def test_without_the_table_nothing_is_counted(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(database_url)
    counts = database.forwarded_counts
    assert not counts.exists
    assert not counts.add([ONE])
    assert counts.since() == []
    assert counts.forget(JUNE_30) == 0
    assert len([record for record in caplog.records if "no table magento_soap_forwarded" in record.message]) == 1
    database.create()
    assert counts.add([ONE])  # the table was created while this process ran
    assert [use.calls for use in counts.since()] == [1]
    database.close()


def test_the_key_fits_the_indexes_of_old_shops(database: Database, dialect: str) -> None:
    if dialect != "mysql":
        pytest.skip("only MySQL limits keys to 767 bytes")
    query = text(
        "SELECT index_name, SUM(c.character_octet_length) FROM information_schema.statistics s "
        "JOIN information_schema.columns c USING (table_schema, table_name, column_name) "
        "WHERE table_schema = DATABASE() AND table_name LIKE 'shop\\_magento\\_soap\\_%' "
        "AND table_name REGEXP 'forwarded|wsdl' GROUP BY table_name, index_name"
    )
    with database.engine.connect() as connection:
        lengths = [int(length) for _, length in connection.execute(query)]
    assert len(lengths) == 3
    assert max(lengths) <= 767


@given(
    st.lists(
        st.builds(
            ForwardedCount,
            day=st.sampled_from([JUNE_1, JUNE_2]),
            method=st.sampled_from(["a.b", "a.c"]) | st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
            protocol=st.sampled_from(["V1", "XML-RPC"]),
            user_id=st.sampled_from([1, 11]),
            calls=st.integers(1, 1000),
            failures=st.integers(0, 5),
            last_at=st.datetimes(datetime(2025, 6, 1), datetime(2025, 6, 2)).map(
                lambda time: time.replace(microsecond=0)
            ),
        ),
        max_size=12,
    )
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stored_counts_are_the_sums_of_what_was_added(database: Database, counts: list[ForwardedCount]) -> None:
    database.load({"magento_soap_forwarded": []})
    half = len(counts) // 2
    database.forwarded_counts.add(counts[:half])
    database.forwarded_counts.add(counts[half:])
    expected: dict[tuple[str, str, str, int], tuple[int, int, str]] = {}
    for count in counts:
        key = (str(count.day), count.method, count.protocol, count.user_id)
        calls, failures, last_at = expected.get(key, (0, 0, ""))
        expected[key] = (calls + count.calls, failures + count.failures, max(last_at, str(count.last_at)))
    assert sums(database) == expected
