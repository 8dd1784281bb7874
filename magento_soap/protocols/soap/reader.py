"""XML of a request -> plain values, as PHP's SoapServer decodes SOAP section 5.

Three ideas:

* *untyped*: ``read_any`` believes the element: ``xsi:type``, ``arrayType``, its children. Apache's Map becomes a dict
  (or a list, when its keys are 0..n-1), arrays lists, other elements with children a ``Struct``, the rest scalars.
* *typed*: ``TypeReaders`` builds a function per declared type, once. What the element says of itself (``xsi:type``)
  outranks what is declared, as in PHP; element names inside arrays and namespaces of members do not matter.
* *references*: ``href`` leads to the element with that ``id`` anywhere in the document. What references may multiply
  is bounded.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree
from spyne.model import Array, ComplexModelBase
from spyne.model.primitive import AnyDict, Boolean, Decimal, Double, Integer

from magento_soap.api.values import Struct, Value

from . import faults
from .names import APACHE_MAP, CONVENTIONAL_PREFIXES, SOAP11_ENCODING, SOAP12_ENCODING, XSD, XSI
from .types import FILTER_STRUCTS

Element: TypeAlias = etree._Element
Scalar: TypeAlias = "bool | int | float | str | None"
Reader: TypeAlias = "Callable[..., Value]"
"""A function of the element, the document's ``References`` and the depth."""
QName: TypeAlias = "tuple[str | None, str]"

MAX_DEPTH = 128
"""How deep values may be nested, references followed."""
MAX_REFERENCED = 100_000
"""How many elements may be read through references; a small document can refer to one element very often."""
MAX_REFERENCED_BYTES = 8 * 1024 * 1024
"""How much text they may have in all; each time counts that an element is referred to."""
MAX_DIMENSIONS = 8
MAX_ROWS = 20_000
"""How many rows the arrays of more than one dimension in a document may have: what the next dimension is in."""
MAX_DECLARATIONS_READ = 5_000_000
"""How many namespace declarations are looked at for the types in a document."""

