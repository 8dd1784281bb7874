"""How clients name the items of an order: by id or by SKU."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from .errors import InvalidQuantity, excerpt
from .order import Order, OrderItem

ItemQuantities: TypeAlias = "Mapping[int, Decimal] | Mapping[str, Decimal] | Mapping[int | str, Decimal]"
"""Quantities by order item: an int is its id, a str its id or SKU."""

_ITEM_ID = re.compile(r"[0-9]{1,18}")


def items_named(order: Order, name: int | str, is_dummy: Callable[[OrderItem], bool]) -> list[OrderItem]:
    """The items that the name can mean: the one with that id, or else those with that SKU.

    Where several items have the SKU, those that are no dummies are preferred: a configurable product, but not its
    variant.
    """
    text = str(name).strip()
    if isinstance(name, int) or _ITEM_ID.fullmatch(text):
        item = order.item(int(text))
        if item is not None:
            return [item]
    found = [item for item in order.items if item.sku == text]
    return [item for item in found if not is_dummy(item)] or found


def item_named(order: Order, name: int | str, verb: str) -> OrderItem:
    """The one item that the name means; ``verb``, such as "invoice", says what is to be done with it.

    Raises InvalidQuantity, naming the SKU, if no item or more than one has it.
    """
    found = items_named(order, name, lambda item: item.is_dummy)
    if not found:
        raise invalid_quantity(verb, excerpt(str(name)))
    if len(found) > 1:
        raise InvalidQuantity(f'Several items of the order have the SKU "{excerpt(str(name))}".')
    return found[0]


def invalid_quantity(verb: str, name: str | None) -> InvalidQuantity:
    """The error for the quantity of the item of that name."""
    return InvalidQuantity(f'Invalid qty to {verb} item "{name or ""}"')
