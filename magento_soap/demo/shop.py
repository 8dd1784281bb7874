"""The demo shop as rows: its configuration, its customers and users, and its orders with all that happened to them.

``orders`` is the data: what was bought, and what happened then. ``placing`` writes an order as a checkout does, and
``events`` lets the invoicing domain do the rest, in a temporary SQLite file. The rows are read from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import (
    Rows,
    config_rows,
    entity_type_id,
    reference_rows,
    store,
    store_group,
)
from magento_soap.storage.schema.types import stored

from .catalog import CUSTOMERS
from .coupons import coupon_rows
from .customers import customer_rows
from .events import DemoClock, History
from .orders import EURO, ORDERS, YEN, Numbered
from .placing import STORE_NAMES, Checkout
from .stock import stock_rows

SHOP_NAME = "Tea & Telephones"

API_USER, READONLY_USER, API_KEY = "apiUser", "readonly", "apiKey"
READING = {
    "sales/order/invoice": "allow",
    "sales/order/invoice/info": "allow",
    **{f"sales/order/invoice/{act}": "deny" for act in ("create", "comment", "capture", "void", "cancel")},
}

SALES_TABLES = (
    "sales_flat_order",  # first, as the others refer to it
    "sales_flat_order_address",
    "sales_flat_order_status_history",
    "sales_flat_order_item",
    "sales_flat_order_payment",
    "sales_flat_order_grid",
    "sales_payment_transaction",
    "sales_flat_invoice",
    "sales_flat_invoice_item",
    "sales_flat_invoice_grid",
    "sales_flat_invoice_comment",
    "sales_flat_shipment",
    "sales_flat_shipment_item",
    "sales_flat_shipment_track",
    "sales_flat_shipment_grid",
    "sales_flat_shipment_comment",
    "sales_flat_creditmemo",
    "sales_flat_creditmemo_item",
    "sales_flat_creditmemo_grid",
    "sales_flat_creditmemo_comment",
)
# What goes back to these when an order is canceled.
SHELVES = (
    *("cataloginventory_stock_item", "cataloginventory_stock_status"),
    *("salesrule", "salesrule_coupon", "salesrule_coupon_usage", "salesrule_customer"),
)


def demo_rows() -> Rows:
    """The rows of the whole demo shop, table by table, as ``magento-soap db load`` takes them."""
    rows = _shop_rows() | _sales_rows()
    return {table: [dict(row) for row in content] for table, content in rows.items()}


@cache
def _sales_rows() -> Rows:
    """The rows of all orders, their documents, the stock and the coupons. They are made once in a process."""
    checkout, clock = Checkout(), DemoClock()
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'demo.sqlite'}", clock=clock, sqlite_synchronous="normal")
        try:
            database.create()
            database.load(_shop_rows())
            history = History(database, clock)
            for order in ORDERS:
                placed = checkout.place(order)
                _insert(database, placed)
                history.replay(order)
            rows = database.dump((*SALES_TABLES, *SHELVES))
        finally:
            database.close()
    return {table: _without_empty_columns(rows[table]) for table in (*SALES_TABLES, *SHELVES)}


def _insert(database: Database, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    with database.engine.begin() as connection:
        for name, content in rows.items():
            columns = database.tables[name].c
            values = [{key: stored(columns[key], value) for key, value in row.items()} for row in content]
            if values:
                connection.execute(database.tables[name].insert(), values)


def _without_empty_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those columns that are NULL in all of them."""
    used = {column for row in rows for column, value in row.items() if value is not None}
    return [{column: value for column, value in row.items() if column in used} for row in rows]


def _shop_rows() -> Rows:
    """The rows of the shop without its orders."""
    rows = reference_rows(shop_name=SHOP_NAME)
    rows["core_store_group"].append(store_group(2, 1, "International Store", 2))
    rows["core_store"][1]["name"] = "English"
    rows["core_store"].append(store(2, "international", 2, "International"))
    for code, rate in (("EUR", EURO), ("JPY", YEN)):
        rows["directory_currency_rate"].append({"currency_from": "USD", "currency_to": code, "rate": f"{rate:.12f}"})
    config = next(row for row in rows["core_config_data"] if row["path"] == "currency/options/allow")
    config["value"] = "USD,EUR,JPY"
    more = config_rows({"payment/demopay/active": "1", "payment/checkmo/active": "1", "payment/free/active": "1"})
    first = len(rows["core_config_data"]) + 1
    rows["core_config_data"] += [{"config_id": number} | row for number, row in enumerate(more, start=first)]
    rows["eav_entity_store"] = _last_numbers()
    return rows | customer_rows(CUSTOMERS) | stock_rows(ORDERS) | coupon_rows(ORDERS) | _accounts()


def _last_numbers() -> list[dict[str, Any]]:
    """Where the numbering of orders and of their documents stands in each store (DB-5)."""
    numbers: dict[str, list[str]] = {"order": [order.number for order in ORDERS]}
    for order in ORDERS:
        for event in order.events:
            if isinstance(event, Numbered):
                numbers.setdefault(event.kind, []).append(event.number)
    found = [
        {
            "entity_type_id": entity_type_id(kind),
            "store_id": store_id,
            "increment_prefix": str(store_id),
            "increment_last_id": max(number for number in numbers[kind] if number.startswith(str(store_id))),
        }
        for kind in numbers
        for store_id in STORE_NAMES
    ]
    return [{"entity_store_id": number} | row for number, row in enumerate(found, start=1)]


def _accounts() -> Rows:
    """Two API users with the documentation's key: one may do everything, the other only look at invoices (SES-30)."""
    grants = (
        (API_USER, "All resources", {"all": "allow"}),
        (READONLY_USER, "Invoices, reading", READING),
    )
    rows: Rows = {"api_user": [], "api_role": [], "api_rule": []}
    for user_id, (username, role_name, rules) in enumerate(grants, start=1):
        rows["api_user"].append(
            {
                "user_id": user_id,
                "firstname": "Demo",
                "lastname": username,
                "email": f"{username.lower()}@example.com",
                "username": username,
                "api_key": _hash(API_KEY, salt=sha256(username.encode()).hexdigest()[:32]),
                "created": "2023-01-01 09:00:00",
                "modified": "2023-01-01 09:00:00",
                "lognum": 0,
                "reload_acl_flag": 0,
                "is_active": 1,
            }
        )
        rows["api_role"] += [
            _role(2 * user_id - 1, "G", role_name),
            _role(2 * user_id, "U", username) | {"parent_id": 2 * user_id - 1, "user_id": user_id},
        ]
        rows["api_rule"] += [
            {
                "rule_id": 10 * user_id + place,
                "role_id": 2 * user_id - 1,
                "resource_id": resource,
                "assert_id": 0,
                "role_type": "G",
                "api_permission": permission,
            }
            for place, (resource, permission) in enumerate(rules.items())
        ]
    return rows


def _role(role_id: int, role_type: str, name: str) -> dict[str, Any]:
    return {
        "role_id": role_id,
        "parent_id": 0,
        "tree_level": 1,
        "sort_order": 0,
        "role_type": role_type,
        "user_id": 0,
        "role_name": name,
    }


def _hash(api_key: str, salt: str) -> str:
    """Magento's own form, with a salt that never changes, so that the demo shop is the same everywhere (SES-5)."""
    return f"{sha256((salt + api_key).encode()).hexdigest()}:{salt}"
