"""How clients shape the arguments of a method: one place decides, every protocol uses it.

``bind`` finds which value belongs to which parameter. ``quantities`` reads the many forms of ``itemsQty`` for every
document; each method says with a policy of its own what a quantity means, such as ``quantity_to``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from magento_soap.sales.errors import InvalidArgument, InvalidQuantity

from .faults import MISSING_PARAMETER, ApiFault
from .values import Value, identifier, shown

LARGEST_QUANTITY = Decimal(10) ** 8  # what the columns, decimal(12,4), can hold
NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Parameter:
    """A parameter of an API method: its name, other names that documents use for it, and its default.

    ``optional_in_v1``: required only by documents that are newer than V1. ``takes_map``: a map of names that are no
    parameters can be meant as the value of this one.
    """

    name: str
    also: tuple[str, ...] = ()
    required: bool = False
    default: Value = None
    optional_in_v1: bool = False
    takes_map: bool = False

    def goes_by(self, name: object) -> bool:
        """Whether a client may call the parameter by that name."""
        return name == self.name or name in self.also


def bind(parameters: Sequence[Parameter], args: Value, *, v1: bool = False) -> dict[str, Value]:
    """The value of each parameter, by name (API-30).

    ``args`` is a list by position, a map of parameter names, a map with any other key, bound by order of appearance as
    PHP 5 and 7 did, or a scalar, which is the first argument. Surplus values are ignored. Fault 6 when a required one
    is missing; a null that was sent is a value.
    """
    if isinstance(args, dict):
        named = all(any(p.goes_by(key) for p in parameters) for key in args)
        if not named and parameters and parameters[0].takes_map and _is_value_of_one(args):
            bound: dict[str, Value] = {parameters[0].name: args}
        else:
            bound = _by_name(parameters, args) if named else _by_position(parameters, list(args.values()))
    else:
        bound = _by_position(parameters, args if isinstance(args, list) else [args])
    for parameter in parameters:
        if parameter.name not in bound:
            if parameter.required and not (v1 and parameter.optional_in_v1):
                raise ApiFault(MISSING_PARAMETER)
            bound[parameter.name] = parameter.default
    return bound


def _is_value_of_one(args: Mapping[Any, Value]) -> bool:
    """Whether a map is an argument rather than holding one: its first member cannot be a map that was meant."""
    first = next(iter(args.values()))
    return not (isinstance(first, (list, dict)) and first) and not all(str(key).isdecimal() for key in args)


def _by_name(parameters: Sequence[Parameter], args: Mapping[Any, Value]) -> dict[str, Value]:
    return {p.name: value for key, value in args.items() for p in parameters if p.goes_by(key)}


def _by_position(parameters: Sequence[Parameter], args: Sequence[Value]) -> dict[str, Value]:
    return {p.name: value for p, value in zip(parameters, args)}  # noqa: B905 - surplus values are ignored


def quantities(items_qty: Value, read: Callable[[Value], Decimal]) -> dict[int | str, Decimal] | None:
    """Quantity by order item; None when nothing was sent, and empty when all entries count as not sent.

    Understands a map of ids, a list of ``order_item_id`` / ``qty`` entries, one such entry by itself, and nothing in
    any form (null, "", 0, false, empty list or map). An item is named by its id or its SKU; the domain, which knows the
    order, decides which of the two a text is. Entries without item and quantity count as not sent: PHP's SoapClient
    turns V2's documented map into such entries. Later duplicates win (API-31).

    ``read`` is the method's policy for one quantity; it may raise InvalidQuantity. Raises InvalidQuantity.
    """
    if items_qty is None or items_qty in ("", "0", 0, [], {}):
        return None
    if not isinstance(items_qty, (list, dict)):
        raise InvalidQuantity(f'Invalid items quantity "{shown(items_qty)}"')
    return {item: read(qty) for item, qty in _entries(items_qty)}


def _entries(items_qty: list[Any] | dict[Any, Any]) -> Iterator[tuple[int | str, Value]]:
    """The item and the quantity of each entry, as sent."""
    if isinstance(items_qty, dict):
        if "order_item_id" in items_qty or "qty" in items_qty:
            if items_qty.get("order_item_id") is None and items_qty.get("qty") is None:
                return
            yield _item(items_qty.get("order_item_id")), items_qty.get("qty")
            return
        for key, value in items_qty.items():
            yield _item(key), value
        return
    for position, entry in enumerate(items_qty):
        if isinstance(entry, dict):
            yield from _entries(entry)
        elif entry is not None and entry != "":
            yield position, entry  # a PHP list: its keys are the ids 0, 1, 2 ...


def _item(value: Value) -> str:
    name = identifier(value).strip()
    if not name or isinstance(value, bool):
        raise InvalidQuantity(f'Invalid order item id "{shown(value)}"')
    return name


def quantity(value: Value) -> Decimal | None:
    """A quantity as shops write numbers: "1.5", "1,5", "1'000.50", "1.000,5" (PREP-2); None for any other value."""
    if isinstance(value, str):
        written = value.replace(" ", "").replace("'", "")
        if "," in written and "." in written:
            grouping = "," if written.index(",") < written.index(".") else "."
            written = written.replace(grouping, "")
        written = written.replace(",", ".")
    elif value is None or isinstance(value, (bool, list, dict)):
        return None
    else:
        written = repr(value)
    if not NUMBER.fullmatch(written) or abs(number := Decimal(written)) >= LARGEST_QUANTITY:
        return None
    return number


def quantity_to(verb: str) -> Callable[[Value], Decimal]:
    """The policy that takes each quantity as it was sent, to ``verb`` the item; any other value is fault 102 (PREP-7).

    The policy raises InvalidQuantity.
    """

    def read(value: Value) -> Decimal:
        number = quantity(value)
        if number is None:
            raise InvalidQuantity(f'Invalid qty to {verb} "{shown(value)}"')
        return number

    return read


def number(name: str, value: Value) -> Decimal:
    """The number that an argument or one of its members is, written as quantities are. Raises InvalidArgument."""
    found = quantity(value)
    if found is None:
        raise InvalidArgument(f'Invalid value "{shown(value)}" for "{name}"; a number is expected.')
    return found
