"""Elements of no declared type -> plain values, as PHP's SoapServer decodes SOAP section 5.

``read_any`` believes the element: its ``xsi:type``, its ``arrayType``, its children. Apache's Map becomes a dict (or a
list, when its keys are 0..n-1), arrays become lists, other elements with children a ``Struct``, the rest scalars.
``reader`` uses the same functions where an element contradicts its declared type.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from magento_soap.api.values import Struct, Value

from . import faults
from .namespaces import APACHE_MAP, CONVENTIONAL_PREFIXES, SOAP11_ENCODING, SOAP12_ENCODING, XSD, XSI
from .references import MAX_DEPTH, Element, References, is_blank, local_name

Scalar: TypeAlias = "bool | int | float | str | None"
QName: TypeAlias = "tuple[str | None, str]"

MAX_DIMENSIONS = 8

_TYPE = f"{{{XSI}}}type"
_ARRAY_TYPE = f"{{{SOAP11_ENCODING}}}arrayType"
_OFFSET = f"{{{SOAP11_ENCODING}}}offset"
_POSITION = f"{{{SOAP11_ENCODING}}}position"
_ITEM_TYPE = f"{{{SOAP12_ENCODING}}}itemType"
SCHEMAS = frozenset(
    {XSD, SOAP11_ENCODING, SOAP12_ENCODING, "http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema"}
)
_INTEGERS = frozenset(
    {"int", "integer", "long", "short", "byte", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"}
    | {"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"}
)
_FLOATS = frozenset({"float", "double"})
_NUMBERS = _INTEGERS | _FLOATS
_COLLAPSED = frozenset({"token", "language", "Name", "NMTOKEN"})
ANYTHING = frozenset({"Struct", "struct", "anyType", "ur-type"})
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
        if is_nil(element):
            return None
        kind = declared_kind(element, references) or (None if _is_array(element) else default)
    if kind is not None:
        namespace, name = kind
        if namespace == APACHE_MAP and name == "Map" and (is_blank(element) or _has_items(element)):
            return _read_map(element, references, depth)
        if namespace in SCHEMAS:
            if name == "Array" or (name == "array" and (is_blank(element) or _has_items(element))):
                return _read_array(element, references, depth)
            if name in _SCALARS:
                return read_scalar(element, name)
    if _is_array(element):
        return _read_array(element, references, depth)
    if len(element) == 0:
        is_struct = kind is not None and kind[0] in SCHEMAS and kind[1] == "Struct"
        return Struct() if is_struct and is_blank(element) else element.text or ""
    members: dict[str, list[Value]] = {}
    for child in element:
        members.setdefault(local_name(child), []).append(read_any(child, references, depth + 1))
    return struct_of(members)


def struct_of(members: dict[str, list[Value]]) -> Struct:
    """A struct; a member that is there several times holds the list of its values, as in PHP."""
    return Struct({name: values[0] if len(values) == 1 else values for name, values in members.items()})


def is_nil(element: Element) -> bool:
    """Whether any attribute is called ``nil``, whatever its namespace and value: that is how PHP looks at it."""
    return any(str(name).rpartition("}")[2] == "nil" for name in element.attrib)


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
    if conventional in SCHEMAS and name in _NUMBERS:
        return None, name
    return conventional or prefix, name


def declared_kind(element: Element, references: References) -> QName | None:
    """The ``xsi:type``, when there is one and its prefix means something."""
    text = element.get(_TYPE)
    if text is None:
        return None
    kind = _resolve(element, text, references)
    return None if kind[0] is None else kind


def item_type_of(element: Element, references: References) -> tuple[QName | None, list[int]]:
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
    return (None if kind[1] in ANYTHING else kind), sizes


def _indices(text: str) -> list[int] | None:
    """The numbers of ``offset`` and ``position``: "[1,2]" is [1, 2]."""
    numbers = text.strip("[] ")[:200].split(",")
    if not all(n.strip().isdecimal() for n in numbers):
        return None
    return [int(n) for n in numbers]


def _read_array(element: Element, references: References, depth: int) -> Value:
    if len(element) == 0 and not is_blank(element):
        return element.text  # no array, but what was sent must not pass for nothing
    item_type, sizes = item_type_of(element, references)
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


def read_scalar(element: Element, kind: str) -> Scalar:
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
