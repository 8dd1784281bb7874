"""The amounts of a credit memo (K7..K11): subtotal, discount, shipping, tax, fixed product tax, adjustments.

The line that takes the last of what is invoiced of an item takes its exact rest, once nothing is left to invoice. Other
lines take their share by quantity, rounded; the rounding error is carried to the next amount of the credit memo
(TOT-2). So the credit memos of an order that is refunded in full add up to its invoices, to the cent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from magento_soap.sales.creditmemo import CreditMemo, CreditMemoLine
from magento_soap.sales.errors import InvalidAmount
from magento_soap.sales.fixed_product_tax import discount_on, taxes_for, taxes_of
from magento_soap.sales.money import NOTHING, ONE, ZERO, Amount, CarryingRounder, round_price, round_prices
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.ports import Shop


@dataclass(frozen=True)
class Adjustments:
    """What a client sets itself, in the base currency; None is what was not sent (K7, K8)."""

    base_shipping: Decimal | None = None
    base_positive: Decimal | None = None
    base_negative: Decimal | None = None


def collect_totals(order: Order, creditmemo: CreditMemo, adjustments: Adjustments, shop: Shop) -> None:
    """Compute all amounts of a prepared credit memo and of its lines; the order is not changed.

    Raises InvalidAmount for more shipping than is left to refund (K7).
    """
    totals = _Totals(order, creditmemo, weee_in_subtotal=shop.weee_in_subtotal(order.store_id))
    totals.subtotal()
    totals.shipping(adjustments.base_shipping, shop)
    totals.discount()
    totals.tax()
    totals.weee()
    totals.adjust(adjustments)


@dataclass(frozen=True)
class _RealLine:
    """A line that carries money, with its order item."""

    line: CreditMemoLine
    item: OrderItem

    @property
    def is_last(self) -> bool:
        """Whether the line takes all that is left of the item, now and later (K9)."""
        return self.line.qty == self.item.qty_to_refund and self.item.qty_to_invoice == 0

    def of_rest(self, invoiced: Amount | None, refunded: Amount | None, rounded: Callable[[Amount], Amount]) -> Amount:
        """The line's share of what is invoiced and not refunded: all of it if the line is last (K9)."""
        rest = (invoiced or NOTHING) - (refunded or NOTHING)
        return rest if self.is_last else rounded(rest / self.item.qty_to_refund * self.line.qty)


