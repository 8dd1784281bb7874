"""Values as strict as PHP's types in Magento 2: what was written as text counts where it can mean only one thing.

Names may be written ``appendComment`` or ``append_comment`` (M2-8). What is null counts as left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, TypeVar

from magento_soap.api.arguments import LARGEST_QUANTITY, NUMBER
from magento_soap.api.values import shown
from magento_soap.sales.errors import excerpt

from .errors import NO_SUCH_ENTITY, WebapiError

Arguments: TypeAlias = "Mapping[str, object]"
T = TypeVar("T")
D = TypeVar("D")

LARGEST_ID = 2**32 - 1  # of Magento's columns
INTEGER = re.compile(r"-?[0-9]{1,18}")
SPELLED_BOOLEANS = {"0": False, "1": True, "false": False, "true": True}
SALES_DATA, FRAMEWORK = "Magento\\Sales\\Api\\Data", "Magento\\Framework\\Api"

REQUIRED = '"%fieldName" is required. Enter and try again.'
NOT_READ = 'Error occurred during "%fieldName" processing. %details'
WRONG_TYPE = 'The "{}" value\'s type is invalid. The "{}" type was expected. Verify and try again.'
NO_SUCH_PROPERTY = 'Property "{0}" does not have accessor method "get{0}" in class "{1}\\{2}".'


def read_entity_id(name: str, value: str) -> int:
    """The entity id in a path; no entity has an id that Magento's columns cannot hold (404)."""
    found = read(integer, name, value)
    if not 0 < found <= LARGEST_ID:
        raise WebapiError(404, NO_SUCH_ENTITY)
    return found


def optional(kind: Callable[[object], T], named: Arguments, name: str, default: D) -> T | D:
    """The argument of that name as ``kind`` reads it, or the default."""
    value = named.get(name)
    return default if value is None else read(kind, name, value)


def required(kind: Callable[[object], T], named: Arguments, name: str) -> T:
    """The argument of that name as ``kind`` reads it."""
    if named.get(name) is None:
        raise WebapiError(400, REQUIRED, {"fieldName": name})
    return read(kind, name, named[name])


def read(kind: Callable[[object], T], name: str, value: object) -> T:
    """The value as ``kind`` reads it, one of the functions below that raise TypeError."""
    try:
        return kind(value)
    except TypeError as wrong:
        raise not_read(name, str(wrong)) from None


def boolean(value: object) -> bool:
    """Raises TypeError."""
    if isinstance(value, bool):
        return value
    spelled = SPELLED_BOOLEANS.get(str(value)) if isinstance(value, (int, str)) else None
    if spelled is None:
        raise TypeError(_wrong_type(value, "bool"))
    return spelled


def integer(value: object) -> int:
    """Raises TypeError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not INTEGER.fullmatch(str(value)):
        raise TypeError(_wrong_type(value, "int"))
    return int(value)


def number(value: object) -> Decimal:
    """Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not NUMBER.fullmatch(str(value)):
        raise TypeError(_wrong_type(value, "float"))
    return Decimal(str(value))


def amount(value: object) -> Decimal:
    """A number that Magento's columns can hold. Raises TypeError."""
    found = number(value)
    if abs(found) >= LARGEST_QUANTITY:
        raise TypeError(_wrong_type(value, "float"))
    return found


def string(value: object) -> str:
    """Raises TypeError."""
    if isinstance(value, (bool, list, dict)):
        raise TypeError(_wrong_type(value, "string"))
    return str(value)


def members(named: Arguments, name: str, interface: str, *allowed: str, namespace: str = SALES_DATA) -> Arguments:
    """The members of an object among the arguments, by their names in camelCase; others than ``allowed`` are refused.

    ``interface`` is what Magento 2 calls the object. Each may have ``extensionAttributes``.
    """
    found = camel_case(_object(named, name, interface))
    for member in found:
        if member not in (*allowed, "extensionAttributes"):
            title = excerpt(member[:1].upper() + member[1:])
            raise not_read(name, NO_SUCH_PROPERTY.format(title, namespace, interface))
    return found


def extension_attributes(named: Arguments, interface: str) -> Arguments:
    """The attributes that extensions add to an object; their names are left as they are."""
    return _object(named, "extensionAttributes", interface)


def each_of(named: Arguments, name: str, interface: str, *allowed: str, namespace: str = SALES_DATA) -> list[Arguments]:
    """The members of each object of a list among the arguments."""
    return [
        members({name: entry}, name, interface, *allowed, namespace=namespace)
        for entry in sequence(named, name, interface)
    ]


def sequence(named: Arguments, name: str, entries: str) -> Sequence[object]:
    """A list among the arguments, empty where there is none; ``entries`` is the type of what it holds."""
    value = named.get(name) or []
    if not isinstance(value, list):
        raise not_read(name, _wrong_type(value, f"{entries}[]"))
    return value


def camel_case(arguments: Arguments) -> dict[str, object]:
    """The same with the names in camelCase."""
    return {re.sub("_([a-z0-9])", lambda found: found[1].upper(), name): value for name, value in arguments.items()}


def not_read(name: str, details: str) -> WebapiError:
    """The error for an argument that is not understood."""
    return WebapiError(400, NOT_READ, {"fieldName": name, "details": details})


def _object(named: Arguments, name: str, interface: str) -> Arguments:
    """An object among the arguments; {} for null and for PHP's empty array."""
    value = named.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise not_read(name, _wrong_type(value, interface))
    return value


def _wrong_type(value: object, expected: str) -> str:
    return WRONG_TYPE.format(shown(value), expected)
