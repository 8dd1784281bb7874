"""The rows of customers and their addresses. Most of the data are attribute values, in tables of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from magento_soap.storage.schema.reference_rows import CUSTOMER_ATTRIBUTES, Rows, attribute_id, entity_type_id

from .catalog import Person

CREATED_AT = "2012-03-01 08:00:00"


def customer_rows(people: Sequence[Person]) -> Rows:
    """The rows of customers, each with one address, which is the default one for everything."""
    rows: Rows = {"customer_entity": [], "customer_address_entity": []}
    for person in people:
        number = int(person.customer_id or 0)
        rows["customer_entity"].append(
            _entity("customer", number)
            | {"attribute_set_id": 0, "website_id": 1, "email": person.email, "group_id": 1, "store_id": 1}
        )
        rows["customer_address_entity"].append(_entity("customer_address", number) | {"parent_id": number})
        name = {"firstname": person.firstname, "middlename": person.middlename, "lastname": person.lastname}
        account = {"created_in": "English", "default_billing": number, "default_shipping": number}
        _add_values(rows, "customer", number, name | account)
        address = {
            "company": person.company,
            "street": person.street,
            "city": person.city,
            "country_id": person.country_id,
            "region": person.region,
            "postcode": person.postcode,
            "telephone": person.telephone,
        }
        _add_values(rows, "customer_address", number, name | address)
    return rows


def _entity(kind: str, number: int) -> dict[str, Any]:
    return {
        "entity_id": number,
        "entity_type_id": entity_type_id(kind),
        "created_at": CREATED_AT,
        "updated_at": CREATED_AT,
        "is_active": 1,
    }


def _add_values(rows: Rows, kind: str, number: int, values: Mapping[str, object]) -> None:
    types = dict(CUSTOMER_ATTRIBUTES[kind])
    for code, value in values.items():
        if value is not None:
            table = rows.setdefault(f"{kind}_entity_{types[code]}", [])
            table.append(
                {
                    "value_id": len(table) + 1,
                    "entity_type_id": entity_type_id(kind),
                    "attribute_id": attribute_id(kind, code),
                    "entity_id": number,
                    "value": value,
                }
            )
