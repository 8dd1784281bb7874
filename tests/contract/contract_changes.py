"""What a WSDL promises, as plain data, and what a change of it does to the clients that were made from it.

``contract_of`` reads a WSDL into the data that ``expected_*.json`` hold. ``changes`` compares two of them and says, in
a sentence each, what is different and whom that breaks. Clients suffer at two times: those in the field at once, for
they go on sending what they know; others when they are generated again, and their callers no longer compile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from lxml import etree

W = "{http://schemas.xmlsoap.org/wsdl/}"
S = "{http://schemas.xmlsoap.org/wsdl/soap/}"
X = "{http://www.w3.org/2001/XMLSchema}"

Contract: TypeAlias = dict[str, Any]
"""Parts have a name and a type, members and children also how often they are there: None is once, 0 at most once."""

TYPED = "Axis, .NET, gSOAP, JAX-WS"
POSITIONAL = "PHP, zeep, suds, SOAP::Lite"
BY_NAME = "zeep's keywords, node soap"
READERS = "Axis beans, .NET classes, gSOAP structs, JAX-WS, PHP, zeep"
OPTIONAL = (
    "Axis, JAX-WS and .NET (object or plain value), gSOAP (pointer or value); zeep, which insists on what is required"
)
AGAIN = "when generated again"
REORDERED = "sources generated again are in another order"
CONSISTS_OF = {"message": "part", "type": "member", "element": "child"}
FACTS = {
    "operation": ("documentation", "message", "message"),
    "part": ("retyped",),
    "member": ("retyped", "occurs"),
    "child": ("retyped", "occurs"),
}
OCCURS = {None: "required", "0": "optional"}
BREAKS: Mapping[str, Mapping[str, str]] = {
    "name": {
        "definitions": "nobody that is known",
        "namespace": f"all typed stacks, to whom types and elements have other names: {TYPED}, zeep, suds",
        "portType": f"what is named after it {AGAIN}: Axis, JAX-WS (interfaces), svcutil (...PortTypeClient)",
        "binding": (
            f"what is named after it {AGAIN}: Axis (...BindingStub), gSOAP (...BindingProxy); zeep's create_service"
        ),
        "service": (
            f"what is named after it {AGAIN}: Axis (...ServiceLocator), JAX-WS, wsdl.exe; zeep's bind, "
            "node soap's client.MagentoService"
        ),
        "port": (
            f"what is named after it {AGAIN}: Axis and JAX-WS (get...Port), svcutil's endpoints; zeep's bind, "
            "node soap's client.MagentoService...Port"
        ),
        "soapAction": (
            "nobody here, where it is not read; .NET, Axis and gSOAP go on sending what was generated, "
            "which a proxy that routes by it must know"
        ),
        "style": "everybody: all messages look different",
        "body": "everybody: all messages look different",
        "transport": "everybody: no stack knows how to send",
        "group": "strict readers, to whom the order of members is now of another meaning: .NET, gSOAP",
    },
    "operation": {
        "added": "nobody",
        "removed": "every client that calls it, whatever it is written in",
        "renamed": "every client that calls it by the name it knows, whatever it is written in",
        "reordered": f"nobody ({REORDERED})",
        "documentation": "nobody (comments in generated sources)",
        "message": "every client that calls it, unless the other message has the same parts",
    },
    "message": {
        "added": "nobody",
        "removed": "every client of its operation",
        "renamed": "nobody on the wire; sources generated again may name a class after it: Axis, gSOAP",
        "reordered": f"nobody ({REORDERED})",
    },
    "part": {
        "added": (
            f"positional callers, unless it is the last: {POSITIONAL}; zeep, which demands every part; callers "
            f"of {TYPED} {AGAIN} (one argument more)"
        ),
        "removed": (
            f"positional callers, whose later arguments move up: {POSITIONAL}; callers by name: {BY_NAME}; "
            f"callers of {TYPED} {AGAIN}"
        ),
        "renamed": (
            f"callers by name: {BY_NAME}; whoever goes on sending the old name, which is not read any more: {TYPED}"
        ),
        "retyped": f"typed stacks, which send and expect the old type: {TYPED}; zeep and PHP encode it otherwise",
        "reordered": f"positional callers, whose arguments become others: {POSITIONAL}; callers of {TYPED} {AGAIN}",
    },
    "type": {
        "added": "nobody",
        "removed": f"whoever has a class for it: {TYPED}; PHP's classmap, zeep's get_type",
        "renamed": (
            "Axis beans and .NET classes where answers name types (V1, V2), for they do not know the new "
            f"one; the class of that name {AGAIN}: {TYPED}; PHP's classmap, zeep's get_type"
        ),
        "reordered": f"nobody ({REORDERED})",
        "item": f"arrays of the old type: {TYPED}; whoever builds them by hand: zeep, SOAP::Lite, PHP's SoapVar",
    },
    "member": {
        "added": "strict readers: Axis beans fail on what they do not know (.NET and gSOAP skip it)",
        "removed": f"whoever reads or sets it: {READERS}",
        "renamed": f"whoever reads or sets it: {READERS}",
        "retyped": f"typed stacks, which cannot read the new type into the old field: {TYPED}",
        "reordered": "constructors with all members: Axis beans; in a sequence also strict readers: .NET, gSOAP",
        "occurs": f"what may be null: {OPTIONAL}",
    },
    "element": {
        "added": "nobody",
        "removed": "every WS-I client: it is what is in the Body",
        "renamed": "every WS-I client: it is what is in the Body",
        "reordered": f"nobody ({REORDERED})",
    },
    "child": {
        "added": "positional callers, unless it is the last: zeep, suds; whoever must send it and does not",
        "removed": f"callers by name: {BY_NAME}, PHP; whoever reads or sets it: {READERS}",
        "renamed": f"callers by name: {BY_NAME}, PHP; whoever reads or sets it: {READERS}",
        "retyped": f"typed stacks, which send and expect the old type: {TYPED}; zeep",
        "reordered": "positional callers: zeep, suds; strict readers, for it is a sequence: .NET, gSOAP",
        "occurs": f"what may be left out: {OPTIONAL}",
    },
}


def contract_of(wsdl: bytes) -> Contract:
    """What the WSDL promises."""
    root = etree.fromstring(wsdl)
    namespace = str(root.get("targetNamespace"))
    types = root.findall(f"{W}types/{X}schema[@targetNamespace='{namespace}']/{X}complexType")
    elements = root.iterfind(f"{W}types/{X}schema/{X}element")
    return {
        "names": {
            "definitions": root.get("name"),
            "namespace": namespace,
            "portType": _only(e.get("name") for e in root.iterfind(f"{W}portType")),
            "binding": _only(e.get("name") for e in root.iterfind(f"{W}binding")),
            "service": _only(e.get("name") for e in root.iterfind(f"{W}service")),
            "port": _only(e.get("name") for e in root.iterfind(f"{W}service/{W}port")),
            "style": _only(e.get("style") for e in root.iter(f"{S}binding")),
            "transport": _only(e.get("transport") for e in root.iter(f"{S}binding")),
            "soapAction": _only(e.get("soapAction") for e in root.iter(f"{S}operation")),
            "body": _only(_attributes(e) for e in root.iter(f"{S}body")),
            "group": _only(group for e in types if (group := _group(e)) is not None),
        },
        "operations": [
            [
                operation.get("name"),
                operation.findtext(f"{W}documentation"),
                _message(operation.find(f"{W}input")),
                _message(operation.find(f"{W}output")),
            ]
            for operation in root.iterfind(f"{W}portType/{W}operation")
        ],
        "messages": {
            str(message.get("name")): [[part.get("name"), part.get("type") or part.get("element")] for part in message]
            for message in root.iterfind(f"{W}message")
        },
        "types": {str(complex_type.get("name")): _type(complex_type) for complex_type in types},
        "elements": {str(element.get("name")): _members(element) for element in elements},
    }


def _attributes(element: etree._Element) -> str:
    return " ".join(f"{name}={element.get(name)}" for name in sorted(map(str, element.attrib)))


def _only(values: Iterator[Any]) -> str:
    """The one value of all; where there are several, all of them."""
    return ", ".join(dict.fromkeys(str(value) for value in values))


def _message(direction: etree._Element | None) -> str:
    return "nothing" if direction is None else str(direction.get("message")).removeprefix("typens:")


def _group(complex_type: etree._Element) -> str | None:
    return next((name for name in ("all", "sequence") if complex_type.find(f"{X}{name}") is not None), None)


def _type(complex_type: etree._Element) -> Any:
    """The members of a struct, or what an encoded array is of."""
    array = complex_type.find(f"{X}complexContent/{X}restriction[@base='soapenc:Array']/{X}attribute")
    if array is not None and array.get("ref") == "soapenc:arrayType":
        return array.get(f"{W}arrayType")
    return _members(complex_type)


def _members(parent: etree._Element) -> list[list[Any]]:
    return [[e.get("name"), e.get("type"), _occurs(e)] for e in parent.iterfind(f".//{X}element")]


def _occurs(element: etree._Element) -> str | None:
    """None for once, ``0`` for at most once, else both bounds."""
    least, most = element.get("minOccurs", "1"), element.get("maxOccurs", "1")
    if most == "1":
        return None if least == "1" else least
    return f"{least}..{most}"


def changes(before: Contract, after: Contract) -> Iterator[str]:
    """A sentence for everything that is not as it was: what, and whom it breaks."""
    for name, old in before["names"].items():
        new = after["names"][name]
        if old != new:
            yield _sentence(f"{name} {old!r} became {new!r}", "name", name)
    operations, others = ({entry[0]: entry[1:] for entry in contract["operations"]} for contract in (before, after))
    yield from _compared("operation", "operation", operations, others)
    for kind in ("message", "type", "element"):
        yield from _compared(kind, kind, before[f"{kind}s"], after[f"{kind}s"])


def _sentence(what: str, kind: str, event: str) -> str:
    return f"{what}. Breaks {BREAKS[kind][event]}."


def _compared(kind: str, where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Compare what has a name, in its order: declarations, and what they are made of."""
    renamed = _renamed(before, after)
    for name, old in before.items():
        if name in renamed:
            yield _sentence(f"{where} {name} became {renamed[name]}", kind, "renamed")
        elif name not in after:
            yield _sentence(f"{where} {name} is gone", kind, "removed")
        elif old != after[name]:
            yield from _inside(kind, f"{where} {name}", old, after[name])
    for name in after:
        if name not in before and name not in renamed.values():
            yield _sentence(f"{where} {name} is new", kind, "added")
    kept = [name for name in (renamed.get(name, name) for name in before) if name in after]
    if kept != [name for name in after if name in kept]:
        yield _sentence(f"{where}s are in the order {', '.join(after)}", kind, "reordered")


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Old names to new ones: where something else of the same content stands in the same place."""
    if len(before) != len(after):
        return {}
    places = zip(before, after, strict=True)
    return {old: new for old, new in places if old not in after and new not in before and before[old] == after[new]}


def _inside(kind: str, where: str, old: Any, new: Any) -> Iterator[str]:
    """Compare one thing that kept its name."""
    if kind in FACTS:
        for event, was, now in zip(FACTS[kind], old, new, strict=True):
            if was != now:
                yield _sentence(f"{where}: {OCCURS.get(was, was)} became {OCCURS.get(now, now)}", kind, event)
    elif isinstance(old, list) and isinstance(new, list):
        of = CONSISTS_OF[kind]
        entries, others = ({entry[0]: entry[1:] for entry in listed} for listed in (old, new))
        yield from _compared(of, f"{where}: {of}", entries, others)
    else:
        yield _sentence(f"{where}: {old} became {new}", kind, "item")
