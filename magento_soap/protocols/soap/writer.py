"""Plain values -> XML text, as PHP's SoapServer encodes them: without a tree, as pieces of text appended to a list.

``TypeWriters`` builds, once per element name and type, a function that appends ``<name ...>value</name>``. Encodings
differ in a few attributes, which ``Encoding`` holds. ``AnyWriter`` writes values of no declared type (V1): dicts as
Apache's Map, lists as arrays, ``Struct`` as struct.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from magento_soap.api.values import Struct, Value
from magento_soap.protocols.xml_text import escape, needs_escape

from .interface import Kind, Type

Append: TypeAlias = Callable[[str], None]
Writer: TypeAlias = Callable[[Any, Append], None]
"""Appends the element of one value, which is of the type that the writer was built for."""


@dataclass(frozen=True)
class Encoding:
    """Which attributes elements carry: whether ``xsi:type`` is one of them, and which mark an array."""

    types: bool
    array: str
    """A format of item type and length, empty in the literal style, where nothing marks an array."""
    prefix: str
    """The prefix of Array and Struct."""

    def type_of(self, name: str) -> str:
        """The ``xsi:type`` attribute, with a blank before it."""
        return f' xsi:type="{name}"' if self.types else ""


SOAP11 = Encoding(types=True, array=' SOAP-ENC:arrayType="{}[{}]"', prefix="SOAP-ENC")
SOAP12 = Encoding(types=True, array=' enc:itemType="{}" enc:arraySize="{}"', prefix="enc")
LITERAL = Encoding(types=False, array="", prefix="")

_MAX_SHAPES = 32
_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII).match
_ARRAY_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z").match


def php_float(value: float) -> str:
    """A float as PHP writes it: shortest digits, ``1.0E+15`` from 1e15 on and ``1.0E-5`` below 1e-4."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    sign, digit_tuple, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    minus = "-" if sign else ""
    digits = "".join(map(str, digit_tuple))
    magnitude = len(digits) + exponent - 1
    digits = digits.rstrip("0")
    if not digits:
        return minus + "0"
    if magnitude < -4 or magnitude >= 15:
        return f"{minus}{digits[0]}.{digits[1:] or '0'}E{magnitude:+d}"
    if magnitude < 0:
        return f"{minus}0.{'0' * (-magnitude - 1)}{digits}"
    whole, fraction = digits[: magnitude + 1].ljust(magnitude + 1, "0"), digits[magnitude + 1 :]
    return f"{minus}{whole}.{fraction}" if fraction else minus + whole


def text_of(value: object) -> str:
    """A scalar as PHP makes text of it: true is "1", false is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float):
        return php_float(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _string(value: object) -> str:
    return escape(text_of(value))


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _integer(value: Any) -> str:
    return str(int(value))


def _double(value: Any) -> str:
    return php_float(float(value))


_SCALAR_TEXT: Mapping[Kind, Callable[[Any], str]] = {
    "text": _string,
    "boolean": _boolean,
    "integer": _integer,
    "number": _double,
}


def _type_name(of: Type) -> str:
    """The name of a type with the prefix it has in responses."""
    return of.qname("ns1")


class AnyWriter:
    """Writes values of no declared type, by what they are."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._array_type = f"{encoding.prefix}:Array"
        self._struct_type = f"{encoding.prefix}:Struct"

    def kind(self, value: Value) -> str:
        """The ``xsi:type`` of a value, ``xsi:nil`` for None."""
        if value is None:
            return "xsi:nil"
        if isinstance(value, bool):
            return "xsd:boolean"
        if isinstance(value, int):
            return "xsd:int"
        if isinstance(value, float):
            return "xsd:float"
        if isinstance(value, Struct):
            return self._struct_type if all(map(_NAME, value)) else "ns2:Map"
        if isinstance(value, dict):
            return "ns2:Map" if value else self._array_type
        if isinstance(value, (list, tuple)):
            return self._array_type
        return "xsd:string"

    def write(self, name: str, value: Any, append: Append) -> None:
        """Append ``<name>`` with the value."""
        kind = self.kind(value)
        if kind == "xsd:string":
            append(f'<{name} xsi:type="xsd:string">{_string(value)}</{name}>')
        elif kind == "xsi:nil":
            append(f'<{name} xsi:nil="true"/>')
        elif kind == "xsd:boolean":
            append(f'<{name} xsi:type="xsd:boolean">{_boolean(value)}</{name}>')
        elif kind in ("xsd:int", "xsd:float"):
            append(f'<{name} xsi:type="{kind}">{text_of(value)}</{name}>')
        elif kind == self._array_type:
            self.write_array(name, value, kind, append)
        elif kind == "ns2:Map":
            self._write_map(name, value, append)
        else:
            self._write_struct(name, value, append)

    def write_array(self, name: str, items: Sequence[Any], array_type: str, append: Append) -> None:
        """Append ``<name>`` with the items; their common type goes into the array's attributes when they have one."""
        kinds = {(self.kind(item), item is True) for item in items}  # to PHP true and false are of different types
        item_type = kinds.pop()[0] if len(kinds) == 1 else "xsd:ur-type"
        head = f"<{name}{self._encoding.array.format(item_type, len(items))}{self._encoding.type_of(array_type)}"
        if not items:
            append(head + "/>")
            return
        append(head + ">")
        for item in items:
            self.write("item", item, append)
        append(f"</{name}>")

    def _write_map(self, name: str, items: Mapping[Any, Any], append: Append) -> None:
        append(f'<{name} xsi:type="ns2:Map">')
        for key, value in items.items():
            # PHP has no text keys that look like integers
            kind = "int" if isinstance(key, int) or _ARRAY_KEY(key) else "string"
            append(f'<item><key xsi:type="xsd:{kind}">{escape(str(key))}</key>')
            self.write("value", value, append)
            append("</item>")
        append(f"</{name}>")

    def _write_struct(self, name: str, members: Mapping[str, Any], append: Append) -> None:
        if not members:
            append(f'<{name} xsi:type="{self._struct_type}"/>')
            return
        append(f'<{name} xsi:type="{self._struct_type}">')
        for member, value in members.items():
            self.write(member, value, append)
        append(f"</{name}>")


