"""The faults of SOAP: those of the SOAP layer itself, worded as PHP's and Zend's SoapServer do, and those of the API.

(BEHAVIOUR 2.2, RPC-50.) ``envelopes.fault_document`` writes them.
"""

from __future__ import annotations

from spyne.model.fault import Fault

from magento_soap.api.faults import ApiFault, unexpected
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.sales.errors import excerpt


class SoapFault(Fault):
    """A fault of the SOAP layer (HTTP 500).

    ``code`` is one of SOAP 1.1's own (``Client``, ``Server``, ``VersionMismatch``, ``MustUnderstand``), which gets its
    prefix when it is written, or is written as it stands. ``soap12`` replaces code and text in a SOAP 1.2 response,
    where PHP has others.
    """

    def __init__(self, code: str, text: str, soap12: tuple[str, str] | None = None) -> None:
        super().__init__(code, text)
        self.soap12 = soap12


class ApplicationFault(Fault):
    """A fault of the API, its number as the bare fault code (HTTP 200)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text)
        self.faultstring = text  # Spyne would put a class name for an empty text


class Forwarded(Fault):
    """No fault, but the end of a call here: the shop behind this server answers it. Spyne knows only faults."""

    def __init__(self, call: ForwardedCall, *, literal: bool) -> None:
        super().__init__("Server", str(call))
        self.call = call
        self.literal = literal


def as_fault(error: Exception) -> Fault:
    """The fault for an exception. An unexpected one is logged; the client gets only the reference to the log."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, ApiFault):
        return ApplicationFault(error.code, error.message)
    return SoapFault("Server", unexpected(error).message)


def invalid_xml() -> SoapFault:
    """The body is not a readable XML document."""
    return SoapFault("Sender", "Invalid XML")


def entity_used() -> SoapFault:
    """The document declares entities."""
    return SoapFault("Sender", "Detected use of ENTITY in XML, disabled to prevent XXE/XEE attacks")


def dtd_used() -> SoapFault:
    """The document has a DTD."""
    return SoapFault("Server", "DTD are not supported by SOAP")


def request_too_large() -> SoapFault:
    """The body is larger, or has more elements, than the server reads."""
    return SoapFault("Client", "Request is too large")


def unreadable_request(reason: str) -> SoapFault:
    """The body's Content-Encoding is unknown, or does not match the body."""
    return SoapFault("Client", f"Request cannot be read: {reason}")


def wrong_version() -> SoapFault:
    """The root is not an envelope of SOAP 1.1 or 1.2."""
    return SoapFault("VersionMismatch", "Wrong Version")


def encoding_style_on_envelope() -> SoapFault:
    """SOAP 1.2 has no encodingStyle on the envelope."""
    return SoapFault("Client", "encodingStyle cannot be specified on the Envelope")


def no_body() -> SoapFault:
    """The envelope has no Body."""
    return SoapFault("Client", "Body must be present in a SOAP envelope")


def no_call() -> SoapFault:
    """The Body is empty."""
    return SoapFault("Client", 'looks like we got "Body" without function call')


def procedure_not_present(name: str) -> SoapFault:
    """No operation has that name."""
    return SoapFault(
        "Server", f"Procedure '{excerpt(name)}' not present", ("rpc:ProcedureNotPresent", "Procedure not present")
    )


def missing_parameter() -> SoapFault:
    """An operation that has parameters is called without any."""
    return SoapFault("Client", "Missing parameter")


def surplus_parameter() -> SoapFault:
    """More parameters, none of them with a known name, than the operation has."""
    return SoapFault("Client", "Error cannot find parameter")


def encoding_violation() -> SoapFault:
    """A value is not of the type that is declared for it."""
    return SoapFault("Server", "SOAP-ERROR: Encoding: Violation of encoding rules")


def unresolved_reference(href: str) -> SoapFault:
    """An ``href`` has no target."""
    return SoapFault("Server", f"SOAP-ERROR: Encoding: Unresolved reference '{excerpt(href)}'")


def map_without(part: str) -> SoapFault:
    """An item of Apache's Map has no ``key`` or no ``value``."""
    return SoapFault("Server", f"SOAP-ERROR: Encoding: Can't decode apache map, missing {part}")


def map_key_type() -> SoapFault:
    """A key of Apache's Map is neither text nor an integer."""
    return SoapFault(
        "Server", "SOAP-ERROR: Encoding: Can't decode apache map, only Strings or Longs are allowed as keys"
    )
