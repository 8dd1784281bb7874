"""A further document needs a description only: an order with its items, history and payment."""

from __future__ import annotations

import pytest

from magento_soap.sales.errors import CannotNumber
from magento_soap.sales.queries import Condition
from magento_soap.storage import Database
from magento_soap.storage.reading.documents import AllColumns, Children, Column, Document, Join
from magento_soap.storage.reading.reader import DocumentReader
from magento_soap.storage.sales import numbering

from .shop_rows import INVOICED_ORDER

ORDER = Document(
    table="sales_flat_order",
    id_key="order_id",
    joins=(
        Join("billing", "sales_flat_order_address", on="billing_address_id"),
        Join("shipping", "sales_flat_order_address", on="shipping_address_id"),
        Join("payment", "sales_flat_order_payment", on="entity_id", key="parent_id"),
    ),
    list_columns=(Column("increment_id", "increment_id"), Column("order_id", "entity_id")),
    extended_list=(Column("billing_lastname", "billing.lastname"),),
    info_columns=AllColumns(without=("entity_id",)),
    info_more=(Column("order_id", "entity_id"),),
    extended_info={"payment": "payment", "shipping_address": "shipping"},
    children=(
        Children("items", "sales_flat_order_item", AllColumns(), parent_id="order_id", order_by=("item_id",)),
        Children("status_history", "sales_flat_order_status_history", ("comment", "status"), order_by=("-created_at",)),
    ),
    searchable=(Column("payment_method", "payment.method"), Column("order_id", "entity_id")),
)


def test_an_order_is_listed_filtered_and_read(database: Database) -> None:
    reader = DocumentReader(database.read_engine, database.tables, ORDER)
    paid_by_lab = [Condition("payment_method", "eq", "labpay")]
    assert list(reader.find(paid_by_lab)) == [{"increment_id": INVOICED_ORDER, "order_id": "2"}]
    assert [row["billing_lastname"] for row in reader.find([], extended=True)] == ["Roe", "Roe", "日本"]
    info = reader.info(INVOICED_ORDER, extended=True)
    assert info is not None
    assert (info["order_id"], info["state"], info["status_history"]) == ("2", "processing", [])
    (item,) = (row for row in info["items"] or () if isinstance(row, dict))
    assert (item["item_id"], item["qty_invoiced"]) == ("4", "2.0000")
    assert isinstance(info["payment"], dict)
    assert info["payment"]["method"] == "labpay"
    assert (reader.kinds["order_id"], reader.kinds["qty_invoiced"]) == (int, float)
    assert "payment" not in (reader.info(INVOICED_ORDER) or {})


def test_orders_have_numbers_of_their_own(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = numbering.NumberedType("sales_flat_order", "Orders", "an order")
    monkeypatch.setattr(numbering, "NUMBERED", {**numbering.NUMBERED, "order": orders})

    def next_numbers() -> tuple[str, str]:
        return database.transactions.run(
            lambda unit: (unit.increment_ids.next("order", 1), unit.increment_ids.next("invoice", 1))
        )

    assert next_numbers() == ("100000001", "100000002")
    assert next_numbers() == ("100000002", "100000003")
    with pytest.raises(CannotNumber, match='there is an order "100000003" already'):
        database.transactions.run(lambda unit: unit.increment_ids.ensure_available("order", 1))
