"""The WSDL of services, in the shape and with the names of Magento's own.

Generated clients in the field carry these names in their classes, so order and spelling are part of the contract
(``wsdl/*.wsdl`` shows the result). Spyne's own builder supports neither rpc/encoded nor encoded arrays.

``Definitions`` builds a document from ``interface.Service`` descriptions, with a subclass per style of binding;
``WsdlTemplate`` fills in the address that a client used. ``contracts`` combines them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from lxml import etree

from .interface import Message, Operation, Part, Service, Type
from .literal import RESULT, Child, Wrapped, wrapped
from .namespaces import APACHE_MAP, HTTP_TRANSPORT, SOAP11_ENCODING, WSDL, WSDL_SOAP, XSD

SoapencImport = Literal["bare", "location", "none"]

ADDRESS_MARK = "http://address.invalid/"
"""Stands for the address that ``WsdlTemplate`` fills in."""
XSD_BY_DEFAULT: Any = {None: XSD}  # lxml's stubs do not allow a default namespace


@dataclass(frozen=True)
class Description:
    """What a WSDL says besides its operations.

    ``handler`` is the PHP class whose name port type, binding, port and soapAction carry. ``soapenc_import``: whether
    the schema of SOAP's encoding is imported ``bare`` (by namespace only: no client needs the network for it), with its
    ``location`` (exactly as Magento does), or ``none``.
    """

    handler: str
    name: str = "Magento"
    namespace: str = "urn:Magento"
    soapenc_import: SoapencImport = "bare"


class WsdlTemplate:
    """A WSDL, built once, to be filled in with the address that a client used."""

    def __init__(self, definitions: etree._Element) -> None:
        document: bytes = etree.tostring(definitions, encoding="UTF-8", xml_declaration=False, pretty_print=True)
        self._between = (b'<?xml version="1.0" encoding="UTF-8"?>\n' + document).split(ADDRESS_MARK.encode())

    def at(self, address: str) -> bytes:
        """The document with ``address`` in ``soap:address``."""
        return escape(address, {'"': "&quot;"}).encode().join(self._between)


def prefixes(namespace: str) -> Any:
    """The prefixes that Magento's WSDLs declare, for services whose namespace is ``namespace``."""
    return {
        "typens": namespace,
        "xsd": XSD,
        "soap": WSDL_SOAP,
        "soapenc": SOAP11_ENCODING,
        "wsdl": WSDL,
        None: WSDL,
    }


