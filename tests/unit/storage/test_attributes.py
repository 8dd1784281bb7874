"""Reading customers and addresses: every attribute a shop has, filters, and few statements (L1..L4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, InvalidFilter, Page
from magento_soap.storage import Database
from magento_soap.storage.reading.streaming import ROWS_AT_ONCE

from .customer_rows import CREATED, HASH, UPDATED, customer_rows, own_attributes
from .shop_rows import small_shop

JOHN, JANE = "john.doe@example.com", "jane.roe@example.com"


@pytest.fixture
def shop(database: Database) -> Database:
    """Two customers."""
    database.load({"eav_attribute": small_shop()["eav_attribute"] + own_attributes(), **customer_rows()})
    return database


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that the engine executes meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def found(database: Database, *conditions: Condition | AnyOf, page: Page = EVERYTHING) -> list[int]:
    return [int(each["customer_id"] or 0) for each in database.queries["customer"].find(conditions, page)]


def test_l3_a_list_has_what_is_set(shop: Database) -> None:
    john, jane = shop.queries["customer"].find([])
    assert john == {
        "customer_id": "1",
        "created_at": CREATED,
        "updated_at": UPDATED,
        "store_id": "1",
        "website_id": "1",
        "created_in": "Default Store View",
        "firstname": "John",
        "lastname": "Doe",
        "email": JOHN,
        "group_id": "1",
        "dob": "1980-02-29 00:00:00",
        "default_billing": "1",
        "default_shipping": "1",
        "confirmation": "02a44712",
        "disable_auto_group_change": "0",
    }
    assert (jane["firstname"], jane["club"], jane["credit"]) == ("Jane", "gold", "12.5000")
    assert "lastname" not in jane


def test_l1_an_info_has_every_attribute(shop: Database) -> None:
    info = shop.queries["customer"].info("2")
    assert info is not None
    assert list(info)[:6] == ["customer_id", "created_at", "updated_at", "increment_id", "store_id", "website_id"]
    assert list(info)[6:] == [
        *("created_in", "prefix", "firstname", "middlename", "lastname", "suffix", "email", "group_id", "dob"),
        *("default_billing", "default_shipping", "taxvat", "confirmation", "gender", "disable_auto_group_change"),
        *("password_created_at", "rp_customer_id", "club", "credit"),
    ]
    assert (info["firstname"], info["lastname"], info["dob"]) == ("Jane", None, None)


@pytest.mark.parametrize("key", ["", "0", "3", "-1", "1.5", "1 OR 1", "john", "٣", "9" * 10, "9" * 5000, "\0", "😀"])
def test_customers_that_do_not_exist(shop: Database, key: str) -> None:
    assert shop.queries["customer"].info(key) is None


def test_l3_secrets_are_neither_read_nor_compared_with(shop: Database) -> None:
    with statements(shop.read_engine) as seen:
        info = shop.queries["customer"].info("1")
    assert seen
    assert info is not None
    for secret in ("password_hash", "rp_token", "rp_token_created_at"):
        assert secret not in info
        with pytest.raises(InvalidFilter, match=f"Invalid attribute name: {secret}"):
            found(shop, Condition(secret, "like", "%"))
        with pytest.raises(InvalidFilter):
            found(shop, page=Page(order_by=secret.upper()))


def test_l3_the_hash_comes_back_with_customer_secrets(shop: Database, shop_url: str) -> None:
    database = Database(shop_url, "shop_", customer_secrets=True)
    try:
        info = database.queries["customer"].info("1")
        assert info is not None
        assert info["password_hash"] == HASH
        assert "rp_token" not in info
        assert found(database, Condition("password_hash", "eq", HASH)) == [1]
    finally:
        database.close()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("email", "eq", JANE.upper()), [2]),
        (Condition("email", "like", "%example.com"), [1, 2]),
        (Condition("customer_id", "eq", "2"), [2]),
        (Condition("entity_id", "gt", "1"), [2]),
        (Condition("firstname", "eq", "john "), [1]),
        (Condition("main_table.FirstName", "in", ("John", "Jane")), [1, 2]),
        (Condition("lastname", "null"), [2]),
        (Condition("lastname", "notnull"), [1]),
        (Condition("lastname", "neq", "Doe"), []),
        (Condition("default_billing", "eq", "1"), [1]),
        (Condition("dob", "lt", "1990-01-01"), [1]),
        (Condition("credit", "gteq", "12.5"), [2]),
        (Condition("club", "regexp", "^g"), [2]),
        (Condition("created_at", "gteq", "2024-01-01 00:00:00"), [1, 2]),
        (AnyOf((Condition("club", "eq", "gold"), Condition("lastname", "eq", "Doe"))), [1, 2]),
    ],
)
def test_filters_by_any_attribute(shop: Database, condition: Condition | AnyOf, expected: list[int]) -> None:
    assert found(shop, condition) == expected


@pytest.mark.parametrize("field", ["no_such_field", "street", "odd", "new", "value", "is_active; --"])
def test_c8_an_unknown_field(shop: Database, field: str) -> None:
    with pytest.raises(InvalidFilter, match=r"^Invalid attribute name: "):
        found(shop, Condition(field, "eq", "x"))


def test_pages_and_order(shop: Database) -> None:
    assert found(shop, page=Page(order_by="email")) == [2, 1]
    assert found(shop, page=Page(order_by="-firstname")) == [1, 2]
    assert found(shop, page=Page(order_by="lastname")) == [2, 1]  # NULL is below everything
    assert found(shop, page=Page(limit=1, page=2)) == [2]
    assert found(shop, page=Page(limit=1, page=3)) == []


def test_the_kinds_follow_the_shops_attributes(shop: Database) -> None:
    kinds = shop.queries["customer"].kinds
    assert (kinds["customer_id"], kinds["group_id"], kinds["default_billing"]) == (int, int, int)
    assert kinds["credit"] is float
    assert not kinds.keys() & {"email", "firstname", "dob", "created_at"}


def test_l4_addresses_of_a_customer(shop: Database) -> None:
    (address,) = shop.queries["customer_address"].find([Condition("parent_id", "eq", "1")])
    assert address == {
        "customer_address_id": "1",
        "parent_id": "1",
        "created_at": CREATED,
        "updated_at": UPDATED,
        "firstname": "John",
        "lastname": "Doe",
        "street": "1 Market St\nSuite 5",
        "city": "San Francisco",
        "country_id": "US",
        "region_id": "12",
    }


@pytest.mark.parametrize("page", [EVERYTHING, Page(order_by="-customer_id"), Page(limit=ROWS_AT_ONCE + 5)])
def test_a_long_list_takes_few_statements(shop: Database, page: Page) -> None:
    count = 2 * ROWS_AT_ONCE
    first = customer_rows()["customer_entity"][0]
    customers = [first | {"entity_id": number, "email": f"{number}@example.com"} for number in range(1, count + 1)]
    value = customer_rows()["customer_entity_varchar"][1]
    names = [value | {"value_id": n, "entity_id": n, "value": f"Name {n}"} for n in range(1, count + 1)]
    shop.load({"customer_entity": customers, "customer_entity_varchar": names})
    with statements(shop.read_engine) as seen:
        rows = list(shop.queries["customer"].find([], page))
    assert len(rows) == min(count, page.limit or count)
    assert {row["firstname"] for row in rows} == {f"Name {row['customer_id']}" for row in rows}
    selects = [statement for statement in seen if statement.startswith("SELECT")]
    assert len(selects) < 20


def test_a_list_that_is_not_read_to_the_end_gives_its_connection_back(shop: Database) -> None:
    first = customer_rows()["customer_entity"][0]
    count = ROWS_AT_ONCE + 1
    customers = [first | {"entity_id": number, "email": f"{number}@example.com"} for number in range(1, count + 1)]
    shop.load({"customer_entity": customers})
    rows = shop.queries["customer"].find([])
    next(rows)
    assert shop.read_engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    del rows
    assert shop.read_engine.pool.checkedout() == 0  # type: ignore[attr-defined]
