"""The types of customers, their groups and addresses."""

from __future__ import annotations

from .common import Flag, Integer, Text, array, optional, optional_texts, struct

Customer = struct(
    "customerCustomerEntity",
    customer_id=optional(Integer),
    **optional_texts("created_at updated_at increment_id"),
    store_id=optional(Integer),
    website_id=optional(Integer),
    **optional_texts("created_in email firstname middlename lastname"),
    group_id=optional(Integer),
    **optional_texts("prefix suffix dob taxvat"),
    confirmation=optional(Flag),  # a token, of which clients see that there is one
    **optional_texts("password_hash"),
)
CustomerArray = array("customerCustomerEntityArray", Customer)
CustomerGroup = struct("customerGroupEntity", customer_group_id=Integer, customer_group_code=Text)
CustomerGroupArray = array("customerGroupEntityArray", CustomerGroup)
CustomerAddress = struct(
    "customerAddressEntityItem",
    customer_address_id=optional(Integer),
    **optional_texts(
        "created_at updated_at increment_id city company country_id fax firstname lastname middlename postcode prefix "
        "region"
    ),
    region_id=optional(Integer),
    **optional_texts("street suffix telephone"),
    is_default_billing=optional(Flag),
    is_default_shipping=optional(Flag),
)
CustomerAddressArray = array("customerAddressEntityArray", CustomerAddress)

TYPES = (
    Customer,
    CustomerArray,
    CustomerGroup,
    CustomerGroupArray,
    CustomerAddress,
    CustomerAddressArray,
)
