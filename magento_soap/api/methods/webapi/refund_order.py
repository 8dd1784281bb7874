"""Magento 2's service RefundOrder: from JSON values to the domain's command.

``Magento_Sales::creditmemo`` is the right to create credit memos. No gateway is asked: a refund only says that the
money was given back (K4).
"""

from __future__ import annotations

from magento_soap.api.client import Client
from magento_soap.api.methods.creditmemos import ACL
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.refunding.service import RefundService

from .access import Access, Right
from .creation import CreatingService, creation_of
from .errors import Call
from .values import (
    Arguments,
    amount,
    camel_case,
    extension_attributes,
    integer,
    members,
    optional,
    read,
    read_entity_id,
    sequence,
)

CREATE = Right("Magento_Sales::creditmemo", (ACL, f"{ACL}/create"))
REJECTED = "Creditmemo Document Validation Error(s):"
NOT_SAVED = "Could not save a Creditmemo, see error log for details"
EXECUTE = Call("salesRefundOrderV1Execute", REJECTED, NOT_SAVED)


class RefundOrder(CreatingService):
    """Refunds orders."""

    def __init__(self, access: Access, service: RefundService) -> None:
        super().__init__(access, CREATE, EXECUTE)
        self._service = service

    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Arguments) -> int:
        """Refund an order, wholly or in part, and return the credit memo's entity id."""
        return self._create(client, user_id, command_of(entity_id, arguments), self._service.create)


def command_of(order_id: str, arguments: Arguments) -> CreateCreditMemo:
    """The command that the arguments make (M2-8). Raises WebapiError."""
    return refund_of(camel_case(arguments), order_id=read_entity_id("orderId", order_id))


def refund_of(named: Arguments, *, order_id: int | None = None, invoice_id: int | None = None) -> CreateCreditMemo:
    """The command to refund that order, or that invoice; amounts are in the base currency. Raises WebapiError."""
    creation = creation_of(named, "Creditmemo")
    amounts = ("shippingAmount", "adjustmentPositive", "adjustmentNegative")
    extra = members(named, "arguments", "CreditmemoCreationArgumentsInterface", *amounts)
    attributes = camel_case(extension_attributes(extra, "CreditmemoCreationArgumentsExtensionInterface"))
    returned = sequence(attributes, "returnToStockItems", "int")
    return CreateCreditMemo(
        order_id=order_id,
        invoice_id=invoice_id,
        quantities=creation.quantities,
        base_shipping=optional(amount, extra, "shippingAmount", None),
        base_adjustment_positive=optional(amount, extra, "adjustmentPositive", None),
        base_adjustment_negative=optional(amount, extra, "adjustmentNegative", None),
        comment=creation.comment,
        notify=creation.notify,
        is_customer_notified=int(creation.mails_comment),
        include_comment=creation.mails_comment,
        is_visible_on_front=creation.is_visible_on_front,
        is_offline=True,
        return_to_stock=tuple(read(integer, "returnToStockItems", item_id) for item_id in returned),
        collect_all_problems=True,
    )
