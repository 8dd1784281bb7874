"""The document/literal form of an operation (WS-I): one element around what is sent, one around the answer.

The children of the request's element are the parts that V2 has; where WS-I's differ, the service says so with
``Wrapping``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RESULT = "result"
"""The one child of every response element."""


@dataclass(frozen=True)
class Wrapping:
    """What WS-I says otherwise than V2 of an operation.

    ``order`` of the children; which are ``optional``; ``other_names`` under which a part may be sent as well; the type
    that it ``returns``.
    """

    order: Sequence[str] = ()
    optional: Sequence[str] = ()
    other_names: Mapping[str, str] = field(default_factory=dict)
    returns: type[Any] | None = None


@dataclass(frozen=True)
class Child:
    """A child of the request's element, and the part that it stands for."""

    name: str
    of: type[Any]
    part: str
    optional: bool


@dataclass(frozen=True)
class Wrapped:
    """The elements of one operation: names, children of the request, type of the result."""

    request: str
    children: Sequence[Child]
    response: str
    result: type[Any]


def wrapped(method: Any, *, other_names: bool = True) -> Wrapped:
    """The document/literal form of a method of a Spyne service.

    A part that has another name is there under both, each optional and the other one last, unless ``other_names`` is
    false.
    """
    wrapping: Wrapping = (method.udd or {}).get("wrapping", Wrapping())
    parts = method.in_message._type_info
    others = wrapping.other_names if other_names else {}
    optional = {*wrapping.optional, *others.values()}
    children = [Child(name, parts[name], name, name in optional) for name in wrapping.order or parts]
    children += [Child(other, parts[part], part, True) for other, part in others.items()]
    (result,) = method.out_message._type_info.values()
    return Wrapped(
        f"{method.in_message.get_type_name()}Param",
        children,
        f"{method.out_message.get_type_name()}Param",
        wrapping.returns or result,
    )
