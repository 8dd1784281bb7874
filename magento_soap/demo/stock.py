"""The rows of the demo shop's stock (``cataloginventory_stock_*``)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from magento_soap.sales.money import ZERO
from magento_soap.storage.schema.reference_rows import Rows

from .catalog import PRODUCTS, Product
from .orders import DemoOrder, Line

DEFAULT_STOCK, BASE_WEBSITE = 1, 1


def stock_rows(orders: Iterable[DemoOrder]) -> Rows:
    """The stock of all products when these orders have been placed, and nothing more has happened to them."""
    sold = dict.fromkeys(PRODUCTS, ZERO)
    for order in orders:
        for line in order.lines:
            _count(sold, line, Decimal(1))
    rows: Rows = {"cataloginventory_stock_item": [], "cataloginventory_stock_status": []}
    for product in PRODUCTS:
        qty = ZERO if product.is_composite else product.stock - sold[product]
        ids = {"product_id": product.product_id, "stock_id": DEFAULT_STOCK}
        rows["cataloginventory_stock_item"].append(
            {"item_id": product.product_id, **ids, "qty": f"{qty:.4f}"}
            | {"is_qty_decimal": int(product.is_qty_decimal), "is_in_stock": 1, "manage_stock": 1}
        )
        rows["cataloginventory_stock_status"].append(
            {**ids, "website_id": BASE_WEBSITE, "qty": f"{qty:.4f}", "stock_status": 1}
        )
    return rows


def _count(sold: dict[Product, Decimal], line: Line, factor: Decimal) -> None:
    """Count what is taken from the shelf: of a configurable product or a bundle, its parts."""
    qty = line.qty * factor
    if not line.children:
        sold[line.product] += qty
    for child in line.children:
        _count(sold, child, qty)
