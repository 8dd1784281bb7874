"""From an order and the requested quantities to a new invoice with its lines (PREP).

``by_item_id`` resolves the names that clients give items; ``prepare_invoice`` checks the quantities and copies what an
invoice takes over from its order. ``totals`` then computes the amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from magento_soap.sales.errors import InvalidQuantity, excerpt
from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.sales.item_names import ItemQuantities, items_named
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order, OrderItem

_QTY = Decimal("0.0001")  # the precision of quantities in the tables
_SAME_QTY = Decimal("0.0000005")  # quantities are compared at six decimals (PREP-7)

NO_PRODUCTS = "Cannot create an invoice without products."


def by_item_id(order: Order, quantities: ItemQuantities | None) -> dict[int, Decimal]:
    """The quantities by order item id; empty means everything.

    A text is the id of an item, or else the SKU of exactly one. If several items have the SKU, those with a price are
    considered: a configurable product, but not its variant. If two names mean the same item, the later one counts.

    Raises InvalidQuantity, naming the SKU, if no item or more than one has it. Any number passes: prepare_invoice
    refuses those that are not ids.
    """
    return {
        name if isinstance(name, int) else _item_named(order, name.strip()).item_id: qty
        for name, qty in (quantities or {}).items()
    }


def _item_named(order: Order, name: int | str) -> OrderItem:
    found = items_named(order, name, lambda item: item.is_dummy)
    if not found:
        raise _invalid(excerpt(str(name)))
    if len(found) > 1:
        raise InvalidQuantity(f'Several items of the order have the SKU "{excerpt(str(name))}".')
    return found[0]


def prepare_invoice(order: Order, quantities: Mapping[int, Decimal] | None = None) -> Invoice:
    """A new invoice of the order, not yet computed or registered; the order is not changed.

    ``quantities`` maps order item ids to quantities; None or empty means everything that can be invoiced. Items that
    can be invoiced but were not requested get a line with quantity zero, which the totals need (PREP-8, TOT-3). The
    quantity of a dummy item is checked but not used: it follows from the dummy's family (PREP-10, BUG-19).

    Raises InvalidQuantity for an item of another order; for a quantity that is negative, fractional on a whole-number
    item, or greater than what is left (PREP-7); and if nothing is invoiced at all (BUG-4).
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
    invoice.total_qty = sum((line.qty for line in invoice.lines), ZERO)  # dummies count (PREP-6, BUG-18)
    return invoice


def _checked(order: Order, quantities: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """The quantities at the precision of the tables. Raises InvalidQuantity."""
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
    """The quantity that keeps the dummy in step with its family's real items; zero if none of them is invoiced now.

    A bundle follows the child with the greatest invoiced share, so that all invoices of the order together have the
    dummy's whole quantity (PREP-10, BUG-19).
    """
    shares = [
        (item.qty_invoiced + real[item.item_id]) / item.qty_ordered for item in _family(dummy) if real.get(item.item_id)
    ]
    if not shares:
        return ZERO
    return max(dummy.qty_ordered * max(shares) - dummy.qty_invoiced, ZERO).quantize(_QTY)


def _family(dummy: OrderItem) -> Iterator[OrderItem]:
    """The items that carry the dummy's price: its children, or its parent."""
    if dummy.children:
        yield from dummy.children
    elif dummy.parent is not None:
        yield dummy.parent


def _line(item: OrderItem, qty: Decimal) -> InvoiceLine:
    """A line with the values copied from the order item (PREP-12)."""
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
