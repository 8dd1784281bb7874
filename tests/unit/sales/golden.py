"""Golden vectors: orders, what was asked for, and every amount that Magento computed (``golden_vectors.json``)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import phpserialize

from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.sales.money import Amount
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.payment import Payment
from magento_soap.storage.php import read_taxes

from .memory_shop import Method, link

Columns = dict[str, Any]

VECTORS: dict[str, Columns] = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "golden_vectors.json").read_text())["vectors"]
}

BASE_NAMES = {
    "weee_tax_applied_row_amount": "base_weee_tax_applied_row_amnt",
    "shipping_hidden_tax_amount": "base_shipping_hidden_tax_amnt",
}

ORDER_AMOUNTS = [
    "grand_total",
    "subtotal",
    "discount_amount",
    "shipping_amount",
    "shipping_incl_tax",
    "shipping_tax_amount",
    "shipping_hidden_tax_amount",
    "shipping_discount_amount",
    "tax_amount",
    "hidden_tax_amount",
]
ITEM_AMOUNTS = [
    "price",
    "price_incl_tax",
    "row_total",
    "row_total_incl_tax",
    "tax_amount",
    "hidden_tax_amount",
    "discount_amount",
    "weee_tax_applied_amount",
    "weee_tax_applied_row_amount",
    "weee_tax_disposition",
]


def amount(columns: Columns, name: str) -> Amount | None:
    if columns.get(name) is None:
        return None
    return Amount(Decimal(columns[name]), Decimal(columns[BASE_NAMES.get(name, f"base_{name}")]))


def order_of(vector_id: str) -> Order:
    """The order of a vector, nothing invoiced yet. Its rows have zero where the vector names no tax."""
    vector = VECTORS[vector_id]
    order = Order(entity_id=1, increment_id="100000001", state="new", store_id=1)
    order.payment = Payment(entity_id=1, method="given")
    for name in ORDER_AMOUNTS:
        setattr(order, name, amount(vector["order"], name))
    for columns in vector["items"]:
        item = OrderItem(
            item_id=int(columns["item_id"]),
            parent_item_id=int(columns["parent_item_id"]) if "parent_item_id" in columns else None,
            product_type=columns.get("product_type"),
            sku=columns.get("sku"),
            name=columns.get("name"),
            is_qty_decimal=columns.get("is_qty_decimal") == "1",
            qty_ordered=Decimal(columns["qty_ordered"]),
            qty_canceled=Decimal(columns.get("qty_canceled", 0)),
            base_cost=Decimal(columns["base_cost"]) if "base_cost" in columns else None,
            weee_tax_applied=read_taxes(columns["weee_tax_applied"]) if "weee_tax_applied" in columns else None,
        )
        if "product_options" in columns:
            item.product_options = phpserialize.loads(columns["product_options"].encode(), decode_strings=True)
        for name in ITEM_AMOUNTS:
            setattr(item, name, amount(columns, name))
        item.tax_amount = item.tax_amount or Amount(Decimal(0), Decimal(0))
        order.items.append(item)
    return link(order)


def method_of(vector_id: str) -> Method:
    method = VECTORS[vector_id]["method"]
    return Method("given", is_gateway=method["is_gateway"], can_capture=method["can_capture"])


def differences(wanted: Columns, have: object) -> Columns:
    """The columns that differ: name -> (wanted, have)."""
    found = {}
    for column, text in wanted.items():
        value = value_of(have, column)
        same = value is None if text is None else value is not None and value == Decimal(str(text))
        if not same:
            found[column] = (text, value)
    return found


def value_of(have: object, column: str) -> Any:
    """The value of a column, to the four decimals that are stored."""
    name, currency = column, "order"
    if not hasattr(have, column):
        name, currency = column.removeprefix("base_"), "base"
        name = {base: plain for plain, base in BASE_NAMES.items()}.get(column, name)
    value = getattr(have, name)
    if isinstance(value, Amount):
        value = getattr(value, currency)
    return round(value, 4) if isinstance(value, Decimal) else value


def line_columns(lines: list[InvoiceLine]) -> dict[int, InvoiceLine]:
    return {line.order_item_id: line for line in lines}


def check_step(step: Columns, order: Order, invoice: Invoice) -> None:
    """Compare everything that a step of a vector contains."""
    assert differences(step["invoice"], invoice) == {}
    lines = line_columns(invoice.lines)
    assert list(lines) == [int(columns["order_item_id"]) for columns in step["invoice_items"]]
    for columns in step["invoice_items"]:
        assert differences(columns, lines[int(columns["order_item_id"])]) == {}
    assert differences(step["order_after"], order) == {}
    for item_id, columns in step["order_items_after"].items():
        item = order.item(int(item_id))
        assert item is not None
        assert differences({k: v for k, v in columns.items() if not _untouched(item, k, v)}, item) == {}
    assert order.payment is not None
    assert differences(step["payment_after"], order.payment) == {}


def _untouched(item: OrderItem, column: str, text: str) -> bool:
    """The vectors' rows had zero where ours have NULL until the first invoice."""
    return Decimal(text) == 0 and value_of(item, column) is None
