"""The Spyne protocol: bytes of a request -> operation and arguments; answer or fault -> bytes.

A request goes through the methods of ``MagentoSoap`` in the order in which Spyne calls them: ``create_in_document``
parses, ``decompose_incoming_envelope`` opens the envelope, ``get_call_handles`` finds the operation, ``deserialize``
reads the parameters; after the service has run, ``serialize`` writes the answer.

Where it matters it does what PHP's SoapServer does: operations are found by local name, whatever their case and
namespace; parameters by name in any order, or by position when no name fits; SOAPAction, Content-Type and headers do
not matter.

V2 has two styles, and the name of the call tells which one a request is in: ``salesOrderInvoiceInfo`` is rpc/encoded,
``salesOrderInvoiceInfoRequestParam`` document/literal (WS-I). It is answered in the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree
from spyne import Application
from spyne.model.fault import Fault
from spyne.model.primitive import AnyDict
from spyne.protocol.soap import Soap11

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.faults import ApiFault, unexpected
from magento_soap.protocols.xml_text import escape

from . import faults
from .document import parse
from .names import APACHE_MAP, SOAP11_ENCODING, SOAP11_ENVELOPE, SOAP12_ENCODING, SOAP12_ENVELOPE, SOAP12_RPC, XSD, XSI
from .reader import Element, Reader, References, TypeReaders, is_blank, local_name, namespace_of
from .types import MAHO
from .wrapped import RESULT, wrapped
from .writer import LITERAL, SOAP11, SOAP12, TypeWriters, Writer

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAX_PARAMETERS = 1000

_PHP_WITHOUT_PARTS = "param0"
"""What PHP's SoapClient calls an argument for which the message has no part."""

FILTERING = frozenset({"filters", "args"})
"""The parts of V2's list and of V1's call that hold filters."""

_SOAP11_CODES = frozenset({"Client", "Server", "VersionMismatch", "MustUnderstand"})
_SOAP12_CODES = {
    "Client": "env:Sender",
    "Sender": "env:Sender",
    "Server": "env:Receiver",
    "VersionMismatch": "env:VersionMismatch",
    "MustUnderstand": "env:MustUnderstand",
}


@dataclass
class Call:
    """What one request carries through Spyne as its user-defined context."""

    client: Client
    soap12: bool = False
    operation: Operation | None = None

    @property
    def literal(self) -> bool:
        """Whether the request is in the style of WS-I."""
        return self.operation is not None and self.operation.literal


@dataclass(frozen=True)
class EnvelopeTemplate:
    """How an operation is answered in one version of SOAP."""

    head: str
    results: Sequence[Writer]
    tail: str


@dataclass(frozen=True)
class Operation:
    """One operation in one style, compiled: its Spyne descriptor, the reader of its call, the frames of its answers."""

    descriptor: Any
    parameters: Parameters | WrappedParameters
    soap11: EnvelopeTemplate
    soap12: EnvelopeTemplate

    @property
    def literal(self) -> bool:
        """Whether the style is document/literal."""
        return isinstance(self.parameters, WrappedParameters)


@dataclass(frozen=True)
class Parameters:
    """The parts of an rpc/encoded call, by name or by position."""

    parts: Sequence[tuple[str, Reader]]

    def read(self, call: Element, references: References) -> list[Any]:
        """The arguments in the order of the parts; a part that was not sent is None.

        Raises the faults of a missing and of a surplus parameter, and those of the readers.
        """
        if len(call) > MAX_PARAMETERS:
            raise faults.surplus_parameter()
        sent: dict[str, Element] = {}
        for element in call:
            sent.setdefault(local_name(element), element)
        names = [name for name, _ in self.parts]
        if any(name in sent for name in names):
            _filter_by_unknown_element(sent, names)
            return [read(sent[name], references, 0) if name in sent else None for name, read in self.parts]
        if self.parts and len(call) == 0:
            raise faults.missing_parameter()
        if len(call) > len(self.parts):
            raise faults.surplus_parameter()
        values = [read(element, references, 0) for (_, read), element in zip(self.parts, call, strict=False)]
        return values + [None] * (len(self.parts) - len(values))


@dataclass(frozen=True)
class WrappedParameters:
    """The children of a document/literal request, by name."""

    parts: Sequence[str]
    children: Sequence[tuple[str, str, Reader]]
    """Name, part and reader. Where two stand for one part, the first that has a value counts."""

    def read(self, call: Element, references: References) -> list[Any]:
        """The arguments in the order of the parts; a part that was not sent is None. Raises the readers' faults."""
        sent = {local_name(element): element for element in call}  # of a repeated child the last counts, as in PHP
        _filter_by_unknown_element(sent, [name for name, *_ in self.children])
        values: dict[str, Any] = {}
        for name, part, read in self.children:
            if name in sent and values.get(part) is None:
                values[part] = read(sent[name], references, 0)
        return [values.get(part) for part in self.parts]


