"""The demo shop adds up, and holds what Magento's documentation names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import phpserialize
import pytest

from magento_soap.api.keys import verify_key
from magento_soap.demo import demo_rows
from magento_soap.demo.catalog import PRODUCTS
from magento_soap.demo.gateway import DemoPay
from magento_soap.demo.orders import ORDERS as ORDERS_AS_DATA
from magento_soap.demo.placing import Checkout
from magento_soap.sales.payment import GatewayRequest, Payment
from magento_soap.storage.schema.reference_rows import entity_type_id, reference_rows

Row = Mapping[str, Any]
ROWS = demo_rows()
ORDERS = {row["increment_id"]: row for row in ROWS["sales_flat_order"]}
INVOICES = {row["increment_id"]: row for row in ROWS["sales_flat_invoice"]}
DOCUMENTS = {
    kind: {row["increment_id"]: row for row in ROWS[f"sales_flat_{kind}"]}
    for kind in ("order", "invoice", "shipment", "creditmemo")
}
PREFIXES = ("", "base_")
SUMS = ("subtotal", "discount_amount", "shipping_amount", "tax_amount")


def number(row: Row, column: str) -> Decimal:
    return Decimal(row[column] or 0)


def total(rows: Iterable[Row], column: str) -> Decimal:
    return sum((number(row, column) for row in rows), Decimal(0))


def items_of(order: Row) -> list[Row]:
    return [row for row in ROWS["sales_flat_order_item"] if row["order_id"] == order["entity_id"]]


def invoices_of(order: Row) -> list[Row]:
    return [row for row in ROWS["sales_flat_invoice"] if row["order_id"] == order["entity_id"]]


def lines_of(invoice: Row) -> list[Row]:
    return [row for row in ROWS["sales_flat_invoice_item"] if row["parent_id"] == invoice["entity_id"]]


def lines_of_all(kind: str, order: Row) -> list[Row]:
    """The lines of the order's shipments or credit memos."""
    documents = {row["entity_id"] for row in ROWS[f"sales_flat_{kind}"] if row["order_id"] == order["entity_id"]}
    return [row for row in ROWS[f"sales_flat_{kind}_item"] if row["parent_id"] in documents]


def payment_of(order: Row) -> Row:
    return next(row for row in ROWS["sales_flat_order_payment"] if row["parent_id"] == order["entity_id"])


def is_dummy(item: Row, items: list[Row]) -> bool:
    """ORD-9: whether the item only follows its parent or its children."""
    parent = next((row for row in items if row["item_id"] == item["parent_item_id"]), None)
    options = phpserialize.loads((parent or item)["product_options"].encode(), decode_strings=True)
    by_child = options.get("product_calculations", 1) == 0
    has_children = any(row["parent_item_id"] == item["item_id"] for row in items)
    return (has_children and by_child) or (parent is not None and not by_child)


each_order = pytest.mark.parametrize("order", ORDERS.values(), ids=list(ORDERS))
each_invoice = pytest.mark.parametrize("invoice", INVOICES.values(), ids=list(INVOICES))
each_currency = pytest.mark.parametrize("base", PREFIXES, ids=["order currency", "base currency"])


@each_currency
@each_order
def test_an_order_is_the_sum_of_its_items(order: Row, base: str) -> None:
    items = items_of(order)
    priced = [item for item in items if not is_dummy(item, items)]
    fee_column = "base_weee_tax_applied_row_amnt" if base else "weee_tax_applied_row_amount"
    fees = total(priced, fee_column)
    shipping_tax = number(order, f"{base}shipping_tax_amount")
    assert number(order, f"{base}subtotal") == total(priced, f"{base}row_total")
    assert number(order, f"{base}discount_amount") == -total(priced, f"{base}discount_amount")
    assert number(order, f"{base}tax_amount") == total(priced, f"{base}tax_amount") + fees + shipping_tax
    assert number(order, f"{base}grand_total") == sum(number(order, base + column) for column in SUMS)
    assert number(order, f"{base}subtotal_incl_tax") == total(priced, f"{base}row_total_incl_tax") + fees


