"""The parameters of a call: from the children of its element to the arguments of the operation.

A class for each style. Both find parts by local name and read them with the readers of their types (``reader``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magento_soap.api.values import Value

from . import faults
from .references import Element, Reader, References, is_blank, local_name

MAX_PARAMETERS = 1000

FILTERING = frozenset({"filters", "args"})
"""The parts of V2's lists and of V1's call that hold filters."""


@dataclass(frozen=True)
class EncodedParameters:
    """The parts of an rpc/encoded call, by name or by position."""

    parts: Sequence[tuple[str, Reader]]

    def read(self, call: Element, references: References) -> list[Value]:
        """The arguments in the order of the parts; a part that was not sent is None.

        Raises the faults of a missing and of a surplus parameter, and those of the readers.
        """
        if len(call) > MAX_PARAMETERS:
            raise faults.surplus_parameter()
        sent: dict[str, Element] = {}
        for element in call:
            sent.setdefault(local_name(element), element)
        names = [name for name, _ in self.parts]
        if any(name in sent for name in names):
            _filter_by_unknown_element(sent, names)
            return [read(sent[name], references, 0) if name in sent else None for name, read in self.parts]
        if self.parts and len(call) == 0:
            raise faults.missing_parameter()
        if len(call) > len(self.parts):
            raise faults.surplus_parameter()
        values = [read(element, references, 0) for (_, read), element in zip(self.parts, call, strict=False)]
        return values + [None] * (len(self.parts) - len(values))


@dataclass(frozen=True)
class LiteralParameters:
    """The children of a document/literal request, by name."""

    parts: Sequence[str]
    children: Sequence[tuple[str, str, Reader]]
    """Name, part and reader. Where two stand for one part, the first that has a value counts."""

    def read(self, call: Element, references: References) -> list[Value]:
        """The arguments in the order of the parts; a part that was not sent is None. Raises the readers' faults."""
        sent = {local_name(element): element for element in call}  # of a repeated child the last counts, as in PHP
        _filter_by_unknown_element(sent, [name for name, *_ in self.children])
        values: dict[str, Value] = {}
        for name, part, read in self.children:
            if name in sent and values.get(part) is None:
                values[part] = read(sent[name], references, 0)
        return [values.get(part) for part in self.parts]


def _filter_by_unknown_element(sent: dict[str, Element], names: Sequence[str]) -> None:
    """Where an operation has filters and none were sent, take the first other element with content for them.

    PHP drops elements of other names and returns every row. Filters that were sent under another name must count.
    """
    part = next((name for name in names if name in FILTERING), None)
    if part is None or part in sent:
        return
    for name, element in sent.items():
        if name not in names and not is_blank(element):
            sent[part] = element
            return
