"""SOAP as a client of a shop behind this server: requests of the operations on sessions, and the results in responses.

Only parts of a client's request need it, such as the shop's entries of a mixed ``multiCall``: a request that is the
shop's as a whole is forwarded as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from spyne.model.fault import Fault as SoapFault

from magento_soap.api.faults import ApiFault, Fault
from magento_soap.api.operations import SESSION_OPERATIONS
from magento_soap.api.values import Value
from magento_soap.protocols.xml_text import document_check

from .envelopes import EnvelopeTemplate, EnvelopeTemplates
from .interface import Operation
from .namespaces import MAHO, OPENMAGE, SERVICE, SOAP12_RPC
from .parsing import parse
from .reader import TypeReaders
from .references import Element, Reader, References, local_name, namespace_of
from .untyped_reader import read_any

MAX_ELEMENTS = 1_000_000
"""A shop's list may be longer than any request. Its bytes are limited as well (``upstream.forwarding``)."""


@dataclass(frozen=True)
class _ClientOperation:
    """An operation on sessions: its request, the API's names of the parameters in their order, its result's reader."""

    request: EnvelopeTemplate
    parameters: Sequence[str]
    read: Reader


class SoapMessages:
    """protocols.forwarding.MessageFormat: SOAP 1.1, rpc/encoded. ``name`` is what the report calls the style.

    No part of a document/literal request is ever sent to the shop: Magento's WS-I has neither a ``multiCall`` nor lists
    of resources and faults that work. Its ``operations`` are none.
    """

    content_type = "text/xml; charset=utf-8"

    def __init__(self, name: str, operations: Sequence[Operation], namespace: str) -> None:
        self.name = name
        readers = TypeReaders({namespace, SERVICE, OPENMAGE, MAHO})
        templates = EnvelopeTemplates(namespace)
        self._operations: Mapping[str, _ClientOperation] = {
            operation.name: _client_operation(operation, templates, readers)
            for operation in operations
            if operation.name in SESSION_OPERATIONS
        }

    def request(self, name: str, params: Sequence[Value]) -> bytes:
        """The request for an operation, with its parameters in the API's order."""
        operation = self._operations[name]
        given = dict(zip((each.name for each in SESSION_OPERATIONS[name].parameters), params, strict=False))
        return operation.request.filled(given.get(part) for part in operation.parameters).encode()

    def result(self, name: str, response: bytes) -> Value:
        """The result in the response to an operation.

        Raises ApiFault for a fault of the API, ValueError for one of the SOAP layer and for what is no response.
        """
        with _soap_faults_as_errors():
            content, references = _opened(response)
            if local_name(content) == "Fault":
                raise _fault(content)
            first = next(iter(content), None)
            return None if first is None else self._operations[name].read(first, references, 0)

    def value(self, response: bytes) -> Value:
        """All that a response says; of a result the parts, and of a fault its members."""
        with _soap_faults_as_errors():
            content, references = _opened(response)
            is_fault = local_name(content) == "Fault"
            parts = [read_any(child, references, 0) for child in content if namespace_of(child) != SOAP12_RPC]
            return {"fault" if is_fault else "result": parts}

    is_response = staticmethod(document_check("Envelope"))


def _client_operation(operation: Operation, templates: EnvelopeTemplates, readers: TypeReaders) -> _ClientOperation:
    (result,) = operation.response.parts
    parameters = [part.name for part in operation.request.parts]
    return _ClientOperation(templates.encoded_request(operation), parameters, readers.reader(result.type))


def _opened(response: bytes) -> tuple[Element, References]:
    """What is in the Body of a response. Raises ValueError where that is nothing."""
    document = parse(response, MAX_ELEMENTS)
    body = document.root.find(f"{{{namespace_of(document.root)}}}Body")
    content = next(iter(body), None) if body is not None else None
    if content is None:
        raise ValueError("there is nothing in the Body")
    return content, References(document.root, all_declared_at_root=document.all_declared_at_root)


@contextmanager
def _soap_faults_as_errors() -> Iterator[None]:
    """The faults with which our own parser refuses a request, as errors in a response."""
    try:
        yield
    except SoapFault as fault:
        raise ValueError(str(fault.faultstring)) from None


def _fault(element: Element) -> Exception:
    texts = {local_name(child): (child.text or "").strip() for child in element}
    code, text = texts.get("faultcode", ""), texts.get("faultstring", "")
    number = code.rpartition(":")[2]
    if number.isdecimal():
        return ApiFault(Fault(number, "", text))
    return ValueError(f"a fault of the SOAP layer, {code}: {text}")
