"""Money of a shop: every sum exists twice, in the order's currency and in the base currency (TOT-10), and is rounded.

The two are never converted into one another at invoice time, so all arithmetic works on both at once. Rounding to cents
can carry what it cut off to the next amount (TOT-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")
# Thirds are cut here first: PHP's round() sees 33.335 where exact arithmetic has 33.33499999...
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
        """The smaller one, in each currency by itself."""
        return Amount(min(self.order, limit.order), min(self.base, limit.base))

    def __bool__(self) -> bool:
        """True when there is money in either currency."""
        return self.order != 0 or self.base != 0


NOTHING = Amount(ZERO, ZERO)


def plus(total: Amount | None, more: Amount | None) -> Amount | None:
    """Add with the arithmetic of Magento's columns: NULL counts as nothing, NULL and NULL stay NULL (DB-8)."""
    if more is None:
        return total
    return more if total is None else total + more


def minus(total: Amount | None, less: Amount | None) -> Amount | None:
    """Subtract with the arithmetic of Magento's columns (DB-8)."""
    return total if less is None else plus(total, -less)


def round_price(value: Decimal) -> Decimal:
    """Round half away from zero to two decimals, in every currency (TOT-2)."""
    return value.quantize(_NOISE).quantize(CENT, ROUND_HALF_UP)


def round_prices(amount: Amount) -> Amount:
    """``round_price`` in both currencies."""
    return Amount(round_price(amount.order), round_price(amount.base))


class CarryingRounder:
    """Rounds a series of amounts so that their sum stays within half a cent of the exact sum (TOT-2).

    What one amount lost is added to the next. The order of the calls is therefore part of the result.
    """

    def __init__(self) -> None:
        self._carried = NOTHING

    def round(self, amount: Amount, *, negative: bool = False) -> Amount:
        """The next amount, rounded; ``negative`` is for amounts that will be taken off: they carry the other way."""
        order, order_carried = _carry(amount.order, self._carried.order, negative)
        base, base_carried = _carry(amount.base, self._carried.base, negative)
        self._carried = Amount(order_carried, base_carried)
        return Amount(order, base)


def _carry(value: Decimal, carried: Decimal, negative: bool) -> tuple[Decimal, Decimal]:
    """The rounded value and what is carried on; nothing at all neither takes nor leaves anything."""
    if value == 0:
        return value, carried
    exact = value - carried if negative else value + carried
    rounded = round_price(exact)
    return rounded, rounded - exact if negative else exact - rounded
