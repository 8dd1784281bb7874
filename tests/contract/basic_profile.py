"""The rules of WS-I's Basic Profile 1.1 for a document/literal description and its envelopes, a function for each.

A function bears the rule's number, its docstring says the rule in short, and it yields what breaks it. Rules that bind
rpc-literal descriptions only (R2203, R2207, R2211, R2717, R2726, R2729, R2735, R2755), that permit something (R2114,
R2202, R2302, R2709, R2800) or that bind consumers (R2747, R2748, R2750) have none. R2028, R2029 and R2712 ask for
validity; ``test_wsdl_schemas`` has them. ``SHOULD`` in a docstring marks a recommendation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from lxml import etree

from .contract_changes import S, W, X

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
ENCODING = "{http://schemas.xmlsoap.org/soap/encoding/}"

Element = etree._Element
Rule = Callable[[Element], Iterator[str]]


def qname(element: Element, attribute: str) -> str:
    """The name that an attribute refers to, as ``{namespace}name``."""
    prefix, _, name = str(element.get(attribute)).rpartition(":")
    return f"{{{element.nsmap.get(prefix or None, '')}}}{name}"


def attributes(element: Element) -> Iterator[tuple[str, str]]:
    """Attributes, those in a namespace as ``{namespace}name``."""
    return ((str(name), str(value)) for name, value in element.attrib.items())


def elements(root: Element) -> Iterator[Element]:
    """The element and all below it, without comments."""
    return root.iter("*")


def declared(root: Element) -> set[str]:
    """The global elements of the schemas."""
    schemas = root.iterfind(f"{W}types/{X}schema")
    return {f"{{{s.get('targetNamespace')}}}{e.get('name')}" for s in schemas for e in s.iterfind(f"{X}element")}


def messages(root: Element) -> dict[str, list[Element]]:
    """The parts of each message."""
    namespace = root.get("targetNamespace")
    return {f"{{{namespace}}}{m.get('name')}": m.findall(f"{W}part") for m in root.iterfind(f"{W}message")}


def bound(root: Element) -> Iterator[tuple[Element, list[Element]]]:
    """Each soap:body with the parts of its message."""
    parts = messages(root)
    operations = {o.get("name"): o for o in root.iterfind(f"{W}portType/{W}operation")}
    for operation in root.iterfind(f"{W}binding/{W}operation"):
        for body in operation.iterfind(f"*/{S}body"):
            parent = body.getparent()
            described = operations.get(operation.get("name"))
            direction = described.find(str(parent.tag)) if described is not None and parent is not None else None
            if direction is not None:
                yield body, parts.get(qname(direction, "message"), [])


def headers(root: Element) -> Iterator[Element]:
    """All soap:header and soap:headerfault elements."""
    yield from root.iter(f"{S}header", f"{S}headerfault")


# Descriptions


def r2001(root: Element) -> Iterator[str]:
    """wsdl:import imports WSDL only. Here is none at all, so R2002, R2005, R2007, R2022 and R2803 hold as well."""
    yield from (f"wsdl:import of {e.get('location')}" for e in root.iter(f"{W}import"))


def r2003(root: Element) -> Iterator[str]:
    """xsd:import stands within an xsd:schema of the types, and nowhere else."""
    for imported in root.iter(f"{X}import"):
        ancestors = [ancestor.tag for ancestor in imported.iterancestors()]
        if ancestors[:2] != [f"{X}schema", f"{W}types"]:
            yield f"xsd:import within {ancestors[0]}"


def r2004(root: Element) -> Iterator[str]:
    """xsd:import imports schemas only. Here it names no document at all, so R2009, R2010 and R2011 hold as well."""
    yield from (f"xsd:import of {e.get('schemaLocation')}" for e in root.iter(f"{X}import") if e.get("schemaLocation"))


def r2023(root: Element) -> Iterator[str]:
    """wsdl:types precedes everything but wsdl:documentation and wsdl:import."""
    for types in root.iterfind(f"{W}types"):
        for before in types.itersiblings(preceding=True):
            if before.tag not in (f"{W}documentation", f"{W}import"):
                yield f"{before.tag} before wsdl:types"


def r2026(root: Element) -> Iterator[str]:
    """SHOULD: no extension is marked as required."""
    yield from (f"{e.tag} is required" for e in elements(root) if e.get(f"{W}required") in ("true", "1"))


def r2030(root: Element) -> Iterator[str]:
    """wsdl:documentation is the first child of what it documents."""
    for documentation in root.iter(f"{W}documentation"):
        if documentation.getprevious() is not None:
            yield f"documentation after {documentation.getprevious()}"


def r2101(root: Element) -> Iterator[str]:
    """What a name refers to is in a namespace that is defined here or imported."""
    known = {root.get("targetNamespace"), X[1:-1]}
    known |= {schema.get("targetNamespace") for schema in root.iterfind(f"{W}types/{X}schema")}
    references = (
        (f"{W}part", ("element", "type")),
        (f"{W}input", ("message",)),
        (f"{W}output", ("message",)),
        (f"{W}fault", ("message",)),
        (f"{W}binding", ("type",)),
        (f"{W}port", ("binding",)),
    )
    for tag, names in references:
        for element in root.iter(tag):
            for name in names:
                if element.get(name) and etree.QName(qname(element, name)).namespace not in known:
                    yield f"{tag} refers to {element.get(name)}"


def r2102(root: Element) -> Iterator[str]:
    """A schema refers to components of its own namespace, of those that it imports, and of XML Schema itself."""
    for schema in root.iter(f"{X}schema"):
        known = {schema.get("targetNamespace"), X[1:-1], *(e.get("namespace") for e in schema.iterfind(f"{X}import"))}
        for element in elements(schema):
            for name in ("type", "base", "ref"):
                if element.get(name) and etree.QName(qname(element, name)).namespace not in known:
                    yield f"{element.tag} refers to {element.get(name)}"


def r2105(root: Element) -> Iterator[str]:
    """A schema has a target namespace, unless it only imports."""
    for schema in root.iterfind(f"{W}types/{X}schema"):
        if not schema.get("targetNamespace") and any(e.tag not in (f"{X}import", f"{X}annotation") for e in schema):
            yield "a schema without a target namespace"


def r2110(root: Element) -> Iterator[str]:
    """No array extends or restricts soapenc:Array."""
    for element in root.iter(f"{X}restriction", f"{X}extension"):
        if qname(element, "base") == f"{ENCODING}Array":
            yield f"{element.tag} of soapenc:Array"


def r2111(root: Element) -> Iterator[str]:
    """No array declaration has wsdl:arrayType."""
    yield from (f"arrayType {e.get(f'{W}arrayType')}" for e in elements(root) if e.get(f"{W}arrayType") is not None)


def r2112(root: Element) -> Iterator[str]:
    """SHOULD: no element is named ArrayOfXXX. (Types may, and Magento's are.)"""
    for element in root.iter(f"{X}element"):
        if str(element.get("name")).startswith("ArrayOf"):
            yield f"element {element.get('name')}"


def r2201(root: Element) -> Iterator[str]:
    """The attribute parts of a soap:body lists one part at most."""
    for body in root.iter(f"{S}body"):
        if len(body.get("parts", "").split()) > 1:
            yield f"parts {body.get('parts')}"


def r2204(root: Element) -> Iterator[str]:
    """A soap:body is made of parts that are elements."""
    for _, parts in bound(root):
        yield from (f"part {part.get('name')} is no element" for part in parts if part.get("element") is None)


def r2205(root: Element) -> Iterator[str]:
    """A header is made of a part that is an element."""
    parts = messages(root)
    for header in headers(root):
        chosen = [p for p in parts.get(qname(header, "message"), []) if p.get("name") == header.get("part")]
        if not any(part.get("element") for part in chosen):
            yield f"header of {header.get('part')}"


def r2206(root: Element) -> Iterator[str]:
    """The attribute element of a part refers to a global element declaration."""
    for part in root.iterfind(f"{W}message/{W}part[@element]"):
        if qname(part, "element") not in declared(root):
            yield f"part of {part.get('element')}"


def r2209(root: Element) -> Iterator[str]:
    """SHOULD: every part is bound to the body or a header."""
    for body, parts in bound(root):
        listed = body.get("parts")
        if listed is not None:
            yield from (f"part {p.get('name')} is not bound" for p in parts if p.get("name") not in listed.split())


def r2210(root: Element) -> Iterator[str]:
    """Where soap:body does not list the parts, the message has one part at most."""
    for body, parts in bound(root):
        if body.get("parts") is None and len(parts) > 1:
            yield f"{len(parts)} parts for one body"


def r2303(root: Element) -> Iterator[str]:
    """Operations are one-way or request-response: no output stands alone or before the input."""
    for operation in root.iterfind(f"{W}portType/{W}operation"):
        directions = [e.tag for e in operation if e.tag in (f"{W}input", f"{W}output")]
        if directions not in ([f"{W}input"], [f"{W}input", f"{W}output"]):
            yield f"operation {operation.get('name')} has {directions}"


def r2304(root: Element) -> Iterator[str]:
    """Operations of a port type have names of their own."""
    for port_type in root.iterfind(f"{W}portType"):
        names = Counter(operation.get("name") for operation in port_type.iterfind(f"{W}operation"))
        yield from (f"{count} operations {name}" for name, count in names.items() if count > 1)


def r2305(root: Element) -> Iterator[str]:
    """parameterOrder leaves out one part of the output at most."""
    parts = messages(root)
    for operation in root.iterfind(f"{W}portType/{W}operation[@parameterOrder]"):
        order = str(operation.get("parameterOrder")).split()
        for output in operation.iterfind(f"{W}output"):
            left_out = [p for p in parts.get(qname(output, "message"), []) if p.get("name") not in order]
            if len(left_out) > 1:
                yield f"parameterOrder {order}"


def r2306(root: Element) -> Iterator[str]:
    """No part has both a type and an element."""
    yield from (f"part {part.get('name')}" for part in root.iterfind(f"{W}message/{W}part[@type][@element]"))


def r2401(root: Element) -> Iterator[str]:
    """A binding is WSDL's SOAP binding."""
    for binding in root.iterfind(f"{W}binding"):
        if len(binding.findall(f"{S}binding")) != 1:
            yield f"binding {binding.get('name')}"


def r2701(root: Element) -> Iterator[str]:
    """soap:binding says the transport."""
    yield from ("no transport" for binding in root.iter(f"{S}binding") if binding.get("transport") is None)


def r2702(root: Element) -> Iterator[str]:
    """The transport is HTTP."""
    for binding in root.iter(f"{S}binding"):
        if binding.get("transport") != "http://schemas.xmlsoap.org/soap/http":
            yield f"transport {binding.get('transport')}"


def r2705(root: Element) -> Iterator[str]:
    """A binding is document-literal, or rpc-literal, throughout. This one is the former."""
    for element in root.iter(f"{S}binding", f"{S}operation"):
        if element.get("style", "document") != "document":
            yield f"{element.tag} of style {element.get('style')}"


def r2706(root: Element) -> Iterator[str]:
    """The use is literal, in bodies, headers and faults."""
    for element in root.iter(f"{S}body", f"{S}fault", f"{S}header", f"{S}headerfault"):
        if element.get("use", "literal") != "literal":
            yield f"{element.tag} of use {element.get('use')}"


def r2710(root: Element) -> Iterator[str]:
    """Operations differ in what is in the Body, by which alone a server may have to tell them apart.

    One of them may have an empty Body, and one has.
    """
    signatures = Counter(
        tuple(qname(part, "element") for part in parts)
        for body, parts in bound(root)
        if (parent := body.getparent()) is not None and parent.tag == f"{W}input"
    )
    yield from (f"{count} operations with {signature}" for signature, count in signatures.items() if count > 1)


def r2711(root: Element) -> Iterator[str]:
    """SHOULD: no two ports have the same address."""
    locations = Counter(address.get("location") for address in root.iter(f"{S}address"))
    yield from (f"{count} ports at {location}" for location, count in locations.items() if count > 1)


def r2716(root: Element) -> Iterator[str]:
    """No body, header or fault has a namespace: in a document-literal binding the element has one."""
    for element in root.iter(f"{S}body", f"{S}fault", f"{S}header", f"{S}headerfault"):
        if element.get("namespace") is not None:
            yield f"{element.tag} in {element.get('namespace')}"


def r2718(root: Element) -> Iterator[str]:
    """A binding has the operations of its port type."""
    names = {
        str(p.get("name")): [o.get("name") for o in p.iterfind(f"{W}operation")] for p in root.iter(f"{W}portType")
    }
    for binding in root.iterfind(f"{W}binding"):
        described = names.get(etree.QName(qname(binding, "type")).localname, [])
        differing = set(described) ^ {operation.get("name") for operation in binding.iterfind(f"{W}operation")}
        if differing:
            yield f"only on one side: {differing}"


def r2720(root: Element) -> Iterator[str]:
    """A header names its one part with the attribute part."""
    yield from (
        f"{e.tag} of part {e.get('part')}" for e in headers(root) if not re.fullmatch(r"[\w.:-]+", e.get("part", ""))
    )


def r2749(root: Element) -> Iterator[str]:
    """A header has no attribute parts."""
    yield from (f"{e.tag} of parts {e.get('parts')}" for e in headers(root) if e.get("parts") is not None)


def r2721(root: Element) -> Iterator[str]:
    """soap:fault has a name."""
    yield from ("a fault without a name" for fault in root.iter(f"{S}fault") if not fault.get("name"))


def r2754(root: Element) -> Iterator[str]:
    """soap:fault has the name of the wsdl:fault around it."""
    for around in root.iterfind(f"{W}binding/{W}operation/{W}fault"):
        for fault in around.iterfind(f"{S}fault"):
            if fault.get("name") != around.get("name"):
                yield f"{fault.get('name')} within {around.get('name')}"


def r2723(root: Element) -> Iterator[str]:
    """The use of a soap:fault, if it is said, is literal."""
    yield from (f"fault of use {e.get('use')}" for e in root.iter(f"{S}fault") if e.get("use", "literal") != "literal")


def r2801(root: Element) -> Iterator[str]:
    """Types are described with XML Schema 1.0."""
    yield from (f"types in {e.tag}" for e in root.iterfind(f"{W}types/*") if e.tag != f"{X}schema")


def r4003(root: Element) -> Iterator[str]:
    """The document is in UTF-8 or UTF-16."""
    encoding = str(root.getroottree().docinfo.encoding)
    if encoding.upper() not in ("UTF-8", "UTF-16"):
        yield encoding


def r4004(root: Element) -> Iterator[str]:
    """The document is XML 1.0."""
    if root.getroottree().docinfo.xml_version != "1.0":
        yield str(root.getroottree().docinfo.xml_version)


def r5001(root: Element) -> Iterator[str]:
    """The address is an http URI; an https one where HTTPS is required."""
    for address in root.iter(f"{S}address"):
        if not str(address.get("location")).startswith(("http://", "https://")):
            yield f"address {address.get('location')}"


# Envelopes


def r9980(root: Element) -> Iterator[str]:
    """An envelope is built as SOAP 1.1 says: Envelope, in it a Header perhaps, and a Body."""
    children = [str(child.tag) for child in root]
    if root.tag != f"{SOAP}Envelope" or children not in ([f"{SOAP}Body"], [f"{SOAP}Header", f"{SOAP}Body"]):
        yield f"{root.tag} of {children}"


def r9981(root: Element) -> Iterator[str]:
    """The Body has one child at most."""
    yield from (f"{len(body)} children of Body" for body in root.iterfind(f"{SOAP}Body") if len(body) > 1)


def r1011(root: Element) -> Iterator[str]:
    """No element follows the Body."""
    for body in root.iterfind(f"{SOAP}Body"):
        yield from (f"{element.tag} after Body" for element in body.itersiblings("*"))


def r1014(root: Element) -> Iterator[str]:
    """The children of the Body are in a namespace."""
    yield from (str(e.tag) for e in root.iterfind(f"{SOAP}Body/*") if etree.QName(e).namespace is None)


def r1032(root: Element) -> Iterator[str]:
    """Envelope, Header and Body have no attributes in SOAP's namespace."""
    for element in root.iter(f"{SOAP}Envelope", f"{SOAP}Header", f"{SOAP}Body"):
        yield from (f"{name} of {element.tag}" for name, _ in attributes(element) if name.startswith(SOAP))


def r1005(root: Element) -> Iterator[str]:
    """No element in SOAP's namespace has an encodingStyle."""
    for element in elements(root):
        if str(element.tag).startswith(SOAP) and element.get(f"{SOAP}encodingStyle") is not None:
            yield f"encodingStyle of {element.tag}"


def r1006(root: Element) -> Iterator[str]:
    """No child of the Body has an encodingStyle."""
    for element in root.iterfind(f"{SOAP}Body/*"):
        if element.get(f"{SOAP}encodingStyle") is not None:
            yield f"encodingStyle of {element.tag}"


def r1008(root: Element) -> Iterator[str]:
    """There is no document type declaration."""
    if root.getroottree().docinfo.internalDTD is not None:
        yield "a document type declaration"


def r1009(root: Element) -> Iterator[str]:
    """There are no processing instructions."""
    yield from (str(instruction) for instruction in root.iter(etree.ProcessingInstruction))


def r1000(root: Element) -> Iterator[str]:
    """A Fault has no children but faultcode, faultstring, faultactor and detail."""
    for element in root.iterfind(f"{SOAP}Body/{SOAP}Fault/*"):
        if etree.QName(element).localname not in ("faultcode", "faultstring", "faultactor", "detail"):
            yield str(element.tag)


def r1001(root: Element) -> Iterator[str]:
    """The children of a Fault are in no namespace."""
    for element in root.iterfind(f"{SOAP}Body/{SOAP}Fault/*"):
        if etree.QName(element).namespace is not None:
            yield str(element.tag)


def r1031(root: Element) -> Iterator[str]:
    """SHOULD: a fault code is not refined with dots."""
    yield from (str(code.text) for code in root.iter("faultcode") if "." in str(code.text))


def r2113(root: Element) -> Iterator[str]:
    """Nothing has soapenc:arrayType."""
    yield from (f"{e.tag}" for e in elements(root) if e.get(f"{ENCODING}arrayType") is not None)


def r1012(root: Element) -> Iterator[str]:
    """An envelope is in UTF-8 or UTF-16 (Basic Profile 1.0, of which the Simple SOAP Binding Profile took it over)."""
    yield from r4003(root)


DESCRIPTION: tuple[Rule, ...] = (
    *(r2001, r2003, r2004, r2023, r2026, r2030),
    *(r2101, r2102, r2105, r2110, r2111, r2112),
    *(r2201, r2204, r2205, r2206, r2209, r2210),
    *(r2303, r2304, r2305, r2306),
    r2401,
    *(r2701, r2702, r2705, r2706, r2710, r2711, r2716, r2718, r2720, r2721, r2723, r2749, r2754),
    r2801,
    *(r4003, r4004),
    r5001,
)
ENVELOPE: tuple[Rule, ...] = (
    *(r1000, r1001, r1005, r1006, r1008, r1009, r1011, r1012, r1014, r1031, r1032),
    r2113,
    *(r9980, r9981),
)
