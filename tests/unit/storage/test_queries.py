"""Reading invoices: shape and text of answers, filters with MySQL's meaning everywhere (API-40..54)."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.sales.queries import EVERYTHING, AnyOf, Condition, InvalidFilter, Page
from magento_soap.storage import Database
from magento_soap.storage.reading.paging import FEW_CONDITIONS
from magento_soap.storage.reading.streaming import ROWS_AT_ONCE, Rows

from .shop_rows import INVOICE, small_shop

LAST = 6
COMMENTS = small_shop()["sales_flat_invoice_comment"]


@pytest.fixture
def filled(database: Database) -> Database:
    """Six invoices of which three are paid; two have a transaction, one is in euros."""
    rows = small_shop()["sales_flat_invoice"]
    for number in range(2, LAST + 1):
        rows.append(
            rows[0]
            | {
                "entity_id": number,
                "increment_id": f"10000000{number}",
                "state": 2 if number % 2 else 1,
                "grand_total": f"{number * 50}.0000",
                "order_currency_code": "EUR" if number == 5 else "USD",
                "transaction_id": f"Cap-{number}" if number > 4 else None,
                "created_at": f"2024-01-0{number} 10:00:00",
                "order_id": 2,
            }
        )
    database.load({"sales_flat_invoice": rows})
    return database


def invoice_info(database: Database, increment_id: str, *, extended: bool = False) -> Any:
    return database.queries["invoice"].info(increment_id, extended=extended)


def found(database: Database, *conditions: Condition | AnyOf, page: Page = EVERYTHING) -> list[int]:
    return [int(each["invoice_id"] or 0) for each in database.queries["invoice"].find(conditions, page)]


def test_api_42_keys_and_text_of_a_list(database: Database) -> None:
    assert list(database.queries["invoice"].find([])) == [
        {
            "order_id": "2",
            "increment_id": INVOICE,
            "created_at": "2024-01-01 10:00:00",
            "state": "1",
            "grand_total": "100.0000",
            "order_currency_code": "USD",
            "invoice_id": "1",
        }
    ]
    (extended,) = database.queries["invoice"].find([], extended=True)
    assert (extended["order_increment_id"], extended["store_id"]) == ("100000002", "1")
    assert list(next(database.queries["invoice"].find([]))) == [
        "order_id",
        "increment_id",
        "created_at",
        "state",
        "grand_total",
        "order_currency_code",
        "invoice_id",
    ]


def test_api_43_keys_and_text_of_an_invoice(database: Database) -> None:
    info = invoice_info(database, INVOICE, extended=True)
    assert info is not None
    keys = list(info)
    columns = [column.name for column in database.tables["sales_flat_invoice"].c if column.name != "entity_id"]
    assert keys[: len(columns)] == columns
    assert keys[len(columns) :] == [
        "invoice_id",
        "order_increment_id",
        "order_created_at",
        "billing_firstname",
        "billing_middlename",
        "billing_lastname",
        "items",
        "comments",
        "billing_address",
        "shipping_address",
    ]
    assert info["grand_total"] == "100.0000"
    assert info["state"] == "1"
    assert info["email_sent"] is None
    assert info["created_at"] == info["order_created_at"] == "2024-01-01 10:00:00"
    assert info["order_increment_id"] == "100000002"
    assert (info["billing_firstname"], info["billing_middlename"], info["billing_lastname"]) == ("Jane", None, "Roe")
    assert info["billing_address"]["city"] == "Springfield"
    assert info["shipping_address"]["entity_id"] == "4"
    line = info["items"][0]
    names = list(line)
    position = names.index("base_weee_tax_applied_row_amnt")
    assert names[position + 1] == "base_weee_tax_applied_row_amount"
    assert names[-1] == "item_id"
    assert "entity_id" not in names
    assert line["base_weee_tax_applied_row_amount"] == line["base_weee_tax_applied_row_amnt"] == "0.1000"
    assert (line["qty"], line["parent_id"], line["item_id"]) == ("2.0000", "1", "1")
    assert [list(each) for each in info["comments"]] == [
        ["parent_id", "is_customer_notified", "is_visible_on_front", "comment", "created_at", "comment_id"]
    ] * 2
    assert [each["comment"] for each in info["comments"]] == ["newer", "older"]
    assert info["comments"][0]["is_customer_notified"] == "1"
    assert info["comments"][1]["is_customer_notified"] is None


def test_bug_3_an_order_without_addresses(database: Database) -> None:
    order = database.tables["sales_flat_order"]
    with database.engine.begin() as connection:
        connection.execute(order.update().values(billing_address_id=None, shipping_address_id=None))
    info = invoice_info(database, INVOICE, extended=True)
    assert info is not None
    assert info["billing_firstname"] is None
    assert info["billing_address"] is None
    assert info["shipping_address"] is None


@pytest.mark.parametrize("increment_id", ["", "nope", "100000001abc", "0100000001", "1", "\0", "\ud800", "😀", "%"])
def test_invoices_that_do_not_exist(database: Database, increment_id: str) -> None:
    assert invoice_info(database, increment_id) is None


def test_trailing_blanks_of_an_increment_id_do_not_count(database: Database) -> None:
    assert invoice_info(database, INVOICE + "  ") is not None


Operand = str | tuple[str, ...] | None


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("state", "eq", "2", [3, 5]),
        ("STATE", "eq", " 2 ", [3, 5]),
        ("main_table.state", "eq", "2.0", [3, 5]),
        ("state", "eq", "", []),  # 0, as in MySQL
        ("state", "neq", "2", [1, 2, 4, 6]),
        ("state", "in", ("1", "3"), [1, 2, 4, 6]),
        ("state", "nin", ("1", "3"), [3, 5]),
        ("state", "in", (), []),
        ("state", "nin", (), []),
        ("state", "like", "2%", [3, 5]),
        ("grand_total", "eq", "100", [1, 2]),
        ("grand_total", "gt", "100", [3, 4, 5, 6]),  # as numbers: "50" would be more than "100" as text
        ("grand_total", "gteq", "2.5e2", [5, 6]),
        ("grand_total", "lt", "1e99", [1, 2, 3, 4, 5, 6]),
        ("grand_total", "lteq", "-0.5", []),
        ("grand_total", "in", ("100.00", "300"), [1, 2, 6]),
        ("created_at", "gt", "2024-01-05", [5, 6]),
        ("created_at", "lteq", "2024-01-02T10:00", [1, 2]),
        ("created_at", "eq", "2024-01-02T12:00:00+02:00", [2]),  # in UTC
        ("created_at", "gt", "2024-01-05T10:00:00Z", [6]),
        ("created_at", "lt", "2024-01-02 04:59:59-0500", [1]),
        ("created_at", "in", ("20240103T10:00:00", "2024-01-04T10:00:00.000Z"), [3, 4]),
        ("created_at", "eq", "0000-00-00", []),
        ("created_at", "gt", "0000-00-00 00:00:00", [1, 2, 3, 4, 5, 6]),
        ("created_at", "gt", "", [1, 2, 3, 4, 5, 6]),
        ("created_at", "like", "2024-01-03%", [3]),
        ("transaction_id", "null", None, [1, 2, 3, 4]),
        ("transaction_id", "notnull", None, [5, 6]),
        ("transaction_id", "seq", "", [1, 2, 3, 4]),
        ("transaction_id", "seq", "cap-5", [5]),
        ("transaction_id", "sneq", "", [5, 6]),
        ("transaction_id", "sneq", "cap-5 ", [6]),
        ("transaction_id", "eq", "CAP-5 ", [5]),
        ("transaction_id", "neq", "cap-5", [6]),
        ("transaction_id", "like", "cAP-_", [5, 6]),
        ("transaction_id", "nlike", "%6", [5]),
        ("transaction_id", "like", "Cap-5\\", []),
        ("transaction_id", "regexp", "^cap-[56]$", [5, 6]),
        ("transaction_id", "finset", ("cap-6",), [6]),
        ("transaction_id", "finset", ("cap-5,cap-6",), []),
        ("transaction_id", "finset", ("%",), []),
        ("transaction_id", "neq", "😀", [5, 6]),
        ("order_currency_code", "eq", "eur", [5]),
        ("increment_id", "eq", "100000002' OR '1'='1", []),
        ("increment_id", "like", "%' OR 1=1 -- ", []),
        ("increment_id", "gt", "100000005", [6]),
        ("invoice_id", "in", ("1", "3"), [1, 3]),
        ("entity_id", "eq", "99999999999999999999999", []),
        ("order_increment_id", "eq", "100000002", [1, 2, 3, 4, 5, 6]),
        ("order_increment_id", "like", "10000000_", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_api_52_and_54_operators(
    filled: Database, field: str, operator: str, value: Operand, expected: list[int]
) -> None:
    assert found(filled, Condition(field, operator, value)) == expected


def test_api_51_conditions_are_joined_by_and_alternatives_by_or(filled: Database) -> None:
    paid, dear, euro = (
        Condition("state", "eq", "2"),
        Condition("grand_total", "gt", "200"),
        Condition("order_currency_code", "eq", "EUR"),
    )
    assert found(filled, paid, dear) == [5]
    assert found(filled, AnyOf((paid, dear))) == [3, 5, 6]
    assert found(filled, AnyOf((paid, dear)), euro) == [5]
    assert found(filled, AnyOf(())) == []


def test_many_conditions_are_read_but_not_kept_compiled(filled: Database) -> None:
    paid = Condition("state", "eq", "2")
    for page in (Page(), Page(order_by="grand_total")):
        for count in (FEW_CONDITIONS, FEW_CONDITIONS + 1):
            assert list(filled.queries["invoice"].find([paid] * count, page)) == list(
                filled.queries["invoice"].find([paid], page)
            )
    before = len(filled.read_engine._compiled_cache or ())
    list(filled.queries["invoice"].find([paid] * (FEW_CONDITIONS + 2)))
    assert len(filled.read_engine._compiled_cache or ()) == before


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition("nope", "eq", "1"), 'Unknown field "nope".'),
        (Condition("state = 2 OR 1=1 -- ", "eq", "2"), "Unknown field"),
        (Condition("state", "moreq", "1"), 'Unknown operator "moreq".'),
        (Condition("state", "eq", "abc"), "not a number"),
        (Condition("state", "eq", "2abc"), "not a number"),
        (Condition("state", "eq", "nan"), "not a number"),
        (Condition("state", "in", ("1", "x")), "not a number"),
        (Condition("state", "eq", ("1", "2")), "takes one value"),
        (Condition("state", "finset", ("1", "2")), "takes one value"),
        (Condition("created_at", "gt", "garbage"), "not a date"),
        (Condition("created_at", "gt", "2024-13-01"), "not a date"),
        (Condition("increment_id", "regexp", "("), "not a regular expression"),
        (Condition("increment_id", "regexp", ""), "not a regular expression"),
        (Condition("increment_id", "eq", "a\0"), "not text"),
        (Condition("increment_id", "like", "\ud800"), "not text"),
    ],
)
def test_api_53_invalid_filters_say_why_and_show_no_sql(filled: Database, condition: Condition, reason: str) -> None:
    with pytest.raises(InvalidFilter, match=reason) as refused:
        filled.queries["invoice"].find([condition])
    assert "SELECT" not in str(refused.value)
    assert refused.value.__cause__ is None


INDEXED, NOT_INDEXED = ("created_at", "state", "store_id", "grand_total"), ("transaction_id", "total_qty", "email_sent")


@pytest.mark.parametrize("field", INDEXED + NOT_INDEXED)
@pytest.mark.parametrize("limit", [None, 3])
def test_null_sorts_below_everything(filled: Database, field: str, limit: int | None) -> None:
    """As in MySQL, whatever the database, with an index and without."""
    filled_in = {"created_at": "2024-01-07 10:00:00", "store_id": 0, "transaction_id": "Cap-7"}.get(field, "1")
    rows = [row | {field: None} for row in filled.dump(["sales_flat_invoice"])["sales_flat_invoice"]]
    rows[3] |= {field: filled_in}
    filled.load({"sales_flat_invoice": rows})
    assert found(filled, page=Page(order_by=field, limit=limit)) == [1, 2, 3, 5, 6, 4][:limit]
    assert found(filled, page=Page(order_by=f"-{field}", limit=limit)) == [4, 1, 2, 3, 5, 6][:limit]


def test_a_comment_without_a_time_is_the_oldest(database: Database) -> None:
    comments = [row | {"created_at": row["created_at"] if row["entity_id"] == 1 else None} for row in COMMENTS]
    database.load({"sales_flat_invoice_comment": comments})
    info = invoice_info(database, INVOICE)
    assert info is not None
    assert [each["comment"] for each in info["comments"]] == ["older", "newer"]


def test_pages_and_order(filled: Database) -> None:
    assert found(filled, page=Page(limit=4)) == [1, 2, 3, 4]
    assert found(filled, page=Page(limit=4, page=2)) == [5, 6]
    assert found(filled, page=Page(limit=4, page=3)) == []
    assert found(filled, page=Page(order_by="-grand_total", limit=2)) == [6, 5]
    assert found(filled, page=Page(order_by="state")) == [1, 2, 4, 6, 3, 5]
    for wrong in (Page(order_by="nope"), Page(limit=0), Page(limit=1, page=0)):
        with pytest.raises(InvalidFilter):
            filled.queries["invoice"].find([], wrong)


def test_a_long_list_is_fetched_in_parts_and_gives_its_connection_back(database: Database) -> None:
    template: dict[str, Any] = small_shop()["sales_flat_invoice"][0]
    count = ROWS_AT_ONCE * 2 + 10
    rows = [template | {"entity_id": number, "increment_id": f"{number:09}"} for number in range(1, count + 1)]
    database.load({"sales_flat_invoice": rows})
    before = database.read_engine.pool.status()
    everything = [int(row["invoice_id"] or 0) for row in database.queries["invoice"].find([])]
    assert everything == list(range(1, count + 1))
    assert "Checked out connections: 0" in database.read_engine.pool.status()
    started = database.queries["invoice"].find([])
    assert isinstance(started, Rows)
    next(started)
    assert "Checked out connections: 1" in database.read_engine.pool.status()
    started.close()
    assert list(started) == []
    assert "Checked out connections: 0" in database.read_engine.pool.status(), before


def test_the_snapshot_of_a_list_does_not_change_under_way(database: Database) -> None:
    template: dict[str, Any] = small_shop()["sales_flat_invoice"][0]
    rows = [template | {"entity_id": number, "increment_id": f"{number:09}"} for number in range(1, ROWS_AT_ONCE + 11)]
    database.load({"sales_flat_invoice": rows})
    listing = database.queries["invoice"].find([])
    table = database.tables["sales_flat_invoice"]
    with database.engine.begin() as connection:
        connection.execute(table.update().values(state=3))
    assert {row["state"] for row in listing} == {"1"}


def test_bug_33_malformed_text_is_replaced(database: Database, dialect: str) -> None:
    if dialect != "sqlite":
        pytest.skip("this database refuses malformed text")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE shop_sales_flat_invoice_comment SET comment = CAST(x'61ff62' AS TEXT)")
    info = invoice_info(database, INVOICE)
    assert info is not None
    assert info["comments"][0]["comment"] == "a\ufffdb"


def test_documents_are_counted(filled: Database) -> None:
    queries = filled.document_queries["invoice"]
    assert queries.count([]) == len(found(filled)) == 6
    assert queries.count([Condition("state", "eq", "2")]) == 2
    many = AnyOf(tuple(Condition("order_increment_id", "like", f"{number}%") for number in range(20)))
    assert queries.count([many]) == len(found(filled, many))
    with pytest.raises(InvalidFilter):
        queries.count([Condition("nonsense", "eq", "1")])


def test_rows_that_are_equal_in_one_column_are_ordered_by_the_next(filled: Database) -> None:
    by_state = found(filled, page=Page(order_by="state", then_by=("-invoice_id",)))
    states = {int(each["invoice_id"] or 0): each["state"] for each in filled.queries["invoice"].find([])}
    assert by_state == sorted(states, key=lambda each: (states[each], -each))


@pytest.mark.parametrize("extended", [False, True])
def test_an_invoice_by_its_entity_id(database: Database, extended: bool) -> None:
    queries = database.document_queries["invoice"]
    assert queries.info_by_id(1, extended=extended) == queries.info(INVOICE, extended=extended)
    assert queries.info_by_id(2**32 - 1) is None
