"""Refunding an invoice: what is left of it, and what a credit memo changes on it.

A refund that names an invoice is a refund of its order, within the limits of the invoice: no more of an item, and no
more shipping, than the invoice charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from magento_soap.sales.creditmemo import CreditMemo
from magento_soap.sales.errors import InvalidAmount
from magento_soap.sales.invoice import PAID, Invoice
from magento_soap.sales.money import NOTHING, ZERO
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Shop


def can_refund(invoice: Invoice) -> bool:
    """Whether money was paid for the invoice and has not all been refunded."""
    total = (invoice.grand_total or NOTHING).base
    return invoice.state == PAID and abs(total - (invoice.base_total_refunded or ZERO)) >= Decimal("0.0001")


def left_to_refund(invoice: Invoice, refunded: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """The quantities that the invoice has and its credit memos do not have, by order item id."""
    return {line.order_item_id: max(line.qty - refunded.get(line.order_item_id, ZERO), ZERO) for line in invoice.lines}


def base_shipping_of(order: Order, invoice: Invoice, asked: Decimal | None, shop: Shop) -> Decimal | None:
    """The shipping to refund with the invoice: what was asked for, else all that is left of the invoice's.

    None is all that is left of the order's. Raises InvalidAmount for more than the invoice charged (K7).
    """
    charged = (invoice.shipping_amount or NOTHING).base
    if asked is not None and asked > charged:
        left = shop.money_text(charged, order.base_currency_code)
        raise InvalidAmount(f"Maximum shipping amount allowed to refund is: {left}")
    left_of_order = ((order.shipping_amount or NOTHING) - (order.shipping_refunded or NOTHING)).base
    return charged if asked is None and charged < left_of_order else asked


def count_refunded(invoice: Invoice, creditmemo: CreditMemo) -> None:
    """Count a registered credit memo as a refund of the invoice."""
    creditmemo.invoice_id = invoice.entity_id
    invoice.base_total_refunded = (invoice.base_total_refunded or ZERO) + (creditmemo.grand_total or NOTHING).base
    invoice.is_used_for_refund = 1
