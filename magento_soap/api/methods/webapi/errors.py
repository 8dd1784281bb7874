"""Errors in Magento 2's form, and what the domain's errors become (M2-4, M2-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from magento_soap.api.faults import unexpected
from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    CannotRefund,
    CannotShip,
    DocumentRejected,
    IdempotencyKeyReused,
    IdempotencyKeysNotKept,
    InvalidAmount,
    InvalidQuantity,
    InvoiceNotFound,
    InvoiceRejected,
    OrderNotFound,
    OutcomeUnknown,
    PaymentBeingSettled,
    SalesError,
    TryAgainLater,
    UnknownCarrier,
)

NO_SUCH_ENTITY = "Requested entity doesn't exist"


class WebapiError(Exception):
    """An error in Magento 2's form: ``message`` has places such as ``%fieldName`` that ``parameters`` fill.

    ``errors`` are further messages, where one is not enough.
    """

    def __init__(
        self,
        status: int,
        message: str,
        parameters: Mapping[str, str] | None = None,
        errors: Sequence[WebapiError] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameters = parameters
        self.errors = tuple(errors)

    def as_json(self) -> dict[str, object]:
        """The body of the answer."""
        body: dict[str, object] = {"message": self.message}
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        if self.parameters:
            body["parameters"] = dict(self.parameters)
        return body


@dataclass(frozen=True)
class Call:
    """A call that creates a document: its name, and the messages for one that is rejected or cannot be saved."""

    name: str
    rejected: str
    not_saved: str


@contextmanager
def reported_for(call: Call) -> Iterator[None]:
    """Raise the domain's errors with the messages that Magento 2 has for that call (M2-4, M2-5)."""
    try:
        yield
    except (OrderNotFound, InvoiceNotFound) as error:
        raise WebapiError(404, NO_SUCH_ENTITY) from error
    except (InvoiceRejected, DocumentRejected) as error:
        raise WebapiError(400, "\n".join((call.rejected, *error.messages))) from error
    except (
        CannotInvoice,
        CannotShip,
        CannotRefund,
        CannotNumber,
        InvalidQuantity,
        InvalidAmount,
        UnknownCarrier,
    ) as error:
        raise WebapiError(400, f"{call.rejected}\n{error}") from error
    except IdempotencyKeyReused as error:
        raise WebapiError(400, str(error)) from error
    except IdempotencyKeysNotKept as error:
        raise WebapiError(501, str(error)) from error
    except PaymentBeingSettled as error:
        raise WebapiError(409, str(error)) from error
    except (TryAgainLater, OutcomeUnknown):
        raise  # whatever the database was needed for
    except SalesError as error:  # its own words are for the client: a card was declined, say
        raise WebapiError(400, call.not_saved, errors=[WebapiError(400, str(error))]) from error
    except Exception as error:
        fault = unexpected(error, call=call.name)
        raise WebapiError(400, call.not_saved, errors=[WebapiError(400, fault.message)]) from error