class _Totals:
    def __init__(self, order: Order, creditmemo: CreditMemo, *, weee_in_subtotal: bool) -> None:
        self.order = order
        self.memo = creditmemo
        self.weee_in_subtotal = weee_in_subtotal
        items = {item.item_id: item for item in order.items if not item.is_dummy}
        self.lines = [
            _RealLine(line, items[line.order_item_id]) for line in creditmemo.lines if line.order_item_id in items
        ]
        self.regular = CarryingRounder()
        self.including_tax = CarryingRounder()
        refunded = {real.item.item_id: real.line.qty for real in self.lines}
        self.takes_all_items = all(
            item.qty_to_refund == refunded.get(item.item_id, ZERO) and item.qty_to_invoice == 0
            for item in items.values()
        )
        self.shipping_left = (order.shipping_amount or NOTHING) - (order.shipping_refunded or NOTHING)
        creditmemo.grand_total = NOTHING

    def subtotal(self) -> None:
        """K9."""
        subtotal, including_tax = NOTHING, NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            line.row_total = real.of_rest(item.row_invoiced, item.amount_refunded, self.regular.round)
            subtotal += line.row_total
            if item.row_total_incl_tax is not None:
                of_row = item.row_total_incl_tax / item.qty_ordered * line.qty
                line.row_total_incl_tax = self.including_tax.round(of_row)
                including_tax += line.row_total_incl_tax
        self.memo.subtotal = subtotal
        self.memo.subtotal_incl_tax = including_tax
        self._refund(subtotal)

    def shipping(self, base_amount: Decimal | None, shop: Shop) -> None:
        """K7, K11."""
        full = self.order.shipping_amount or NOTHING
        including_tax = self.order.shipping_incl_tax
        if base_amount is None:
            self.memo.shipping_amount = self.shipping_left
            if self.order.shipping_refunded and including_tax is not None:
                including_tax = NOTHING if not self.shipping_left else self._share(including_tax, self.shipping_left)
        else:
            base = round_price(base_amount)
            if base > self.shipping_left.base:
                left = shop.money_text(self.shipping_left.base, self.order.base_currency_code)
                raise InvalidAmount(f"Maximum shipping amount allowed to refund is: {left}")
            order_amount = round_price(full.order * base / full.base) if full.base else base
            is_rest = base == self.shipping_left.base
            self.memo.shipping_amount = self.shipping_left if is_rest else Amount(order_amount, base)
        self.memo.shipping_incl_tax = including_tax
        self._refund(self.memo.shipping_amount)

    def discount(self) -> None:
        """K10; the discounts of all credit memos add up to those of the invoices."""
        discount = self._share(self.order.shipping_discount_amount or NOTHING, self.memo.shipping_amount or NOTHING)
        for real in self.lines:
            line, item = real.line, real.item
            if item.discount_invoiced:
                line.discount_amount = real.of_rest(item.discount_invoiced, item.discount_refunded, self._taken_off)
                discount += line.discount_amount
        left = (self.order.discount_refunded or NOTHING) - (self.order.discount_invoiced or NOTHING)
        self.memo.discount_amount = -(left if self._takes_all else discount)
        self._refund(self.memo.discount_amount)

    def tax(self) -> None:
        """K10: never more tax than was invoiced; all of it when nothing else is left."""
        order, memo = self.order, self.memo
        tax, hidden = NOTHING, NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            line.tax_amount = real.of_rest(item.tax_invoiced, item.tax_refunded, self.regular.round)
            line.hidden_tax_amount = real.of_rest(
                item.hidden_tax_invoiced, item.hidden_tax_refunded, self.regular.round
            )
            tax += line.tax_amount
            hidden += line.hidden_tax_amount
        shipping_tax = order.shipping_tax_amount or NOTHING
        if self._takes_all_shipping:
            memo.shipping_tax_amount = shipping_tax - (order.shipping_tax_refunded or NOTHING)
        else:
            memo.shipping_tax_amount = self._share(shipping_tax, memo.shipping_amount or NOTHING)
        tax += memo.shipping_tax_amount
        if order.shipping_hidden_tax_amount:
            memo.shipping_hidden_tax_amount = self._share(
                order.shipping_hidden_tax_amount, memo.shipping_amount or NOTHING
            )
            hidden += memo.shipping_hidden_tax_amount
        memo.tax_amount = self._within(self._tax_left(), tax)
        hidden_left = (order.hidden_tax_invoiced or NOTHING) - (order.hidden_tax_refunded or NOTHING)
        memo.hidden_tax_amount = self._within(hidden_left, hidden)
        self._refund(memo.tax_amount + memo.hidden_tax_amount)

    def weee(self) -> None:
        """TOT-9. When nothing is left, the rest of the tax includes the fixed product tax already."""
        memo = self.memo
        total = NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            taxes = taxes_of(item)
            row = (line.weee_tax_applied_amount or NOTHING) * line.qty
            discount = NOTHING
            if taxes:
                discount = self._taken_off(discount_on(taxes) * line.qty / item.qty_ordered)
                line.weee_tax_applied = taxes_for(taxes, line.qty, discount)
            line.weee_tax_applied_row_amount = row
            line.weee_tax_row_disposition = (line.weee_tax_disposition or NOTHING) * line.qty
            total += row - discount
        if not total:
            return
        if self.weee_in_subtotal:
            left = (self.order.subtotal_invoiced or NOTHING) - (self.order.subtotal_refunded or NOTHING)
            total = total.at_most(left - (memo.subtotal or NOTHING))
            memo.subtotal = (memo.subtotal or NOTHING) + total
        else:
            total = total.at_most(self._tax_left() - (memo.tax_amount or NOTHING))
            memo.tax_amount = (memo.tax_amount or NOTHING) + total
        self._refund(total)

    def adjust(self, adjustments: Adjustments) -> None:
        """K8."""
        memo = self.memo
        memo.adjustment_positive = self._adjustment(adjustments.base_positive)
        memo.adjustment_negative = self._adjustment(adjustments.base_negative)
        memo.adjustment = (memo.adjustment_positive or NOTHING) - (memo.adjustment_negative or NOTHING)
        self._refund(memo.adjustment)

    def _adjustment(self, base_amount: Decimal | None) -> Amount | None:
        if base_amount is None:
            return None
        base = round_price(base_amount)
        return Amount(round_price(base * (self.order.store_to_order_rate or ONE)), base)

    def _share(self, of_shipping: Amount, refunded: Amount) -> Amount:
        """The part of an amount that belongs to the refunded part of the shipping, rounded."""
        full = self.order.shipping_amount or NOTHING
        order = of_shipping.order * refunded.order / full.order if full.order else ZERO
        base = of_shipping.base * refunded.base / full.base if full.base else ZERO
        return round_prices(Amount(order, base))

    def _tax_left(self) -> Amount:
        return (self.order.tax_invoiced or NOTHING) - (self.order.tax_refunded or NOTHING)

    def _within(self, left: Amount, collected: Amount) -> Amount:
        return left if self._takes_all else collected.at_most(left)

    @property
    def _takes_all(self) -> bool:
        """Whether the credit memo leaves nothing to refund, now and later."""
        return self.takes_all_items and self._takes_all_shipping

    @property
    def _takes_all_shipping(self) -> bool:
        return self.memo.shipping_amount == self.shipping_left

    def _taken_off(self, amount: Amount) -> Amount:
        return self.regular.round(amount, negative=True)

    def _refund(self, amount: Amount) -> None:
        self.memo.grand_total = (self.memo.grand_total or NOTHING) + amount
