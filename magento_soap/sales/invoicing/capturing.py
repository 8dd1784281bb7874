"""An invoice and its gateway: what is asked for its money, and what the answer does to it (INV-20..33).

``paying.gateway`` does the part that concerns the order and its payment; here the invoice is paid or canceled.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.money import NOTHING, round_price
from magento_soap.sales.order import Order
from magento_soap.sales.paying import gateway
from magento_soap.sales.payment import GatewayRequest, GatewayResult
from magento_soap.sales.ports import Shop

from .registration import cancel, pay


def amount_of(invoice: Invoice) -> Decimal:
    """What is captured for the invoice, in the base currency (INV-20)."""
    return round_price((invoice.grand_total or NOTHING).base)


def capture_request(order: Order, invoice: Invoice) -> GatewayRequest:
    """What a gateway is asked for the invoice's money (INV-20).

    Raises PaymentError if the gateway still considers an earlier capture (INV-23).
    """
    if invoice.transaction_id is not None:
        # The pending capture may have been approved by now: asking for the money again could take it twice.
        raise PaymentError(f'The transaction "{invoice.transaction_id}" cannot be captured yet.')
    return gateway.capture_request(order, invoice.increment_id, amount_of(invoice))


def apply_capture(order: Order, invoice: Invoice, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Count the invoice as paid, or leave it open while the gateway considers (INV-20..22)."""
    txn_id = gateway.record_capture(order, amount_of(invoice), result, shop, now)
    if txn_id is not None:
        invoice.transaction_id = txn_id
    if not result.is_pending:
        pay(order, invoice)


def void_request(order: Order, invoice: Invoice) -> GatewayRequest:
    """What a gateway is asked to void: the authorization behind a paid invoice (INV-32)."""
    return gateway.void_request(order, invoice.increment_id)


def apply_void(order: Order, invoice: Invoice, result: GatewayResult, shop: Shop, now: datetime) -> None:
    """Record that the authorization behind a paid invoice was given up, and cancel the invoice (INV-32, INV-33)."""
    gateway.record_void(order, result, shop, now)
    cancel(order, invoice, shop, now)
