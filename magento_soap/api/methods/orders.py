"""The methods of ``sales_order``: from arguments to the domain's commands, from its errors to faults (SALES A..I)."""

from __future__ import annotations

from typing import Any

from magento_soap.api.arguments import Parameter
from magento_soap.api.faults import TRY_AGAIN_LATER, Fault, FaultRule, FaultRules, FaultTable, ResourceFaults
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, flag, identifier, text
from magento_soap.sales.errors import (
    InvalidArgument,
    OrderBeingChanged,
    OrderNotFound,
    StatusNotChanged,
)
from magento_soap.sales.ordering.commands import AddOrderComment
from magento_soap.sales.ordering.service import OrderService
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import DocumentQueries, InvalidFilter
from magento_soap.sales.states import NOT_APPLICABLE

from .comments import comment_text, notified
from .documents import DATA_RULES, DocumentReads

ACL = "sales/order"

FAULTS = FaultTable(  # C1
    Fault("100", "not_exists", "Requested order not exists."),
    Fault("101", "filters_invalid", "Invalid filters given. Details in error message."),
    Fault("102", "data_invalid", "Invalid data given. Details in error message."),
    Fault("103", "status_not_changed", "Order status not changed. Details in error message."),
)
FAULT_RULES: FaultRules = {
    OrderNotFound: FaultRule("not_exists", "order_not_exists", has_fixed_text=True),
    InvalidFilter: FaultRule("filters_invalid", "filters_invalid"),
    StatusNotChanged: FaultRule("status_not_changed", "status_not_changed"),
    OrderBeingChanged: FaultRule("status_not_changed", TRY_AGAIN_LATER),
    **DATA_RULES,
}

ORDER_ID = Parameter("orderIncrementId", required=True)


class OrderApi:
    """Handlers of the resource; arguments are plain values as a client sent them."""

    def __init__(self, service: OrderService, queries: DocumentQueries) -> None:
        self._service = service
        self._faults = ResourceFaults(FAULTS, FAULT_RULES)
        self.reads = DocumentReads(queries, self._faults, OrderNotFound, _as_magento_answers)

    def resource(self) -> Resource:
        """The registry entry (A1, B1)."""
        info, change = f"{ACL}/info", f"{ACL}/change"
        return Resource(
            name="sales_order",
            title="Order API",
            acl=ACL,
            aliases=("order",),
            faults=self._faults.table,
            methods=methods(
                self.reads.list_method("Retrieve list of orders by filters", info),
                self.reads.info_method("Retrieve order information", info, ORDER_ID),
                Method(
                    "addComment",
                    "Add comment to order",
                    change,
                    (
                        ORDER_ID,
                        Parameter("status", required=True, optional_in_v1=True),
                        Parameter("comment", default=""),
                        Parameter("notify", default=False),
                    ),
                    self.add_comment,
                    changes=True,
                ),
                Method("hold", "Hold order", change, (ORDER_ID,), self.hold, changes=True),
                Method("unhold", "Unhold order", change, (ORDER_ID,), self.unhold, changes=True),
                Method("cancel", "Cancel order", change, (ORDER_ID,), self.cancel, changes=True),
            ),
        )

    def add_comment(
        self,
        orderIncrementId: Value,
        status: Value,
        comment: Value,
        notify: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> bool:
        """Add a comment to an order, and give it a status (H); faults 100, 102."""
        with self._faults.reported():
            is_notified = notified("notify", notify)
            self._service.add_comment(
                AddOrderComment(
                    order_increment_id=identifier(orderIncrementId),
                    status=_status(status),
                    resets_status=status is True,
                    comment=comment_text(comment),
                    notify=flag("notify", notify),
                    is_customer_notified=NOT_APPLICABLE if is_notified is None else is_notified,
                ),
                key,
            )
            return True

    def hold(self, orderIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Put an order on hold (D2, I1); faults 100, 103."""
        with self._faults.reported({StatusNotChanged: "order_not_holdable"}):
            self._service.hold(identifier(orderIncrementId), key)
            return True

    def unhold(self, orderIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Release an order from hold (D3, I1); faults 100, 103."""
        with self._faults.reported({StatusNotChanged: "order_not_unholdable"}):
            self._service.unhold(identifier(orderIncrementId), key)
            return True

    def cancel(self, orderIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Cancel what is left of an order (D4..D6, I2..I7); faults 100, 103."""
        with self._faults.reported({StatusNotChanged: "order_not_cancelable"}):
            self._service.cancel(identifier(orderIncrementId), key)
            return True


def _status(value: Value) -> str | None:
    """The status that was sent, or None to keep the present one (H2). Raises InvalidArgument."""
    if isinstance(value, (list, dict)):
        raise InvalidArgument('Invalid value for "status"; text is expected.')
    return None if isinstance(value, bool) else text(value) or None


def _as_magento_answers(info: dict[str, Any]) -> dict[str, Any]:
    """The order with the keys that only some orders and items have (G2..G4)."""
    parents = {item["parent_item_id"] for item in info["items"]} - {None}
    info["items"] = [
        _without_empty_message(item) | ({"has_children": True} if item["item_id"] in parents else {})
        for item in info["items"]
    ]
    for related in ("shipping_address", "billing_address", "payment"):
        if info[related] is None:
            info[related] = []  # as PHP has it (G3)
    return _without_empty_message(info)


def _without_empty_message(row: dict[str, Any]) -> dict[str, Any]:
    return row if row["gift_message"] is not None else {k: v for k, v in row.items() if k != "gift_message"}
