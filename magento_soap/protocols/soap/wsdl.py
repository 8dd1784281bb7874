"""The WSDL of a Spyne interface, in the shape and with the names of Magento's own.

Generated clients in the field carry these names in their classes, so order and spelling are part of the contract
(``wsdl/*.wsdl`` shows the result). Spyne's own builder knows neither rpc/encoded nor encoded arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from lxml import etree
from spyne.model import Array, ComplexModelBase
from spyne.model.primitive import AnyDict

from .names import APACHE_MAP, HTTP_TRANSPORT, SOAP11_ENCODING, WSDL, WSDL_SOAP, XSD
from .types import SCHEMA_ORDER
from .wrapped import RESULT, Child, Wrapped, wrapped

SoapencImport = Literal["bare", "location", "none"]

_MARK = "http://address.invalid/"
_XSD_BY_DEFAULT: Any = {None: XSD}  # the stubs of lxml know no default namespace


@dataclass(frozen=True)
class Description:
    """What a WSDL says beside its operations.

    ``handler`` is the PHP class whose name port type, binding, port and soapAction carry. ``soapenc_import``: whether
    the schema of SOAP's encoding is imported ``bare`` (by namespace only: no client needs the network for it), with its
    ``location`` (the letter of Magento), or ``none``. ``without``: services that are left out.
    """

    handler: str
    name: str = "Magento"
    namespace: str = "urn:Magento"
    soapenc_import: SoapencImport = "bare"
    without: Collection[type] = ()


class WsdlTemplate:
    """A WSDL, built once, to be filled with the address that a client came by."""

    def __init__(self, definitions: Definitions) -> None:
        self._before, self._after = definitions.document().split(_MARK.encode())

    def at(self, address: str) -> bytes:
        """The document with ``address`` in ``soap:address``."""
        return self._before + escape(address, {'"': "&quot;"}).encode() + self._after


class Definitions(ABC):
    """Builds the document: types, messages, port type, binding, service. Subclasses know the style of the binding."""

    style: Literal["rpc", "document"]

    def __init__(self, interface: Any, description: Description) -> None:
        self._namespace = interface.get_tns()
        self._services = [service for service in interface.services if service not in description.without]
        self._description = description

    def document(self) -> bytes:
        """The WSDL, with a mark where the address belongs."""
        namespaces: Any = {
            "typens": self._description.namespace,
            "xsd": XSD,
            "soap": WSDL_SOAP,
            "soapenc": SOAP11_ENCODING,
            "wsdl": WSDL,
            None: WSDL,
        }
        root = etree.Element(f"{{{WSDL}}}definitions", nsmap=namespaces)
        root.set("name", self._description.name)
        root.set("targetNamespace", self._description.namespace)
        self._types(_wsdl(root, "types"))
        self._messages(root)
        self._port_type(root)
        self._binding(root)
        self._service(root)
        body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body

    @abstractmethod
    def _types(self, types: etree._Element) -> None:
        """Declare what the messages are made of."""

    @abstractmethod
    def _request_parts(self, message: etree._Element, method: Any) -> None:
        """Add the parts of a request."""

    @abstractmethod
    def _answer_parts(self, message: etree._Element, method: Any) -> None:
        """Add the parts of an answer."""

    @abstractmethod
    def _soap_action(self) -> str:
        """What the HTTP header SOAPAction is to say."""

    @abstractmethod
    def _body(self, direction: etree._Element) -> None:
        """Say how a message becomes the Body."""

    def _methods(self) -> Iterator[Any]:
        for service in self._services:
            yield from service.public_methods.values()

    def _schema(self, types: etree._Element) -> etree._Element:
        schema = etree.SubElement(types, f"{{{XSD}}}schema", nsmap=_XSD_BY_DEFAULT)
        schema.set("targetNamespace", self._description.namespace)
        return schema

    def _declared_types(self) -> list[type[Any]]:
        """The services' own types: those that parts and answers are of, and what these consist of."""
        found: dict[str, type[Any]] = {}

        def collect(of: type[Any]) -> None:
            for member in of._type_info.values():
                own = issubclass(member, ComplexModelBase) and member.get_namespace() == self._namespace
                if own and member.get_type_name() not in found:
                    found[member.get_type_name()] = member
                    collect(member)

        for method in self._methods():
            collect(method.in_message)
            collect(method.out_message)
        return sorted(found.values(), key=lambda of: SCHEMA_ORDER.index(of.get_type_name()))

    def _qname(self, of: type[Any]) -> str:
        if issubclass(of, AnyDict):
            return "xsd:anyType"
        return f"{'xsd' if of.get_namespace() == XSD else 'typens'}:{of.get_type_name()}"

    def _members(self, group: etree._Element, of: type[Any]) -> None:
        for name, member in of._type_info.items():
            element = _xsd(group, "element", name=name, type=self._qname(member))
            if member.Attributes.min_occurs == 0:
                element.set("minOccurs", "0")

    def _messages(self, root: etree._Element) -> None:
        for service in self._services:
            for method in sorted(service.public_methods.values(), key=lambda m: (m.udd or {}).get("message_order", 0)):
                self._request_parts(_wsdl(root, "message", name=method.in_message.get_type_name()), method)
                self._answer_parts(_wsdl(root, "message", name=method.out_message.get_type_name()), method)

    def _port_type(self, root: etree._Element) -> None:
        port_type = _wsdl(root, "portType", name=f"{self._description.handler}PortType")
        for method in self._methods():
            operation = _wsdl(port_type, "operation", name=method.operation_name)
            _wsdl(operation, "documentation").text = method.doc
            _wsdl(operation, "input", message=f"typens:{method.in_message.get_type_name()}")
            _wsdl(operation, "output", message=f"typens:{method.out_message.get_type_name()}")

    def _binding(self, root: etree._Element) -> None:
        handler = self._description.handler
        binding = _wsdl(root, "binding", name=f"{handler}Binding", type=f"typens:{handler}PortType")
        _soap(binding, "binding", style=self.style, transport=HTTP_TRANSPORT)
        for method in self._methods():
            operation = _wsdl(binding, "operation", name=method.operation_name)
            _soap(operation, "operation", soapAction=self._soap_action())
            for direction in ("input", "output"):
                self._body(_wsdl(operation, direction))

    def _service(self, root: etree._Element) -> None:
        handler = self._description.handler
        service = _wsdl(root, "service", name=f"{self._description.name}Service")
        port = _wsdl(service, "port", name=f"{handler}Port", binding=f"typens:{handler}Binding")
        _soap(port, "address", location=_MARK)


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
        if any(issubclass(member, AnyDict) for of in declared for member in of._type_info.values()):
            _apache_map(types)
        for of in declared:
            complex_type = _xsd(schema, "complexType", name=of.get_type_name())
            if issubclass(of, Array):
                self._array(complex_type, of)
            else:
                self._members(_xsd(complex_type, "all"), of)

    def _array(self, complex_type: etree._Element, of: type[Any]) -> None:
        (item_type,) = of._type_info.values()
        restriction = _xsd(_xsd(complex_type, "complexContent"), "restriction", base="soapenc:Array")
        attribute = _xsd(restriction, "attribute", ref="soapenc:arrayType")
        attribute.set(f"{{{WSDL}}}arrayType", f"{self._qname(item_type)}[]")

    def _parts(self, message: etree._Element, of: type[Any]) -> None:
        for name, part in of._type_info.items():
            _wsdl(message, "part", name=name, type=self._qname(part))

    def _request_parts(self, message: etree._Element, method: Any) -> None:
        self._parts(message, method.in_message)

    def _answer_parts(self, message: etree._Element, method: Any) -> None:
        self._parts(message, method.out_message)

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
            sequence = _xsd(_xsd(schema, "complexType", name=of.get_type_name()), "sequence")
            if issubclass(of, Array):
                ((name, item_type),) = of._type_info.items()
                _xsd(
                    sequence,
                    "element",
                    minOccurs="0",
                    maxOccurs="unbounded",
                    name=name,
                    type=self._qname(item_type),
                )
            else:
                self._members(sequence, of)
        for method in self._methods():
            form = self._wrapped(method)
            if form.children:
                self._wrapper(schema, form.request, form.children)
            self._wrapper(schema, form.response, [Child(RESULT, form.result, RESULT, optional=False)])

    def _wrapped(self, method: Any) -> Wrapped:
        return wrapped(method, other_names=self.other_names)

    def _wrapper(self, schema: etree._Element, name: str, children: Iterable[Child]) -> None:
        sequence = _xsd(_xsd(_xsd(schema, "element", name=name), "complexType"), "sequence")
        for child in children:
            least = "0" if child.optional else "1"
            _xsd(sequence, "element", minOccurs=least, maxOccurs="1", name=child.name, type=self._qname(child.of))

    def _request_parts(self, message: etree._Element, method: Any) -> None:
        form = self._wrapped(method)
        if form.children:  # a message without parts is an empty Body
            _wsdl(message, "part", name="parameters", element=f"typens:{form.request}")

    def _answer_parts(self, message: etree._Element, method: Any) -> None:
        _wsdl(message, "part", name="parameters", element=f"typens:{self._wrapped(method).response}")

    def _soap_action(self) -> str:
        return ""

    def _body(self, direction: etree._Element) -> None:
        _soap(direction, "body", use="literal")


class DocumentedLiteral(DocumentLiteral):
    """WS-I as Magento's documents show it: parts may be sent under their other names, too (``wrapped.Wrapping``)."""

    other_names = True


def _apache_map(types: etree._Element) -> None:
    """Declare Apache's Map, in which V1 answers; without it some stacks cannot read any answer."""
    schema = etree.SubElement(types, f"{{{XSD}}}schema", nsmap={"apache": APACHE_MAP, **_XSD_BY_DEFAULT})
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
