"""The elements of a request, and what they refer to: the targets of ``href``, the namespaces of prefixes.

``References`` belongs to one document and counts what is read through it: a small document can refer to one element
very often. Its limits are here; ``reader`` and ``untyped_reader`` call it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from magento_soap.api.values import Value

from . import faults

Element: TypeAlias = etree._Element
Reader: TypeAlias = "Callable[..., Value]"
"""A function of the element, the document's ``References`` and the depth."""

MAX_DEPTH = 128
"""How deep values may be nested, references followed."""
MAX_REFERENCED = 100_000
"""How many elements may be read through references; a small document can refer to one element very often."""
MAX_REFERENCED_BYTES = 8 * 1024 * 1024
"""How much text they may have in all; each time counts that an element is referred to."""
MAX_ROWS = 20_000
"""How many rows the arrays of more than one dimension in a document may have: what the next dimension is in."""
MAX_DECLARATIONS_READ = 5_000_000
"""How many namespace declarations are looked at for the types in a document."""


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


def is_blank(element: Element) -> bool:
    """Whether nothing is in an element."""
    return len(element) == 0 and not (element.text or "").strip()
