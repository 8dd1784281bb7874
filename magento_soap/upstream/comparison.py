"""Two responses to the same request, compared: what differs, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from magento_soap.api.values import Value, text


@dataclass(frozen=True)
class Difference:
    """A place such as ``result[0].items[1].qty``, with our value and the shop's; ``ABSENT`` where there is none."""

    place: str
    ours: object
    theirs: object

    def __str__(self) -> str:
        return f"{self.place}: here {self.ours!r}, in the shop {self.theirs!r}"


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()


def differences(ours: Value, theirs: Value, place: str = "") -> Iterator[Difference]:
    """Where two values differ.

    Scalars are compared by their text, because PHP sends a column as text or as a number, depending on its version;
    null differs from an empty text. The order of a map does not matter.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            inner = f"{place}.{key}" if place else str(key)
            yield from _compared(ours.get(key, ABSENT), theirs.get(key, ABSENT), inner)
    elif isinstance(ours, list) and isinstance(theirs, list):
        for index in range(max(len(ours), len(theirs))):
            mine = ours[index] if index < len(ours) else ABSENT
            its = theirs[index] if index < len(theirs) else ABSENT
            yield from _compared(mine, its, f"{place}[{index}]")
    elif not _same(ours, theirs):
        yield Difference(place, ours, theirs)


def _compared(ours: Value | _Absent, theirs: Value | _Absent, place: str) -> Iterator[Difference]:
    if isinstance(ours, _Absent) or isinstance(theirs, _Absent):
        yield Difference(place, ours, theirs)
    else:
        yield from differences(ours, theirs, place)


def _same(ours: Value, theirs: Value) -> bool:
    if isinstance(ours, (dict, list)) or isinstance(theirs, (dict, list)):
        return not ours and not theirs and isinstance(ours, (dict, list)) and isinstance(theirs, (dict, list))
    return (ours is None) == (theirs is None) and text(ours) == text(theirs)
