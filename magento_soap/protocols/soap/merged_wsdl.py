"""The shop's WSDL with our operations in it, for a server that runs alongside PHP.

``read_wsdl`` reads what the shop serves, whatever its prefixes, and puts our namespace in the place of the shop's.
``merge`` replaces the operations that are served here, with their messages, elements and types, where the shop has
them, and adds those that the shop lacks. What generated code is named after stays the shop's: port type, binding,
service, port and soapAction. ``contracts.merged_template`` combines both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TypeAlias

from lxml import etree
from spyne.model.fault import Fault

from .namespaces import SOAP11_ENCODING, WSDL, WSDL_SOAP, XSD, XSI
from .parsing import parse
from .wsdl import ADDRESS_MARK, XSD_BY_DEFAULT, prefixes

MAX_BYTES = 16 * 1024 * 1024
MAX_ELEMENTS = 400_000
"""How many elements and attributes a shop's WSDL may have. Magento's own has 12,000."""

Element: TypeAlias = etree._Element

_W, _S, _X = (f"{{{namespace}}}" for namespace in (WSDL, WSDL_SOAP, XSD))
_QNAMES = frozenset(
    {"type", "message", "binding", "element", "base", "ref", "itemType", "memberTypes", "substitutionGroup", "refer"}
) | {f"{_W}arrayType"}
"""The attributes of WSDL and XML Schema whose values are qualified names, one or several."""
_NOT_IN_WSI = frozenset({"call", "multiCall"})
"""In WS-I Magento's return nothing, and they prevent some stacks from generating client classes."""


def read_wsdl(document: bytes, namespace: str) -> Element:
    """A WSDL with the prefixes of ours, and with ``namespace`` wherever its own namespace was.

    Comments are gone, and so is whatever makes a client fetch another document.

    Raises ValueError for anything but a WSDL that is complete by itself, for a DTD, and for a document of more than
    ``MAX_BYTES``, ``MAX_ELEMENTS`` or 256 levels.
    """
    if len(document) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    try:
        root = parse(document, MAX_ELEMENTS).root
    except Fault as fault:
        raise ValueError(f"it cannot be read: {fault.faultstring}") from None
    if root.tag != f"{_W}definitions":
        raise ValueError(f"it is not a WSDL but begins with {etree.QName(root).localname[:100]}")
    own = root.get("targetNamespace")
    if not own:
        raise ValueError("it has no targetNamespace")
    if next(root.iter(f"{_W}import", f"{_X}include", f"{_X}redefine"), None) is not None:
        raise ValueError("it is not complete: it includes other documents")
    return _Rewriting(root, own, namespace).result()


def operation_names(wsdl: Element) -> frozenset[str]:
    """The names of the operations in a WSDL's port types."""
    return frozenset(map(_name, wsdl.iterfind(f"{_W}portType/{_W}operation")))


def merge(shop: Element, ours: Element) -> None:
    """Put our operations into the shop's WSDL, which ``read_wsdl`` has read, and the mark in place of its addresses.

    Raises ValueError if the shop's has no port of our style, or another operation uses one of our messages otherwise.
    """
    own_port_type, own_binding = _only(ours, "portType"), _only(ours, "binding")
    style = _only(own_binding, "binding", _S).get("style", "document")
    bindings = _bindings(shop, style)
    port_types = _port_types(shop, bindings)
    _refuse_other_uses(shop, ours)
    messages, elements = _references(shop, "message"), _references(shop, "element", "ref")

    _merge_operations(port_types, own_port_type, lambda operation, _: operation)
    _merge_operations(bindings, own_binding, _with_soap_action)
    for operation in (operation for binding in bindings for operation in binding.iterfind(f"{_W}operation")):
        _move_soap_operation_first(operation)
    if style == "document":
        _remove(shop.iterfind("*/" + f"{_W}operation"), _NOT_IN_WSI)
    _merge_messages(shop, ours)
    _remove(shop.iterfind(f"{_W}message"), messages - _references(shop, "message"))
    _merge_schemas(shop, ours, style)
    unused = elements - _references(shop, "element", "ref")
    _remove(shop.iterfind(f"{_W}types/{_X}schema/{_X}element"), unused)
    for address in shop.iterfind(f"{_W}service/{_W}port/*[@location]"):
        address.set("location", ADDRESS_MARK)


