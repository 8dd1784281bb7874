"""What is wrong with the quantities of a new document, all at once, in the words of Magento 2 (M2-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO
from .order import Order, OrderItem


@dataclass(frozen=True)
class QuantityTexts:
    """What Magento 2 says for one kind of document; ``too_many`` has a place for the SKU."""

    foreign_items: str
    too_many: str
    no_products: str


def quantity_problems(
    order: Order,
    quantities: Mapping[int, Decimal] | None,
    texts: QuantityTexts,
    is_too_many: Callable[[OrderItem, Decimal], bool],
    counts: Callable[[OrderItem, Decimal], Decimal] = lambda _, qty: qty,
) -> list[str]:
    """The problems with these quantities by order item id; none without quantities.

    ``is_too_many`` compares a quantity with what the item has left; ``counts`` is what the document has of it.
    """
    if not quantities:
        return []
    known = [(item, qty) for item_id, qty in quantities.items() if (item := order.item(item_id)) is not None]
    problems = [] if len(known) == len(quantities) else [texts.foreign_items]
    too_many = [texts.too_many.format(item.sku or "") for item, qty in known if is_too_many(item, qty)]
    problems += too_many
    if not too_many and sum((counts(item, qty) for item, qty in known), ZERO) <= 0:
        problems.append(texts.no_products)
    return problems
