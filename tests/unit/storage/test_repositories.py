"""Orders, invoices and numbers in one transaction (SPEC E)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from magento_soap.sales.comment import Comment
from magento_soap.sales.creditmemo import CreditMemo, CreditMemoLine
from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.sales.money import Amount
from magento_soap.sales.order import HistoryEntry, Order
from magento_soap.sales.payment import Transaction
from magento_soap.sales.ports import UnitOfWork
from magento_soap.storage import Database

from .conftest import FixedClock
from .shop_rows import GUEST_ORDER, INVOICE, INVOICED_ORDER, OPEN_ORDER

NOW = "2025-06-01 12:00:00"


def euros(text: str, base: str | None = None) -> Amount:
    return Amount(Decimal(text), Decimal(base or text))


def locked(unit: UnitOfWork, increment_id: str) -> Order:
    order = unit.orders.lock(increment_id)
    assert order is not None
    return order


def row(database: Database, table: str, key: int) -> dict[str, Any]:
    return next(each for each in database.dump([table])[table] if next(iter(each.values())) == key)


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before[name] != value}


def test_an_order_is_loaded_with_all_that_hangs_on_it(database: Database) -> None:
    order = database.transactions.run(lambda unit: locked(unit, OPEN_ORDER))
    assert (order.entity_id, order.state, order.status) == (1, "new", "pending")
    assert order.grand_total == euros("100")
    assert order.total_paid is None
    assert order.shipping_hidden_tax_amount == euros("0.3", "0.25")
    assert order.created_at == datetime(2024, 1, 1, 10)
    assert [item.item_id for item in order.items] == [1, 2, 3]
    assert order.items[1].parent is order.items[0]
    assert order.items[0].children == [order.items[1]]
    assert order.items[0].product_options["shipment_type"] == 0
    assert order.items[2].weee_tax_applied_row_amount == euros("1.4", "1.5")
    assert order.payment is not None
    assert order.payment.method == "checkmo"
    assert order.billing_address is not None
    assert order.billing_address.middlename == "Q."
    assert order.shipping_address is not None
    assert order.invoices == []


def test_an_order_without_payment_or_shipping_address(database: Database) -> None:
    order = database.transactions.run(lambda unit: locked(unit, GUEST_ORDER))
    assert order.payment is None
    assert order.shipping_address is None
    assert order.is_virtual is True
    assert order.customer_is_guest is True


@pytest.mark.parametrize("increment_id", ["", "nope", "100000001abc", "0100000001", "1e8", "1\0", "\ud800", "😀"])
def test_orders_that_do_not_exist(database: Database, increment_id: str) -> None:
    assert database.transactions.run(lambda unit: unit.orders.lock(increment_id)) is None
    assert database.transactions.run(lambda unit: unit.orders.lock_for_invoice(increment_id)) is None


def test_ord_17_case_and_trailing_blanks_do_not_count(database: Database) -> None:
    with database.engine.begin() as connection:
        table = database.tables["sales_flat_order"]
        connection.execute(table.update().where(table.c.entity_id == 1).values(increment_id="Web-1"))
    for asked in ("Web-1", "WEB-1", "web-1  "):
        assert database.transactions.run(partial(locked, increment_id=asked)).increment_id == "Web-1"


def test_an_invoice_is_loaded_through_its_order(database: Database) -> None:
    found = database.transactions.run(lambda unit: unit.orders.lock_for_invoice(INVOICE))
    assert found is not None
    order, invoice = found
    assert order.increment_id == INVOICED_ORDER
    assert order.invoices == [invoice]
    assert invoice.grand_total == euros("100")
    assert [line.weee_tax_applied_row_amount for line in invoice.lines] == [euros("0.2", "0.1")]
    assert order.payment is not None
    assert order.payment.transactions[0].additional_information == {"k": "v"}
    assert order.payment.transactions[0].is_closed is False


def test_db_6_saving_writes_what_changed_and_moves_updated_at_of_order_and_items(database: Database) -> None:
    before = database.dump()

    def work(unit: UnitOfWork) -> None:
        order = locked(unit, OPEN_ORDER)
        order.state, order.status = "processing", "processing"
        order.total_invoiced = euros("33.335", "33.3349")
        order.items[2].qty_invoiced += 1
        assert order.payment is not None
        order.payment.amount_paid = euros("33.34")
        order.history.append(HistoryEntry("processing", "", 2, "invoice", datetime(2025, 6, 1, 12)))
        unit.orders.save(order)
        unit.orders.save(order)

    database.transactions.run(work)
    after = database.dump()
    assert changes(before["sales_flat_order"][0], after["sales_flat_order"][0]) == {
        "state": "processing",
        "status": "processing",
        "total_invoiced": "33.3350",
        "base_total_invoiced": "33.3349",
        "updated_at": NOW,
    }
    assert before["sales_flat_order"][1:] == after["sales_flat_order"][1:]
    items = [
        changes(*pair) for pair in zip(before["sales_flat_order_item"], after["sales_flat_order_item"], strict=True)
    ]
    assert items == [{"updated_at": NOW}, {"updated_at": NOW}, {"updated_at": NOW, "qty_invoiced": "1.0000"}, {}, {}]
    payment = changes(before["sales_flat_order_payment"][0], after["sales_flat_order_payment"][0])
    assert payment == {"amount_paid": "33.3400", "base_amount_paid": "33.3400"}
    new = after["sales_flat_order_status_history"][1:]
    assert len(new) == 1
    assert new[0] == {
        "entity_id": 2,
        "parent_id": 1,
        "is_customer_notified": 2,
        "is_visible_on_front": 0,
        "comment": None,  # DB-11: "" becomes NULL
        "status": "processing",
        "created_at": NOW,
        "entity_name": "invoice",
    }


def test_db_1_the_order_grid_follows(database: Database) -> None:
    database.transactions.run(lambda unit: unit.orders.save(locked(unit, OPEN_ORDER)))
    database.transactions.run(lambda unit: unit.orders.save(locked(unit, GUEST_ORDER)))
    grid = row(database, "sales_flat_order_grid", 1)
    assert grid["billing_name"] == "Jane Q. Roe"
    assert grid["shipping_name"] == "Jane Roe"
    assert grid["store_name"] == "Main"
    assert grid["grand_total"] == "100.0000"
    assert grid["updated_at"] == NOW
    assert row(database, "sales_flat_order_grid", 3)["shipping_name"] == ""


def test_inv_30_new_transactions_are_linked_to_their_parents(database: Database) -> None:
    def work(unit: UnitOfWork) -> None:
        order = locked(unit, INVOICED_ORDER)
        assert order.payment is not None
        order.payment.transactions[0].is_closed = True
        capture = Transaction("cap-1", "capture", is_closed=False, parent_txn_id="auth-1")
        order.payment.transactions.append(capture)
        unit.orders.save(order)
        assert capture.transaction_id == 2

    database.transactions.run(work)
    authorization, capture = database.dump(["sales_payment_transaction"])["sales_payment_transaction"]
    assert authorization["is_closed"] == 1
    assert authorization["additional_information"] == 'a:1:{s:1:"k";s:1:"v";}'
    assert capture == {
        "transaction_id": 2,
        "parent_id": 1,
        "order_id": 2,
        "payment_id": 2,
        "txn_id": "cap-1",
        "parent_txn_id": "auth-1",
        "txn_type": "capture",
        "is_closed": 0,
        "additional_information": None,
        "created_at": NOW,
    }


def new_invoice() -> Invoice:
    return Invoice(
        order_id=1,
        increment_id="100000002",
        state=2,
        store_id=1,
        billing_address_id=1,
        grand_total=euros("55.5", "44.4"),
        shipping_hidden_tax_amount=euros("0.5", "0.4"),
        total_qty=Decimal(1),
        can_void_flag=0,
        lines=[InvoiceLine(order_item_id=3, sku="Mug", name="Mug", qty=Decimal(1), price=euros("50"))],
        comments=[Comment("", is_customer_notified=0), Comment("Thanks", is_customer_notified=1)],
    )


def test_db_2_to_4_a_new_invoice(database: Database) -> None:
    invoice = new_invoice()
    database.transactions.run(lambda unit: unit.invoices.add(invoice))
    assert invoice.entity_id == 2
    stored = row(database, "sales_flat_invoice", 2)
    assert stored["grand_total"] == "55.5000"
    assert stored["base_grand_total"] == "44.4000"
    assert stored["base_shipping_hidden_tax_amnt"] == "0.4000"  # BUG-22
    assert stored["subtotal"] is None
    assert (stored["created_at"], stored["updated_at"]) == (NOW, NOW)
    line = row(database, "sales_flat_invoice_item", invoice.lines[0].entity_id or 0)
    assert (line["parent_id"], line["order_item_id"], line["qty"], line["row_total"]) == (2, 3, "1.0000", None)
    comments = database.dump(["sales_flat_invoice_comment"])["sales_flat_invoice_comment"][2:]
    assert [(each["parent_id"], each["comment"], each["is_customer_notified"]) for each in comments] == [
        (2, None, 0),
        (2, "Thanks", 1),
    ]
    grid = row(database, "sales_flat_invoice_grid", 2)
    assert grid["billing_name"] == "Jane Q. Roe"
    assert grid["order_increment_id"] == OPEN_ORDER
    assert grid["order_created_at"] == "2024-01-01 10:00:00"
    assert grid["state"] == 2


def test_saving_an_invoice_moves_updated_at_only_when_it_changed(database: Database) -> None:
    def comment_only(unit: UnitOfWork) -> None:
        found = unit.orders.lock_for_invoice(INVOICE)
        assert found is not None
        found[1].comments.append(Comment("more", is_customer_notified=None))
        unit.invoices.save(found[1])

    def pay(unit: UnitOfWork) -> None:
        found = unit.orders.lock_for_invoice(INVOICE)
        assert found is not None
        found[1].state = 2
        found[1].transaction_id = "cap-1"
        unit.invoices.save(found[1])

    before = row(database, "sales_flat_invoice", 1)
    database.transactions.run(comment_only)
    assert row(database, "sales_flat_invoice", 1) == before
    assert row(database, "sales_flat_invoice_comment", 3)["is_customer_notified"] is None
    database.transactions.run(pay)
    after = row(database, "sales_flat_invoice", 1)
    assert changes(before, after) == {"state": 2, "transaction_id": "cap-1", "updated_at": NOW}
    assert row(database, "sales_flat_invoice_grid", 1)["state"] == 2


def test_db_11_texts_are_cut_at_a_character_and_lose_nul_bytes(database: Database, dialect: str) -> None:
    comment = Comment("é" * 40_000, is_customer_notified=0)
    strange = Comment("a\0b\ud800c😀", is_customer_notified=0)

    def work(unit: UnitOfWork) -> None:
        found = unit.orders.lock_for_invoice(INVOICE)
        assert found is not None
        found[1].comments += [comment, strange]
        unit.invoices.save(found[1])

    database.transactions.run(work)
    assert row(database, "sales_flat_invoice_comment", 3)["comment"] == "é" * 32_767
    assert row(database, "sales_flat_invoice_comment", 4)["comment"] == "ab?c😀"


def test_db_11_varchars_are_cut_and_amounts_held_in_range(database: Database) -> None:
    invoice = replace(new_invoice(), transaction_id="x" * 300, grand_total=euros("1e12", "-1e12"))
    database.transactions.run(lambda unit: unit.invoices.add(invoice))
    stored = row(database, "sales_flat_invoice", 2)
    assert stored["transaction_id"] == "x" * 255
    assert (stored["grand_total"], stored["base_grand_total"]) == ("99999999.9999", "-99999999.9999")


def test_db_5_numbers_are_gapless_and_given_back_on_failure(database: Database) -> None:
    def take(unit: UnitOfWork) -> str:
        return unit.increment_ids.next("invoice", 1)

    def take_and_fail(unit: UnitOfWork) -> None:
        take(unit)
        raise RuntimeError

    assert database.transactions.run(take) == "100000002"
    with pytest.raises(RuntimeError):
        database.transactions.run(take_and_fail)
    assert database.transactions.run(take) == "100000003"
    assert row(database, "eav_entity_store", 1)["increment_last_id"] == "100000003"


def test_db_5_a_store_without_a_row_gets_one(database: Database) -> None:
    def take(unit: UnitOfWork) -> str:
        return unit.increment_ids.next("invoice", 0)

    assert [database.transactions.run(take) for _ in range(2)] == ["000000001", "000000002"]
    assert len(database.dump(["eav_entity_store"])["eav_entity_store"]) == 2


def test_db_5_long_and_strange_last_ids(database: Database) -> None:
    def with_last(prefix: str | None, last: str | None) -> str:
        number = {"entity_store_id": 1, "entity_type_id": 6, "store_id": 1}
        database.load({"eav_entity_store": [number | {"increment_prefix": prefix, "increment_last_id": last}]})
        return database.transactions.run(lambda unit: unit.increment_ids.next("invoice", 1))

    assert with_last("1", "1999999999") == "11000000000"
    assert with_last("INV-", "INV-00000041") == "INV-00000042"
    assert with_last(None, "00000007") == "00000008"
    assert with_last("1", None) == "100000001"


def test_a_failing_unit_leaves_nothing(database: Database, clock: FixedClock) -> None:
    before = database.dump()

    def work(unit: UnitOfWork) -> None:
        order = locked(unit, OPEN_ORDER)
        order.state = "processing"
        unit.orders.save(order)
        invoice = new_invoice()
        invoice.increment_id = unit.increment_ids.next("invoice", 1)
        unit.invoices.add(invoice)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        database.transactions.run(work)
    assert database.dump() == before


def test_an_invoice_is_locked_by_its_entity_id(database: Database) -> None:
    by_number = database.transactions.run(lambda unit: unit.orders.lock_for_invoice(INVOICE))
    by_id = database.transactions.run(lambda unit: unit.orders.lock_for_invoice_id(1))
    assert by_id is not None
    assert by_id == by_number
    assert by_id[1].lines
    assert database.transactions.run(lambda unit: unit.orders.lock_for_invoice_id(4242)) is None


def test_what_the_credit_memos_of_an_invoice_refund(database: Database) -> None:
    def refund(unit: UnitOfWork) -> None:
        for state, invoice_id, qty in ((2, 1, "1.5"), (None, 1, "0.25"), (3, 1, "9"), (2, None, "9")):
            lines = [CreditMemoLine(order_item_id=11, qty=Decimal(qty))]
            memo = CreditMemo(order_id=2, state=state, invoice_id=invoice_id, lines=lines)
            memo.increment_id = f"{state}{invoice_id}"
            unit.creditmemos.add(memo)

    database.transactions.run(refund)
    refunded = database.transactions.run(lambda unit: unit.creditmemos.refunded_of_invoice(1))
    assert refunded == {11: Decimal("1.75")}
    assert database.transactions.run(lambda unit: unit.creditmemos.refunded_of_invoice(2)) == {}
