"""Rounding to cents, and rounding that carries what it cut off to the next amount (TOT-2)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .amounts import NOTHING, Amount

CENT = Decimal("0.01")
# Thirds are cut here first: PHP's round() sees 33.335 where exact arithmetic has 33.33499999...
_NOISE = Decimal("1e-10")


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
