"""From an order and the requested quantities to a new shipment with its lines (J4..J7)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.errors import CannotShip
from magento_soap.sales.item_names import ItemQuantities, items_named
from magento_soap.sales.money import ONE, ZERO
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.preparation import in_units
from magento_soap.sales.shipment import Shipment, ShipmentLine

CANNOT_SHIP = "Cannot do shipment for order."
EMPTY = "Cannot create an empty shipment."


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


def shippable(item: OrderItem) -> Decimal:
    """What can be shipped of an item by itself."""
    return item.qty_to_ship if item.can_ship else ZERO


def _qty(item: OrderItem, quantities: Mapping[int, Decimal] | None) -> Decimal:
    """What is shipped of an item that is shipped by itself."""
    left = shippable(item)
    if quantities is None:
        return left
    return in_units(item, min(quantities.get(item.item_id, ZERO), left))


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