class TypeWriters:
    """Writers of declared types in one encoding, each built once."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._any = AnyWriter(encoding)
        self._writers: dict[tuple[str, Type], Writer] = {}

    def writer(self, name: str, of: Type) -> Writer:
        """The function that appends an element ``name`` of that type; None becomes nil."""
        key = (name, of)
        if key not in self._writers:
            self._writers[key] = self._nillable(name, self._build(name, of))
        return self._writers[key]

    def _nillable(self, name: str, write: Writer) -> Writer:
        nil = self._nil(name)

        def write_or_nil(value: Any, append: Append) -> None:
            if value is None:
                append(nil)
            else:
                write(value, append)

        return write_or_nil

    def _build(self, name: str, of: Type) -> Writer:
        if of.kind == "any":
            return lambda value, append: self._any.write(name, value, append)
        if of.kind == "array":
            return self._array(name, of)
        if of.kind == "struct":
            return self._struct(name, of)
        head, tail, text = self._head(name, of), f"</{name}>", _SCALAR_TEXT[of.kind]
        return lambda value, append: append(head + text(value) + tail)

    def _head(self, name: str, of: Type) -> str:
        return f"<{name}{self._encoding.type_of(_type_name(of))}>"

    def _array(self, name: str, of: Type) -> Writer:
        item_type, array_type = of.item.type, _type_name(of)
        if item_type.kind == "any":
            return lambda value, append: self._any.write_array(name, list(value), array_type, append)
        if not self._encoding.types:
            write_member, start, end = self.writer(of.item.name, item_type), f"<{name}>", f"</{name}>"

            def write_literal(items: Any, append: Append) -> None:
                append(start)
                for item in items:
                    write_member(item, append)
                append(end)

            return write_literal

        write_item = self.writer("item", item_type)
        item_name, type_attribute, end = _type_name(item_type), self._encoding.type_of(array_type), f"</{name}>"
        array = self._encoding.array

        def write_array(items: Any, append: Append) -> None:
            # The length stands before the items, and the items may come from an iterator: write them aside first.
            count, parts = 0, [""]
            for item in items:
                count += 1
                write_item(item, parts.append)
            parts[0] = f"<{name}{array.format(item_name, count)}{type_attribute}{'>' if count else '/>'}"
            if count:
                parts.append(end)
            append("".join(parts))

        return write_array

    def _struct(self, name: str, of: Type) -> Writer:
        """Members in the type's order, whatever the value's; absent ones are left out when the type allows it."""
        start, end = self._head(name, of), f"</{name}>"
        fields: list[tuple[str, str, str, Writer | None, bool]] = []
        for member in of.members:
            # Text, the bulk of every invoice, is written right here: a call less for each column.
            write = None if member.type.kind == "text" else self.writer(member.name, member.type)
            head = self._head(member.name, member.type)
            fields.append((member.name, head, f"</{member.name}>", write, not member.optional))
        nil = self._nil
        # The rows of one list all have the same keys, mostly few of the type's: remember which fields they need.
        shapes: dict[tuple[str, ...], list[tuple[str, str, str, Writer | None, bool]]] = {}

        def write_struct(value: Mapping[str, Any], append: Append) -> None:
            value = value or {}  # PHP has one empty array, which is a list to the untyped protocols
            get = value.get
            shape = tuple(value)
            present = shapes.get(shape)
            if present is None:
                present = [field for field in fields if field[0] in value or field[4]]
                if len(shapes) < _MAX_SHAPES:
                    shapes[shape] = present
            append(start)
            for field, head, tail, write, required in present:
                member = get(field)
                if member is None:
                    if required:
                        append(nil(field))
                elif write is not None:
                    write(member, append)
                else:
                    text = member if member.__class__ is str else text_of(member)
                    append(head + (text if needs_escape(text) is None else escape(text)) + tail)
            append(end)

        return write_struct

    def _nil(self, name: str) -> str:
        return f'<{name} xsi:nil="true"/>' if self._encoding.types else f"<{name}/>"
