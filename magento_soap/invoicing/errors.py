"""What can go wrong in invoicing. Messages are written for the client; the API layer maps each class to a fault."""

from __future__ import annotations


class InvoicingError(Exception):
    """Base of all business errors; ``str(error)`` is the text for the client."""


class OrderNotFound(InvoicingError):
    """No order of that number (fault 103)."""


class InvoiceNotFound(InvoicingError):
    """No invoice of that number (fault 100)."""


class CannotInvoice(InvoicingError):
    """The order cannot be invoiced now (fault 102, ORD-6)."""


class InvalidQuantity(InvoicingError):
    """The quantities asked for do not fit the order (fault 102, PREP-7, PREP-9)."""


class PaymentError(InvoicingError):
    """The payment method refused; raised by payment methods, its text reaches the client (fault 102 or 104)."""


class StatusNotChanged(InvoicingError):
    """The invoice cannot be captured, voided or canceled (fault 104, API-23..25)."""
