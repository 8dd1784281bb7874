"""Our own description of the services: what the other modules know of Spyne's service classes and types.

``service_of`` turns a service class into a ``Service``, with its operations, their parts and their types, all frozen.
This is the only module that reads Spyne's internals (method descriptors, type info, attributes). Readers, writers, WSDL
and protocol use these descriptions, and so do the tables in the documentation::

    for operation in operations_of(V2_SERVICES):
        print(operation.path, operation.name, [part.name for part in operation.request.parts])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from spyne import MethodDescriptor
from spyne.model import Array, ComplexModelBase
from spyne.model.primitive import AnyDict, Boolean, Decimal, Double, Integer

from .declaration import Declaration
from .types.common import SpyneType

Kind: TypeAlias = Literal["any", "text", "boolean", "integer", "number", "struct", "array"]
Descriptor: TypeAlias = MethodDescriptor
"""Spyne's own description of a method, without type hints."""


@dataclass(frozen=True)
class Type:
    """A type: one of XML Schema's, or a struct or an array of the services' own.

    ``members`` are those of a struct in the order on the wire, or the one item of an array.
    """

    name: str
    kind: Kind
    members: tuple[Part, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the services declare the type themselves."""
        return self.kind in ("struct", "array")

    @property
    def item(self) -> Part:
        """What an array consists of, under the name that elements have in the literal style."""
        (item,) = self.members
        return item

    @property
    def holds_anything(self) -> bool:
        """Whether values of no declared type can be in a value of this type."""
        return self.kind == "any" or any(member.type.holds_anything for member in self.members)

    def qname(self, own_prefix: str) -> str:
        """The qualified name: ``xsd:string``, or the name of an own type with its prefix."""
        return f"{own_prefix if self.is_own else 'xsd'}:{self.name}"


@dataclass(frozen=True)
class Part:
    """A part of a message, or a member of a struct. An ``optional`` one may be absent."""

    name: str
    type: Type
    optional: bool = False


@dataclass(frozen=True)
class Message:
    """A request or a response: its name and its parts, in order."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class LiteralForm:
    """What WS-I declares otherwise than V2: see ``declaration.Declaration``."""

    order: Sequence[str] = ()
    optional: frozenset[str] = frozenset()
    other_names: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    returns: Type | None = None
    title: str | None = None


@dataclass(frozen=True)
class Operation:
    """An operation of a service.

    ``title`` documents it in the WSDL. ``path`` is the API method that it calls, and ``arguments`` the names of that
    method's parameters, in the order of the parts behind the session; operations on sessions have no path.
    ``descriptor`` is what Spyne runs.
    """

    name: str
    title: str
    request: Message
    response: Message
    literal: LiteralForm
    path: str | None
    arguments: Sequence[str]
    messages_last: bool
    descriptor: Descriptor


@dataclass(frozen=True)
class Service:
    """A service: its operations, and the types that it adds to the schema, both in the WSDL's order."""

    name: str
    operations: tuple[Operation, ...]
    types: tuple[Type, ...]


def operations_of(services: Iterable[type]) -> Iterator[Operation]:
    """The operations of service classes, in the WSDL's order."""
    for service in services:
        yield from service_of(service).operations


@cache
def service_of(service: SpyneType) -> Service:
    """The description of a service class."""
    return Service(
        service.__name__,
        tuple(_operation(method) for method in service.public_methods.values()),
        tuple(type_of(each) for each in service.types),
    )


@cache
def type_of(model: SpyneType) -> Type:
    """The description of a type, a model class of Spyne."""
    if issubclass(model, AnyDict):
        return Type("anyType", "any")
    if issubclass(model, ComplexModelBase):
        kind: Kind = "array" if issubclass(model, Array) else "struct"
        return Type(model.get_type_name(), kind, _parts(model))
    return Type(model.get_type_name(), _scalar_kind(model))


def _scalar_kind(model: SpyneType) -> Kind:
    if issubclass(model, Boolean):
        return "boolean"
    if issubclass(model, Integer):  # to Spyne also a decimal
        return "integer"
    return "number" if issubclass(model, (Double, Decimal)) else "text"


def _parts(model: SpyneType) -> tuple[Part, ...]:
    members = model.get_flat_type_info(model).items()
    return tuple(Part(name, type_of(of), of.Attributes.min_occurs == 0) for name, of in members)


def _message(model: SpyneType) -> Message:
    return Message(model.get_type_name(), _parts(model))


def _operation(method: Descriptor) -> Operation:
    declared: Declaration = method.udd["declaration"]
    returns = None if declared.returns is None else type_of(declared.returns)
    types = {name: type_of(of) for name, of in declared.types.items()}
    return Operation(
        name=method.operation_name,
        title=method.doc,
        request=_message(method.in_message),
        response=_message(method.out_message),
        literal=LiteralForm(
            declared.order, frozenset(declared.optional), declared.other_names, types, returns, declared.title
        ),
        path=declared.path,
        arguments=declared.arguments,
        messages_last=declared.messages_last,
        descriptor=method,
    )
