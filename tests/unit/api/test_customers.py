"""The methods of customers, groups, addresses and store views on a database (E2, E3, L1..L4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from magento_soap.api.budget import Budget
from magento_soap.api.faults import ApiFault
from magento_soap.api.methods.customers import CustomerAddressApi, CustomerApi, CustomerGroupApi
from magento_soap.api.methods.stores import StoreApi
from magento_soap.api.values import Value
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import store
from tests.unit.storage.customer_rows import CREATED, UPDATED, customer_rows
from tests.unit.storage.shop_rows import small_shop

JOHN = "john.doe@example.com"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two customers, and two store views besides the admin's."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.sqlite'}")
    database.create()
    rows = small_shop()
    rows["core_store"] = [
        *rows["core_store"],
        store(2, "german", 1, "German"),
    ]
    for each in rows["core_store"]:
        each["sort_order"] = 5 if each["code"] == "default" else 0
    database.load(rows | customer_rows())
    yield database
    database.close()


@pytest.fixture
def customers(database: Database) -> CustomerApi:
    return CustomerApi(database.queries["customer"])


@pytest.fixture
def addresses(database: Database) -> CustomerAddressApi:
    return CustomerAddressApi(database.queries["customer_address"], database.queries["customer"])


@pytest.fixture
def stores(database: Database) -> StoreApi:
    return StoreApi(database.queries["store"])


def fault(call: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(ApiFault) as raised:
        call()
    return raised.value.code, raised.value.message, raised.value.name


def test_l1_info_has_all_attributes_and_iso_8601(customers: CustomerApi) -> None:
    info = customers.info(1, None)
    assert next(iter(info)) == "customer_id"
    assert (info["created_at"], info["updated_at"]) == ("2026-11-22T03:20:28+00:00", UPDATED)
    assert (info["email"], info["group_id"], info["prefix"]) == (JOHN, "1", None)
    assert not info.keys() & {"password_hash", "rp_token", "rp_token_created_at", "entity_id"}


@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        (["firstname", "email"], ["customer_id", "firstname", "email"]),
        ({"0": "email"}, ["customer_id", "email"]),
        ("email", ["customer_id", "email"]),
        (["rp_token", "no_such_attribute"], ["customer_id"]),
        (["created_at"], ["customer_id", "created_at"]),
    ],
)
def test_l2_attributes_limit_the_keys(customers: CustomerApi, attributes: Value, keys: list[str]) -> None:
    assert list(customers.info("1", attributes)) == keys


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_l2_no_attributes_are_all(customers: CustomerApi, nothing: Value) -> None:
    assert customers.info("1", nothing) == customers.info("1", None)


@pytest.mark.parametrize("number", [999, "", None, "john", [], {"like": "%"}, "1 OR 1"])
def test_l2_a_customer_that_does_not_exist(customers: CustomerApi, number: Value) -> None:
    assert fault(lambda: customers.info(number, None)) == ("102", "Customer not exists.", "customer_not_exists")


def test_l3_a_list(customers: CustomerApi) -> None:
    john, jane = customers.reads.list(None, budget=Budget())
    assert (john["created_at"], john["email"]) == (CREATED, JOHN)
    assert "lastname" not in jane
    assert [each["customer_id"] for each in customers.reads.list({"email": JOHN}, budget=Budget())] == ["1"]


def test_c8_an_unknown_field(customers: CustomerApi) -> None:
    found = fault(lambda: customers.reads.list({"no_such_field": "x"}, budget=Budget()))
    assert found == ("101", "Invalid attribute name: no_such_field", "filters_invalid")


def test_typed_handlers_give_numbers(
    customers: CustomerApi, addresses: CustomerAddressApi, stores: StoreApi, database: Database
) -> None:
    assert customers.info_typed(1, ["group_id", "email"]) == {"customer_id": 1, "email": JOHN, "group_id": 1}
    assert next(customers.reads.list_typed(None, budget=Budget()))["default_billing"] == 1
    (address,) = addresses.list_typed(1)
    assert (address["customer_address_id"], address["region_id"], address["is_default_billing"]) == (1, 12, True)
    assert addresses.info_typed(1) == address
    assert next(stores.list_typed())["store_id"] == 2
    assert stores.info_typed("default")["is_active"] == 1
    groups = CustomerGroupApi(database.queries["customer_group"])
    assert next(groups.list_typed()) == {"customer_group_id": 0, "customer_group_code": "NOT LOGGED IN"}


def test_l4_groups(database: Database) -> None:
    groups = CustomerGroupApi(database.queries["customer_group"]).list()
    assert [tuple(each.values()) for each in groups] == [
        ("0", "NOT LOGGED IN"),
        ("1", "General"),
        ("2", "Wholesale"),
        ("3", "Retailer"),
    ]


def test_l4_addresses(addresses: CustomerAddressApi) -> None:
    (address,) = addresses.list(1)
    assert address == {
        "customer_address_id": "1",
        "created_at": CREATED,
        "updated_at": UPDATED,
        "firstname": "John",
        "lastname": "Doe",
        "street": "1 Market St\nSuite 5",
        "city": "San Francisco",
        "country_id": "US",
        "region_id": "12",
        "is_default_billing": True,
        "is_default_shipping": True,
    }
    assert addresses.info("1") == address
    assert list(addresses.list("2")) == []


def test_an_address_of_nobody_is_no_default(addresses: CustomerAddressApi, database: Database) -> None:
    row = customer_rows()["customer_address_entity"][0]
    database.load({"customer_address_entity": [row | {"parent_id": None}]})
    try:
        assert addresses.info("1")["is_default_billing"] is False
    finally:
        database.load({name: rows for name, rows in customer_rows().items() if name.startswith("customer_address")})


def test_faults_of_addresses(addresses: CustomerAddressApi) -> None:
    assert fault(lambda: addresses.list(999)) == ("101", "Customer not exists.", "customer_not_exists")
    assert fault(lambda: addresses.info(999)) == ("102", "Address not exists.", "address_not_exists")


def test_e2_store_views_in_the_shops_order(stores: StoreApi) -> None:
    german, default = stores.list()
    assert default == {
        "store_id": "1",
        "code": "default",
        "website_id": "1",
        "group_id": "1",
        "name": "Default Store View",
        "sort_order": "5",
        "is_active": "1",
    }
    assert german["code"] == "german"


@pytest.mark.parametrize("name", [1, "1", "default", " default", ["default"]])
def test_e3_a_store_view_by_id_or_code(stores: StoreApi, name: Value) -> None:
    assert stores.info(name)["code"] == "default"


@pytest.mark.parametrize("name", ["0", 0, "admin", "", None, "99", "nosuch", "9" * 30, [], "٣"])
def test_e3_no_such_store_view(stores: StoreApi, name: Value) -> None:
    assert fault(lambda: stores.info(name)) == ("100", "Requested store view not found.", "store_not_exists")


def test_b1_rights(customers: CustomerApi, addresses: CustomerAddressApi, stores: StoreApi, database: Database) -> None:
    groups = CustomerGroupApi(database.queries["customer_group"])
    rights = {
        f"{resource.name}.{method.name}": resource.acl_of(method)
        for resource in (each.resource() for each in (customers, groups, addresses, stores))
        for method in resource.methods.values()
    }
    assert rights == {
        "customer.list": ("customer", "customer/info"),
        "customer.info": ("customer", "customer/info"),
        "customer_group.list": ("customer", "customer"),
        "customer_address.list": ("customer/address", "customer/address/info"),
        "customer_address.info": ("customer/address", "customer/address/info"),
        "core_store.list": ("core/store", "core/store/list"),
        "core_store.info": ("core/store", "core/store/info"),
    }


def test_c9_faults_are_listed(customers: CustomerApi, addresses: CustomerAddressApi, stores: StoreApi) -> None:
    listed: dict[str, Any] = {
        each.resource().name: [fault["code"] for fault in each.resource().faults.listing()]
        for each in (customers, addresses, stores)
    }
    assert listed == {
        "customer": ["100", "101", "102", "103"],
        "customer_address": ["100", "101", "102", "103"],
        "core_store": ["100"],
    }
