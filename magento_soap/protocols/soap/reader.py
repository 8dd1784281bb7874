"""Elements of declared types -> plain values, as PHP's SoapServer decodes them.

``TypeReaders`` builds a function per type, once. What the element says of itself (``xsi:type``) outranks what is
declared, as in PHP; element names inside arrays and namespaces of members do not matter. An element of no declared type
is read by ``untyped_reader``; ``references`` follows ``href``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from magento_soap.api.values import Value

from . import faults
from .interface import Kind, Type
from .namespaces import APACHE_MAP
from .references import MAX_DEPTH, Element, Reader, References, is_blank, local_name
from .types.common import FILTER_STRUCTS
from .untyped_reader import (
    ANYTHING,
    SCHEMAS,
    declared_kind,
    is_nil,
    item_type_of,
    read_any,
    read_scalar,
    struct_of,
)

_SCHEMA_NAMES: Mapping[Kind, str] = {"boolean": "boolean", "integer": "int", "number": "double"}


class TypeReaders:
    """Readers of declared types, each built once.

    ``xsi:type`` and ``arrayType`` may name any type that a reader was built for, in one of ``namespaces``.
    """

    def __init__(self, namespaces: Iterable[str]) -> None:
        self._namespaces = frozenset(namespaces)
        self._readers: dict[Type, Reader] = {}
        self._by_name: dict[str, Reader] = {}
        self._item_readers: dict[str, Reader] = {}

    def reader(self, of: Type) -> Reader:
        """The function that reads an element that is declared to be of that type."""
        known = self._readers.get(of)
        if known is not None:
            return known
        if of.kind == "any":
            return read_any
        body = self._body(of)
        if of.is_own:
            self._by_name.setdefault(of.name, body)
        reader = self._readers[of] = self._with_attributes(body, composite=of.is_own)
        return reader

    def _with_attributes(self, body: Reader, *, composite: bool = True) -> Reader:
        """Around ``body``, what attributes can say: a reference, nil, another type."""
        namespaces, by_name = self._namespaces, self._by_name

        def read(element: Element, references: References, depth: int = 0) -> Value:
            if depth > MAX_DEPTH:
                raise faults.invalid_xml()
            if not element.attrib:
                return body(element, references, depth)
            if element.get("href") is not None:
                return references.read(element, read, depth)
            if is_nil(element):
                return None
            kind = declared_kind(element, references)
            if kind is None or kind[1] in ANYTHING or (kind[1] == "Array" and kind[0] in SCHEMAS):
                item_type = item_type_of(element, references)[0]
                if len(element) and item_type is not None and item_type[0] in namespaces and item_type[1] in by_name:
                    item = self._item_reader(item_type[1])
                    return [item(child, references, depth + 1) for child in element]
            if kind is None:
                return body(element, references, depth)
            namespace, name = kind
            if namespace in namespaces:
                return by_name.get(name, body)(element, references, depth)
            if composite and name in ("array", "struct"):  # of no schema, but sent: what is declared is one, too
                return body(element, references, depth)
            if name not in ("anyType", "ur-type") and (namespace in SCHEMAS or namespace == APACHE_MAP):
                return read_any(element, references, depth)
            return body(element, references, depth)

        return read

    def _item_reader(self, name: str) -> Reader:
        """The reader of an array's items, which are of the type that the array names."""
        if name not in self._item_readers:
            self._item_readers[name] = self._with_attributes(self._by_name[name])
        return self._item_readers[name]

    def _body(self, of: Type) -> Reader:
        if of.kind == "array":
            return self._array_body(of)
        if of.kind == "struct":
            return self._struct_body(of)
        kind = _SCHEMA_NAMES.get(of.kind, "string")

        def read_declared(element: Element, _references: References, _depth: int) -> Value:
            return read_scalar(element, kind)

        return read_declared

    def _array_body(self, of: Type) -> Reader:
        item = self.reader(of.item.type)
        as_struct: Reader | None = None
        fields: frozenset[str] = frozenset()
        if of.item.type.kind == "struct":
            as_struct = item
            fields = frozenset(member.name for member in of.item.type.members)

        def read_array(element: Element, references: References, depth: int) -> Value:
            if len(element) == 0:
                return (element.text or "").strip() or []  # text is not an array, but it must not be lost
            if as_struct is not None and fields.issuperset(local_name(child) for child in element):
                return as_struct(element, references, depth + 1)  # the item itself, without an array around it
            return [item(child, references, depth + 1) for child in element]

        return read_array

    def _struct_body(self, of: Type) -> Reader:
        fields = {member.name: self.reader(member.type) for member in of.members}
        keeps_all = of.name in FILTER_STRUCTS

        def read_struct(element: Element, references: References, depth: int) -> Value:
            """Members that are not declared are dropped, as in PHP, but what was sent must not pass for nothing."""
            members: dict[str, list[Value]] = {}
            unknown: dict[str, list[Value]] = {}
            for child in element:
                name = local_name(child)
                if name in fields:
                    members.setdefault(name, []).append(fields[name](child, references, depth + 1))
                elif keeps_all and (value := read_any(child, references, depth + 1)) not in ("", None, [], {}):
                    unknown.setdefault(name, []).append(value)
            if not members and not is_blank(element):
                return read_any(element, references, depth)
            return struct_of(members | unknown)

        return read_struct
