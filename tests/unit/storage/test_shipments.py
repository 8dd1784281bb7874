"""Shipments, credit memos, stock and coupons as rows (I4, I5, J8, J12..J15, K16)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from magento_soap.demo import demo_rows
from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.ordering.commands import AddOrderComment
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import CreateShipment, NewTrack, SendShipment
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import Rows

from .conftest import FixedClock

PAID, NEW = "100000001", "100000003"
DOCUMENTS: Rows = {
    f"sales_flat_{kind}{part}": []
    for kind in ("shipment", "creditmemo")
    for part in ("", "_item", "_comment", "_grid", *(["_track"] if kind == "shipment" else []))
}


@pytest.fixture
def shop(database: Database) -> Iterator[Database]:
    """The demo shop, with empty shelves for every product, and coupons that nobody has used but one order."""
    rows = demo_rows()
    products = sorted({row["product_id"] for row in rows["sales_flat_order_item"] if row["product_id"]})
    stock = {"manage_stock": 1, "use_config_manage_stock": 0, "stock_id": 1}
    rows["cataloginventory_stock_item"] = [
        {"item_id": product, "product_id": product, "qty": "0.0000", **stock} for product in products
    ]
    rows["cataloginventory_stock_status"] = [
        {"product_id": product, "website_id": 1, "stock_id": 1, "qty": "0.0000", "stock_status": 0}
        for product in products
    ]
    rows["salesrule"] = [{"rule_id": 1, "discount_step": 0, "times_used": 3}]
    created = "2024-01-01 00:00:00"
    rows["salesrule_coupon"] = [
        {"coupon_id": 1, "rule_id": 1, "code": "Summer", "times_used": 2, "created_at": created},
        {"coupon_id": 2, "rule_id": 1, "code": "UNUSED", "times_used": 0, "created_at": created},
    ]
    rows |= {"salesrule_coupon_usage": [], "salesrule_customer": []}
    orders = {row["increment_id"]: row for row in rows["sales_flat_order"]}
    orders[NEW]["coupon_code"] = "SUMMER"
    database.load(rows | dict(DOCUMENTS))
    yield database
    database.load(dict(DOCUMENTS))


@pytest.fixture
def sales(shop: Database, clock: FixedClock) -> SalesServices:
    return SalesServices(shop.transactions, PaymentMethods(), shop.shop, clock)


def rows(database: Database, table: str, **values: Any) -> list[dict[str, Any]]:
    found = database.dump([table])[table]
    return [row for row in found if all(row[name] == value for name, value in values.items())]


def test_a_canceled_order_returns_its_goods_and_its_coupon_i4_i5(shop: Database, sales: SalesServices) -> None:
    (order,) = rows(shop, "sales_flat_order", increment_id=NEW)
    items = rows(shop, "sales_flat_order_item", order_id=order["entity_id"])
    sales.orders.cancel(NEW)
    parents = {item["parent_item_id"] for item in items}
    for item in items:
        if item["item_id"] not in parents:
            (stock,) = rows(shop, "cataloginventory_stock_item", product_id=item["product_id"])
            assert Decimal(stock["qty"]) >= Decimal(item["qty_ordered"]) > 0
            assert (stock["is_in_stock"], stock["stock_status_changed_auto"]) == (1, 1)
            (status,) = rows(shop, "cataloginventory_stock_status", product_id=item["product_id"])
            assert (status["qty"], status["stock_status"]) == (stock["qty"], 1)
    assert [row["times_used"] for row in rows(shop, "salesrule_coupon")] == [1, 0]
    assert [row["times_used"] for row in rows(shop, "salesrule")] == [2]


def test_no_coupon_was_used_less_than_never(shop: Database) -> None:
    for _ in range(2):
        shop.transactions.run(lambda unit: unit.coupons.give_back("unused", None))
    assert [row["times_used"] for row in rows(shop, "salesrule_coupon")] == [2, 0]
    shop.transactions.run(lambda unit: unit.coupons.give_back("gone", 1))


def test_stock_that_is_not_managed_stays_as_it_is(shop: Database) -> None:
    stock = rows(shop, "cataloginventory_stock_item")
    product = stock[0]["product_id"]
    stock[0]["manage_stock"] = 0
    shop.load({"cataloginventory_stock_item": stock})
    shop.transactions.run(lambda unit: unit.stock.put_back({product: Decimal(1), 10**6: Decimal(1)}, 1))
    assert rows(shop, "cataloginventory_stock_item", product_id=product)[0]["qty"] == "0.0000"


def test_a_shipment_and_its_tracking_numbers_j8_j12_j13(shop: Database, sales: SalesServices) -> None:
    shipment = sales.shipments.create(CreateShipment(PAID, comment="x" * 3))
    number = str(shipment.increment_id)
    (row,) = rows(shop, "sales_flat_shipment")
    (grid,) = rows(shop, "sales_flat_shipment_grid")
    assert (row["increment_id"], grid["increment_id"], grid["order_increment_id"]) == (number, number, PAID)
    assert grid["shipping_name"]
    assert len(rows(shop, "sales_flat_shipment_item")) == len(shipment.lines)
    first = sales.shipments.add_track(number, NewTrack("ups", "UPS", "1Z"))
    second = sales.shipments.add_track(number, NewTrack("custom"))
    found = rows(shop, "sales_flat_shipment_track")
    assert [(each["entity_id"], each["track_number"]) for each in found] == [(first, "1Z"), (second, None)]
    sales.shipments.remove_track(number, first)
    assert [each["entity_id"] for each in rows(shop, "sales_flat_shipment_track")] == [second]


def test_sending_a_shipment_saves_its_tracking_numbers_j15(
    shop: Database, sales: SalesServices, clock: FixedClock
) -> None:
    number = str(sales.shipments.create(CreateShipment(PAID, tracks=(NewTrack("ups"),))).increment_id)
    (before,) = rows(shop, "sales_flat_shipment_track")
    clock.time = clock.time.replace(year=clock.time.year + 1)
    sales.shipments.send(SendShipment(number))
    (after,) = rows(shop, "sales_flat_shipment_track")
    assert after["updated_at"] > before["updated_at"]
    assert rows(shop, "sales_flat_shipment")[0]["email_sent"] == 1


def test_a_credit_memo_k16(shop: Database, sales: SalesServices) -> None:
    creditmemo = sales.creditmemos.create(CreateCreditMemo(PAID, base_adjustment_negative=Decimal("0.004")))
    (row,) = rows(shop, "sales_flat_creditmemo")
    (grid,) = rows(shop, "sales_flat_creditmemo_grid")
    assert (row["state"], row["adjustment_negative"], row["adjustment_positive"]) == (2, "0.0000", None)
    assert (grid["grand_total"], grid["order_increment_id"]) == (row["grand_total"], PAID)
    assert len(rows(shop, "sales_flat_creditmemo_item")) == len(creditmemo.lines)
    assert rows(shop, "sales_flat_creditmemo_comment") == []
    (order,) = rows(shop, "sales_flat_order", increment_id=PAID)
    assert order["base_total_refunded"] == row["base_grand_total"]


def test_a_status_is_cut_to_its_column_h2(shop: Database, sales: SalesServices) -> None:
    sales.orders.add_comment(AddOrderComment(PAID, "a_status_code_that_is_longer_than_32_characters"))
    (order,) = rows(shop, "sales_flat_order", increment_id=PAID)
    (grid,) = rows(shop, "sales_flat_order_grid", increment_id=PAID)
    assert order["status"] == grid["status"] == "a_status_code_that_is_longer_tha"