class Definitions(ABC):
    """Builds the document: types, messages, port type, binding, service. Subclasses know the style of the binding."""

    style: Literal["rpc", "document"]

    def __init__(self, services: Sequence[Service], description: Description) -> None:
        self._services = services
        self._description = description

    def document(self) -> etree._Element:
        """The WSDL, with ``ADDRESS_MARK`` where the address belongs."""
        root = etree.Element(f"{{{WSDL}}}definitions", nsmap=prefixes(self._description.namespace))
        root.set("name", self._description.name)
        root.set("targetNamespace", self._description.namespace)
        self._types(_wsdl(root, "types"))
        self._messages(root)
        self._port_type(root)
        self._binding(root)
        self._service(root)
        return root

    @abstractmethod
    def _types(self, types: etree._Element) -> None:
        """Declare what the messages are made of."""

    @abstractmethod
    def _request_parts(self, message: etree._Element, operation: Operation) -> None:
        """Add the parts of a request."""

    @abstractmethod
    def _response_parts(self, message: etree._Element, operation: Operation) -> None:
        """Add the parts of a response."""

    @abstractmethod
    def _soap_action(self) -> str:
        """What the HTTP header SOAPAction is to say."""

    @abstractmethod
    def _body(self, direction: etree._Element) -> None:
        """Say how a message becomes the Body."""

    def _operations(self) -> Iterator[Operation]:
        for service in self._services:
            yield from service.operations

    def _schema(self, types: etree._Element) -> etree._Element:
        schema = etree.SubElement(types, f"{{{XSD}}}schema", nsmap=XSD_BY_DEFAULT)
        schema.set("targetNamespace", self._description.namespace)
        return schema

    def _declared_types(self) -> list[Type]:
        """The services' own types that messages use, and what these consist of, in the order of the services' types.

        Raises ValueError for a type that no service lists.
        """
        used: set[str] = set()

        def collect(parts: Iterable[Part]) -> None:
            for part in parts:
                if part.type.is_own and part.type.name not in used:
                    used.add(part.type.name)
                    collect(part.type.members)

        for operation in self._operations():
            collect(operation.request.parts)
            collect(operation.response.parts)
        listed = {of.name: of for service in self._services for of in service.types}
        if unlisted := used - listed.keys():
            raise ValueError(f"types that no service lists: {', '.join(sorted(unlisted))}")
        return [of for name, of in listed.items() if name in used]

    def _members(self, group: etree._Element, of: Type) -> None:
        for member in of.members:
            element = _xsd(group, "element", name=member.name, type=_qname(member.type))
            if member.optional:
                element.set("minOccurs", "0")

    def _messages(self, root: etree._Element) -> None:
        for service in self._services:
            for operation in sorted(service.operations, key=lambda operation: operation.messages_last):
                self._request_parts(_wsdl(root, "message", name=operation.request.name), operation)
                self._response_parts(_wsdl(root, "message", name=operation.response.name), operation)

    def _port_type(self, root: etree._Element) -> None:
        port_type = _wsdl(root, "portType", name=f"{self._description.handler}PortType")
        for operation in self._operations():
            element = _wsdl(port_type, "operation", name=operation.name)
            title = operation.literal.title if self.style == "document" else None
            _wsdl(element, "documentation").text = title or operation.title
            _wsdl(element, "input", message=f"typens:{operation.request.name}")
            _wsdl(element, "output", message=f"typens:{operation.response.name}")

    def _binding(self, root: etree._Element) -> None:
        handler = self._description.handler
        binding = _wsdl(root, "binding", name=f"{handler}Binding", type=f"typens:{handler}PortType")
        _soap(binding, "binding", style=self.style, transport=HTTP_TRANSPORT)
        for operation in self._operations():
            element = _wsdl(binding, "operation", name=operation.name)
            _soap(element, "operation", soapAction=self._soap_action())
            for direction in ("input", "output"):
                self._body(_wsdl(element, direction))

    def _service(self, root: etree._Element) -> None:
        handler = self._description.handler
        service = _wsdl(root, "service", name=f"{self._description.name}Service")
        port = _wsdl(service, "port", name=f"{handler}Port", binding=f"typens:{handler}Binding")
        _soap(port, "address", location=ADDRESS_MARK)


class RpcEncoded(Definitions):
    """V1 and V2: parts have types, arrays are SOAP's."""

    style = "rpc"

    def _types(self, types: etree._Element) -> None:
        schema = self._schema(types)
        if self._description.soapenc_import != "none":
            _xsd(schema, "import", namespace=SOAP11_ENCODING)
        if self._description.soapenc_import == "location":
            schema[0].set("schemaLocation", SOAP11_ENCODING)
        declared = self._declared_types()
        if any(of.holds_anything for of in declared):
            _apache_map(types)
        for of in declared:
            complex_type = _xsd(schema, "complexType", name=of.name)
            if of.kind == "array":
                self._array(complex_type, of)
            else:
                self._members(_xsd(complex_type, "all"), of)

    def _array(self, complex_type: etree._Element, of: Type) -> None:
        restriction = _xsd(_xsd(complex_type, "complexContent"), "restriction", base="soapenc:Array")
        attribute = _xsd(restriction, "attribute", ref="soapenc:arrayType")
        attribute.set(f"{{{WSDL}}}arrayType", f"{_qname(of.item.type)}[]")

    def _parts(self, element: etree._Element, message: Message) -> None:
        for part in message.parts:
            _wsdl(element, "part", name=part.name, type=_qname(part.type))

    def _request_parts(self, message: etree._Element, operation: Operation) -> None:
        self._parts(message, operation.request)

    def _response_parts(self, message: etree._Element, operation: Operation) -> None:
        self._parts(message, operation.response)

    def _soap_action(self) -> str:
        return f"urn:{self._description.handler}Action"

    def _body(self, direction: etree._Element) -> None:
        _soap(
            direction,
            "body",
            namespace=self._description.namespace,
            use="encoded",
            encodingStyle=SOAP11_ENCODING,
        )


