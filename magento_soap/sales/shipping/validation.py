"""The reasons why something cannot be shipped, all at once, in the words of Magento 2."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.order import Order
from magento_soap.sales.validation import QuantityTexts, quantity_problems

from .preparation import shippable

TEXTS = QuantityTexts(
    foreign_items="The shipment contains product item that is not part of the original order.",
    too_many='The quantity to ship must not be greater than the unshipped quantity for product SKU "{}".',
    no_products="You can't create a shipment without products.",
)
WRONG_STATUS = "A shipment cannot be created when an order has a status of {}"


def shipment_problems(order: Order, quantities: Mapping[int, Decimal] | None) -> list[str]:
    """The reasons why these quantities cannot be shipped, in the words of Magento 2; none without quantities."""
    return quantity_problems(order, quantities, TEXTS, lambda item, qty: qty > shippable(item))
