"""The operations of customers, their groups and addresses in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import ArrayOfString, Filters, Integer, Text
from magento_soap.protocols.soap.types.customers import (
    TYPES,
    Customer,
    CustomerAddress,
    CustomerAddressArray,
    CustomerArray,
    CustomerGroupArray,
)

customers = ResourceOperations("customer", prefix="customerCustomer", result="storeView")  # as in every Magento
customer = ResourceOperations("customer", prefix="customerCustomer", result="customerInfo")
groups = ResourceOperations("customer_group")
addresses = ResourceOperations("customer_address")
address = ResourceOperations("customer_address", result="info")


class CustomerService(ServiceBase):
    """Customers, their groups and addresses."""

    types = TYPES

    @customers(wsi_required=("filters",))  # A4; optional everywhere else (L3)
    def customerCustomerList(ctx, sessionId: Text, filters: Filters) -> CustomerArray:
        """Retrieve customers"""

    @customer(optional=("attributes",))
    def customerCustomerInfo(ctx, sessionId: Text, customerId: Integer, attributes: ArrayOfString) -> Customer:
        """Retrieve customer data"""

    @groups()
    def customerGroupList(ctx, sessionId: Text) -> CustomerGroupArray:
        """Retrieve customer groups"""

    @addresses()
    def customerAddressList(ctx, sessionId: Text, customerId: Integer) -> CustomerAddressArray:
        """Retrieve customer addresses"""

    @address()
    def customerAddressInfo(ctx, sessionId: Text, addressId: Integer) -> CustomerAddress:
        """Retrieve customer address data"""
