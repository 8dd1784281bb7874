"""The amounts of an invoice (TOT), in Magento's order: subtotal, discount, shipping, tax, cost, fixed product tax.

The last line of an order item takes all that is left of the item's amounts. Other lines take their share by quantity,
rounded; the rounding error is carried to the next amount of the invoice (TOT-2). So the invoices of an order add up to
the order's amounts, to the cent. Canceled quantities are never charged, locked items only on an invoice that contains
them (BUG-20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from magento_soap.sales.fixed_product_tax import amount_in, discount_on, taxes_for, taxes_of
from magento_soap.sales.invoice import CANCELED, Invoice, InvoiceLine
from magento_soap.sales.money import NOTHING, ZERO, Amount, CarryingRounder, round_prices
from magento_soap.sales.order import Order, OrderItem


def collect_totals(order: Order, invoice: Invoice, *, weee_in_subtotal: bool = False) -> None:
    """Compute all amounts of a prepared invoice and of its lines; the order is not changed.

    The invoice must not be one of the order's invoices yet (PREP-13). ``weee_in_subtotal``: the shop includes fixed
    product taxes in the subtotal instead of the tax (TOT-9).
    """
    totals = _Totals(order, invoice, weee_in_subtotal)
    totals.subtotal()
    totals.discount()
    totals.shipping()
    totals.tax()
    totals.cost()
    totals.weee()


@dataclass(frozen=True)
class _RealLine:
    """A line that carries money, with its order item."""

    line: InvoiceLine
    item: OrderItem

    @property
    def is_last(self) -> bool:
        """Whether nothing of the item is left after this line (TOT-3)."""
        return self.line.qty == self.item.qty_to_invoice

    def of_row(self, row: Amount) -> Amount:
        """The line's share of an amount of the whole row, not rounded."""
        return row * self.line.qty / self.item.qty_ordered

    def of_rest(self, row: Amount, invoiced: Amount | None, rounded: Callable[[Amount], Amount]) -> Amount:
        """The line's share of what is left of a row's amount: all of it if the line is last, else by quantity."""
        if self.is_last:
            return row - round_prices(_canceled(row, self.item)) - (invoiced or NOTHING)
        rest = row - _canceled(row, self.item) - (invoiced or NOTHING)
        return rounded(rest / self.item.qty_to_invoice * self.line.qty)