_TYPE = f"{{{XSI}}}type"
_ARRAY_TYPE = f"{{{SOAP11_ENCODING}}}arrayType"
_OFFSET = f"{{{SOAP11_ENCODING}}}offset"
_POSITION = f"{{{SOAP11_ENCODING}}}position"
_ITEM_TYPE = f"{{{SOAP12_ENCODING}}}itemType"
_SCHEMAS = frozenset(
    {XSD, SOAP11_ENCODING, SOAP12_ENCODING, "http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema"}
)
_INTEGERS = frozenset(
    {"int", "integer", "long", "short", "byte", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"}
    | {"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"}
)
_FLOATS = frozenset({"float", "double"})
_NUMBERS = _INTEGERS | _FLOATS
_COLLAPSED = frozenset({"token", "language", "Name", "NMTOKEN"})
_ANYTHING = frozenset({"Struct", "struct", "anyType", "ur-type"})
_TEXTS = frozenset(
    {"string", "decimal", "duration", "dateTime", "time", "date", "gYearMonth", "gYear", "gMonthDay", "gDay", "gMonth"}
    | {"hexBinary", "base64Binary", "base64", "anyURI", "QName", "NOTATION", "normalizedString", "token", "language"}
    | {"NMTOKEN", "NMTOKENS", "Name", "NCName", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES"}
)
_SCALARS = _NUMBERS | _TEXTS | {"boolean"}

_WHITE = " \t\n\r\v\f"
_INTEGER = re.compile(rf"[{_WHITE}]*([+-]?[0-9]{{1,19}})[{_WHITE}]*\Z").match
_NUMBER = re.compile(rf"[{_WHITE}]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[{_WHITE}]*\Z").match
_ARRAY_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z").match


@dataclass
class _Shared:
    """The value of an element that is referred to, and how many elements and bytes reading it was."""

    value: Value
    elements: int
    size: int


class References:
    """What one document means: the targets of ``href``, and the namespaces of prefixes.

    The table of ids is built when the first reference is followed. A target is read once for each type and depth, and
    its value shared: nothing changes a value once it is read. What sharing saves is counted all the same, because code
    that walks through the value meets all of it.

    ``all_declared_at_root`` promises that no element below the root declares a namespace.
    """

    def __init__(self, root: Element, *, all_declared_at_root: bool = False) -> None:
        self._root = root
        self._namespaces = root.nsmap if all_declared_at_root else None
        self._declarations_left = MAX_DECLARATIONS_READ
        self._targets: dict[str, Element] | None = None
        self._sizes: dict[Element, tuple[int, int]] = {}
        self._values: dict[tuple[Any, ...], _Shared] = {}
        self._elements = 0
        self._bytes = 0
        self._rows = 0

    def read(self, element: Element, read: Reader, depth: int, *more: Any) -> Value:
        """The value of what ``element`` refers to, as ``read`` reads it.

        Raises the fault of an unresolved reference: for dangling ones, for circles, and for documents that refer too
        much.
        """
        target = self._target(element)
        key = (target, read, depth, *more)
        shared = self._values.get(key)
        if shared is not None:
            self._count(element, shared.elements, shared.size)
            return shared.value
        elements, size = self._elements, self._bytes
        self._count(element, *self._size(target))
        value = read(target, self, depth, *more)
        self._values[key] = _Shared(value, self._elements - elements, self._bytes - size)
        return value

    def follow(self, element: Element) -> Element:
        """The element that stands for ``element``: itself, or where its chain of ``href`` ends. Raises as ``read``."""
        if element.get("href") is None:
            return element
        target = self._target(element)
        self._count(element, *self._size(target))
        return target

    def _target(self, element: Element) -> Element:
        if self._targets is None:
            self._targets = {id_: e for e in self._root.iter(etree.Element) if (id_ := e.get("id"))}
        steps = 0
        while (href := element.get("href")) is not None:
            steps += 1
            target = self._targets.get(href[1:]) if href.startswith("#") else None
            if target is None or steps > MAX_DEPTH:
                raise faults.unresolved_reference(href)
            self._elements += 1
            element = target
        return element

    def _size(self, target: Element) -> tuple[int, int]:
        """How many elements are in a target, and about how many bytes of text and attributes."""
        size = self._sizes.get(target)
        if size is None:
            elements = length = 0
            for each in target.iter(etree.Element):
                elements += 1
                length += len(each.tag) + len(each.text or "") + sum(map(len, each.attrib.values()))
            size = self._sizes[target] = (elements, length)
        return size

    def _count(self, element: Element, elements: int, size: int) -> None:
        self._elements += elements
        self._bytes += size
        if self._elements > MAX_REFERENCED or self._bytes > MAX_REFERENCED_BYTES:
            raise faults.unresolved_reference(element.get("href", ""))

    def namespace(self, element: Element, prefix: str) -> str | None:
        """What a prefix means where ``element`` is; "" asks for the namespace of names without one.

        Raises the fault of a request that is too large when too many declarations have to be looked at for that.
        """
        namespaces = self._namespaces
        if namespaces is None:
            namespaces = element.nsmap  # libxml2 walks from the element to the root for that
            self._declarations_left -= len(namespaces)
            if self._declarations_left < 0:
                raise faults.request_too_large()
        return namespaces.get(prefix or None)

    def count_row(self) -> None:
        """Count a row of an array of several dimensions. Raises the fault of an encoding that is violated."""
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise faults.encoding_violation()


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str | None:
    """The element's namespace; unlike ``QName`` also of names that are none, such as ``a:b:c``."""
    namespace, closing, _ = str(element.tag).rpartition("}")
    return namespace[1:] if closing else None


def read_any(element: Element, references: References, depth: int = 0, default: QName | None = None) -> Value:
    """The value of an element of no declared type; ``default`` is the item type of the array around it.

    Raises a ``SoapFault`` when the element contradicts itself (text where it says integer, a dangling reference).
    """
    if depth > MAX_DEPTH:
        raise faults.invalid_xml()
    kind = default
    if element.attrib:
        if element.get("href") is not None:
            return references.read(element, read_any, depth, default)
        if _is_nil(element):
            return None
        kind = _declared_kind(element, references) or (None if _is_array(element) else default)
    if kind is not None:
        namespace, name = kind
        if namespace == APACHE_MAP and name == "Map" and (is_blank(element) or _has_items(element)):
            return _read_map(element, references, depth)
        if namespace in _SCHEMAS:
            if name == "Array" or (name == "array" and (is_blank(element) or _has_items(element))):
                return _read_array(element, references, depth)
            if name in _SCALARS:
                return _scalar(element, name)
    if _is_array(element):
        return _read_array(element, references, depth)
    if len(element) == 0:
        is_struct = kind is not None and kind[0] in _SCHEMAS and kind[1] == "Struct"
        return Struct() if is_struct and is_blank(element) else element.text or ""
    members: dict[str, list[Value]] = {}
    for child in element:
        members.setdefault(local_name(child), []).append(read_any(child, references, depth + 1))
    return _struct(members)


def _struct(members: dict[str, list[Value]]) -> Struct:
    """A struct; a member that is there several times holds the list of its values, as in PHP."""
    return Struct({name: values[0] if len(values) == 1 else values for name, values in members.items()})


def _is_nil(element: Element) -> bool:
    """Whether any attribute is called ``nil``, whatever its namespace and value: that is how PHP looks at it."""
    return any(str(name).rpartition("}")[2] == "nil" for name in element.attrib)


def is_blank(element: Element) -> bool:
    """Whether nothing is in an element."""
    return len(element) == 0 and not (element.text or "").strip()


def _has_items(element: Element) -> bool:
    return any(local_name(child) == "item" for child in element)


def _is_array(element: Element) -> bool:
    return element.get(_ARRAY_TYPE) is not None or element.get(_ITEM_TYPE) is not None


def _resolve(element: Element, qname: str, references: References) -> QName:
    """Namespace and name; for a prefix that is not declared its conventional meaning, or else itself, as in PHP.

    Of numbers, only those count whose prefix is declared: PHP reads the others as text, and ``007`` stays what it is.
    """
    prefix, _, name = qname.strip().rpartition(":")
    namespace = references.namespace(element, prefix)
    if namespace is not None or not prefix:
        return namespace, name
    conventional = CONVENTIONAL_PREFIXES.get(prefix.lower())
    if conventional in _SCHEMAS and name in _NUMBERS:
        return None, name
    return conventional or prefix, name


def _declared_kind(element: Element, references: References) -> QName | None:
    """The ``xsi:type``, when there is one and its prefix means something."""
    text = element.get(_TYPE)
    if text is None:
        return None
    kind = _resolve(element, text, references)
    return None if kind[0] is None else kind


def _item_type(element: Element, references: References) -> tuple[QName | None, list[int]]:
    """Type of an array's items and its dimensions (-1: open): ``arrayType="xsd:int[2,3]"`` is (xsd:int, [2, 3]).

    Raises the fault of an encoding that is violated for too many dimensions.
    """
    item_type = element.get(_ITEM_TYPE)
    if item_type is not None:
        return _resolve(element, item_type, references), [-1]
    spec = element.get(_ARRAY_TYPE)
    if spec is None:
        return None, [-1]
    name, _, size = spec.rpartition("[")
    if size.count(",") >= MAX_DIMENSIONS:
        raise faults.encoding_violation()
    sizes = [int(n) if n.strip().isdecimal() else -1 for n in size.rstrip("] ")[:200].split(",")]
    if name.endswith("]"):  # an array of arrays: the inner ones say themselves what they are
        return None, sizes
    kind = _resolve(element, name, references)
    return (None if kind[1] in _ANYTHING else kind), sizes


def _indices(text: str) -> list[int] | None:
    """The numbers of ``offset`` and ``position``: "[1,2]" is [1, 2]."""
    numbers = text.strip("[] ")[:200].split(",")
    if not all(n.strip().isdecimal() for n in numbers):
        return None
    return [int(n) for n in numbers]


def _read_array(element: Element, references: References, depth: int) -> Value:
    if len(element) == 0 and not is_blank(element):
        return element.text  # no array, but what was sent must not pass for nothing
    item_type, sizes = _item_type(element, references)
    position = [0] * len(sizes)

    def move(text: str | None) -> None:
        if text is not None and (indices := _indices(text)) and len(indices) == len(position):
            position[:] = indices

    move(element.get(_OFFSET))
    cells: dict[Any, Any] = {}
    for child in element:
        move(child.get(_POSITION))
        row = cells
        for index in position[:-1]:
            if index not in row:
                references.count_row()
                row[index] = {}
            row = row[index]
        row[position[-1]] = read_any(child, references, depth + 1, item_type)
        position[-1] += 1
        for i in range(len(position) - 1, 0, -1):
            if 0 <= sizes[i] <= position[i]:
                position[i] = 0
                position[i - 1] += 1
    return _rows(cells, len(sizes))


def _rows(cells: dict[Any, Any], dimensions: int) -> Value:
    if dimensions > 1:
        cells = {index: _rows(row, dimensions - 1) for index, row in cells.items()}
    return _php_array(cells)


def _php_array(items: dict[Any, Any]) -> Value:
    """A PHP array: a list when its keys are 0..n-1 in order, else a dict."""
    return items if any(key != i for i, key in enumerate(items)) else list(items.values())


def _read_map(element: Element, references: References, depth: int) -> Value:
    if len(element) == 0:
        return None  # PHP's way with an empty map
    items: dict[Any, Any] = {}
    for item in element:
        if local_name(item) != "item":
            continue
        parts: dict[str, Element] = {}
        for part in references.follow(item):
            parts.setdefault(local_name(part), part)
        if "key" not in parts or "value" not in parts:
            raise faults.map_without("key" if "key" not in parts else "value")
        key = read_any(parts["key"], references, depth + 1)
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            raise faults.map_key_type()
        if isinstance(key, str) and _ARRAY_KEY(key):
            key = int(key)
        items[key] = read_any(parts["value"], references, depth + 1)
    return _php_array(items)


def _number(text: str) -> int | float:
    """A number as PHP's ``is_numeric`` reads it: an int of 64 bits, or a float."""
    if match := _INTEGER(text):
        number = int(match[1])
        if -(1 << 63) <= number < 1 << 63:
            return number
    if match := _NUMBER(text):
        value = float(match[1])
        if value - value == 0:  # neither infinite nor NaN
            return value
    raise faults.encoding_violation()


def _boolean(text: str) -> bool:
    word = text.strip(_WHITE).lower()
    if word in ("true", "t", "1"):
        return True
    return bool(word) and word not in ("false", "f", "0")


def _bytes(text: str, decode: Callable[[str], bytes]) -> str:
    try:
        return decode(text).decode("utf-8", "replace")
    except ValueError:
        raise faults.encoding_violation() from None


def _scalar(element: Element, kind: str) -> Scalar:
    """The scalar of an element of schema type ``kind``; types that PHP does not know are text."""
    if len(element):
        raise faults.encoding_violation()
    text = element.text
    if kind in _INTEGERS:
        return None if text is None else _number(text)
    if kind in _FLOATS:
        return None if text is None else float(_number(text))
    if kind == "boolean":
        return None if text is None else _boolean(text)
    if text is None:
        return ""
    if kind in _COLLAPSED:
        return " ".join(text.split())
    if kind == "normalizedString":
        return re.sub("[\t\r\n]", " ", text)
    if kind in ("base64Binary", "base64"):
        return _bytes(text, base64.b64decode)
    if kind == "hexBinary":
        return _bytes(text, bytes.fromhex)
    return text


class TypeReaders:
    """Readers of declared types, each built once.

    ``xsi:type`` and ``arrayType`` may name any type that a reader was built for, in one of ``namespaces``.
    ``literal``: read the style of WS-I, where the elements of an array have a name.
    """

    def __init__(self, namespaces: Iterable[str], *, literal: bool = False) -> None:
        self._namespaces = frozenset(namespaces)
        self._literal = literal
        self._readers: dict[type, Reader] = {}
        self._by_name: dict[str, Reader] = {}
        self._item_readers: dict[str, Reader] = {}

    def reader(self, of: type[Any]) -> Reader:
        """The function that reads an element declared to be of Spyne type ``of``."""
        known = self._readers.get(of)
        if known is not None:
            return known
        if issubclass(of, AnyDict):
            return read_any
        body = self._body(of)
        if issubclass(of, ComplexModelBase):
            self._by_name.setdefault(of.get_type_name(), body)
        reader = self._readers[of] = self._with_attributes(body, composite=issubclass(of, ComplexModelBase))
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
            if _is_nil(element):
                return None
            kind = _declared_kind(element, references)
            if kind is None or kind[1] in _ANYTHING or (kind[1] == "Array" and kind[0] in _SCHEMAS):
                item_type = _item_type(element, references)[0]
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
            if name not in ("anyType", "ur-type") and (namespace in _SCHEMAS or namespace == APACHE_MAP):
                return read_any(element, references, depth)
            return body(element, references, depth)

        return read

    def _item_reader(self, name: str) -> Reader:
        """The reader of an array's items, which are of the type that the array names."""
        if name not in self._item_readers:
            self._item_readers[name] = self._with_attributes(self._by_name[name])
        return self._item_readers[name]

    def _body(self, of: type[Any]) -> Reader:
        if issubclass(of, Array):
            return self._array_body(of)
        if issubclass(of, ComplexModelBase):
            return self._struct_body(of)
        kind = "string"
        if issubclass(of, Boolean):
            kind = "boolean"
        elif issubclass(of, Integer):
            kind = "int"
        elif issubclass(of, (Double, Decimal)):
            kind = "double"

        def read_scalar(element: Element, _references: References, _depth: int) -> Value:
            return _scalar(element, kind)

        return read_scalar

    def _array_body(self, of: type[Any]) -> Reader:
        (item_type,) = of._type_info.values()
        item = self.reader(item_type)
        as_struct: Reader | None = None
        fields: frozenset[str] = frozenset()
        if issubclass(item_type, ComplexModelBase) and not issubclass(item_type, Array):
            as_struct = item
            fields = frozenset(item_type.get_flat_type_info(item_type))

        def read_array(element: Element, references: References, depth: int) -> Value:
            if len(element) == 0:
                return (element.text or "").strip() or []  # text is no array, but must not pass for nothing
            if as_struct is not None and fields.issuperset(local_name(child) for child in element):
                return as_struct(element, references, depth + 1)  # the item itself, without an array around it
            return [item(child, references, depth + 1) for child in element]

        return read_array

    def _struct_body(self, of: type[Any]) -> Reader:
        fields = {name: self.reader(field) for name, field in of.get_flat_type_info(of).items()}
        keeps_all = of.get_type_name() in FILTER_STRUCTS

        def read_struct(element: Element, references: References, depth: int) -> Value:
            """Members that are not declared are dropped, as in PHP, but what was sent must not pass for nothing."""
            members: dict[str, list[Value]] = {}
            strange: dict[str, list[Value]] = {}
            for child in element:
                name = local_name(child)
                if name in fields:
                    members.setdefault(name, []).append(fields[name](child, references, depth + 1))
                elif keeps_all and (value := read_any(child, references, depth + 1)) not in ("", None, [], {}):
                    strange.setdefault(name, []).append(value)
            if not members and not is_blank(element):
                return read_any(element, references, depth)
            return _struct(members | strange)

        return read_struct
