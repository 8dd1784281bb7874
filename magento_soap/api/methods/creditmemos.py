"""The methods of ``sales_order_creditmemo``: from arguments to commands, from errors to faults (SALES A..C, K)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from magento_soap.api.arguments import Parameter, number, quantities, quantity_to
from magento_soap.api.faults import TRY_AGAIN_LATER, Fault, FaultRule, FaultRules, FaultTable, ResourceFaults
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, flag, identifier, text
from magento_soap.sales.errors import (
    CannotNumber,
    CannotRefund,
    CreditMemoNotFound,
    InvalidAmount,
    InvalidArgument,
    InvalidQuantity,
    NoStoreCredit,
    OrderBeingChanged,
    OrderNotFound,
    StatusNotChanged,
)
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import DocumentQueries, InvalidFilter
from magento_soap.sales.refunding.commands import AddCreditMemoComment, CreateCreditMemo
from magento_soap.sales.refunding.service import RefundService

from .comments import comment_text, notified
from .documents import DATA_RULES, DocumentReads

ACL = "sales/order/creditmemo"

FAULTS = FaultTable(  # C3
    Fault("100", "not_exists", "Requested credit memo does not exist"),
    Fault("101", "invalid_filter", "Invalid filter given. Details in error message"),
    Fault("102", "data_invalid", "Invalid data given. Details in error message"),
    Fault("103", "order_not_exists", "Requested order does not exist"),
    Fault("104", "status_not_changed", "Credit memo status not changed"),
    Fault(
        "105",
        "cannot_refund_to_storecredit",
        "Money can not be refunded to the store credit account as order was created by guest",
    ),
    Fault("106", "cannot_create_creditmemo", "Credit memo for requested order can not be created."),
)
FAULT_RULES: FaultRules = {
    CreditMemoNotFound: FaultRule("not_exists", "creditmemo_not_exists", has_fixed_text=True),
    InvalidFilter: FaultRule("invalid_filter", "filters_invalid"),
    InvalidQuantity: FaultRule("data_invalid", "data_invalid"),
    InvalidAmount: FaultRule("data_invalid", "amount_invalid"),
    CannotNumber: FaultRule("data_invalid", "order_not_refundable"),
    OrderNotFound: FaultRule("order_not_exists", "order_not_exists", has_fixed_text=True),
    StatusNotChanged: FaultRule("status_not_changed", "status_not_changed"),
    OrderBeingChanged: FaultRule("status_not_changed", TRY_AGAIN_LATER),
    NoStoreCredit: FaultRule("cannot_refund_to_storecredit", "store_credit_impossible", has_fixed_text=True),
    CannotRefund: FaultRule("cannot_create_creditmemo", "order_not_refundable", has_fixed_text=True),
    **DATA_RULES,
}

CREDITMEMO_ID = Parameter("creditmemoIncrementId", required=True)
NOTIFY = Parameter("notifyCustomer", also=("email",), default=False)
INCLUDE_COMMENT = Parameter("includeComment", also=("includeInEmail",), default=False)


class CreditMemoApi:
    """Handlers of the resource; arguments are plain values as a client sent them."""

    def __init__(self, service: RefundService, queries: DocumentQueries) -> None:
        self._service = service
        self._faults = ResourceFaults(FAULTS, FAULT_RULES)
        self.reads = DocumentReads(queries, self._faults, CreditMemoNotFound)

    def resource(self) -> Resource:
        """The registry entry (A1, B1)."""
        return Resource(
            name="sales_order_creditmemo",
            title="Credit memo API",
            acl=ACL,
            aliases=("order_creditmemo",),
            faults=self._faults.table,
            methods=methods(
                self.reads.list_method("Retrieve credit memo list by filters", f"{ACL}/list"),
                self.reads.info_method("Retrieve credit memo info", f"{ACL}/info", CREDITMEMO_ID),
                Method(
                    "create",
                    "Create new credit memo for order",
                    f"{ACL}/create",
                    (
                        Parameter("orderIncrementId", also=("creditmemoIncrementId",), required=True),
                        Parameter("creditmemoData"),
                        Parameter("comment"),
                        NOTIFY,
                        INCLUDE_COMMENT,
                        Parameter("refundToStoreCreditAmount"),
                    ),
                    self.create,
                    changes=True,
                ),
                Method(
                    "addComment",
                    "Add new comment to credit memo",
                    f"{ACL}/comment",
                    (
                        CREDITMEMO_ID,
                        Parameter("comment", required=True, optional_in_v1=True),
                        NOTIFY,
                        INCLUDE_COMMENT,
                    ),
                    self.add_comment,
                    changes=True,
                ),
                Method("cancel", "Cancel credit memo", f"{ACL}/cancel", (CREDITMEMO_ID,), self.cancel, changes=True),
            ),
        )

    def create(
        self,
        *,
        orderIncrementId: Value,
        creditmemoData: Value,
        comment: Value,
        notifyCustomer: Value,
        includeComment: Value,
        refundToStoreCreditAmount: Value,
        key: IdempotencyKey | None = None,
    ) -> str:
        """Refund an order and return the credit memo's increment id (K4..K20); faults 102, 103, 104, 105, 106."""
        with self._faults.reported():
            data = _data(creditmemoData)
            creditmemo = self._service.create(
                CreateCreditMemo(
                    order_increment_id=identifier(orderIncrementId),
                    quantities=quantities(data.get("qtys"), quantity_to("refund")) or None,
                    base_shipping=_amount(data, "shipping_amount"),
                    base_adjustment_positive=_amount(data, "adjustment_positive"),
                    base_adjustment_negative=_amount(data, "adjustment_negative"),
                    comment=comment_text(comment),
                    notify=flag("notifyCustomer", notifyCustomer),
                    is_customer_notified=notified("notifyCustomer", notifyCustomer),
                    include_comment=flag("includeComment", includeComment),
                    to_store_credit=text(refundToStoreCreditAmount) not in ("", "0"),
                ),
                key,
            )
            return str(creditmemo.increment_id)

    def add_comment(
        self,
        creditmemoIncrementId: Value,
        comment: Value,
        notifyCustomer: Value,
        includeComment: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> bool:
        """Add a comment to a credit memo (K19); faults 100, 102."""
        with self._faults.reported():
            self._service.add_comment(
                AddCreditMemoComment(
                    creditmemo_increment_id=identifier(creditmemoIncrementId),
                    comment=comment_text(comment),
                    notify=flag("notifyCustomer", notifyCustomer),
                    is_customer_notified=notified("notifyCustomer", notifyCustomer),
                    include_comment=flag("includeComment", includeComment),
                ),
                key,
            )
            return True

    def cancel(self, creditmemoIncrementId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Cancel an open credit memo, which no credit memo of this API is (D14); faults 100, 104."""
        with self._faults.reported({StatusNotChanged: "creditmemo_not_cancelable"}):
            self._service.cancel(identifier(creditmemoIncrementId), key)
            return True


def _data(value: Value) -> dict[Any, Any]:
    """The members of ``creditmemoData``; none for nothing in any form. Raises InvalidArgument."""
    if isinstance(value, dict):
        return value
    if value in (None, "", "0", 0, False, []):
        return {}
    raise InvalidArgument('Invalid value for "creditmemoData"; a map is expected.')


def _amount(data: dict[Any, Any], name: str) -> Decimal | None:
    """An amount in the base currency, or None where none was sent; "" is zero (K7, K8). Raises InvalidArgument."""
    value = data.get(name)
    if value is None:
        return None
    return Decimal(0) if value == "" else number(name, value)
