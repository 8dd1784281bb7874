"""Money of a shop: every sum exists twice, in the order's currency and in the base currency (TOT-10).

The two are never converted into one another at invoice time, so all arithmetic works on both at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


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
