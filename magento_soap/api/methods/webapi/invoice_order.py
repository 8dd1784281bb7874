"""Magento 2's service InvoiceOrder: from JSON values to the domain's command (M2).

``Magento_Sales::sales`` is the right to create invoices, with ``capture`` also that to capture them.
"""

from __future__ import annotations

from magento_soap.api.client import Client
from magento_soap.api.methods.invoices import ACL
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService

from .access import Access, Right
from .creation import CreatingService, creation_of
from .errors import Call
from .values import Arguments, boolean, camel_case, extension_attributes, members, optional, read_entity_id

SALES = "Magento_Sales::sales"
CREATE = Right(SALES, (ACL, f"{ACL}/create"))
CAPTURE = Right(SALES, (ACL, f"{ACL}/capture"))
EXECUTE = Call(
    "salesInvoiceOrderV1Execute",
    rejected="Invoice Document Validation Error(s):",
    not_saved="Could not save an invoice, see error log for details",
)


class InvoiceOrder(CreatingService):
    """Invoices orders."""

    def __init__(self, access: Access, service: InvoiceService) -> None:
        super().__init__(access, CREATE, EXECUTE)
        self._service = service

    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Arguments) -> int:
        """Invoice an order, wholly or in part, and return the invoice's entity id (M2-1)."""
        command = command_of(entity_id, arguments)
        if command.capture_case == "online":
            self._access.check(user_id, CAPTURE)
        return self._create(client, user_id, command, self._service.create)


def command_of(order_id: str, arguments: Arguments) -> CreateInvoice:
    """The command that the arguments make; names may be written ``appendComment`` or ``append_comment`` (M2-8).

    An argument that is null counts as left out, one that the service does not have is ignored. Raises WebapiError.
    """
    named = camel_case(arguments)
    order = read_entity_id("orderId", order_id)
    creation = creation_of(named, "Invoice")
    extra = members(named, "arguments", "InvoiceCreationArgumentsInterface")
    attributes = extension_attributes(extra, "InvoiceCreationArgumentsExtensionInterface")
    return CreateInvoice(
        order_id=order,
        quantities=creation.quantities,
        comment=creation.comment,
        notify=creation.notify,
        is_customer_notified=int(creation.mails_comment),
        include_comment=creation.mails_comment,
        is_visible_on_front=creation.is_visible_on_front,
        capture_case="online" if optional(boolean, named, "capture", False) else "offline",  # M2-3
        arguments={"extension_attributes": attributes} if attributes else None,
        collect_all_problems=True,
    )
