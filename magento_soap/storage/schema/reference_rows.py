"""Rows that every shop needs before its first order: stores, statuses, document numbers, currency (ORD-1, DB-5)."""

from __future__ import annotations

from typing import Any

Rows = dict[str, list[dict[str, Any]]]

STATUSES = {
    "canceled": "Canceled",
    "closed": "Closed",
    "complete": "Complete",
    "fraud": "Suspected Fraud",
    "holded": "On Hold",
    "payment_review": "Payment Review",
    "pending": "Pending",
    "pending_payment": "Pending Payment",
    "processing": "Processing",
}

# state, status, whether the status is the state's default (ORD-1)
STATES = (
    ("canceled", "canceled", 1),
    ("closed", "closed", 1),
    ("complete", "complete", 1),
    ("holded", "holded", 1),
    ("new", "pending", 1),
    ("payment_review", "fraud", 0),
    ("payment_review", "payment_review", 1),
    ("pending_payment", "pending_payment", 1),
    ("processing", "processing", 1),
)

# The order of installation gives the ids; only documents are numbered per store.
ENTITY_TYPES = (
    ("customer", "customer/customer", 0),
    ("customer_address", "customer/address", 0),
    ("catalog_category", "catalog/category", 0),
    ("catalog_product", "catalog/product", 0),
    ("order", "sales/order", 1),
    ("invoice", "sales/order_invoice", 1),
    ("creditmemo", "sales/order_creditmemo", 1),
    ("shipment", "sales/order_shipment", 1),
)

# Attributes of customers and of their addresses, by the type of their values: static ones are columns of the entity.
CUSTOMER_ATTRIBUTES = {
    "customer": (
        ("website_id", "static"),
        ("store_id", "static"),
        ("created_in", "varchar"),
        ("prefix", "varchar"),
        ("firstname", "varchar"),
        ("middlename", "varchar"),
        ("lastname", "varchar"),
        ("suffix", "varchar"),
        ("email", "static"),
        ("group_id", "static"),
        ("dob", "datetime"),
        ("password_hash", "varchar"),
        ("default_billing", "int"),
        ("default_shipping", "int"),
        ("taxvat", "varchar"),
        ("confirmation", "varchar"),
        ("created_at", "static"),
        ("gender", "int"),
        ("rp_token", "varchar"),
        ("rp_token_created_at", "datetime"),
        ("disable_auto_group_change", "static"),
        ("password_created_at", "int"),
        ("rp_customer_id", "varchar"),
    ),
    "customer_address": (
        ("prefix", "varchar"),
        ("firstname", "varchar"),
        ("middlename", "varchar"),
        ("lastname", "varchar"),
        ("suffix", "varchar"),
        ("company", "varchar"),
        ("street", "text"),
        ("city", "varchar"),
        ("country_id", "varchar"),
        ("region", "varchar"),
        ("region_id", "int"),
        ("postcode", "varchar"),
        ("telephone", "varchar"),
        ("fax", "varchar"),
        ("vat_id", "varchar"),
        ("vat_is_valid", "int"),
        ("vat_request_id", "varchar"),
        ("vat_request_date", "varchar"),
        ("vat_request_success", "int"),
    ),
}

CUSTOMER_GROUPS = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")


def _attribute_rows() -> list[dict[str, Any]]:
    """Rows of ``eav_attribute``."""
    attributes = [(kind, code, type_) for kind, listed in CUSTOMER_ATTRIBUTES.items() for code, type_ in listed]
    return [
        {
            "attribute_id": number,
            "entity_type_id": entity_type_id(kind),
            "attribute_code": code,
            "backend_type": type_,
        }
        for number, (kind, code, type_) in enumerate(attributes, start=1)
    ]


def attribute_id(kind: str, code: str) -> int:
    """The id that ``eav_attribute`` gives to that attribute of customers or of their addresses in a fresh shop."""
    attributes = [(known, each) for known, listed in CUSTOMER_ATTRIBUTES.items() for each, _ in listed]
    return attributes.index((kind, code)) + 1


def entity_type_id(code: str) -> int:
    """The id that ``eav_entity_type`` gives to that kind of entity in a fresh shop."""
    return [known for known, _, _ in ENTITY_TYPES].index(code) + 1


def config_rows(values: dict[str, str], scope: str = "default", scope_id: int = 0) -> list[dict[str, Any]]:
    """Rows of ``core_config_data``, without ids."""
    return [{"scope": scope, "scope_id": scope_id, "path": path, "value": value} for path, value in values.items()]


def reference_rows(currency: str = "USD", shop_name: str = "Main Store") -> Rows:
    """The rows of an empty shop with one store view, selling in one currency."""
    config = {
        "general/locale/code": "en_US",
        "general/locale/timezone": "UTC",
        "currency/options/base": currency,
        "currency/options/default": currency,
        "currency/options/allow": currency,
        "general/store_information/name": shop_name,
        "trans_email/ident_sales/name": "Sales",
        "trans_email/ident_sales/email": "sales@example.com",
        "tax/weee/include_in_subtotal": "0",
        "api/config/session_timeout": "3600",
    }
    return {
        "core_website": [
            _website(0, "admin", "Admin", 0),
            _website(1, "base", "Main Website", 1) | {"is_default": 1},
        ],
        "core_store_group": [store_group(0, 0, "Default", 0), store_group(1, 1, "Main Website Store", 1)],
        "core_store": [store(0, "admin", 0, "Admin"), store(1, "default", 1, "Default Store View")],
        "customer_group": [
            {"customer_group_id": group_id, "customer_group_code": code, "tax_class_id": 3}
            for group_id, code in enumerate(CUSTOMER_GROUPS)
        ],
        "directory_currency_rate": [{"currency_from": currency, "currency_to": currency, "rate": "1.000000000000"}],
        "eav_entity_type": [
            {
                "entity_type_id": number,
                "entity_type_code": code,
                "entity_model": model,
                "increment_model": "eav/entity_increment_numeric" if per_store or code == "customer" else None,
                "increment_per_store": per_store,
                "increment_pad_length": 8,
                "increment_pad_char": "0",
            }
            for number, (code, model, per_store) in enumerate(ENTITY_TYPES, start=1)
        ],
        "eav_attribute": _attribute_rows(),
        "sales_order_status": [{"status": status, "label": label} for status, label in STATUSES.items()],
        "sales_order_status_state": [
            {"status": status, "state": state, "is_default": is_default} for state, status, is_default in STATES
        ],
        "core_config_data": [{"config_id": number} | row for number, row in enumerate(config_rows(config), start=1)],
    }


def store_group(group_id: int, website_id: int, name: str, default_store_id: int) -> dict[str, Any]:
    """A row of ``core_store_group``."""
    return {
        "group_id": group_id,
        "website_id": website_id,
        "name": name,
        "root_category_id": 0 if website_id == 0 else 2,
        "default_store_id": default_store_id,
    }


def store(store_id: int, code: str, group_id: int, name: str) -> dict[str, Any]:
    """A row of ``core_store``; groups 1 and above are those of the main website."""
    return {
        "store_id": store_id,
        "code": code,
        "website_id": min(group_id, 1),
        "group_id": group_id,
        "name": name,
        "sort_order": 0,
        "is_active": 1,
    }


def _website(website_id: int, code: str, name: str, default_group_id: int) -> dict[str, Any]:
    return {
        "website_id": website_id,
        "code": code,
        "name": name,
        "sort_order": 0,
        "default_group_id": default_group_id,
        "is_default": 0,
    }