class _Totals:
    def __init__(self, order: Order, invoice: Invoice, weee_in_subtotal: bool) -> None:
        self.order = order
        self.invoice = invoice
        self.weee_in_subtotal = weee_in_subtotal
        self.items = [item for item in order.items if not item.is_dummy]
        real_items = {item.item_id: item for item in self.items}
        self.lines = [
            _RealLine(line, real_items[line.order_item_id])
            for line in invoice.lines
            if line.order_item_id in real_items
        ]
        self.is_last = _leaves_nothing(self.items, invoice)
        self.brings_shipping = _brings_shipping(order)
        self.regular = CarryingRounder()
        self.including_tax = CarryingRounder()
        invoice.grand_total = NOTHING

    def subtotal(self) -> None:
        """TOT-4."""
        subtotal, including_tax = NOTHING, NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            line.row_total = real.of_rest(item.row_total or NOTHING, item.row_invoiced, self.regular.round)
            subtotal += line.row_total
            if item.row_total_incl_tax is not None:
                line.row_total_incl_tax = self.including_tax.round(real.of_row(item.row_total_incl_tax))
                including_tax += line.row_total_incl_tax
            including_tax += line.weee_tax_applied_row_amount or NOTHING  # still of the whole row (TOT-9, BUG-21)
        self.invoice.subtotal = self._within(self._subtotal_left(), subtotal)
        self.invoice.subtotal_incl_tax = including_tax
        self._charge(self.invoice.subtotal)

    def discount(self) -> None:
        """TOT-5; the discount on shipping is on the invoice that has the shipping (BUG-17)."""
        discount = (self.order.shipping_discount_amount or NOTHING) if self.brings_shipping else NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            if item.discount_amount:
                line.discount_amount = real.of_rest(item.discount_amount, item.discount_invoiced, self._taken_off)
                discount += line.discount_amount
        self.invoice.discount_amount = -discount
        self._charge(-discount)

    def shipping(self) -> None:
        """TOT-6: all of it on the first invoice."""
        self.invoice.shipping_amount = NOTHING
        if self.brings_shipping and self.order.shipping_amount is not None:
            self.invoice.shipping_amount = self.order.shipping_amount
            self.invoice.shipping_incl_tax = self.order.shipping_incl_tax
            self._charge(self.order.shipping_amount)

    def tax(self) -> None:
        """TOT-7."""
        order, invoice = self.order, self.invoice
        tax, hidden = NOTHING, NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            if item.tax_amount is None and item.hidden_tax_amount is None:
                continue
            line.tax_amount = real.of_rest(item.tax_amount or NOTHING, item.tax_invoiced, self.regular.round)
            line.hidden_tax_amount = real.of_rest(
                item.hidden_tax_amount or NOTHING, item.hidden_tax_invoiced, self.regular.round
            )
            tax += line.tax_amount
            hidden += line.hidden_tax_amount
        if self.brings_shipping:
            invoice.shipping_tax_amount = order.shipping_tax_amount
            invoice.shipping_hidden_tax_amount = order.shipping_hidden_tax_amount
            tax += order.shipping_tax_amount or NOTHING
            hidden += order.shipping_hidden_tax_amount or NOTHING
        invoice.tax_amount = self._within(self._tax_left(), tax)
        invoice.hidden_tax_amount = self._within(self._hidden_tax_left(), hidden)
        self._charge(invoice.tax_amount + invoice.hidden_tax_amount)

    def cost(self) -> None:
        """TOT-8."""
        self.invoice.base_cost = self.order.cost_of(self.invoice.lines)

    def weee(self) -> None:
        """TOT-9. On the last invoice the rest of the subtotal or of the tax includes the fixed product tax already."""
        invoice = self.invoice
        total, including_tax = NOTHING, NOTHING
        for real in self.lines:
            line, item = real.line, real.item
            taxes = taxes_of(item)
            discount = self._taken_off(real.of_row(discount_on(taxes)))
            row = (line.weee_tax_applied_amount or NOTHING) * line.qty
            line.weee_tax_applied_row_amount = row
            line.weee_tax_applied = taxes_for(taxes, line.qty, discount)
            line.weee_tax_row_disposition = (line.weee_tax_disposition or NOTHING) * line.qty
            total += row - discount
            for tax in taxes:
                unit = amount_in(tax, "amount_incl_tax")
                including_tax += Amount(max(unit.order, ZERO), max(unit.base, ZERO)) * line.qty
        if self.weee_in_subtotal:
            total = total.at_most(self._subtotal_left() - (invoice.subtotal or NOTHING))
            invoice.subtotal = (invoice.subtotal or NOTHING) + total
        else:
            total = total.at_most(self._tax_left() - (invoice.tax_amount or NOTHING))
            invoice.tax_amount = (invoice.tax_amount or NOTHING) + total
        if not self.is_last:
            invoice.subtotal_incl_tax = (invoice.subtotal_incl_tax or NOTHING) + including_tax
        self._charge(total)

    def _charge(self, amount: Amount) -> None:
        self.invoice.grand_total = (self.invoice.grand_total or NOTHING) + amount

    def _taken_off(self, amount: Amount) -> Amount:
        return self.regular.round(amount, negative=True)

    def _subtotal_left(self) -> Amount:
        canceled = self._canceled(lambda item: item.row_total)
        if self.weee_in_subtotal:
            canceled += self._canceled(_weee)
        return (self.order.subtotal or NOTHING) - canceled - (self.order.subtotal_invoiced or NOTHING)

    def _tax_left(self) -> Amount:
        canceled = self._canceled(lambda item: item.tax_amount)
        if not self.weee_in_subtotal:
            canceled += self._canceled(_weee)
        return (self.order.tax_amount or NOTHING) - canceled - (self.order.tax_invoiced or NOTHING)

    def _hidden_tax_left(self) -> Amount:
        order = self.order
        hidden = (order.hidden_tax_amount or NOTHING) + (order.shipping_hidden_tax_amount or NOTHING)
        return hidden - self._canceled(lambda item: item.hidden_tax_amount) - (order.hidden_tax_invoiced or NOTHING)

    def _canceled(self, row: Callable[[OrderItem], Amount | None]) -> Amount:
        """The share of an amount that belongs to canceled quantities (BUG-20)."""
        canceled = (item for item in self.items if item.qty_canceled)
        return sum((round_prices(_canceled(row(item) or NOTHING, item)) for item in canceled), NOTHING)

    def _within(self, left: Amount, collected: Amount) -> Amount:
        """The invoice's share of what the order has left: all of it on the last invoice (TOT-4, TOT-7)."""
        return left if self.is_last else collected.at_most(left)


def _leaves_nothing(items: list[OrderItem], invoice: Invoice) -> bool:
    """Whether this invoice leaves nothing of the order to invoice (TOT-3).

    Items without a line count, too: a locked item may be invoiced later (BUG-20).
    """
    invoiced = {line.order_item_id: line.qty for line in invoice.lines}
    return all(item.qty_to_invoice == invoiced.get(item.item_id, ZERO) for item in items)


def _canceled(row: Amount, item: OrderItem) -> Amount:
    """The canceled quantity's share of a row's amount, not rounded (BUG-20)."""
    if item.qty_canceled <= 0 or item.qty_ordered <= 0:
        return NOTHING
    return row * min(item.qty_canceled, item.qty_ordered) / item.qty_ordered


def _weee(item: OrderItem) -> Amount:
    """The fixed product tax of the whole row, less its discount."""
    return (item.weee_tax_applied_row_amount or NOTHING) - discount_on(taxes_of(item))


def _brings_shipping(order: Order) -> bool:
    """Whether the order's next invoice has the shipping: no earlier one that counts has it (TOT-6, BUG-16).

    If the order has no shipping costs, its first invoice "has" them: its shipping columns are zero instead of NULL.
    """
    counting = [invoice for invoice in order.invoices if invoice.state != CANCELED]
    if order.shipping_amount:
        return not any(invoice.shipping_amount for invoice in counting)
    return all(invoice.shipping_amount is None for invoice in counting)
