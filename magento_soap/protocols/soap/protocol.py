"""The Spyne protocol: bytes of a request -> operation and arguments; result or fault -> bytes.

A request goes through the methods of ``MagentoSoap`` in the order in which Spyne calls them: ``create_in_document``
parses, ``decompose_incoming_envelope`` opens the envelope, ``get_call_handles`` finds the operation, ``deserialize``
reads the parameters; after the service has run, ``serialize`` writes the response. The work is done by ``parsing``,
``parameters`` and ``envelopes``; ``compile_operations`` prepares it when the application starts.

Where it matters, this behaves as PHP's SoapServer does: operations are found by local name, whatever their case and
namespace; parameters by name in any order, or by position when no name fits; SOAPAction, Content-Type and headers do
not matter.

V2 has two styles, and the name of the call selects one: ``salesOrderInvoiceInfo`` is rpc/encoded,
``salesOrderInvoiceInfoRequestParam`` is document/literal (WS-I). The response has the style of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from lxml import etree
from spyne import Application, MethodContext
from spyne.model.fault import Fault
from spyne.protocol.soap import Soap11

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.operations import SESSION_OPERATIONS
from magento_soap.api.ports import Shop
from magento_soap.api.values import Value

from . import faults
from .envelopes import EnvelopeTemplate, EnvelopeTemplates, fault_document
from .interface import Descriptor, Operation
from .literal import wrapped
from .namespaces import MAHO, OPENMAGE, SERVICE, SOAP11_ENVELOPE, SOAP12_ENVELOPE
from .parameters import EncodedParameters, LiteralParameters
from .parsing import parse
from .reader import TypeReaders
from .references import Element, References, local_name, namespace_of
from .untyped_reader import read_any

_LITERAL_SUFFIX = re.compile("(Request)?Param$")
"""What the name of a document/literal request has behind that of the operation."""
_PHP_WITHOUT_PARTS = "param0"
"""What PHP's SoapClient calls an argument for which the message has no part."""


@dataclass(frozen=True)
class CompiledOperation:
    """An operation in one style: what Spyne runs, the reader of its parameters, the envelopes of its responses."""

    descriptor: Descriptor
    parameters: EncodedParameters | LiteralParameters
    soap11: EnvelopeTemplate
    soap12: EnvelopeTemplate

    @property
    def literal(self) -> bool:
        """Whether the style is document/literal."""
        return isinstance(self.parameters, LiteralParameters)


@dataclass
class Call:
    """The state of one request, which Spyne carries as its user-defined context."""

    client: Client
    shop: Shop | None = None
    """The shop behind this server, if there is one, for the parts of an rpc/encoded request."""
    soap12: bool = False
    operation: CompiledOperation | None = None

    @property
    def literal(self) -> bool:
        """Whether the request is in the style of WS-I."""
        return self.operation is not None and self.operation.literal


def compile_operations(
    operations: Iterable[Operation], namespace: str, *, literal: bool
) -> Mapping[str, CompiledOperation]:
    """The operations by the local names of their calls, in lower case.

    ``namespace`` is the name of the services' namespace in responses. ``literal``: document/literal calls are
    understood beside rpc/encoded ones.
    """
    namespaces = {namespace, SERVICE, OPENMAGE, MAHO}
    templates = EnvelopeTemplates(namespace)
    readers = TypeReaders(namespaces)
    compiled = {}
    for operation in operations:
        parts = operation.request.parts
        compiled[operation.name.lower()] = CompiledOperation(
            operation.descriptor,
            EncodedParameters([(part.name, readers.reader(part.type)) for part in parts]),
            templates.encoded_soap11(operation),
            templates.encoded_soap12(operation),
        )
        if literal:
            form = wrapped(operation)
            compiled[form.request.lower()] = CompiledOperation(
                operation.descriptor,
                LiteralParameters(
                    [part.name for part in parts],
                    [(child.name, child.part, readers.reader(child.type)) for child in form.children],
                ),
                templates.literal_soap11(form),
                templates.literal_soap12(form),
            )
    return compiled


class SoapApplication(Application):
    """A Spyne application whose services call ``api``. Every exception leaves it as a SOAP fault."""

    def __init__(self, services: Iterable[type], *, api: Api, name: str, protocol: Callable[[], MagentoSoap]) -> None:
        self.api = api
        super().__init__(services, tns=SERVICE, name=name, in_protocol=protocol(), out_protocol=protocol())

    def call_wrapper(self, ctx: MethodContext) -> object:
        """Run the service's function."""
        try:
            return super().call_wrapper(ctx)
        except ForwardedCall as call:
            raise faults.Forwarded(call, literal=ctx.udc.literal) from None
        except Exception as error:
            raise faults.as_fault(error) from None


