"""The envelopes of responses: everything around the result, written as PHP's SoapServer writes it.

An operation has an ``EnvelopeTemplate`` for each version of SOAP, built when the application starts: rpc/encoded ones
by ``encoded_soap11`` and ``encoded_soap12``, document/literal ones by ``literal_soap11`` and ``literal_soap12``. What
it contains is written by ``writer``. ``fault_document`` is the whole envelope of a fault, ``encoded_request`` that of a
request to a shop behind this server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spyne.model.fault import Fault

from magento_soap.protocols.xml_text import escape

from .interface import Message, Operation
from .literal import RESULT, Wrapped
from .namespaces import (
    APACHE_MAP,
    SOAP11_ENCODING,
    SOAP11_ENVELOPE,
    SOAP12_ENCODING,
    SOAP12_ENVELOPE,
    SOAP12_RPC,
    XSD,
    XSI,
)
from .writer import LITERAL, SOAP11, SOAP12, TypeWriters, Writer

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_SOAP11_CODES = frozenset({"Client", "Server", "VersionMismatch", "MustUnderstand"})
_SOAP12_CODES = {
    "Client": "env:Sender",
    "Sender": "env:Sender",
    "Server": "env:Receiver",
    "VersionMismatch": "env:VersionMismatch",
    "MustUnderstand": "env:MustUnderstand",
}


@dataclass(frozen=True)
class EnvelopeTemplate:
    """How an operation is answered in one version of SOAP: the text around the results, and their writers."""

    head: str
    results: Sequence[Writer]
    tail: str

    def filled(self, values: Iterable[object]) -> str:
        """The envelope with a value for each of ``results``."""
        parts = [self.head]
        for write, value in zip(self.results, values, strict=True):
            write(value, parts.append)
        value = None  # a large one may be gone before its text is joined
        parts.append(self.tail)
        return "".join(parts)


class EnvelopeTemplates:
    """Builds the templates of operations. ``namespace`` is the name of the services' namespace in responses."""

    def __init__(self, namespace: str) -> None:
        self._namespace = escape(namespace)
        self._soap11, self._soap12, self._literal = (TypeWriters(each) for each in (SOAP11, SOAP12, LITERAL))

    def encoded_soap11(self, operation: Operation) -> EnvelopeTemplate:
        """An rpc/encoded response in SOAP 1.1."""
        return self._encoded_soap11(f"{operation.name}Response", operation.response)

    def encoded_request(self, operation: Operation) -> EnvelopeTemplate:
        """An rpc/encoded request in SOAP 1.1; its results are its parameters, in the order of the parts."""
        return self._encoded_soap11(operation.name, operation.request)

    def _encoded_soap11(self, name: str, message: Message) -> EnvelopeTemplate:
        head = (
            f'{DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11_ENVELOPE}" xmlns:ns1="{self._namespace}"'
            f' xmlns:xsd="{XSD}" xmlns:xsi="{XSI}"{_apache(message)} xmlns:SOAP-ENC="{SOAP11_ENCODING}"'
            f' SOAP-ENV:encodingStyle="{SOAP11_ENCODING}"><SOAP-ENV:Body><ns1:{name}>'
        )
        tail = f"</ns1:{name}></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
        return EnvelopeTemplate(head, _writers(message, self._soap11), tail)

    def encoded_soap12(self, operation: Operation) -> EnvelopeTemplate:
        """An rpc/encoded response in SOAP 1.2."""
        name = operation.name
        head = (
            f'{DECLARATION}<env:Envelope xmlns:env="{SOAP12_ENVELOPE}" xmlns:ns1="{self._namespace}"'
            f' xmlns:xsd="{XSD}" xmlns:xsi="{XSI}"{_apache(operation.response)} xmlns:enc="{SOAP12_ENCODING}">'
            f'<env:Body xmlns:rpc="{SOAP12_RPC}"><ns1:{name}Response env:encodingStyle="{SOAP12_ENCODING}">'
        )
        # Last: PHP's client takes the first element called ``result`` for V2's, whatever its namespace.
        names = "".join(f"<rpc:result>{part.name}</rpc:result>" for part in operation.response.parts)
        tail = f"{names}</ns1:{name}Response></env:Body></env:Envelope>\n"
        return EnvelopeTemplate(head, _writers(operation.response, self._soap12), tail)

    def literal_soap11(self, form: Wrapped) -> EnvelopeTemplate:
        """A document/literal response in SOAP 1.1."""
        return self._literal_in("SOAP-ENV", SOAP11_ENVELOPE, form)

    def literal_soap12(self, form: Wrapped) -> EnvelopeTemplate:
        """A document/literal response in SOAP 1.2."""
        return self._literal_in("env", SOAP12_ENVELOPE, form)

    def _literal_in(self, prefix: str, envelope: str, form: Wrapped) -> EnvelopeTemplate:
        head = (
            f'{DECLARATION}<{prefix}:Envelope xmlns:{prefix}="{envelope}" xmlns:ns1="{self._namespace}">'
            f"<{prefix}:Body><ns1:{form.response}>"
        )
        tail = f"</ns1:{form.response}></{prefix}:Body></{prefix}:Envelope>\n"
        return EnvelopeTemplate(head, [self._literal.writer(RESULT, form.result)], tail)


def _writers(message: Message, writers: TypeWriters) -> list[Writer]:
    return [writers.writer(part.name, part.type) for part in message.parts]


def _apache(message: Message) -> str:
    """The declaration of Apache's namespace, which only values of no declared type need."""
    untyped = any(part.type.holds_anything for part in message.parts)
    return f' xmlns:ns2="{APACHE_MAP}"' if untyped else ""


def fault_document(fault: Fault, soap12: bool) -> str:
    """The envelope of a fault, as PHP writes it: nothing but code and text."""
    code, text = str(fault.faultcode), str(fault.faultstring)
    if soap12:
        code, text = getattr(fault, "soap12", None) or (_SOAP12_CODES.get(code, code), text)
        rpc = f' xmlns:rpc="{SOAP12_RPC}"' if code.startswith("rpc:") else ""
        return (
            f'{DECLARATION}<env:Envelope xmlns:env="{SOAP12_ENVELOPE}"{rpc}><env:Body><env:Fault><env:Code><env:Value>'
            f"{escape(code)}</env:Value></env:Code><env:Reason><env:Text>{escape(text)}</env:Text></env:Reason></env:Fault>"
            "</env:Body></env:Envelope>\n"
        )
    if code in _SOAP11_CODES:
        code = f"SOAP-ENV:{code}"
    return (
        f'{DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11_ENVELOPE}"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>'
        f"{escape(code)}</faultcode><faultstring>{escape(text)}</faultstring></SOAP-ENV:Fault></SOAP-ENV:Body>"
        "</SOAP-ENV:Envelope>\n"
    )
