"""What can go wrong in invoicing. Messages are written for the client; the API layer maps each class to a fault."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_EXCERPT = 100


def excerpt(text: str) -> str:
    """A client's words as messages quote them: what is printable, at most 100 characters of it."""
    if len(text) > LONGEST_EXCERPT:
        text = f"{text[: LONGEST_EXCERPT - 3]}..."
    return "".join(character if character.isprintable() else " " for character in text)


class InvoicingError(Exception):
    """Base of all business errors; ``str(error)`` is the text for the client."""


class OrderNotFound(InvoicingError):
    """No order of that number (fault 103)."""


class InvoiceNotFound(InvoicingError):
    """No invoice of that number (fault 100)."""


class CannotInvoice(InvoicingError):
    """The order cannot be invoiced now (fault 102, ORD-6)."""


class CannotNumber(InvoicingError):
    """A new document cannot get an increment id (fault 102, DB-5)."""


class InvalidQuantity(InvoicingError):
    """The quantities asked for do not fit the order (fault 102, PREP-7, PREP-9)."""


class InvoiceRejected(CannotInvoice):
    """An invoice that may not be made, with everything that speaks against it (M2-4)."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


class IdempotencyKeyReused(InvoicingError):
    """An idempotency key that was used for another request (fault 102)."""


class IdempotencyKeysNotKept(InvoicingError):
    """An idempotency key, where there is no place to keep it (fault 102)."""


class PaymentError(InvoicingError):
    """The payment method refused; raised by payment methods, its text reaches the client (fault 102 or 104)."""


class GatewayNotReached(PaymentError):
    """The payment gateway was certainly not asked: there was no connection to it."""


class StatusNotChanged(InvoicingError):
    """The invoice cannot be captured, voided or canceled (fault 104, API-23..25)."""


class PaymentUnsettled(StatusNotChanged):
    """An earlier payment of the order has not come to its end, so nothing may be done with it now (BUG-27)."""


class PaymentBeingSettled(PaymentUnsettled):
    """Somebody else is making a payment of the order right now; the same call may succeed in a moment."""


class TryAgainLater(InvoicingError):
    """Nothing was changed, and the same call may succeed in a moment. The text is the class's own."""

    text = "Try again later."

    def __init__(self) -> None:
        super().__init__(self.text)


class DatabaseBusy(TryAgainLater):
    """Others hold locks that are needed, and went on holding them (fault 0)."""

    text = "The database is busy. Try again later."


class OrderBeingChanged(DatabaseBusy):
    """Others hold the lock of the order, or of something else that it takes to change it (fault 104)."""

    text = "The order is being changed by another call. Try again later."


class DatabaseUnavailable(TryAgainLater):
    """The database cannot be reached (fault 0)."""

    text = "The database cannot be reached now. Try again later."


class OutcomeUnknown(InvoicingError):
    """The database was lost while it stored what the call did, so nobody knows whether it did (fault 0)."""

    def __init__(self) -> None:
        super().__init__("It is not known whether the call was carried out. Look before you repeat it.")


class CannotDecide(InvoicingError):
    """A person's word is not taken about a payment: its gateway is being asked, or has answered."""
