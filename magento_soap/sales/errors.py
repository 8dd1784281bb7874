"""Business errors of the sales domain.

Messages are written for clients. The API layer maps each class to a fault of the resource that was called; the faults
named here are those of invoices.
"""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_EXCERPT = 100
METHOD_NOT_AVAILABLE = "The requested Payment Method is not available."


def excerpt(text: str, longest: int = LONGEST_EXCERPT) -> str:
    """A client's text as messages quote it: printable characters only, at most ``longest``."""
    if len(text) > longest:
        text = f"{text[: longest - 3]}..."
    return "".join(character if character.isprintable() else " " for character in text)


class SalesError(Exception):
    """Base of all business errors; ``str(error)`` is the text for the client."""


class OrderNotFound(SalesError):
    """No order has that increment id or entity id (fault 103)."""


class InvoiceNotFound(SalesError):
    """No invoice has that increment id (fault 100)."""


class ShipmentNotFound(SalesError):
    """No shipment has that increment id (fault 100)."""


class CreditMemoNotFound(SalesError):
    """No credit memo has that increment id (fault 100)."""


class TrackNotFound(SalesError):
    """The shipment has no tracking number with that id (fault 104, J13)."""


class StoreNotFound(SalesError):
    """No store view has that id or code (fault 100, C4)."""


class CustomerNotFound(SalesError):
    """No customer has that id (fault 102, L2; of addresses 101)."""


class AddressNotFound(SalesError):
    """No address of a customer has that id (fault 102)."""


class CannotShip(SalesError):
    """The order cannot be shipped as requested (fault 102, J4)."""


class UnknownCarrier(SalesError):
    """The order's store has no carrier with that code (fault 102, J12)."""


class CannotRefund(SalesError):
    """The order cannot be refunded now (fault 106, D8)."""


class InvalidAmount(SalesError):
    """The requested amounts do not fit the order (fault 102, K7, K12)."""


class NoStoreCredit(SalesError):
    """A guest has no store credit account (fault 105, K20)."""


class CannotInvoice(SalesError):
    """The order cannot be invoiced now (fault 102, ORD-6)."""


class CannotNumber(SalesError):
    """A new document cannot get an increment id (fault 102, DB-5)."""


class InvalidQuantity(SalesError):
    """The requested quantities do not fit the order (fault 102, PREP-7, PREP-9)."""


class InvoiceRejected(CannotInvoice):
    """The order cannot be invoiced as requested, for all of these reasons (M2-4)."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


class DocumentRejected(SalesError):
    """A document cannot be created as requested, for all of these reasons."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


class InvalidArgument(SalesError):
    """A value that no document can have (fault 102)."""


class IdempotencyKeyReused(SalesError):
    """The idempotency key was used for another request (fault 102)."""


class IdempotencyKeysNotKept(SalesError):
    """The database has no table for idempotency keys (fault 102)."""


class PaymentError(SalesError):
    """A payment method refused, and no money moved; its text reaches the client (fault 102 or 104)."""


class GatewayNotReached(PaymentError):
    """There was no connection to the payment gateway, so it was not asked."""


class StatusNotChanged(SalesError):
    """The document's state does not allow the change: capture, void, cancel (fault 104, API-23..25)."""


class PaymentUnsettled(StatusNotChanged):
    """An unfinished payment of the order prevents the operation (BUG-27)."""


class PaymentBeingSettled(PaymentUnsettled):
    """Another process is working on a payment of the order; the same call may succeed in a moment."""


class TryAgainLater(SalesError):
    """Nothing was changed, and the same call may succeed in a moment. Each class has one text."""

    text = "Try again later."

    def __init__(self) -> None:
        super().__init__(self.text)


class DatabaseBusy(TryAgainLater):
    """Other transactions did not release a lock in time (fault 0)."""

    text = "The database is busy. Try again later."


class OrderBeingChanged(DatabaseBusy):
    """Other transactions did not release the lock of the order, or a lock needed to change it (fault 104)."""

    text = "The order is being changed by another call. Try again later."


class DatabaseUnavailable(TryAgainLater):
    """The database cannot be reached (fault 0)."""

    text = "The database cannot be reached now. Try again later."


class OutcomeUnknown(SalesError):
    """The connection was lost during the commit, so the outcome is unknown (fault 0)."""

    def __init__(self) -> None:
        super().__init__("It is not known whether the call was carried out. Look before you repeat it.")


class CannotDecide(SalesError):
    """An administrator cannot decide about a payment: its gateway is being asked or has answered."""
