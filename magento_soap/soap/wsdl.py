"""The WSDL of a Spyne interface, in the shape and with the names of Magento's own.

Generated clients in the field carry these names in their classes, so order and spelling are part of the contract
(``wsdl/*.wsdl`` shows the result). Spyne's own builder knows neither rpc/encoded nor encoded arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from lxml import etree
from spyne.model import Array, ComplexModelBase
from spyne.model.fault import Fault
from spyne.model.primitive import AnyDict

from .names import APACHE_MAP, HTTP_TRANSPORT, SOAP11_ENCODING, WSDL, WSDL_SOAP, XSD
from .types import SCHEMA_ORDER

SoapencImport = Literal["bare", "location", "none"]

_MARK = "http://address.invalid/"
_XSD_BY_DEFAULT: Any = {None: XSD}  # the stubs of lxml know no default namespace


@dataclass(frozen=True)
class Description:
    """What a WSDL says beside its operations.

    ``handler`` is the PHP class whose name port type, binding, port and soapAction carry. ``soapenc_import``: whether
    the schema of SOAP's encoding is imported ``bare`` (by namespace only: no client needs the network for it), with its
    ``location`` (the letter of Magento), or ``none``.
    """

    handler: str
    name: str = "Magento"
    namespace: str = "urn:Magento"
    soapenc_import: SoapencImport = "bare"


class WsdlTemplate:
    """A WSDL, built once, to be filled with the address that a client came by."""

    def __init__(self, interface: Any, description: Description) -> None:
        document = _Definitions(interface, description).document()
        self._before, self._after = document.split(_MARK.encode())

    def at(self, address: str) -> bytes:
        """The document with ``address`` in ``soap:address``."""
        return self._before + escape(address, {'"': "&quot;"}).encode() + self._after


class _Definitions:
    """Builds the document: types, messages, port type, binding, service."""

    def __init__(self, interface: Any, description: Description) -> None:
        self._interface = interface
        self._description = description

    def document(self) -> bytes:
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
        self._types(root)
        self._messages(root)
        self._port_type(root)
        self._binding(root)
        self._service(root)
        body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body

    def _methods(self) -> Iterator[Any]:
        for service in self._interface.services:
            yield from service.public_methods.values()

    def _types(self, root: etree._Element) -> None:
        types = _wsdl(root, "types")
        schema = etree.SubElement(types, f"{{{XSD}}}schema", nsmap=_XSD_BY_DEFAULT)
        schema.set("targetNamespace", self._description.namespace)
        if self._description.soapenc_import != "none":
            _xsd(schema, "import", namespace=SOAP11_ENCODING)
        if self._description.soapenc_import == "location":
            schema[0].set("schemaLocation", SOAP11_ENCODING)
        declared = self._declared_types()
        if any(issubclass(member, AnyDict) for of in declared for member in of._type_info.values()):
            _apache_map(types)
        for of in sorted(declared, key=lambda of: SCHEMA_ORDER.index(of.get_type_name())):
            self._complex_type(schema, of)

    def _declared_types(self) -> set[type[Any]]:
        """The service's own types: not the messages, nor what Spyne adds for itself."""
        messages = {message for method in self._methods() for message in (method.in_message, method.out_message)}
        return {
            of
            for of in self._interface.classes.values()
            if issubclass(of, ComplexModelBase)
            and not issubclass(of, Fault)
            and of not in messages
            and of.get_namespace() == self._interface.get_tns()
        }

    def _complex_type(self, schema: etree._Element, of: type[Any]) -> None:
        complex_type = _xsd(schema, "complexType", name=of.get_type_name())
        if issubclass(of, Array):
            (item_type,) = of._type_info.values()
            restriction = _xsd(_xsd(complex_type, "complexContent"), "restriction", base="soapenc:Array")
            attribute = _xsd(restriction, "attribute", ref="soapenc:arrayType")
            attribute.set(f"{{{WSDL}}}arrayType", f"{self._qname(item_type)}[]")
            return
        members = _xsd(complex_type, "all")
        for name, member in of._type_info.items():
            element = _xsd(members, "element", name=name, type=self._qname(member))
            if member.Attributes.min_occurs == 0:
                element.set("minOccurs", "0")

    def _qname(self, of: type[Any]) -> str:
        if issubclass(of, AnyDict):
            return "xsd:anyType"
        return f"{'xsd' if of.get_namespace() == XSD else 'typens'}:{of.get_type_name()}"

    def _messages(self, root: etree._Element) -> None:
        for service in self._interface.services:
            for method in sorted(service.public_methods.values(), key=lambda m: (m.udd or {}).get("message_order", 0)):
                for message in (method.in_message, method.out_message):
                    element = _wsdl(root, "message", name=message.get_type_name())
                    for name, of in message._type_info.items():
                        _wsdl(element, "part", name=name, type=self._qname(of))

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
        _soap(binding, "binding", style="rpc", transport=HTTP_TRANSPORT)
        for method in self._methods():
            operation = _wsdl(binding, "operation", name=method.operation_name)
            _soap(operation, "operation", soapAction=f"urn:{handler}Action")
            for direction in ("input", "output"):
                _soap(
                    _wsdl(operation, direction),
                    "body",
                    namespace=self._description.namespace,
                    use="encoded",
                    encodingStyle=SOAP11_ENCODING,
                )

    def _service(self, root: etree._Element) -> None:
        handler = self._description.handler
        service = _wsdl(root, "service", name=f"{self._description.name}Service")
        port = _wsdl(service, "port", name=f"{handler}Port", binding=f"typens:{handler}Binding")
        _soap(port, "address", location=_MARK)


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