class MagentoSoap(Soap11):
    """SOAP 1.1 and 1.2.

    ``empty_call`` is the operation that a request with an empty Body stands for, if any; PHP fills such a Body when it
    is given an argument.
    """

    def __init__(
        self, operations: Mapping[str, CompiledOperation], *, max_elements: int, empty_call: str | None = None
    ) -> None:
        super().__init__()
        self._operations = operations
        self._max_elements = max_elements
        self._empty_call = empty_call

    # Request

    def create_in_document(self, ctx: MethodContext, in_string_encoding: str | None = None) -> None:
        """Parse the body. Its own declaration says how it is encoded, not the charset of the HTTP header."""
        ctx.in_document = parse(b"".join(ctx.in_string), self._max_elements)

    def decompose_incoming_envelope(self, ctx: MethodContext, message: str | None = None) -> None:
        """Find version, Body and call. Headers are ignored, also those that must be understood."""
        root: Element = ctx.in_document.root
        envelope, call = namespace_of(root), ctx.udc
        if local_name(root) != "Envelope" or envelope not in (SOAP11_ENVELOPE, SOAP12_ENVELOPE):
            call.soap12 = True  # PHP answers what it does not know in 1.2
            raise faults.wrong_version()
        call.soap12 = envelope == SOAP12_ENVELOPE
        if call.soap12 and root.get(f"{{{SOAP12_ENVELOPE}}}encodingStyle") is not None:
            raise faults.encoding_style_on_envelope()
        body = root.find(f"{{{envelope}}}Body")
        if body is None:
            raise faults.no_body()
        element = self._call(body)
        call.client = _with_message_id(call.client, root.find(f"{{{envelope}}}Header"))
        ctx.in_header_doc = None
        ctx.in_body_doc = element
        ctx.method_request_string = element.tag

    def _call(self, body: Element) -> Element:
        """The call in a Body: the first child that names an operation, or else the first without an id, or the first.

        Some stacks put the targets of references before the call, which have an id; in others the call has one itself.
        Raises the fault of a Body without a call.
        """
        first = next((child for child in body if local_name(child).lower() in self._operations), None)
        if first is None:
            first = next((child for child in body if child.get("id") is None), next(iter(body), None))
        if self._empty_call is not None and (first is None or local_name(first) == _PHP_WITHOUT_PARTS):
            return etree.Element(self._empty_call)
        if first is None:
            raise faults.no_call()
        return first

    def get_call_handles(self, ctx: MethodContext) -> list[Descriptor]:
        """The descriptor of the operation; raises the fault of an unknown one."""
        name = local_name(ctx.in_body_doc)
        operation = self._operations.get(name.lower())
        if operation is None:
            raise _unserved(ctx, name)
        without_parts = self._operations.get((self._empty_call or "").lower())
        if without_parts and operation.descriptor is without_parts.descriptor:
            # Axis calls WS-I's operation by V2's name, and without parts only the encoding style distinguishes them.
            operation = operation if _has_encoding_style(ctx.in_body_doc) else without_parts
        ctx.udc.operation = operation
        if ctx.udc.shop is not None and not operation.literal:
            ctx.udc.client = replace(ctx.udc.client, shop=ctx.udc.shop)
        return [operation.descriptor]

    def deserialize(self, ctx: MethodContext, message: str) -> None:
        """Read the arguments."""
        document = ctx.in_document
        references = References(document.root, all_declared_at_root=document.all_declared_at_root)
        ctx.in_object = ctx.udc.operation.parameters.read(ctx.in_body_doc, references)

    # Response

    def serialize(self, ctx: MethodContext, message: str) -> None:
        """Write the response, or the fault in ``ctx.out_error``."""
        if ctx.out_error is not None:
            ctx.out_document = fault_document(ctx.out_error, ctx.udc.soap12)
            return
        envelope = ctx.udc.operation.soap12 if ctx.udc.soap12 else ctx.udc.operation.soap11
        results, ctx.out_object = iter(ctx.out_object), None  # a large result is not kept beside its text
        ctx.out_document = envelope.filled(results)

    def create_out_string(self, ctx: MethodContext, out_string_encoding: str | None = None) -> None:
        """Encode the response."""
        ctx.out_string, ctx.out_document = [ctx.out_document.encode("utf-8")], None


def _unserved(ctx: MethodContext, name: str) -> Fault:
    """What becomes of the call of an operation that is not served here: the shop's to answer, or a fault.

    V1's ``call`` is not forwarded from V2: there Magento runs it, and returns nothing.
    """
    operation = _LITERAL_SUFFIX.sub("", name)
    call: ForwardedCall | None = None
    try:
        if operation not in SESSION_OPERATIONS:
            call = ctx.app.api.unserved(ctx.udc.client, _session_id_of(ctx), operation)
    except Exception as error:
        return faults.as_fault(error)
    return faults.procedure_not_present(name) if call is None else faults.Forwarded(call, literal=operation != name)


def _session_id_of(ctx: MethodContext) -> Value:
    """The session id in the call of an operation whose parts are not known: by name, or else the first part."""
    call, document = ctx.in_body_doc, ctx.in_document
    element = next((child for child in call if local_name(child).lower() == "sessionid"), next(iter(call), None))
    if element is None:
        return None
    return read_any(element, References(document.root, all_declared_at_root=document.all_declared_at_root), 0)


def _with_message_id(client: Client, header: Element | None) -> Client:
    """The client with the MessageID of WS-Addressing, of whatever version, as the key of its request.

    The HTTP header comes first.
    """
    if header is None or client.idempotency_key is not None:
        return client
    for element in header.iterchildren(etree.Element):
        if local_name(element) == "MessageID" and "addressing" in (namespace_of(element) or ""):
            return replace(client, idempotency_key=(element.text or "").strip() or None, is_message_id=True)
    return client


def _has_encoding_style(call: Element) -> bool:
    """Whether the call, or an element around it, has an encodingStyle, as rpc/encoded calls do."""
    names = (f"{{{SOAP11_ENVELOPE}}}encodingStyle", f"{{{SOAP12_ENVELOPE}}}encodingStyle")
    return any(element.get(name) is not None for element in (call, *call.iterancestors()) for name in names)
