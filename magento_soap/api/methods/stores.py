"""The methods of ``core_store``: the store views of the shop, but never the admin's (E2, E3)."""

from __future__ import annotations

from collections.abc import Iterator

from magento_soap.api.arguments import Parameter
from magento_soap.api.faults import Fault, FaultRule, FaultRules, FaultTable, ResourceFaults
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, identifier, typed
from magento_soap.sales.errors import StoreNotFound
from magento_soap.sales.queries import Condition, DocumentQueries, Page, Row

STORE_FAULTS = FaultTable(Fault("100", "store_not_exists", "Requested store view not found."))
FAULT_RULES: FaultRules = {StoreNotFound: FaultRule("store_not_exists", "store_not_exists", has_fixed_text=True)}

STORE_ID = Parameter("storeId", required=True)
NOT_ADMIN = Condition("store_id", "neq", "0")


class StoreApi:
    """Handlers of the resource."""

    def __init__(self, queries: DocumentQueries) -> None:
        self._queries = queries
        self._faults = ResourceFaults(STORE_FAULTS, FAULT_RULES)

    def resource(self) -> Resource:
        """The registry entry."""
        acl = "core/store"
        return Resource(
            name="core_store",
            title="Store API",
            acl=acl,
            aliases=("store",),
            faults=self._faults.table,
            methods=methods(
                Method("list", "List of stores", f"{acl}/list", (), self.list, self.list_typed),
                Method("info", "Store view info", f"{acl}/info", (STORE_ID,), self.info, self.info_typed),
            ),
        )

    def list(self) -> Iterator[Row]:
        """Every store view in the shop's order (E2)."""
        return self._queries.find([NOT_ADMIN], Page(order_by="sort_order"))

    def list_typed(self) -> Iterator[dict[str, object]]:
        """The same, numbers as numbers."""
        return (typed(row, self._queries.kinds) for row in self.list())

    def info(self, storeId: Value) -> Row:
        """The store view of that id or code (E3); fault 100."""
        with self._faults.reported():
            name = identifier(storeId).strip()
            is_id = name.isascii() and name.isdecimal()
            store = None
            if name:
                named = Condition("store_id" if is_id else "code", "eq", name)
                store = next(self._queries.find([NOT_ADMIN, named]), None)
            if store is None:
                raise StoreNotFound
            return store

    def info_typed(self, storeId: Value) -> dict[str, object]:
        """The same, numbers as numbers; fault 100."""
        return typed(self.info(storeId), self._queries.kinds)