@each_currency
@each_invoice
def test_an_invoice_is_the_sum_of_its_lines(invoice: Row, base: str) -> None:
    lines = lines_of(invoice)
    priced = [line for line in lines if line["row_total"] is not None]
    fee_column = "base_weee_tax_applied_row_amnt" if base else "weee_tax_applied_row_amount"
    tax = total(priced, f"{base}tax_amount") + total(priced, fee_column) + number(invoice, f"{base}shipping_tax_amount")
    assert number(invoice, f"{base}subtotal") == total(priced, f"{base}row_total")
    assert number(invoice, f"{base}discount_amount") == -total(priced, f"{base}discount_amount")
    assert number(invoice, f"{base}tax_amount") == tax
    assert number(invoice, f"{base}grand_total") == sum(number(invoice, base + column) for column in SUMS)
    assert number(invoice, "total_qty") == total(lines, "qty")


@each_currency
@each_order
def test_what_was_invoiced_and_paid_adds_up(order: Row, base: str) -> None:
    """INV-5, INV-7: canceled invoices count for nothing, open ones are not paid."""
    counted = [invoice for invoice in invoices_of(order) if invoice["state"] != 3]
    paid = total((invoice for invoice in counted if invoice["state"] == 2), f"{base}grand_total")
    assert number(order, f"{base}total_invoiced") == total(counted, f"{base}grand_total")
    for kind in ("subtotal", "discount", "shipping", "tax"):
        column = base + (kind if kind == "subtotal" else f"{kind}_amount")
        assert number(order, f"{base}{kind}_invoiced") == total(counted, column)
    assert number(order, f"{base}total_paid") == number(payment_of(order), f"{base}amount_paid") == paid
    if counted:
        assert number(order, f"{base}total_due") == number(order, f"{base}grand_total") - paid
    assert number(order, f"{base}total_invoiced") <= number(order, f"{base}grand_total")


@each_order
def test_items_are_invoiced_as_often_as_lines_say(order: Row) -> None:
    counted = {invoice["entity_id"] for invoice in invoices_of(order) if invoice["state"] != 3}
    lines = [line for line in ROWS["sales_flat_invoice_item"] if line["parent_id"] in counted]
    for item in items_of(order):
        mine = [line for line in lines if line["order_item_id"] == item["item_id"]]
        assert number(item, "qty_invoiced") == total(mine, "qty") <= number(item, "qty_ordered")
        assert number(item, "row_invoiced") == total(mine, "row_total")


@each_order
def test_items_are_shipped_and_refunded_as_often_as_lines_say(order: Row) -> None:
    """J4, K15."""
    for kind, column in (("shipment", "qty_shipped"), ("creditmemo", "qty_refunded")):
        lines = lines_of_all(kind, order)
        for item in items_of(order):
            mine = [line for line in lines if line["order_item_id"] == item["item_id"]]
            assert number(item, column) == total(mine, "qty") <= number(item, "qty_ordered")


@each_currency
@each_order
def test_what_was_refunded_adds_up(order: Row, base: str) -> None:
    """K14; the shop refunded it, no gateway did (K4)."""
    creditmemos = [row for row in DOCUMENTS["creditmemo"].values() if row["order_id"] == order["entity_id"]]
    refunded = total(creditmemos, f"{base}grand_total")
    assert number(order, f"{base}total_refunded") == number(order, f"{base}total_offline_refunded") == refunded
    assert refunded <= number(order, f"{base}total_paid")


def test_shipments_and_credit_memos_of_every_kind() -> None:
    number_of = {row["entity_id"]: row["increment_id"] for row in ORDERS.values()}
    shipped = {increment_id: number_of[row["order_id"]] for increment_id, row in DOCUMENTS["shipment"].items()}
    assert shipped == {
        "200000001": "200000003",
        "100000001": "100000005",
        "100000003": "100000026",
        "100000002": "100000015",
        "200000002": "200000006",
    }
    tracks = Counter(row["parent_id"] for row in ROWS["sales_flat_shipment_track"])
    assert sorted(tracks.values()) == [1, 1, 1, 2]  # and one shipment without a tracking number
    states = {
        increment_id: next(order["state"] for order in ORDERS.values() if order["entity_id"] == row["order_id"])
        for increment_id, row in DOCUMENTS["creditmemo"].items()
    }
    assert states == {"100000001": "closed", "200000001": "processing"}
    assert [row["shipping_amount"] for row in DOCUMENTS["creditmemo"].values()] == ["5.0000", "0.0000"]


