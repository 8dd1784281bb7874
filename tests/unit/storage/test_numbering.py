"""Numbers of new invoices: what Magento's increment models make of a shop's counters (DB-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from magento_soap.sales.errors import CannotNumber
from magento_soap.storage import Database

from .shop_rows import INVOICE, small_shop

INVOICE_TYPE = 6
NUMERIC, ALPHANUMERIC = "eav/entity_increment_numeric", "eav/entity_increment_alphanum"


def numbered_by(database: Database, **changes: Any) -> None:
    """Change how invoices are numbered."""
    types = small_shop()["eav_entity_type"]
    rows = [row | changes if row["entity_type_code"] == "invoice" else row for row in types]
    database.load({"eav_entity_type": rows, "eav_entity_store": []})


def counted(database: Database, prefix: str | None, last: str | None, store_id: int = 1) -> None:
    """Let the store's counter stand there."""
    row = {"entity_store_id": 1, "entity_type_id": INVOICE_TYPE, "store_id": store_id}
    database.load({"eav_entity_store": [row | {"increment_prefix": prefix, "increment_last_id": last}]})


def take(database: Database, store_id: int = 1) -> str:
    return database.transactions.run(lambda unit: unit.increment_ids.next("invoice", store_id))


def counters(database: Database) -> list[tuple[int, str, str]]:
    rows = database.dump(["eav_entity_store"])["eav_entity_store"]
    return [(row["store_id"], row["increment_prefix"], row["increment_last_id"]) for row in rows]


@pytest.mark.parametrize(
    ("prefix", "last", "expected"),
    [
        ("INV-", "INV-00000012-A", "INV-00000013"),
        ("INV-", "INV-00000012", "INV-00000013"),
        ("INV-", "INV-", "INV-00000001"),
        ("INV-", None, "INV-00000001"),
        ("INV-", "100000012", "INV-100000013"),  # the prefix was changed
        ("INV-", "OLD-00000012", "INV-00000001"),
        ("", "00000012-A", "00000013"),
        ("2", "12-A", "200000013"),
        ("0", "000000012", "000000013"),
        ("1", "1\u0661\u0662", "100000001"),  # PHP knows no digits but ASCII's
        ("1", "1999999999", "11000000000"),
    ],
)
def test_db_5_the_numeric_model_reads_numbers_as_php_does(
    database: Database, prefix: str, last: str | None, expected: str
) -> None:
    counted(database, prefix, last)
    assert take(database) == expected
    assert counters(database) == [(1, prefix, expected)]


@pytest.mark.parametrize(
    ("length", "pad", "expected"),
    [
        (8, "0", ["100000001", "100000002"]),
        (5, "0", ["100001", "100002"]),
        (0, "0", ["11", "12"]),
        (4, "x", ["1xxx1", "1xxx2"]),
        (4, "7", ["17771", "17772"]),
        (4, "", ["10001", "10002"]),
    ],
)
def test_db_5_pad_length_and_pad_char_are_the_shops(
    database: Database, length: int, pad: str, expected: list[str]
) -> None:
    numbered_by(database, increment_pad_length=length, increment_pad_char=pad)
    assert [take(database) for _ in expected] == expected


@pytest.mark.parametrize("per_store", [0, 1])
def test_db_5_stores_share_one_counter_or_have_their_own(database: Database, per_store: int) -> None:
    numbered_by(database, increment_per_store=per_store)
    taken = [take(database, store_id) for store_id in (1, 0, 1)]
    if per_store:
        assert taken == ["100000001", "000000001", "100000002"]
        assert counters(database) == [(1, "1", "100000002"), (0, "0", "000000001")]
    else:
        assert taken == ["000000001", "000000002", "000000003"]
        assert counters(database) == [(0, "0", "000000003")]


def test_db_5_a_shared_counter_keeps_its_prefix_and_gives_no_number_twice(database: Database) -> None:
    numbered_by(database, increment_per_store=0)
    counted(database, "INV", "INV00000041", store_id=0)
    with ThreadPoolExecutor(4) as threads:
        taken = sorted(threads.map(lambda number: take(database, number % 2), range(8)))
    assert taken == [f"INV{number:08}" for number in range(42, 50)]


def test_db_5_the_first_numbers_of_a_shared_counter_are_taken_once(database: Database) -> None:
    numbered_by(database, increment_per_store=0)
    with ThreadPoolExecutor(4) as threads:
        taken = sorted(threads.map(lambda number: take(database, number % 2), range(8)))
    assert taken == [f"{number:09}" for number in range(1, 9)]
    assert counters(database) == [(0, "0", "000000008")]


@pytest.mark.parametrize(
    ("prefix", "last", "expected"),
    [
        ("1", None, "100000001"),
        ("1", "100000009", "10000000A"),
        ("1", "10000000Z", "100000010"),
        ("1", "1000A9ZZZ", "1000AA000"),
        ("1", "1ZZZZZZZZ", "1100000000"),  # Magento begins again with 0, which is taken
        ("INV-", "INV-A9", "INV-000000AA"),
    ],
)
def test_db_5_the_alphanumeric_model_counts_in_digits_and_capitals(
    database: Database, prefix: str, last: str | None, expected: str
) -> None:
    numbered_by(database, increment_model=ALPHANUMERIC)
    counted(database, prefix, last)
    assert take(database) == expected


def refused(database: Database) -> str:
    """What both ways to ask say; no counter moves."""
    before = counters(database)
    with pytest.raises(CannotNumber) as taken:
        take(database)
    with pytest.raises(CannotNumber) as asked:
        database.transactions.run(lambda unit: unit.increment_ids.ensure_available("invoice", 1))
    assert str(taken.value) == str(asked.value)
    assert counters(database) == before
    return str(taken.value)


@pytest.mark.parametrize("model", ["EmJaInteractive_OrderNumber/increment", "", None])
def test_an_increment_model_that_is_not_magentos_makes_no_wrong_numbers(database: Database, model: str | None) -> None:
    numbered_by(database, increment_model=model)
    assert f'the increment model "{model or ""}" is not supported' in refused(database)
    assert "is not supported" in str(database.numbering_problem())


def test_a_shop_without_the_entity_type_makes_no_numbers(database: Database) -> None:
    types = [row for row in small_shop()["eav_entity_type"] if row["entity_type_code"] != "invoice"]
    database.load({"eav_entity_type": types, "eav_entity_store": []})
    assert "no row" in refused(database)
    assert "no row" in str(database.numbering_problem())


def test_a_text_that_cannot_be_counted_up_is_refused(database: Database) -> None:
    numbered_by(database, increment_model=ALPHANUMERIC)
    counted(database, "1", "1000-0001")
    assert "cannot be counted up" in refused(database)


def test_no_money_may_move_for_a_number_that_an_invoice_has(database: Database) -> None:
    counted(database, "1", "100000000")
    with pytest.raises(CannotNumber, match=f'there is an invoice "{INVOICE}" already'):
        database.transactions.run(lambda unit: unit.increment_ids.ensure_available("invoice", 1))


def test_a_number_longer_than_its_column_is_refused(database: Database) -> None:
    numbered_by(database, increment_pad_length=50)
    assert "too many" in refused(database)


def test_a_number_is_available_without_being_taken(database: Database) -> None:
    database.transactions.run(lambda unit: unit.increment_ids.ensure_available("invoice", 1))
    assert take(database) == "100000002"
    assert database.numbering_problem() is None