def _filter_by_unknown_element(sent: dict[str, Element], names: Sequence[str]) -> None:
    """Where an operation has filters and none were sent, take the first other element with content for them.

    PHP drops elements of other names, and the list has every row. Filters that were sent must never mean none.
    """
    part = next((name for name in names if name in FILTERING), None)
    if part is None or part in sent:
        return
    for name, element in sent.items():
        if name not in names and not is_blank(element):
            sent[part] = element
            return


class SoapApplication(Application):
    """A Spyne application whose services call ``api``; whatever they raise leaves it as a SOAP fault."""

    def __init__(
        self, services: Iterable[type], *, api: Api, protocol: Callable[[], MagentoSoap], **options: Any
    ) -> None:
        self.api = api
        super().__init__(services, in_protocol=protocol(), out_protocol=protocol(), **options)

    def call_wrapper(self, ctx: Any) -> Any:
        """Run the service's function."""
        try:
            return super().call_wrapper(ctx)
        except Exception as error:
            raise as_fault(error) from None


def as_fault(error: Exception) -> Fault:
    """The fault for an exception. What nobody foresaw is logged with a reference; the client learns only that."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, ApiFault):
        return faults.ApplicationFault(error.code, error.message)
    return faults.SoapFault("Server", unexpected(error).message)


class MagentoSoap(Soap11):
    """SOAP 1.1 and 1.2. ``namespace`` is what answers call the service's namespace.

    ``literal``: whether document/literal calls are understood beside rpc/encoded ones. ``empty_call`` is the
    operation that a request with an empty Body stands for, if any; PHP fills such a Body when it is given an argument.
    """

    def __init__(
        self, *, namespace: str, max_elements: int, literal: bool = False, empty_call: str | None = None
    ) -> None:
        super().__init__()
        self._namespace = namespace
        self._max_elements = max_elements
        self._literal = literal
        self._empty_call = empty_call
        self._operations: dict[str, Operation] = {}

    def set_app(self, value: Any) -> None:
        """Compile the operations of the application; Spyne calls this once more before there is one."""
        super().set_app(value)
        if value is None:
            return
        methods = [descriptor for descriptor, *_ in value.interface.service_method_map.values()]
        namespaces = {value.tns, self._namespace, "urn:Magento", "urn:OpenMage", MAHO}
        self._compile_encoded(methods, TypeReaders(namespaces))
        if self._literal:
            self._compile_literal(methods, TypeReaders(namespaces, literal=True))

    def _compile_encoded(self, methods: Iterable[Any], readers: TypeReaders) -> None:
        writers11, writers12 = TypeWriters(SOAP11), TypeWriters(SOAP12)
        for method in methods:
            name, results = method.operation_name, method.out_message._type_info
            untyped = any(_holds_anything(of) for of in results.values())
            self._operations[name.lower()] = Operation(
                method,
                Parameters([(part, readers.reader(of)) for part, of in method.in_message._type_info.items()]),
                self._soap11_frame(name, [writers11.writer(*result) for result in results.items()], untyped),
                self._soap12_frame(name, [writers12.writer(*result) for result in results.items()], untyped, results),
            )

    def _compile_literal(self, methods: Iterable[Any], readers: TypeReaders) -> None:
        writers = TypeWriters(LITERAL)
        for method in methods:
            form = wrapped(method)
            result = writers.writer(RESULT, form.result)
            self._operations[form.request.lower()] = Operation(
                method,
                WrappedParameters(
                    list(method.in_message._type_info),
                    [(child.name, child.part, readers.reader(child.of)) for child in form.children],
                ),
                self._literal_frame("SOAP-ENV", SOAP11_ENVELOPE, form.response, result),
                self._literal_frame("env", SOAP12_ENVELOPE, form.response, result),
            )

    def _literal_frame(self, prefix: str, envelope: str, response: str, result: Writer) -> EnvelopeTemplate:
        head = (
            f'{DECLARATION}<{prefix}:Envelope xmlns:{prefix}="{envelope}" xmlns:ns1="{escape(self._namespace)}">'
            f"<{prefix}:Body><ns1:{response}>"
        )
        return EnvelopeTemplate(head, [result], f"</ns1:{response}></{prefix}:Body></{prefix}:Envelope>\n")

    def _soap11_frame(self, name: str, results: Sequence[Writer], untyped: bool) -> EnvelopeTemplate:
        apache = f' xmlns:ns2="{APACHE_MAP}"' if untyped else ""
        head = (
            f'{DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11_ENVELOPE}" xmlns:ns1="{escape(self._namespace)}"'
            f' xmlns:xsd="{XSD}" xmlns:xsi="{XSI}"{apache} xmlns:SOAP-ENC="{SOAP11_ENCODING}"'
            f' SOAP-ENV:encodingStyle="{SOAP11_ENCODING}"><SOAP-ENV:Body><ns1:{name}Response>'
        )
        return EnvelopeTemplate(head, results, f"</ns1:{name}Response></SOAP-ENV:Body></SOAP-ENV:Envelope>\n")

    def _soap12_frame(
        self, name: str, results: Sequence[Writer], untyped: bool, parts: Iterable[str]
    ) -> EnvelopeTemplate:
        apache = f' xmlns:ns2="{APACHE_MAP}"' if untyped else ""
        named = "".join(f"<rpc:result>{part}</rpc:result>" for part in parts)
        head = (
            f'{DECLARATION}<env:Envelope xmlns:env="{SOAP12_ENVELOPE}" xmlns:ns1="{escape(self._namespace)}"'
            f' xmlns:xsd="{XSD}" xmlns:xsi="{XSI}"{apache} xmlns:enc="{SOAP12_ENCODING}">'
            f'<env:Body xmlns:rpc="{SOAP12_RPC}"><ns1:{name}Response env:encodingStyle="{SOAP12_ENCODING}">'
        )
        # Last: PHP's client takes the first element called ``result`` for V2's, whatever its namespace.
        return EnvelopeTemplate(head, results, f"{named}</ns1:{name}Response></env:Body></env:Envelope>\n")

    # Request

    def create_in_document(self, ctx: Any, in_string_encoding: str | None = None) -> None:
        """Parse the body. Its own declaration says how it is encoded, not the charset of the HTTP header."""
        ctx.in_document = parse(b"".join(ctx.in_string), self._max_elements)

    def decompose_incoming_envelope(self, ctx: Any, message: str | None = None) -> None:
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
        call.client = _identified(call.client, root.find(f"{{{envelope}}}Header"))
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

    def get_call_handles(self, ctx: Any) -> list[Any]:
        """The descriptor of the operation; raises the fault of an unknown one."""
        name = local_name(ctx.in_body_doc)
        operation = self._operations.get(name.lower())
        if operation is None:
            raise faults.procedure_not_present(name)
        without_parts = self._operations.get((self._empty_call or "").lower())
        if without_parts and operation.descriptor is without_parts.descriptor:
            # Nothing else tells the styles apart then: Axis calls WS-I's operation by V2's name.
            operation = operation if _has_encoding_style(ctx.in_body_doc) else without_parts
        ctx.udc.operation = operation
        return [operation.descriptor]

    def deserialize(self, ctx: Any, message: str) -> None:
        """Read the arguments."""
        document = ctx.in_document
        references = References(document.root, all_declared_at_root=document.all_declared_at_root)
        ctx.in_object = ctx.udc.operation.parameters.read(ctx.in_body_doc, references)

    # Answer

    def serialize(self, ctx: Any, message: str) -> None:
        """Write the answer, or the fault in ``ctx.out_error``."""
        if ctx.out_error is not None:
            ctx.out_document = fault_document(ctx.out_error, ctx.udc.soap12)
            return
        frame = ctx.udc.operation.soap12 if ctx.udc.soap12 else ctx.udc.operation.soap11
        parts = [frame.head]
        for write, value in zip(frame.results, ctx.out_object, strict=True):
            write(value, parts.append)
        value = ctx.out_object = None  # a large result is not kept beside its text
        parts.append(frame.tail)
        ctx.out_document = "".join(parts)

    def create_out_string(self, ctx: Any, out_string_encoding: str | None = None) -> None:
        """Encode the answer."""
        ctx.out_string, ctx.out_document = [ctx.out_document.encode("utf-8")], None


def _identified(client: Client, header: Element | None) -> Client:
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
    """Whether the call, or what is around it, says how it is encoded, as rpc/encoded calls do."""
    names = (f"{{{SOAP11_ENVELOPE}}}encodingStyle", f"{{{SOAP12_ENVELOPE}}}encodingStyle")
    return any(element.get(name) is not None for element in (call, *call.iterancestors()) for name in names)


def _holds_anything(of: type[Any]) -> bool:
    """Whether values of no declared type can be in a result of this type."""
    return issubclass(of, AnyDict) or any(_holds_anything(field) for field in getattr(of, "_type_info", {}).values())


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
