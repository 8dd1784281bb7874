"""The states of an order: what each allows, and how an order moves from one to the next (ORD, INV-40..47)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .money import NOTHING, ZERO, Amount, round_price, round_prices
from .order import HistoryEntry, Order
from .ports import Shop

NEW, PROCESSING, COMPLETE, CLOSED = "new", "processing", "complete", "closed"
CANCELED, HOLDED, PAYMENT_REVIEW = "canceled", "holded", "payment_review"

FRAUD = "fraud"  # a status of payment_review

NOT_APPLICABLE = 2  # is_customer_notified of a history entry without a mail

FREE = "free"  # the payment method of orders with a total of zero


def can_invoice(order: Order) -> bool:
    """Whether anything of the order can be invoiced now (ORD-6)."""
    if order.state in (HOLDED, PAYMENT_REVIEW, CANCELED, COMPLETE, CLOSED):
        return False
    return any(item.can_invoice for item in order.items)


def can_ship(order: Order) -> bool:
    """Whether anything of the order can be shipped now (ORD-11)."""
    if order.state in (HOLDED, PAYMENT_REVIEW, CANCELED) or order.is_virtual:
        return False
    return any(item.can_ship for item in order.items)


def can_creditmemo(order: Order) -> bool:
    """Whether something was paid that can be refunded (ORD-12, D8)."""
    if order.state in (HOLDED, PAYMENT_REVIEW, CANCELED, CLOSED):
        return False
    paid, refunded = order.total_paid or NOTHING, order.total_refunded or NOTHING
    return abs(round_price(paid.order) - refunded.order) >= Decimal("0.0001")


def is_nominal(order: Order) -> bool:
    """Whether the order only registers a recurring payment: every visible item is nominal (ORD-14)."""
    visible = [item for item in order.items if item.parent_item_id is None]
    return bool(visible) and all(item.is_nominal for item in visible)


def total_due(order: Order) -> Amount:
    """The amount still to be paid (ORD-15)."""
    due = round_prices((order.grand_total or NOTHING) - (order.total_paid or NOTHING))
    return Amount(max(due.order, ZERO), max(due.base, ZERO))


def mark_in_process(order: Order, document: str) -> None:
    """Note that a document, such as "invoice", is about to change the order (INV-41, INV-46).

    New history entries carry the document's name, and a new order starts processing when its state is applied.
    """
    order.entity_name = document
    order.is_in_process = True


def change_state(
    order: Order,
    state: str,
    shop: Shop,
    now: datetime,
    *,
    comment: str | None = None,
    status: str | None = None,
    is_customer_notified: int | None = None,
) -> None:
    """Set the state, with ``status`` or the state's default status, and add an entry to the history (INV-40).

    A state that is not configured has no default status: then status and history stay as they are (ORD-2).
    """
    order.state = state
    status = status or shop.default_status(state)
    if status is None:
        return
    order.status = status
    notified = NOT_APPLICABLE if is_customer_notified is None else is_customer_notified
    order.history.append(HistoryEntry(status, comment, notified, order.entity_name, now))


def apply_implied_state(order: Order, shop: Shop, now: datetime) -> None:
    """Move the order to the state that its quantities and payments imply; precedes every save (INV-45, ORD-15)."""
    order.total_due = total_due(order)
    state = _implied_state(order)
    if state not in (None, order.state):
        change_state(order, state, shop, now, is_customer_notified=order.customer_note_notify)
    if order.state == NEW and order.is_in_process:
        change_state(order, PROCESSING, shop, now, is_customer_notified=order.customer_note_notify)


def _implied_state(order: Order) -> str | None:
    """Complete or closed if nothing is left to invoice or to ship, else None (INV-45)."""
    if order.state in (CANCELED, HOLDED) or can_invoice(order) or can_ship(order):
        return None
    is_free = order.payment is not None and order.payment.method == FREE and order.state != CLOSED
    if (order.grand_total or NOTHING).base == 0 or is_free or can_creditmemo(order):
        return COMPLETE
    return CLOSED if (order.total_refunded or NOTHING).order != 0 else None