def test_an_order_on_hold_knows_its_state_before() -> None:
    """D3, I1."""
    (held,) = (order for order in ORDERS.values() if order["state"] == "holded")
    assert (held["hold_before_state"], held["hold_before_status"]) == ("new", "pending")


def test_what_canceled_orders_leave_behind() -> None:
    """I2, I3."""
    for order in (order for order in ORDERS.values() if order["state"] == "canceled"):
        assert order["total_canceled"] == order["grand_total"]
        assert all(item["qty_canceled"] == item["qty_ordered"] for item in items_of(order))


def test_the_stock_is_what_was_not_sold() -> None:
    """Sold is what was ordered and not canceled, of products that are no sets of others (I4)."""
    parents = {item["parent_item_id"] for item in ROWS["sales_flat_order_item"]}
    sold: Counter[int] = Counter()
    for item in ROWS["sales_flat_order_item"]:
        if item["item_id"] not in parents:
            sold[item["product_id"]] += int(10 * (number(item, "qty_ordered") - number(item, "qty_canceled")))
    statuses = {row["product_id"]: row for row in ROWS["cataloginventory_stock_status"]}
    for product, row in zip(PRODUCTS, ROWS["cataloginventory_stock_item"], strict=True):
        left = 0 if product.is_composite else product.stock - Decimal(sold[product.product_id]) / 10
        assert Decimal(row["qty"]) == left >= 0, product.sku
        assert row["product_id"] == product.product_id
        assert statuses[product.product_id]["qty"] == row["qty"]


def test_coupons_were_used_as_often_as_orders_say() -> None:
    """I5: the use by a canceled order does not count."""
    uses = Counter(row["coupon_code"] for row in ORDERS.values() if row["state"] != "canceled" and row["coupon_code"])
    assert {row["code"]: row["times_used"] for row in ROWS["salesrule_coupon"]} == uses == {"TEA10": 2, "TEA5": 1}
    assert {row["name"]: row["times_used"] for row in ROWS["salesrule"]} == uses
    for table, key in (("salesrule_coupon_usage", "coupon_id"), ("salesrule_customer", "rule_id")):
        by_customer = {(row[key], row["customer_id"]): row["times_used"] for row in ROWS[table]}
        assert by_customer == {(1, 2): 1, (2, 1): 1, (2, 2): 1}


@each_order
def test_gateway_orders_have_their_transactions(order: Row) -> None:
    payment = payment_of(order)
    transactions = [row for row in ROWS["sales_payment_transaction"] if row["order_id"] == order["entity_id"]]
    if payment["method"] != "demopay":
        assert not transactions
        return
    authorization, *captures = transactions
    assert authorization["txn_type"] == "authorization"
    assert authorization["is_closed"] == int(payment["base_amount_paid"] == order["base_grand_total"])
    paid = [invoice["transaction_id"] for invoice in invoices_of(order) if invoice["state"] == 2]
    assert [capture["txn_id"] for capture in captures] == paid
    assert all(capture["parent_id"] == authorization["transaction_id"] for capture in captures)


@each_order
def test_history_ends_in_the_present_status(order: Row) -> None:
    rows = [row for row in ROWS["sales_flat_order_status_history"] if row["parent_id"] == order["entity_id"]]
    assert rows[-1]["status"] == order["status"]
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_grids_repeat_orders_and_their_documents(kind: str) -> None:
    rows = DOCUMENTS[kind]
    assert len(ROWS[f"sales_flat_{kind}_grid"]) == len(rows) > 0
    for row in ROWS[f"sales_flat_{kind}_grid"]:
        whole = rows[row["increment_id"]]
        assert all(value == whole[column] for column, value in row.items() if column in whole)


def test_every_state_and_kind_of_order_is_there() -> None:
    states = Counter(order["state"] for order in ORDERS.values())
    assert set(states) == {
        *("new", "pending_payment", "processing", "complete"),
        *("closed", "canceled", "holded", "payment_review"),
    }
    assert {invoice["state"] for invoice in INVOICES.values()} == {1, 2, 3}
    assert {order["order_currency_code"] for order in ORDERS.values()} == {"USD", "EUR", "JPY"}
    kinds = {item["product_type"] for item in ROWS["sales_flat_order_item"]}
    assert kinds == {"simple", "configurable", "bundle", "downloadable"}
    assert len(ORDERS) >= 30


