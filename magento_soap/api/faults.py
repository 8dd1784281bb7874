"""Faults as data: code, name and text, and the exception that carries one to the client (API-5..7).

``GLOBAL_FAULTS`` are those that any call may have. A resource declares its own next to its methods, as data: a
``FaultTable`` for each setting of ``fault_texts``, and a ``FaultRule`` for each error of the domain. ``ResourceFaults``
combines both and turns the domain's errors into faults.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

import structlog

from magento_soap.sales.errors import OutcomeUnknown, SalesError, TryAgainLater

TRY_AGAIN_LATER, OUTCOME_UNKNOWN = "try_again_later", "outcome_unknown"
"""The names of database failures in the documentation of JSON-RPC."""

FaultTexts: TypeAlias = Literal["documented", "openmage"]
"""The texts of the documentation, or those that Magento 1.9 and OpenMage really send (setting ``fault_texts``)."""

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


@dataclass(frozen=True)
class FaultRule:
    """How an error of the domain is reported.

    ``fault`` names the entry of the resource's table, ``documented`` is the name in the documentation of JSON-RPC. The
    message is the error's own text, or the table's when ``has_fixed_text``.
    """

    fault: str
    documented: str
    has_fixed_text: bool = False


FaultRules: TypeAlias = Mapping[type[SalesError], FaultRule]
"""The first rule whose class the error is an instance of applies."""


class ResourceFaults:
    """The faults of one resource: their texts, and which error of the domain becomes which of them."""

    def __init__(self, table: FaultTable, rules: FaultRules) -> None:
        self.table = table
        self._rules = rules

    def of(self, error: SalesError, documented: str | None = None) -> ApiFault | None:
        """The fault for that error, or None when no rule applies; ``documented`` replaces the rule's name."""
        for kind, rule in self._rules.items():
            if isinstance(error, kind):
                message = None if rule.has_fixed_text else str(error) or None
                return ApiFault(self.table[rule.fault], message, documented or rule.documented)
        return None

    @contextmanager
    def reported(self, documented: Mapping[type[SalesError], str] | None = None) -> Iterator[None]:
        """Raise the domain's errors as faults; an error without a rule passes unchanged.

        ``documented`` gives the names in the documentation of JSON-RPC that are special to one method.
        """
        try:
            yield
        except SalesError as error:
            names = (name for kind, name in (documented or {}).items() if isinstance(error, kind))
            fault = self.of(error, next(names, None))
            if fault is None:
                raise
            raise fault from error


def unexpected(error: Exception, call: object = None) -> ApiFault:
    """Fault 1 for an error that nobody foresaw; the client learns only its reference in the log (BUG-6).

    A database that cannot be reached, or is busy, is fault 0.
    """
    if isinstance(error, (TryAgainLater, OutcomeUnknown)):
        log.warning("the database failed", call=call, error=str(error), cause=str(error.__cause__))
        return ApiFault(UNKNOWN, str(error), TRY_AGAIN_LATER if isinstance(error, TryAgainLater) else OUTCOME_UNKNOWN)
    trace = "".join(traceback.format_exception(error))  # without the values of variables: they hold requests and keys
    return internal_fault("unexpected error", call=call, exception=trace)


def internal_fault(event: str, **details: object) -> ApiFault:
    """Log an error, and give fault 1 with its reference in the log."""
    reference = secrets.token_hex(4)
    log.error(event, reference=reference, **details)
    return ApiFault(INTERNAL, f"{INTERNAL.message} (reference {reference})")
