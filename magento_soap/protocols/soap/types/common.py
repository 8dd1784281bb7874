"""What all types are made of: scalars, how to declare structs and arrays, and the types that filter lists.

A module of types ends with the tuple of its types in the order in which Magento's WSDL declares them: sources that some
stacks generate depend on it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from spyne.model import Array, ComplexModel
from spyne.model.complex import TypeInfo
from spyne.model.primitive import AnyDict, Boolean, Double, Integer32, Unicode

from magento_soap.protocols.soap.namespaces import SERVICE

SpyneType: TypeAlias = Any
"""A model class of Spyne, which has no type hints."""

Text: SpyneType = Unicode(min_occurs=1)
OptionalText: SpyneType = Unicode(min_occurs=0)
Integer: SpyneType = Integer32(min_occurs=1)
Number: SpyneType = Double(min_occurs=1)
OptionalNumber: SpyneType = Double(min_occurs=0)
Flag: SpyneType = Boolean
AnyType: SpyneType = AnyDict
"""``xsd:anyType``: a value whose shape only its sender knows."""


def struct(name: str, /, **members: SpyneType) -> SpyneType:
    """A struct type; members that may be absent are ``optional``."""
    info = TypeInfo()
    for member, of in members.items():
        info[member] = of
    return ComplexModel.produce(SERVICE, name, info)


def array(name: str, of: SpyneType) -> SpyneType:
    """An array type: ``item`` elements when encoded, ``complexObjectArray`` elements in the literal style."""
    declared = Array(of, member_name="complexObjectArray", type_name=name)
    declared.__namespace__ = SERVICE
    return declared


def required(of: SpyneType) -> SpyneType:
    """The type of a member that is always there."""
    return of.customize(min_occurs=1)


def optional(of: SpyneType) -> SpyneType:
    """The type of a member that may be absent."""
    return of.customize(min_occurs=0)


def optional_texts(names: str) -> dict[str, SpyneType]:
    """Members of text, each optional, by the names in a text."""
    return dict.fromkeys(names.split(), OptionalText)


FixedArray = array("FixedArray", AnyType)
"""An array of anything: the only one that V1 has."""

AssociativeEntity = struct("associativeEntity", key=Text, value=Text)
AssociativeArray = array("associativeArray", AssociativeEntity)
ComplexFilter = struct("complexFilter", key=Text, value=required(AssociativeEntity))
ComplexFilterArray = array("complexFilterArray", ComplexFilter)
Filters = struct("filters", filter=optional(AssociativeArray), complex_filter=optional(ComplexFilterArray))

ArrayOfString = array("ArrayOfString", Text)

FILTER_STRUCTS = frozenset({"associativeEntity", "complexFilter", "filters"})
"""An undeclared member of these was meant to filter: dropped, the list would have every row."""

V1_TYPES = (FixedArray,)
V2_TYPES = (AssociativeEntity, AssociativeArray, Filters, ComplexFilterArray, ComplexFilter)
