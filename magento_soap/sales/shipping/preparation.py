"""From an order and the requested quantities to a new shipment with its lines (J4..J7)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from magento_soap.sales.errors import CannotShip
from magento_soap.sales.item_names import ItemQuantities, items_named
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.shipment import Shipment, ShipmentLine

CANNOT_SHIP = "Cannot do shipment for order."
EMPTY = "Cannot create an empty shipment."
FOREIGN_ITEMS = "The shipment contains product item that is not part of the original order."
TOO_MANY = 'The quantity to ship must not be greater than the unshipped quantity for product SKU "{}".'
NO_PRODUCTS = "You can't create a shipment without products."
WRONG_STATUS = "A shipment cannot be created when an order has a status of {}"

ONE = Decimal(1)
_QTY = Decimal("0.0001")  # the precision of quantities in the tables


def items_by_id(order: Order, quantities: ItemQuantities) -> dict[int, Decimal]:
    """The quantities by order item id; what names no item of the order, or several, is left out (J4).

    A text is the id of an item, or else the SKU of exactly one.
    """
    found = {}
    for name, qty in quantities.items():
        named = items_named(order, name, lambda item: item.is_dummy_for_shipping)
        if len(named) == 1:
            found[named[0].item_id] = qty
    return found


def prepare_shipment(order: Order, quantities: Mapping[int, Decimal] | None = None) -> Shipment:
    """A new shipment, not stored yet; the order is not changed.

    ``quantities`` maps order item ids to quantities; None means everything that can be shipped. A quantity is cut to
    what is left, and to whole units where the product has no others. Items whose quantity is zero or below are left
    out. An item that is shipped along with its parent has quantity 1, and only if everything is shipped or it was
    asked for itself (J6).

    Raises CannotShip if nothing remains.
    """
    shipment = Shipment(
        order_id=order.entity_id,
        store_id=order.store_id,
        customer_id=order.customer_id,
        billing_address_id=order.billing_address_id,
        shipping_address_id=order.shipping_address_id,
    )
    real = {item.item_id: qty for item in order.items if (qty := _qty(item, quantities)) > 0}
    for item in order.items:
        if item.item_id in real:
            shipment.lines.append(_line(item, real[item.item_id]))
        elif _comes_along(item, real) and _is_asked_for(item, quantities):
            shipment.lines.append(_line(item, ONE))
    if not real:
        raise CannotShip(EMPTY)
    shipment.total_qty = sum(real.values(), ZERO)
    return shipment


def count_shipped(order: Order, shipment: Shipment) -> None:
    """Count the lines of a new shipment as shipped on the order's items (J8)."""
    for line in shipment.lines:
        item = order.item(line.order_item_id)
        if item is not None:
            item.qty_shipped += line.qty


def shipment_problems(order: Order, quantities: Mapping[int, Decimal] | None) -> list[str]:
    """The reasons why these quantities cannot be shipped, in the words of Magento 2; none without quantities."""
    if not quantities:
        return []
    known = [(item, qty) for item_id, qty in quantities.items() if (item := order.item(item_id)) is not None]
    problems = [] if len(known) == len(quantities) else [FOREIGN_ITEMS]
    too_many = [TOO_MANY.format(item.sku or "") for item, qty in known if qty > _shippable(item)]
    problems += too_many
    if not too_many and sum((qty for _, qty in known), ZERO) <= 0:
        problems.append(NO_PRODUCTS)
    return problems


def _shippable(item: OrderItem) -> Decimal:
    return item.qty_to_ship if item.can_ship else ZERO


def _qty(item: OrderItem, quantities: Mapping[int, Decimal] | None) -> Decimal:
    """What is shipped of an item that is shipped by itself."""
    left = _shippable(item)
    if quantities is None:
        return left
    qty = min(quantities.get(item.item_id, ZERO), left)
    return qty.quantize(_QTY if item.is_qty_decimal else ONE, ROUND_DOWN)


def _is_asked_for(item: OrderItem, quantities: Mapping[int, Decimal] | None) -> bool:
    return quantities is None or quantities.get(item.item_id, ZERO) > 0


def _comes_along(item: OrderItem, real: Mapping[int, Decimal]) -> bool:
    """Whether another item of the family is shipped in its stead (ORD-9)."""
    if not item.is_dummy_for_shipping or item.is_virtual or item.locked_do_ship:
        return False
    if item.children:
        return any(child.item_id in real for child in item.children)
    return item.parent is not None and item.parent.item_id in real


def _line(item: OrderItem, qty: Decimal) -> ShipmentLine:
    return ShipmentLine(
        order_item_id=item.item_id,
        product_id=item.product_id,
        sku=item.sku,
        name=item.name,
        description=item.description,
        price=None if item.price is None else item.price.order,
        weight=item.weight,
        qty=qty,
    )
