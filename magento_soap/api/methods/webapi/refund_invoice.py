"""Magento 2's service RefundInvoice: RefundOrder within the limits of one invoice."""

from __future__ import annotations

from magento_soap.api.client import Client
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.refunding.service import RefundService

from .access import Access
from .creation import CreatingService
from .errors import Call, WebapiError
from .refund_order import CREATE, NOT_SAVED, REJECTED, refund_of
from .values import Arguments, boolean, camel_case, optional, read_entity_id

EXECUTE = Call("salesRefundInvoiceV1Execute", REJECTED, NOT_SAVED)
NOT_ONLINE = "Refunds through a payment gateway are not available. Set isOnline to false."


class RefundInvoice(CreatingService):
    """Refunds invoices."""

    def __init__(self, access: Access, service: RefundService) -> None:
        super().__init__(access, CREATE, EXECUTE)
        self._service = service

    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Arguments) -> int:
        """Refund an invoice, wholly or in part, and return the credit memo's entity id."""
        return self._create(client, user_id, command_of(entity_id, arguments), self._service.create)


def command_of(invoice_id: str, arguments: Arguments) -> CreateCreditMemo:
    """The command that the arguments make (M2-8); a refund cannot be ``isOnline``. Raises WebapiError."""
    named = camel_case(arguments)
    invoice = read_entity_id("invoiceId", invoice_id)
    if optional(boolean, named, "isOnline", False):
        raise WebapiError(400, NOT_ONLINE)
    return refund_of(named, invoice_id=invoice)
