"""Computing with fixed product taxes ("weee"): what they amount to, and how a line carries them (TOT-9)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from magento_soap.sales.money import NOTHING, ZERO, Amount
from magento_soap.sales.order import OrderItem
from magento_soap.sales.taxes import FixedProductTaxes, Tax


def taxes_of(item: OrderItem) -> Sequence[Tax]:
    """The taxes on one unit of the item."""
    return () if item.weee_tax_applied is None else item.weee_tax_applied.taxes


def amount_in(tax: Tax, name: str) -> Amount:
    """A pair of the tax's numbers, ``name`` and ``base_name``; zero where there is none."""
    return Amount(_number(tax.get(name)), _number(tax.get(f"base_{name}")))


def discount_on(taxes: Sequence[Tax]) -> Amount:
    """The discount on the taxes of the whole row (TOT-9)."""
    for tax in taxes:
        if "total_weee_discount" in tax:
            return amount_in(tax, "total_weee_discount")
    return sum((amount_in(tax, "weee_discount") for tax in taxes), NOTHING)


def taxes_for(taxes: Sequence[Tax], qty: Decimal, discount: Amount) -> FixedProductTaxes:
    """The taxes as a line of ``qty`` units carries them: with row amounts, and the line's discount on each (TOT-9)."""
    rows = []
    for tax in taxes:
        row, row_incl_tax = amount_in(tax, "amount") * qty, amount_in(tax, "amount_incl_tax") * qty
        amounts = {"row_amount": row, "row_amount_incl_tax": row_incl_tax, "weee_discount": discount}
        row_of_tax = dict(tax)
        for name, amount in amounts.items():
            row_of_tax[name], row_of_tax[f"base_{name}"] = float(amount.order), float(amount.base)
        rows.append(row_of_tax)
    return FixedProductTaxes(tuple(rows))


def _number(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:  # not a number, or None
        return ZERO
    return number if number.is_finite() else ZERO
