"""The methods of ``customer``, ``customer_group`` and ``customer_address``, which read (L1..L4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from magento_soap.api.arguments import Parameter
from magento_soap.api.faults import Fault, FaultRule, FaultTable, ResourceFaults
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, as_list, identifier, text, typed
from magento_soap.sales.errors import AddressNotFound, CustomerNotFound
from magento_soap.sales.queries import Condition, DocumentInfo, DocumentQueries, InvalidFilter, Row

from .documents import DocumentReads

ACL = "customer"

CUSTOMER_FAULTS = FaultTable(  # C5
    Fault("100", "data_invalid", "Invalid customer data. Details in error message."),
    Fault("101", "filters_invalid", "Invalid filters specified. Details in error message."),
    Fault("102", "not_exists", "Customer not exists."),
    Fault("103", "not_deleted", "Customer not deleted. Details in error message."),
)
CUSTOMER_RULES = {
    CustomerNotFound: FaultRule("not_exists", "customer_not_exists", has_fixed_text=True),
    InvalidFilter: FaultRule("filters_invalid", "filters_invalid"),
}
ADDRESS_FAULTS = FaultTable(
    Fault("100", "data_invalid", "Invalid address data. Details in error message."),
    Fault("101", "customer_not_exists", "Customer not exists."),
    Fault("102", "not_exists", "Address not exists."),
    Fault("103", "not_deleted", "Address not deleted. Details in error message."),
)
ADDRESS_RULES = {
    CustomerNotFound: FaultRule("customer_not_exists", "customer_not_exists", has_fixed_text=True),
    AddressNotFound: FaultRule("not_exists", "address_not_exists", has_fixed_text=True),
}

CUSTOMER_ID = Parameter("customerId", required=True)
ATTRIBUTES = Parameter("attributes")
ADDRESS_ID = Parameter("addressId", also=("customerAddressId",), required=True)

Address: TypeAlias = "dict[str, str | bool]"


class CustomerApi:
    """Handlers of ``customer``."""

    def __init__(self, queries: DocumentQueries) -> None:
        self._queries = queries
        self._faults = ResourceFaults(CUSTOMER_FAULTS, CUSTOMER_RULES)
        self.reads = DocumentReads(queries, self._faults, CustomerNotFound)

    def resource(self) -> Resource:
        """The registry entry."""
        right, of_one = f"{ACL}/info", (CUSTOMER_ID, ATTRIBUTES)
        return Resource(
            name="customer",
            title="Customer API",
            acl=ACL,
            faults=self._faults.table,
            methods=methods(
                self.reads.list_method("Retrieve customers", right),
                Method("info", "Retrieve customer data", right, of_one, self.info, self.info_typed),
            ),
        )

    def info(self, customerId: Value, attributes: Value) -> DocumentInfo:
        """A customer with all attributes, or with those that are named (L1, L2); fault 102."""
        with self._faults.reported():
            customer = self._queries.info(identifier(customerId))
            if customer is None:
                raise CustomerNotFound
        wanted = {"customer_id", *map(text, as_list(attributes))}
        if not attributes:
            wanted |= customer.keys()
        shown = {key: value for key, value in customer.items() if key in wanted}
        if isinstance(created := shown.get("created_at"), str):
            shown["created_at"] = f"{created.replace(' ', 'T')}+00:00"
        return shown

    def info_typed(self, customerId: Value, attributes: Value) -> dict[str, object]:
        """The same, numbers as numbers; fault 102."""
        return typed(self.info(customerId, attributes), self._queries.kinds)


class CustomerGroupApi:
    """Handlers of ``customer_group``."""

    def __init__(self, queries: DocumentQueries) -> None:
        self._queries = queries

    def resource(self) -> Resource:
        """The registry entry."""
        return Resource(
            name="customer_group",
            title="Customer's Groups API",
            acl=ACL,
            methods=methods(
                Method("list", "Retrieve customer groups", ACL, (), self.list, self.list_typed),
            ),
        )

    def list(self) -> Iterator[Row]:
        """Every group, also that of visitors who are not logged in (L4)."""
        return self._queries.find([])

    def list_typed(self) -> Iterator[dict[str, object]]:
        """The same, numbers as numbers."""
        return (typed(row, self._queries.kinds) for row in self.list())


class CustomerAddressApi:
    """Handlers of ``customer_address``."""

    def __init__(self, queries: DocumentQueries, customers: DocumentQueries) -> None:
        self._queries = queries
        self._customers = customers
        self._faults = ResourceFaults(ADDRESS_FAULTS, ADDRESS_RULES)

    def resource(self) -> Resource:
        """The registry entry."""
        acl = f"{ACL}/address"
        right = f"{acl}/info"
        return Resource(
            name="customer_address",
            title="Customer Address API",
            acl=acl,
            faults=self._faults.table,
            methods=methods(
                Method("list", "Retrieve customer addresses", right, (CUSTOMER_ID,), self.list, self.list_typed),
                Method("info", "Retrieve customer address data", right, (ADDRESS_ID,), self.info, self.info_typed),
            ),
        )

    def list(self, customerId: Value) -> Iterator[Address]:
        """The addresses of a customer, each with the attributes that it has (L4); fault 101."""
        with self._faults.reported():
            customer = self._customers.info(identifier(customerId))
            if customer is None:
                raise CustomerNotFound
            addresses = self._queries.find([Condition("parent_id", "eq", str(customer["customer_id"]))])
        return (_address(each, customer) for each in addresses)

    def list_typed(self, customerId: Value) -> Iterator[dict[str, object]]:
        """The same, numbers as numbers; fault 101."""
        addresses, kinds = self.list(customerId), self._queries.kinds
        return (typed(each, kinds) for each in addresses)

    def info(self, addressId: Value) -> Address:
        """One address, as the list has it; fault 102."""
        with self._faults.reported():
            address = self._queries.info(identifier(addressId))
            if address is None:
                raise AddressNotFound
            return _address(address, self._customers.info(str(address["parent_id"])) or {})

    def info_typed(self, addressId: Value) -> dict[str, object]:
        """The same, numbers as numbers; fault 102."""
        return typed(self.info(addressId), self._queries.kinds)


def _address(row: Mapping[str, object], customer: DocumentInfo) -> Address:
    """The address as clients know it: what is set, and whether it is the customer's default one."""
    address: Address = {key: value for key, value in row.items() if isinstance(value, str) and key != "parent_id"}
    number = address["customer_address_id"]
    address["is_default_billing"] = customer.get("default_billing") == number
    address["is_default_shipping"] = customer.get("default_shipping") == number
    return address
