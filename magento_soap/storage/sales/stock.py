"""The stock of products (``cataloginventory_stock_item``, ``cataloginventory_stock_status``)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import Connection, select

from magento_soap.sales.ports import Shop
from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.schema.tables import Tables

_OPTIONS = "cataloginventory/item_options"
_BACK_IN_STOCK = "cataloginventory/options/can_back_in_stock"


class StockItems:
    """ports.Stock in one transaction. Rows are locked in the order of their keys, and updated relative to what is
    stored, so that other transactions lose nothing."""

    def __init__(self, connection: Connection, tables: Tables, shop: Shop) -> None:
        self._connection = connection
        self._items = tables["cataloginventory_stock_item"]
        self._statuses = tables["cataloginventory_stock_status"]
        self._shop = shop

    def put_back(self, quantities: Mapping[int, Decimal], store_id: int | None) -> None:
        """Add quantities, by product id, to the stock of those products whose stock is managed (I4)."""
        if not quantities:
            return
        items = self._items
        query = select(items).where(items.c.product_id.in_(sorted(quantities))).order_by(items.c.item_id)
        with waiting_for_lock(self._connection, "stock", "stock", share=2) as may_wait:
            rows = self._connection.execute(query.with_for_update(nowait=not may_wait)).all()
        manages = self._shop.flag(f"{_OPTIONS}/manage_stock", store_id, default=True)
        least = Decimal(self._shop.value(f"{_OPTIONS}/min_qty", store_id) or 0)
        goes_back = self._shop.flag(_BACK_IN_STOCK, store_id, default=True)
        for row in rows:
            if not (manages if row.use_config_manage_stock else row.manage_stock):
                continue
            qty = quantities[row.product_id]
            is_in_stock = goes_back and row.qty + qty > (least if row.use_config_min_qty else row.min_qty)
            self._add(row.item_id, row.product_id, row.stock_id, row.qty + qty, is_in_stock)

    def _add(self, item_id: int, product_id: int, stock_id: int, qty: Decimal, is_in_stock: bool) -> None:
        """Store the quantity of a locked row, and note that the product can be bought if it is in stock now."""
        items, statuses = self._items, self._statuses
        flags = {"is_in_stock": 1, "stock_status_changed_auto": 1} if is_in_stock else {}
        self._connection.execute(items.update().where(items.c.item_id == item_id).values(qty=qty, **flags))
        of_product = (statuses.c.product_id == product_id) & (statuses.c.stock_id == stock_id)
        status = {"stock_status": 1} if is_in_stock else {}
        self._connection.execute(statuses.update().where(of_product).values(qty=qty, **status))
