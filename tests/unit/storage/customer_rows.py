"""The rows of two customers and their addresses, in a shop that has added attributes of its own."""

from __future__ import annotations

from typing import Any

from magento_soap.storage.schema.reference_rows import attribute_id, entity_type_id

Rows = dict[str, list[dict[str, Any]]]
Values = dict[str, dict[str, Any]]
"""Values of attributes by the type of their table."""

CREATED, UPDATED = "2026-11-22 03:20:28", "2026-11-22 03:20:37"
HASH = "5c046a06:od95lK9W"
CLUB_ID, CREDIT_ID = 501, 502


def customer_rows() -> Rows:
    """John has one address, a shop's attributes and secrets; Jane hardly anything."""
    customer = {"entity_type_id": entity_type_id("customer"), "created_at": CREATED, "updated_at": UPDATED}
    address = {"entity_type_id": entity_type_id("customer_address"), "created_at": CREATED, "updated_at": UPDATED}
    rows: Rows = {
        "customer_entity": [
            customer | {"entity_id": 1, "email": "john.doe@example.com", "website_id": 1, "store_id": 1, "group_id": 1},
            customer | {"entity_id": 2, "email": "jane.roe@example.com", "website_id": 1, "store_id": 1, "group_id": 2},
        ],
        "customer_address_entity": [address | {"entity_id": 1, "parent_id": 1}],
    }
    john: Values = {
        "varchar": {
            "created_in": "Default Store View",
            "firstname": "John",
            "lastname": "Doe",
            "password_hash": HASH,
            "confirmation": "02a44712",
            "rp_token": "reset",
        },
        "int": {"default_billing": 1, "default_shipping": 1},
        "datetime": {"dob": "1980-02-29 00:00:00", "rp_token_created_at": CREATED},
    }
    home: Values = {
        "varchar": {"firstname": "John", "lastname": "Doe", "city": "San Francisco", "country_id": "US"},
        "int": {"region_id": 12},
        "text": {"street": "1 Market St\nSuite 5"},
    }
    for entity, number, values in (("customer", 1, john), ("customer_address", 1, home)):
        for kind, by_code in values.items():
            rows[f"{entity}_entity_{kind}"] = [
                _value(entity, attribute_id(entity, code), number, value) for code, value in by_code.items()
            ]
    rows["customer_entity_varchar"] += [
        _value("customer", attribute_id("customer", "firstname"), 2, "Jane"),
        _value("customer", CLUB_ID, 2, "gold"),
    ]
    rows["customer_entity_decimal"] = [_value("customer", CREDIT_ID, 2, "12.5000")]
    for content in rows.values():
        for position, row in enumerate(content, start=1):
            if "value" in row:
                row["value_id"] = position
    return rows


def own_attributes() -> list[dict[str, Any]]:
    """What the shop has added to ``eav_attribute``; the last two are stored where Magento has no place for them."""
    own = [(CLUB_ID, "club", "varchar"), (CREDIT_ID, "credit", "decimal"), (503, "odd", "static"), (504, "new", "json")]
    return [
        {
            "attribute_id": number,
            "entity_type_id": entity_type_id("customer"),
            "attribute_code": code,
            "backend_type": kind,
        }
        for number, code, kind in own
    ]


def _value(entity: str, attribute: int, number: int, value: object) -> dict[str, Any]:
    return {
        "entity_type_id": entity_type_id(entity),
        "attribute_id": attribute,
        "entity_id": number,
        "value": value,
    }