class _Rewriting:
    """A copy of a WSDL with other prefixes, and with another name for its namespace."""

    def __init__(self, root: Element, old: str, new: str) -> None:
        self._root, self._old, self._new = root, old, new
        self._nsmap = prefixes(new)
        self._prefixes = {uri: prefix for prefix, uri in self._nsmap.items() if prefix}
        for _, (prefix, uri) in etree.iterwalk(root, events=["start-ns"]):
            if uri and uri != old and uri not in self._prefixes:
                free = prefix if prefix and prefix not in self._nsmap else f"ns{len(self._nsmap)}"
                self._nsmap[free] = uri
                self._prefixes[uri] = free

    def result(self) -> Element:
        """The root of the copy."""
        root = etree.Element(self._root.tag, nsmap=self._nsmap)
        self._fill(root, self._root)
        return root

    def _fill(self, copy: Element, source: Element) -> None:
        for name, value in source.attrib.items():
            if not str(name).startswith(f"{{{XSI}}}"):
                copy.set(name, self._attribute(source, str(name), str(value)))
        if etree.QName(source).localname == "documentation":
            copy.text = "".join(map(str, source.itertext()))
            return
        for child in source:
            if etree.QName(child).namespace:  # an element without one would get WSDL's
                nsmap = XSD_BY_DEFAULT if child.tag == f"{_X}schema" else None
                self._fill(etree.SubElement(copy, child.tag, nsmap=nsmap), child)

    def _attribute(self, element: Element, name: str, value: str) -> str:
        if name in ("targetNamespace", "namespace"):
            return self._new if value == self._old else value
        if name in _QNAMES and str(element.tag).startswith((_W, _S, _X)):
            return " ".join(self._qname(element, each) for each in value.split())
        return value

    def _qname(self, element: Element, text: str) -> str:
        """A qualified name with our prefix. One without a prefix may name what the WSDL declares."""
        prefix, _, local = text.rpartition(":")
        uri = element.nsmap.get(prefix or None)
        if prefix and uri is None:
            return text
        return f"typens:{local}" if uri in (None, WSDL, self._old) else f"{self._prefixes[uri]}:{local}"


# What is bound


def _bindings(wsdl: Element, style: str) -> list[Element]:
    """The bindings of that style, in the order of the ports. Raises ValueError if there is none."""
    bindings = {_name(binding): binding for binding in wsdl.iterfind(f"{_W}binding")}
    bound = dict.fromkeys(_local(port, "binding") for port in wsdl.iterfind(f"{_W}service/{_W}port"))
    found = {name: _style(bindings[name]) for name in bound if name in bindings}
    if style not in found.values():
        others = ", ".join(sorted(filter(None, found.values()))) or "none at all"
        raise ValueError(f"it has no SOAP port of style {style} ({others})")
    return [bindings[name] for name, its_style in found.items() if its_style == style]


def _style(binding: Element) -> str | None:
    """rpc or document; None for another binding than SOAP 1.1's."""
    soap = binding.find(f"{_S}binding")
    return None if soap is None else soap.get("style", "document")


def _port_types(wsdl: Element, bindings: Iterable[Element]) -> list[Element]:
    """The port types of bindings. Raises ValueError for one that is missing."""
    known = {_name(port_type): port_type for port_type in wsdl.iterfind(f"{_W}portType")}
    names = dict.fromkeys(_local(binding, "type") for binding in bindings)
    if missing := names.keys() - known.keys():
        raise ValueError(f"it has no port type {', '.join(sorted(missing))}")
    return [known[name] for name in names]


# Operations and messages


def _merge_operations(
    parents: Sequence[Element], ours: Element, combined: Callable[[Element, Element], Element]
) -> None:
    """Replace operations of port types or bindings by ours, and append to the first what none of them has."""
    own = _by_name(ours.iterfind(f"{_W}operation"))
    known = set()
    for parent in parents:
        for operation in parent.findall(f"{_W}operation"):
            name = _name(operation)
            if name in own:
                parent.replace(operation, combined(deepcopy(own[name]), operation))
                known.add(name)
    template = parents[0].find(f"{_W}operation")
    for name, operation in own.items():
        if name not in known:
            copy = deepcopy(operation)
            parents[0].append(copy if template is None else combined(copy, template))


def _with_soap_action(operation: Element, shops: Element) -> Element:
    """Our operation of a binding with the shop's soapAction."""
    own, other = operation.find(f"{_S}operation"), shops.find(f"{_S}operation")
    if own is not None and other is not None:
        own.set("soapAction", other.get("soapAction", ""))
    return operation


def _move_soap_operation_first(operation: Element) -> None:
    """WSDL's schema demands it, and Magento's WS-I document has it last."""
    soap = operation.find(f"{_S}operation")
    if soap is not None:
        operation.insert(len(operation.findall(f"{_W}documentation")), soap)


