"""The document/literal form of an operation (WS-I): one element around the request, one around the response.

The children of the request's element are the parts that V2 has; ``interface.LiteralForm`` says where they differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .interface import Operation, Type

RESULT = "result"
"""The one child of every response element."""


@dataclass(frozen=True)
class Child:
    """A child of the request's element, and the part that it stands for."""

    name: str
    type: Type
    part: str
    optional: bool


@dataclass(frozen=True)
class Wrapped:
    """The elements of one operation: their names, the children of the request, the type of the result."""

    request: str
    children: Sequence[Child]
    response: str
    result: Type


def wrapped(operation: Operation, *, other_names: bool = True) -> Wrapped:
    """The document/literal form of an operation.

    A part that has another name is there under both, each optional and the other one last, unless ``other_names`` is
    false.
    """
    form = operation.literal
    parts = {part.name: part.type for part in operation.request.parts}
    others = form.other_names if other_names else {}
    optional = {*form.optional, *others.values()}
    children = [Child(name, form.types.get(name, parts[name]), name, name in optional) for name in form.order or parts]
    children += [Child(other, parts[part], part, optional=True) for other, part in others.items()]
    (result,) = operation.response.parts
    return Wrapped(
        f"{operation.request.name}Param", children, f"{operation.response.name}Param", form.returns or result.type
    )
