"""From an order and the requested quantities to a new invoice with its lines (PREP).

``by_item_id`` resolves the names that clients give items; ``prepare_invoice`` checks the quantities and copies what an
invoice takes over from its order. ``totals`` then computes the amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from magento_soap.sales.errors import InvalidQuantity
from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.sales.item_names import ItemQuantities, invalid_quantity, item_named
from magento_soap.sales.money import ZERO
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.preparation import QTY, SAME_QTY, document_of, is_more, line_of

NO_PRODUCTS = "Cannot create an invoice without products."


def by_item_id(order: Order, quantities: ItemQuantities | None) -> dict[int, Decimal]:
    """The quantities by order item id; empty means everything.

    A text is the id of an item, or else the SKU of exactly one. If several items have the SKU, those with a price are
    considered: a configurable product, but not its variant. If two names mean the same item, the later one counts.

    Raises InvalidQuantity, naming the SKU, if no item or more than one has it. Any number passes: prepare_invoice
    refuses those that are not ids.
    """
    return {
        name if isinstance(name, int) else item_named(order, name.strip(), "invoice").item_id: qty
        for name, qty in (quantities or {}).items()
    }


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

    invoice = document_of(order, Invoice)
    for item in order.items:
        if item.item_id in real:
            invoice.lines.append(line_of(item, real[item.item_id], InvoiceLine))
        elif item.is_dummy and not item.locked_do_invoice and (qty := _dummy_qty(item, real)) > 0:
            invoice.lines.append(line_of(item, qty, InvoiceLine))
    invoice.total_qty = sum((line.qty for line in invoice.lines), ZERO)  # dummies count (PREP-6, BUG-18)
    return invoice


def _checked(order: Order, quantities: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """The quantities at the precision of the tables. Raises InvalidQuantity."""
    checked = {}
    items = {item.item_id: item for item in order.items}
    for item_id, qty in quantities.items():
        item = items.get(item_id)
        if item is None:
            raise invalid_quantity("invoice", str(item_id))
        if not qty.is_finite() or qty < 0:
            raise invalid_quantity("invoice", item.name)
        if not item.is_qty_decimal and abs(qty - qty.to_integral_value()) >= SAME_QTY:
            raise invalid_quantity("invoice", item.name)
        if not item.is_dummy:
            left = item.qty_to_invoice if item.can_invoice else ZERO
            if is_more(qty, left):
                raise invalid_quantity("invoice", item.name)
            checked[item_id] = qty.quantize(QTY)
    return checked


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
    return max(dummy.qty_ordered * max(shares) - dummy.qty_invoiced, ZERO).quantize(QTY)


def _family(dummy: OrderItem) -> Iterator[OrderItem]:
    """The items that carry the dummy's price: its children, or its parent."""
    if dummy.children:
        yield from dummy.children
    elif dummy.parent is not None:
        yield dummy.parent
