"""From an order and the quantities asked for to a new invoice with its lines (PREP)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from magento_soap.sales.errors import InvalidQuantity, excerpt
from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order, OrderItem

_QTY = Decimal("0.0001")  # how exactly the tables keep a quantity
_SAME_QTY = Decimal("0.0000005")  # quantities are compared at six decimals (PREP-7)

_ITEM_ID = re.compile(r"[0-9]{1,18}")

NO_PRODUCTS = "Cannot create an invoice without products."


ItemQuantities: TypeAlias = "Mapping[int, Decimal] | Mapping[str, Decimal] | Mapping[int | str, Decimal]"
"""Quantities by order item: a number is its id, a text its id or SKU."""


def by_item_id(order: Order, quantities: ItemQuantities | None) -> dict[int, Decimal]:
    """The quantities by order item id, where items are named by id or by SKU; empty for everything.

    A text is the id of an item, or else the SKU of exactly one. Of several items with that SKU those count that carry a
    price: a configurable product's, not its variant's. Where two names mean one item, the later one counts.

    Raises InvalidQuantity, naming the SKU, when no item or more than one has it. A number may be any; prepare_invoice
    refuses those that are no ids.
    """
    return {
        name if isinstance(name, int) else _item_named(order, name.strip()).item_id: qty
        for name, qty in (quantities or {}).items()
    }


def _item_named(order: Order, name: str) -> OrderItem:
    if _ITEM_ID.fullmatch(name) and (item := order.item(int(name))):
        return item
    found = [item for item in order.items if item.sku == name]
    found = [item for item in found if not item.is_dummy] or found
    if not found:
        raise _invalid(excerpt(name))
    if len(found) > 1:
        raise InvalidQuantity(f'Several items of the order have the SKU "{excerpt(name)}".')
    return found[0]


def prepare_invoice(order: Order, quantities: Mapping[int, Decimal] | None = None) -> Invoice:
    """A new invoice of the order, not yet computed or registered; the order is left as it is.

    ``quantities`` maps order item ids to quantities; None or empty means everything that can be invoiced. Items
    that can be invoiced but are not asked for get a line of quantity zero, which the totals look at (PREP-8,
    TOT-3). What is asked for a dummy item is read but does not count: its quantity follows from its family
    (PREP-10, BUG-19).

    Raises InvalidQuantity: an item that is not of the order, a quantity that is negative, fractional on a whole-number
    item or more than what is left (PREP-7), or no product at all (BUG-4).
    """
    asked = _checked(order, quantities or {})
    real = {item.item_id: item.qty_to_invoice for item in order.items if item.can_invoice}
    if quantities:
        real = {item_id: asked.get(item_id, ZERO) for item_id in real}
    if not any(real.values()):
        raise InvalidQuantity(NO_PRODUCTS)

    invoice = Invoice(
        order_id=order.entity_id,
        store_id=order.store_id,
        billing_address_id=order.billing_address_id,
        shipping_address_id=order.shipping_address_id,
        global_currency_code=order.global_currency_code,
        base_currency_code=order.base_currency_code,
        store_currency_code=order.store_currency_code,
        order_currency_code=order.order_currency_code,
        store_to_base_rate=order.store_to_base_rate,
        store_to_order_rate=order.store_to_order_rate,
        base_to_global_rate=order.base_to_global_rate,
        base_to_order_rate=order.base_to_order_rate,
        discount_description=order.discount_description,
    )
    for item in order.items:
        if item.item_id in real:
            invoice.lines.append(_line(item, real[item.item_id]))
        elif item.is_dummy and not item.locked_do_invoice and (qty := _dummy_qty(item, real)) > 0:
            invoice.lines.append(_line(item, qty))
    invoice.total_qty = sum((line.qty for line in invoice.lines), ZERO)  # dummies count, as ever (PREP-6, BUG-18)
    return invoice


def _checked(order: Order, quantities: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """The quantities as the tables keep them. Raises InvalidQuantity."""
    checked = {}
    items = {item.item_id: item for item in order.items}
    for item_id, qty in quantities.items():
        item = items.get(item_id)
        if item is None:
            raise _invalid(str(item_id))
        if not qty.is_finite() or qty < 0:
            raise _invalid(item.name)
        if not item.is_qty_decimal and abs(qty - qty.to_integral_value()) >= _SAME_QTY:
            raise _invalid(item.name)
        if not item.is_dummy:
            left = item.qty_to_invoice if item.can_invoice else ZERO
            if qty - left >= _SAME_QTY:
                raise _invalid(item.name)
            checked[item_id] = qty.quantize(_QTY)
    return checked


def _invalid(name: str | None) -> InvalidQuantity:
    return InvalidQuantity(f'Invalid qty to invoice item "{name or ""}"')


def _dummy_qty(dummy: OrderItem, real: Mapping[int, Decimal]) -> Decimal:
    """As much of the dummy as its family's real items will be invoiced after this invoice, zero when none is on it.

    A bundle counts as invoiced as far as the child that is furthest, so that the whole order has the dummy's whole
    quantity, however it was split (PREP-10, BUG-19).
    """
    shares = [
        (item.qty_invoiced + real[item.item_id]) / item.qty_ordered for item in _family(dummy) if real.get(item.item_id)
    ]
    if not shares:
        return ZERO
    return max(dummy.qty_ordered * max(shares) - dummy.qty_invoiced, ZERO).quantize(_QTY)


def _family(dummy: OrderItem) -> Iterator[OrderItem]:
    """The items that carry the price for the dummy: its children, or its parent."""
    if dummy.children:
        yield from dummy.children
    elif dummy.parent is not None:
        yield dummy.parent


def _line(item: OrderItem, qty: Decimal) -> InvoiceLine:
    """A line with what is copied from the order item (PREP-12)."""
    return InvoiceLine(
        order_item_id=item.item_id,
        product_id=item.product_id,
        sku=item.sku,
        name=item.name,
        description=item.description,
        qty=qty,
        base_cost=item.base_cost,
        price=item.price,
        price_incl_tax=item.price_incl_tax,
        weee_tax_applied=item.weee_tax_applied,
        weee_tax_applied_amount=item.weee_tax_applied_amount,
        weee_tax_applied_row_amount=item.weee_tax_applied_row_amount,
        weee_tax_disposition=item.weee_tax_disposition,
        weee_tax_row_disposition=item.weee_tax_row_disposition,
    )
