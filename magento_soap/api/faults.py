"""Faults as data: code, name and text, and the exception that carries one to the client (API-5..7)."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import structlog

from magento_soap.sales.errors import OutcomeUnknown, TryAgainLater

TRY_AGAIN_LATER, OUTCOME_UNKNOWN = "try_again_later", "outcome_unknown"
"""What JSON-RPC calls the faults of a database that failed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Fault:
    """One entry of a fault table: ``code`` is text on the wire ("102")."""

    code: str
    name: str
    message: str


class ApiFault(Exception):
    """A fault for the client, in whatever form its protocol has.

    ``code`` is Magento's number as text ("100"), ``message`` the text, ``name`` what the documentation of JSON-RPC
    calls it (``invoice_not_exists``), or the name in the fault table where that has none (``session_expired``).
    """

    def __init__(self, fault: Fault, message: str | None = None, name: str | None = None) -> None:
        self.code = fault.code
        self.name = name or fault.name
        self.message = fault.message if message is None else message
        super().__init__(f"{self.code} {self.message}")


class FaultTable(Mapping[str, Fault]):
    """Faults by name, in the order of their codes."""

    def __init__(self, *faults: Fault) -> None:
        self._by_name = {fault.name: fault for fault in faults}

    def __getitem__(self, name: str) -> Fault:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def listing(self) -> list[dict[str, str]]:
        """The table as ``globalFaults`` and ``resourceFaults`` return it: code and message, both text."""
        return [{"code": fault.code, "message": fault.message} for fault in self._by_name.values()]


UNKNOWN = Fault("0", "unknown", "Unknown Error")
INTERNAL = Fault("1", "internal", "Internal Error. Please see log for details.")
ACCESS_DENIED = Fault("2", "access_denied", "Access denied.")
INVALID_PATH = Fault("3", "resource_path_invalid", "Invalid api path.")
NOT_CALLABLE = Fault("4", "resource_path_not_callable", "Resource path is not callable.")
SESSION_EXPIRED = Fault("5", "session_expired", "Session expired. Try to relogin.")
MISSING_PARAMETER = Fault(
    "6", "invalid_request_param", 'Required parameter is missing, for more details see "exception.log".'
)

GLOBAL_FAULTS = FaultTable(
    UNKNOWN, INTERNAL, ACCESS_DENIED, INVALID_PATH, NOT_CALLABLE, SESSION_EXPIRED, MISSING_PARAMETER
)


def unexpected(error: Exception, call: object = None) -> ApiFault:
    """Fault 1 for what nobody foresaw; its reference in the log is all that the client learns (BUG-6).

    A database that is away or busy is none of the client's concern either, but it is told so: fault 0.
    """
    if isinstance(error, (TryAgainLater, OutcomeUnknown)):
        log.warning("the database failed", call=call, error=str(error), cause=str(error.__cause__))
        return ApiFault(UNKNOWN, str(error), TRY_AGAIN_LATER if isinstance(error, TryAgainLater) else OUTCOME_UNKNOWN)
    reference = secrets.token_hex(4)
    trace = "".join(traceback.format_exception(error))  # without the values of variables: they hold requests and keys
    log.error("unexpected error", call=call, reference=reference, exception=trace)
    return ApiFault(INTERNAL, f"{INTERNAL.message} (reference {reference})")


# The texts of the documentation, and those that Magento 1.9 and OpenMage really send (setting ``fault_texts``).
INVOICE_FAULTS = {
    "documented": FaultTable(
        Fault("100", "not_exists", "Requested shipment does not exists."),
        Fault("101", "invalid_filter", "Invalid filters given. Details in error message."),
        Fault("102", "data_invalid", "Invalid data given. Details in error message."),
        Fault("103", "order_not_exists", "Requested order does not exists"),
        Fault("104", "status_not_changed", "Invoice status not changed."),
    ),
    "openmage": FaultTable(
        Fault("100", "not_exists", "Requested invoice does not exist."),
        Fault("101", "invalid_filter", "Invalid filter given. Details in error message."),
        Fault("102", "data_invalid", "Invalid data given. Details in error message."),
        Fault("103", "order_not_exists", "Requested order not exists."),
        Fault("104", "status_not_changed", "Invoice status not changed"),
    ),
}