class DocumentLiteral(Definitions):
    """WS-I, exactly as Magento describes it: each message has one part, an element that the schema declares."""

    style = "document"
    other_names = False

    def _types(self, types: etree._Element) -> None:
        schema = self._schema(types)
        for of in self._declared_types():
            sequence = _xsd(_xsd(schema, "complexType", name=of.name), "sequence")
            if of.kind == "array":
                _xsd(
                    sequence,
                    "element",
                    minOccurs="0",
                    maxOccurs="unbounded",
                    name=of.item.name,
                    type=_qname(of.item.type),
                )
            else:
                self._members(sequence, of)
        for operation in self._operations():
            form = self._wrapped(operation)
            if form.children:
                self._wrapper(schema, form.request, form.children)
            self._wrapper(schema, form.response, [Child(RESULT, form.result, RESULT, optional=False)])

    def _wrapped(self, operation: Operation) -> Wrapped:
        return wrapped(operation, other_names=self.other_names)

    def _wrapper(self, schema: etree._Element, name: str, children: Iterable[Child]) -> None:
        sequence = _xsd(_xsd(_xsd(schema, "element", name=name), "complexType"), "sequence")
        for child in children:
            least = "0" if child.optional else "1"
            _xsd(sequence, "element", minOccurs=least, maxOccurs="1", name=child.name, type=_qname(child.type))

    def _request_parts(self, message: etree._Element, operation: Operation) -> None:
        form = self._wrapped(operation)
        if form.children:  # a message without parts is an empty Body
            _wsdl(message, "part", name="parameters", element=f"typens:{form.request}")

    def _response_parts(self, message: etree._Element, operation: Operation) -> None:
        _wsdl(message, "part", name="parameters", element=f"typens:{self._wrapped(operation).response}")

    def _soap_action(self) -> str:
        return ""

    def _body(self, direction: etree._Element) -> None:
        _soap(direction, "body", use="literal")


class DocumentedLiteral(DocumentLiteral):
    """WS-I as Magento's documents show it: parts may also be sent under their other names."""

    other_names = True


def _qname(of: Type) -> str:
    return of.qname("typens")


def _apache_map(types: etree._Element) -> None:
    """Declare Apache's Map, in which V1 answers; without it some stacks cannot read any answer."""
    schema = etree.SubElement(types, f"{{{XSD}}}schema", nsmap={"apache": APACHE_MAP, **XSD_BY_DEFAULT})
    schema.set("targetNamespace", APACHE_MAP)
    item = _xsd(_xsd(schema, "complexType", name="mapItem"), "sequence")
    _xsd(item, "element", name="key", type="xsd:anyType")
    _xsd(item, "element", name="value", type="xsd:anyType")
    items = _xsd(_xsd(schema, "complexType", name="Map"), "sequence")
    _xsd(items, "element", name="item", type="apache:mapItem", minOccurs="0", maxOccurs="unbounded")


def _child(parent: etree._Element, namespace: str, name: str, attributes: dict[str, str]) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for key, value in attributes.items():
        element.set(key, value)
    return element


def _wsdl(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return _child(parent, WSDL, tag, attributes)


def _xsd(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return _child(parent, XSD, tag, attributes)


def _soap(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return _child(parent, WSDL_SOAP, tag, attributes)
