"""Putting an order on hold, and releasing it (D2, D3, I1)."""

from __future__ import annotations

from datetime import datetime

from magento_soap.sales.errors import StatusNotChanged
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Shop
from magento_soap.sales.states import CANCELED, CLOSED, COMPLETE, HOLDED, NEW, PAYMENT_REVIEW, change_state


def hold(order: Order, shop: Shop, now: datetime) -> None:
    """Put the order on hold, and remember its state and status. Raises StatusNotChanged (D2)."""
    if order.state in (CANCELED, COMPLETE, CLOSED, HOLDED, PAYMENT_REVIEW):
        raise StatusNotChanged("Hold action is not available.")
    order.hold_before_state, order.hold_before_status = order.state, order.status
    change_state(order, HOLDED, shop, now)


def unhold(order: Order, shop: Shop, now: datetime) -> None:
    """Give an order on hold the state and status it had before. Raises StatusNotChanged (D3)."""
    if order.state != HOLDED:
        raise StatusNotChanged("Unhold action is not available.")
    change_state(order, order.hold_before_state or NEW, shop, now, status=order.hold_before_status)
    order.hold_before_state = order.hold_before_status = None