def test_documents_of_a_store_begin_with_its_number_and_go_on_from_the_last() -> None:
    """DB-5."""
    for rows in DOCUMENTS.values():
        assert all(increment_id.startswith(str(row["store_id"])) for increment_id, row in rows.items())
    kinds = {entity_type_id(kind): rows for kind, rows in DOCUMENTS.items()}
    assert len(ROWS["eav_entity_store"]) == len(kinds) * 2
    for row in ROWS["eav_entity_store"]:
        rows = kinds[row["entity_type_id"]]
        assert row["increment_last_id"] == max(number for number in rows if number[0] == row["increment_prefix"])
    for kind in ("invoice", "shipment", "creditmemo"):
        for store in "12":
            numbers = sorted(int(number) for number in DOCUMENTS[kind] if number[0] == store)
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_documented_orders_and_invoices() -> None:
    assert ORDERS["100000003"]["total_invoiced"] is None
    two = {item["item_id"]: item for item in items_of(ORDERS["200000008"])}
    assert set(two) == {15, 16}
    assert all(number(item, "qty_ordered") - number(item, "qty_invoiced") >= 1 for item in two.values())

    info = INVOICES["200000006"]
    (line,) = lines_of(info)
    assert (line["sku"], line["name"], line["row_total"]) == ("n2610-slider", "Nokia 2610 Phone", "379.9800")
    assert (info["grand_total"], info["shipping_amount"], info["store_id"]) == ("384.9800", "5.0000", 2)
    assert info["created_at"] == "2012-03-30 12:02:19"
    assert (info["order_id"], info["billing_address_id"], info["shipping_address_id"]) == (2, 3, 4)

    json = INVOICES["100000001"]
    (line,) = lines_of(json)
    assert (json["entity_id"], json["grand_total"], json["created_at"]) == (1, "150.0000", "2023-01-16 11:15:30")
    assert (line["order_item_id"], line["qty"], line["price"]) == (1, "2.0000", "70.0000")

    open_at_gateway = [INVOICES["100000013"], INVOICES["100000016"]]
    orders = {order["entity_id"]: order for order in ORDERS.values()}
    assert [invoice["state"] for invoice in open_at_gateway] == [1, 1]
    assert {payment_of(orders[invoice["order_id"]])["method"] for invoice in open_at_gateway} == {"demopay"}


def test_the_rows_belong_to_the_caller() -> None:
    """They are made once, but what one caller does to them is not what the next one gets."""
    demo_rows()["sales_flat_order"][0]["state"] = "changed"
    demo_rows()["sales_flat_invoice"].clear()
    assert demo_rows() == ROWS


def test_an_item_id_that_is_in_use_is_refused() -> None:
    checkout = Checkout()
    checkout.place(ORDERS_AS_DATA[0])
    with pytest.raises(ValueError, match="item: id 1 is in use"):
        checkout.place(replace(ORDERS_AS_DATA[1], lines=(replace(ORDERS_AS_DATA[1].lines[0], item_id=1),)))


def test_rows_of_a_table_are_alike() -> None:
    for table, rows in ROWS.items():
        assert len({frozenset(row) for row in rows}) == 1, table


def test_the_documented_key_opens_the_shop() -> None:
    """SES-5."""
    assert {user["username"] for user in ROWS["api_user"]} == {"apiUser", "readonly"}
    assert all(verify_key("apiKey", user["api_key"]) for user in ROWS["api_user"])


def test_default_statuses() -> None:
    """ORD-1: one default status for every state."""
    defaults = [row["state"] for row in reference_rows()["sales_order_status_state"] if row["is_default"]]
    assert len(defaults) == len(set(defaults)) == 8


def test_the_demo_gateway_gives_each_invoice_a_transaction() -> None:
    payment = Payment(1, "demopay")
    request = GatewayRequest("100000017", "100000016", payment, Decimal("384.98"), "USD", "auth-100000017")
    method = DemoPay("demopay")
    assert method.capture(request).txn_id == "cap-100000016"
    assert method.void(request).txn_id == "void-100000017"