def _merge_messages(shop: Element, ours: Element) -> None:
    theirs = _by_name(shop.iterfind(f"{_W}message"))
    for message in ours.iterfind(f"{_W}message"):
        old = theirs.get(_name(message))
        if old is not None:
            shop.replace(old, deepcopy(message))
        else:
            last = shop.findall(f"{_W}message")[-1:] or shop.findall(f"{_W}types")
            last[0].addnext(deepcopy(message))


def _refuse_other_uses(shop: Element, ours: Element) -> None:
    """Raise ValueError if an operation of the shop's has a message of ours, with other parts than ours."""
    own, theirs = (_by_name(wsdl.iterfind(f"{_W}message")) for wsdl in (ours, shop))
    served = operation_names(ours)
    for operation in shop.iterfind(f"{_W}portType/{_W}operation"):
        for direction in operation.iterfind("*[@message]"):
            name = _local(direction, "message")
            used = _name(operation) not in served and name in own and name in theirs
            if used and _parts(own[name]) != _parts(theirs[name]):
                raise ValueError(f"its operation {_name(operation)} has the message {name} with other parts than here")


def _parts(message: Element) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in part.attrib.items()} for part in message.iterfind(f"{_W}part")]


# Types and elements


def _merge_schemas(shop: Element, ours: Element, style: str) -> None:
    """Replace types and elements by ours, and append to the first schema of the namespace what none has."""
    types = shop.find(f"{_W}types")
    if types is None:
        types = etree.Element(f"{_W}types")
        shop.insert(0, types)
    for own in ours.iterfind(f"{_W}types/{_X}schema"):
        schemas = types.findall(f"{_X}schema[@targetNamespace='{own.get('targetNamespace')}']")
        if not schemas:
            types.append(deepcopy(own))
            continue
        theirs = {(each.tag, each.get("name")): each for schema in schemas for each in schema}
        for declaration in own.iterfind("*[@name]"):
            old = theirs.get((declaration.tag, declaration.get("name")))
            if old is None:
                schemas[0].append(deepcopy(declaration))
            else:
                _replace(old, _with_members(deepcopy(declaration), old))
        for schema in schemas if style == "rpc" else ():
            _import_encoding(schema, own)
    for imported in types.iterfind(f"{_X}schema/{_X}import[@schemaLocation]"):
        if imported.get("namespace") != SOAP11_ENCODING or style != "rpc":
            del imported.attrib["schemaLocation"]


def _import_encoding(schema: Element, ours: Element) -> None:
    """Import the schema of SOAP's encoding as our own WSDL does."""
    path = f"{_X}import[@namespace='{SOAP11_ENCODING}']"
    for imported in schema.findall(path):
        schema.remove(imported)
    for imported in ours.findall(path):
        schema.insert(0, deepcopy(imported))


def _with_members(ours: Element, shops: Element) -> Element:
    """Our type, together with the members that only the shop's has, in their places.

    The shop's other operations may use the type too. So these members become optional, as our operations lack them, and
    members that are optional or nillable in the shop stay so.
    """
    group = next(ours.iterchildren(f"{_X}all", f"{_X}sequence"), None)
    if ours.tag != f"{_X}complexType" or group is None:
        return ours
    own = _by_name(group)
    position = 0
    for member in shops.iterfind(f"*/{_X}element[@name]"):
        kept = own.get(_name(member))
        if kept is not None:
            position = group.index(kept) + 1
            for attribute, value in (("minOccurs", "0"), ("nillable", "true")):
                if member.get(attribute) == value:
                    kept.set(attribute, value)
        else:
            kept = deepcopy(member)
            kept.set("minOccurs", "0")
            group.insert(position, kept)
            position += 1
            if member.get("maxOccurs", "1") not in ("0", "1"):
                group.tag = f"{_X}sequence"  # members of xsd:all cannot repeat
    return ours


# Elements of the document


def _only(parent: Element, tag: str, namespace: str = _W) -> Element:
    (child,) = parent.findall(namespace + tag)
    return child


def _name(element: Element) -> str:
    return element.get("name", "")


def _local(element: Element, attribute: str) -> str:
    """The local name of what an attribute refers to."""
    return element.get(attribute, "").rpartition(":")[2]


def _by_name(elements: Iterable[Element]) -> Mapping[str, Element]:
    return {_name(element): element for element in elements}


def _references(wsdl: Element, *attributes: str) -> set[str]:
    """The local names of everything that such attributes refer to."""
    return {_local(element, attribute) for attribute in attributes for element in wsdl.iterfind(f".//*[@{attribute}]")}


def _replace(old: Element, new: Element) -> None:
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, new)


def _remove(elements: Iterator[Element], names: Iterable[str]) -> None:
    """Remove those of the elements that have such a name."""
    for element in list(elements):
        parent = element.getparent()
        if parent is not None and _name(element) in names:
            parent.remove(element)
