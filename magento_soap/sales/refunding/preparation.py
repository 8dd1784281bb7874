"""From an order and the requested quantities to a new credit memo with its lines (K5, K15)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from magento_soap.sales.creditmemo import CreditMemo, CreditMemoLine
from magento_soap.sales.errors import InvalidQuantity, excerpt
from magento_soap.sales.item_names import ItemQuantities, items_named
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order, OrderItem

ONE = Decimal(1)
_QTY = Decimal("0.0001")  # the precision of quantities in the tables
_SAME_QTY = Decimal("0.0000005")  # quantities are compared at six decimals


def items_by_id(order: Order, quantities: ItemQuantities) -> dict[int, Decimal]:
    """The quantities by order item id. A text is the id of an item, or else the SKU of exactly one.

    Raises InvalidQuantity for a quantity below zero, and for what names no item of the order, or several.
    """
    found = {}
    for name, qty in quantities.items():
        item = _item_named(order, name)
        if not qty.is_finite() or qty < 0:
            raise _invalid(item.name)
        found[item.item_id] = qty
    return found


def prepare_creditmemo(
    order: Order, quantities: Mapping[int, Decimal] | None = None, invoiced: Mapping[int, Decimal] | None = None
) -> CreditMemo:
    """A new credit memo, not yet computed or registered; the order is not changed.

    ``quantities`` maps order item ids to quantities, cut to whole units where the product has no others; None means
    everything that is invoiced and not refunded. A dummy item has quantity 1 when its family is refunded (K15). A
    credit memo may have no line at all: shipping and adjustments can be refunded by themselves. ``invoiced`` limits the
    quantities to what one invoice has left (``invoices.left_to_refund``).

    Raises InvalidQuantity for more than what is invoiced and not refunded.
    """
    creditmemo = CreditMemo(
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
    real = {item.item_id: qty for item in order.items if (qty := _qty(item, quantities, invoiced)) > 0}
    for item in order.items:
        if item.item_id in real:
            creditmemo.lines.append(_line(item, real[item.item_id]))
        elif item.is_dummy and _family_is_refunded(item, real):
            creditmemo.lines.append(_line(item, ONE))
    return creditmemo


def _item_named(order: Order, name: int | str) -> OrderItem:
    found = items_named(order, name, lambda item: item.is_dummy)
    if not found:
        raise _invalid(excerpt(str(name)))
    if len(found) > 1:
        raise InvalidQuantity(f'Several items of the order have the SKU "{excerpt(str(name))}".')
    return found[0]


def _invalid(name: str | None) -> InvalidQuantity:
    return InvalidQuantity(f'Invalid qty to refund item "{name or ""}"')


def refundable(item: OrderItem, invoiced: Mapping[int, Decimal] | None = None) -> Decimal:
    """What can be refunded of an item, or of what one invoice has left of it."""
    left = item.qty_to_refund
    return left if invoiced is None else min(left, invoiced.get(item.item_id, ZERO))


def is_more(qty: Decimal, left: Decimal) -> bool:
    """Whether a quantity is more than what is left, as quantities are compared."""
    return qty - left >= _SAME_QTY


def in_units(item: OrderItem, qty: Decimal) -> Decimal:
    """The quantity at the precision of the tables, cut to whole units where the product has no others (K5)."""
    return qty.quantize(_QTY if item.is_qty_decimal else ONE, ROUND_DOWN)


def _qty(item: OrderItem, quantities: Mapping[int, Decimal] | None, invoiced: Mapping[int, Decimal] | None) -> Decimal:
    """The quantity of an item that carries its own price. Raises InvalidQuantity."""
    left = refundable(item, invoiced)
    if quantities is None or item.is_dummy:
        return left
    qty = in_units(item, quantities.get(item.item_id, ZERO))
    if is_more(qty, left):
        raise _invalid(item.name)
    return qty


def _family_is_refunded(dummy: OrderItem, real: Mapping[int, Decimal]) -> bool:
    if dummy.children:
        return any(child.item_id in real for child in dummy.children)
    return dummy.parent is not None and dummy.parent.item_id in real


def _line(item: OrderItem, qty: Decimal) -> CreditMemoLine:
    return CreditMemoLine(
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
