"""What invoices and credit memos have in common: a header, totals, and lines with amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .comment import Comment
from .money import ZERO, Amount
from .taxes import FixedProductTaxes


@dataclass
class PricedLine:
    """One order item in the document. On dummy lines the computed amounts are None (DB-3, K15)."""

    order_item_id: int
    entity_id: int | None = None
    product_id: int | None = None
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    qty: Decimal = ZERO
    base_cost: Decimal | None = None
    price: Amount | None = None
    price_incl_tax: Amount | None = None
    row_total: Amount | None = None
    row_total_incl_tax: Amount | None = None
    tax_amount: Amount | None = None
    hidden_tax_amount: Amount | None = None
    discount_amount: Amount | None = None
    weee_tax_applied: FixedProductTaxes | None = None
    weee_tax_applied_amount: Amount | None = None
    weee_tax_applied_row_amount: Amount | None = None
    weee_tax_disposition: Amount | None = None
    weee_tax_row_disposition: Amount | None = None


@dataclass
class PricedDocument:
    """The header and the totals. ``entity_id`` is None until the document is stored; times are UTC."""

    order_id: int
    entity_id: int | None = None
    increment_id: str | None = None
    state: int | None = None
    store_id: int | None = None
    billing_address_id: int | None = None
    shipping_address_id: int | None = None
    global_currency_code: str | None = None
    base_currency_code: str | None = None
    store_currency_code: str | None = None
    order_currency_code: str | None = None
    store_to_base_rate: Decimal | None = None
    store_to_order_rate: Decimal | None = None
    base_to_global_rate: Decimal | None = None
    base_to_order_rate: Decimal | None = None
    discount_description: str | None = None
    subtotal: Amount | None = None
    subtotal_incl_tax: Amount | None = None
    discount_amount: Amount | None = None  # zero or below
    shipping_amount: Amount | None = None
    shipping_incl_tax: Amount | None = None
    shipping_tax_amount: Amount | None = None
    shipping_hidden_tax_amount: Amount | None = None
    tax_amount: Amount | None = None
    hidden_tax_amount: Amount | None = None
    grand_total: Amount | None = None
    email_sent: int | None = None
    transaction_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    comments: list[Comment] = field(default_factory=list)  # new ones only
