"""Amounts of money: each in the order's currency and in the base currency (TOT-10), and how they are rounded.

Invoicing never converts one currency to the other, so all arithmetic works on both at once. ``CarryingRounder`` carries
the rounding error of one amount to the next (TOT-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")
# Values are cut here first: PHP's round() sees 33.335 where exact arithmetic has 33.33499999...
_NOISE = Decimal("1e-10")


@dataclass(frozen=True)
class Amount:
    """A sum of money: ``order`` in the order's currency, ``base`` in the shop's base currency."""

    order: Decimal
    base: Decimal

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.order + other.order, self.base + other.base)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.order - other.order, self.base - other.base)

    def __neg__(self) -> Amount:
        return Amount(-self.order, -self.base)

    def __mul__(self, factor: Decimal) -> Amount:
        return Amount(self.order * factor, self.base * factor)

    def __truediv__(self, divisor: Decimal) -> Amount:
        return Amount(self.order / divisor, self.base / divisor)

    def at_most(self, limit: Amount) -> Amount:
        """The smaller amount in each currency."""
        return Amount(min(self.order, limit.order), min(self.base, limit.base))

    def __bool__(self) -> bool:
        """True if the amount is not zero in either currency."""
        return self.order != 0 or self.base != 0


NOTHING = Amount(ZERO, ZERO)


def plus(total: Amount | None, more: Amount | None) -> Amount | None:
    """Add as Magento adds columns: NULL counts as zero, but NULL plus NULL is NULL (DB-8)."""
    if more is None:
        return total
    return more if total is None else total + more


def minus(total: Amount | None, less: Amount | None) -> Amount | None:
    """Subtract as Magento subtracts columns (DB-8)."""
    return total if less is None else plus(total, -less)


def counted(total: Amount | None, amount: Amount | None, sign: Decimal = ONE) -> Amount:
    """The total with the amount added, or with the sign -1 taken off: NULL counts as zero, the result is never NULL."""
    return (total or NOTHING) + (amount or NOTHING) * sign


def round_price(value: Decimal) -> Decimal:
    """Round half away from zero to two decimals, in every currency (TOT-2)."""
    return value.quantize(_NOISE).quantize(CENT, ROUND_HALF_UP)


def round_prices(amount: Amount) -> Amount:
    """``round_price`` in both currencies."""
    return Amount(round_price(amount.order), round_price(amount.base))


class CarryingRounder:
    """Rounds a series of amounts so that their sum stays within half a cent of the exact sum (TOT-2).

    The rounding error of one amount is added to the next, so the result depends on the order of the calls.
    """

    def __init__(self) -> None:
        self._carried = NOTHING

    def round(self, amount: Amount, *, negative: bool = False) -> Amount:
        """The next amount, rounded; ``negative`` is for amounts to be subtracted, which carry the other way."""
        order, order_carried = _carry(amount.order, self._carried.order, negative)
        base, base_carried = _carry(amount.base, self._carried.base, negative)
        self._carried = Amount(order_carried, base_carried)
        return Amount(order, base)


def _carry(value: Decimal, carried: Decimal, negative: bool) -> tuple[Decimal, Decimal]:
    """The rounded value and the error to carry on; a value of zero leaves the error as it is."""
    if value == 0:
        return value, carried
    exact = value - carried if negative else value + carried
    rounded = round_price(exact)
    return rounded, rounded - exact if negative else exact - rounded
