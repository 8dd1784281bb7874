"""An order as the domain sees it: its items, its payment, its earlier invoices and its history.

Fields carry Magento's column names; a pair of columns ``x`` / ``base_x`` is one field ``x`` of type Amount. None is the
database's NULL, which many of Magento's rules distinguish from zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .document import PricedLine
from .errors import METHOD_NOT_AVAILABLE, PaymentError
from .invoice import Invoice
from .money import ZERO, Amount
from .payment import Payment
from .taxes import FixedProductTaxes


@dataclass
class OrderItem:
    """One row of ``sales_flat_order_item``."""

    item_id: int
    parent_item_id: int | None = None
    product_id: int | None = None
    product_type: str | None = None
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    product_options: Mapping[str, Any] = field(default_factory=dict)
    is_virtual: bool = False
    is_nominal: bool = False
    is_qty_decimal: bool = False
    locked_do_invoice: bool = False
    locked_do_ship: bool = False
    qty_ordered: Decimal = ZERO
    qty_invoiced: Decimal = ZERO
    qty_canceled: Decimal = ZERO
    qty_shipped: Decimal = ZERO
    qty_refunded: Decimal = ZERO
    weight: Decimal | None = None
    base_cost: Decimal | None = None
    price: Amount | None = None
    price_incl_tax: Amount | None = None
    row_total: Amount | None = None
    row_total_incl_tax: Amount | None = None
    tax_amount: Amount | None = None
    hidden_tax_amount: Amount | None = None
    discount_amount: Amount | None = None
    row_invoiced: Amount | None = None
    tax_invoiced: Amount | None = None
    hidden_tax_invoiced: Amount | None = None
    discount_invoiced: Amount | None = None
    tax_canceled: Decimal | None = None  # in the base currency (I2)
    hidden_tax_canceled: Decimal | None = None  # in the base currency (I2)
    amount_refunded: Amount | None = None
    tax_refunded: Amount | None = None
    hidden_tax_refunded: Amount | None = None
    discount_refunded: Amount | None = None
    weee_tax_applied: FixedProductTaxes | None = None  # on one unit
    weee_tax_applied_amount: Amount | None = None
    weee_tax_applied_row_amount: Amount | None = None
    weee_tax_disposition: Amount | None = None
    weee_tax_row_disposition: Amount | None = None
    parent: OrderItem | None = field(default=None, repr=False, compare=False)
    children: list[OrderItem] = field(default_factory=list)

    @property
    def children_calculated(self) -> bool:
        """Whether the children carry the price, as in a bundle with dynamic price (ORD-8)."""
        return self._family_option("product_calculations") == "0"

    @property
    def ship_separately(self) -> bool:
        """Whether the children are shipped one by one (ORD-8)."""
        return self._family_option("shipment_type") == "1"

    @property
    def is_dummy(self) -> bool:
        """Whether another item of the family carries the price, so that this one is not invoiced (ORD-9)."""
        if self.children:
            return self.children_calculated
        return self.parent is not None and not self.children_calculated

    @property
    def is_dummy_for_shipping(self) -> bool:
        """Whether another item of the family is shipped instead (ORD-9)."""
        if self.children:
            return self.ship_separately
        return self.parent is not None and not self.ship_separately

    @property
    def qty_to_invoice(self) -> Decimal:
        """The quantity left to invoice (ORD-10)."""
        return ZERO if self.is_dummy else max(self.qty_ordered - self.qty_invoiced - self.qty_canceled, ZERO)

    @property
    def qty_to_ship(self) -> Decimal:
        """The quantity left to ship (ORD-10)."""
        if self.is_dummy_for_shipping:
            return ZERO
        return max(self.qty_ordered - self.qty_shipped - self.qty_refunded - self.qty_canceled, ZERO)

    @property
    def qty_to_cancel(self) -> Decimal:
        """The quantity that a cancellation takes: what is neither invoiced nor shipped (I2).

        Where one of the two is another item's business, the other one decides.
        """
        if self.is_dummy:
            return self.qty_to_ship
        return self.qty_to_invoice if self.is_dummy_for_shipping else min(self.qty_to_invoice, self.qty_to_ship)

    @property
    def qty_to_refund(self) -> Decimal:
        """The quantity that is invoiced and not refunded (K5)."""
        return ZERO if self.is_dummy else max(self.qty_invoiced - self.qty_refunded, ZERO)

    @property
    def can_invoice(self) -> bool:
        """Whether something is left to invoice, and the item is not locked against it (ORD-6)."""
        return self.qty_to_invoice > 0 and not self.locked_do_invoice

    @property
    def can_ship(self) -> bool:
        """Whether something is left to ship, and the item can be shipped (ORD-11)."""
        return self.qty_to_ship > 0 and not self.is_virtual and not self.locked_do_ship

    def _family_option(self, name: str) -> str | None:
        """A product option of the parent, or of the item itself if it has none; numbers as their digits."""
        value = (self.parent or self).product_options.get(name)
        return None if value is None else str(int(value) if isinstance(value, bool) else value)


@dataclass
class Address:
    """One row of ``sales_flat_order_address``, as mails and grids need it."""

    entity_id: int
    prefix: str | None = None
    firstname: str | None = None
    middlename: str | None = None
    lastname: str | None = None
    suffix: str | None = None
    company: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country_id: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass
class HistoryEntry:
    """A row to be added to ``sales_flat_order_status_history`` (INV-40, INV-41, DB-9)."""

    status: str | None
    comment: str | None
    is_customer_notified: int
    entity_name: str
    created_at: datetime


@dataclass
class Order:
    """One row of ``sales_flat_order`` with the rows that belong to it."""

    entity_id: int
    increment_id: str
    state: str
    status: str | None = None
    hold_before_state: str | None = None
    hold_before_status: str | None = None
    coupon_code: str | None = None
    store_id: int | None = None
    store_name: str | None = None
    is_virtual: bool = False
    customer_id: int | None = None
    customer_is_guest: bool = False
    customer_email: str | None = None
    customer_prefix: str | None = None
    customer_firstname: str | None = None
    customer_middlename: str | None = None
    customer_lastname: str | None = None
    customer_suffix: str | None = None
    customer_note_notify: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
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

    grand_total: Amount | None = None
    subtotal: Amount | None = None
    discount_amount: Amount | None = None  # zero or below
    shipping_amount: Amount | None = None
    shipping_incl_tax: Amount | None = None
    shipping_tax_amount: Amount | None = None
    shipping_hidden_tax_amount: Amount | None = None
    shipping_discount_amount: Amount | None = None
    tax_amount: Amount | None = None
    hidden_tax_amount: Amount | None = None

    total_invoiced: Amount | None = None
    subtotal_invoiced: Amount | None = None
    tax_invoiced: Amount | None = None
    hidden_tax_invoiced: Amount | None = None
    shipping_invoiced: Amount | None = None
    discount_invoiced: Amount | None = None  # zero or below
    base_total_invoiced_cost: Decimal | None = None
    total_paid: Amount | None = None
    total_due: Amount | None = None

    subtotal_canceled: Amount | None = None
    tax_canceled: Amount | None = None
    shipping_canceled: Amount | None = None
    discount_canceled: Amount | None = None
    total_canceled: Amount | None = None

    subtotal_refunded: Amount | None = None
    tax_refunded: Amount | None = None
    hidden_tax_refunded: Amount | None = None
    shipping_refunded: Amount | None = None
    shipping_tax_refunded: Amount | None = None
    discount_refunded: Amount | None = None  # zero or below (K14)
    adjustment_positive: Amount | None = None
    adjustment_negative: Amount | None = None
    total_refunded: Amount | None = None
    total_online_refunded: Amount | None = None
    total_offline_refunded: Amount | None = None

    items: list[OrderItem] = field(default_factory=list)  # in primary-key order (ORD-7), parents linked
    payment: Payment | None = None
    invoices: list[Invoice] = field(default_factory=list)  # earlier ones, oldest first
    billing_address: Address | None = None
    shipping_address: Address | None = None
    history: list[HistoryEntry] = field(default_factory=list)  # new entries only
    entity_name: str = "order"  # the document that new history entries name (INV-41)
    is_in_process: bool = False  # never stored (INV-46)

    def item(self, item_id: int) -> OrderItem | None:
        """The order's item with that id, or None."""
        return next((item for item in self.items if item.item_id == item_id), None)

    def cost_of(self, lines: Iterable[PricedLine]) -> Decimal:
        """The cost of the goods in base currency; of a family only the simple products count (TOT-8, K14)."""
        simple = {item.item_id for item in self.items if not item.children}
        costs = ((line.base_cost or ZERO) * line.qty for line in lines if line.order_item_id in simple)
        return sum(costs, ZERO)


def payment_of(order: Order) -> Payment:
    """The order's payment; raises PaymentError if the order has none (ORD-16, BUG-3)."""
    if order.payment is None:
        raise PaymentError(METHOD_NOT_AVAILABLE)
    return order.payment
