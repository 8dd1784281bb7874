"""Fixed product tax ("weee"): the list of taxes that an order item carries (TOT-9)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from magento_soap.sales.money import NOTHING, ZERO, Amount
from magento_soap.sales.structured import StructuredValue

Tax = dict[str, Any]


def taxes_of(weee_tax_applied: StructuredValue | None) -> list[Tax]:
    """The taxes on one unit; a value that is not such a list has none."""
    applied = None if weee_tax_applied is None else weee_tax_applied.value
    listed = applied.values() if isinstance(applied, dict) else applied if isinstance(applied, list) else ()
    return [dict(tax) for tax in listed if isinstance(tax, dict)]


def amount_in(tax: Tax, name: str) -> Amount:
    """A pair of the tax's numbers, ``name`` and ``base_name``; zero where there is none."""
    return Amount(_number(tax.get(name)), _number(tax.get(f"base_{name}")))


def discount_on(taxes: list[Tax]) -> Amount:
    """The discount on the taxes of the whole row (TOT-9)."""
    for tax in taxes:
        if "total_weee_discount" in tax:
            return amount_in(tax, "total_weee_discount")
    return sum((amount_in(tax, "weee_discount") for tax in taxes), NOTHING)


def taxes_for(taxes: list[Tax], qty: Decimal, discount: Amount) -> list[Tax]:
    """The taxes as a line of ``qty`` units carries them: with row amounts, and the line's discount on each (TOT-9)."""
    rows = []
    for tax in taxes:
        row, row_incl_tax = amount_in(tax, "amount") * qty, amount_in(tax, "amount_incl_tax") * qty
        amounts = {"row_amount": row, "row_amount_incl_tax": row_incl_tax, "weee_discount": discount}
        row_of_tax = dict(tax)
        for name, amount in amounts.items():
            row_of_tax[name], row_of_tax[f"base_{name}"] = float(amount.order), float(amount.base)
        rows.append(row_of_tax)
    return rows


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:  # no number, or none at all
        return ZERO
    return number if number.is_finite() else ZERO
