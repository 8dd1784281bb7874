"""TOT-2: rounding, and rounding that carries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.sales.money import NOTHING, Amount, CarryingRounder, round_price

from .memory_shop import money


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("1.005", "1.01"),
        ("2.675", "2.68"),
        ("33.335", "33.34"),
        ("-0.005", "-0.01"),
        ("0.004999", "0"),
        ("33.33499999999999", "33.34"),  # what is left of 33.335 after a division
    ],
)
def test_half_away_from_zero_tot_2(exact: str, rounded: str) -> None:
    assert round_price(Decimal(exact)) == Decimal(rounded)


def test_the_rounding_error_goes_to_the_next_amount_tot_2() -> None:
    rounder = CarryingRounder()
    third = money("100", "50") / Decimal(3)
    assert [rounder.round(third) for _ in range(3)] == [
        money("33.33", "16.67"),
        money("33.34", "16.66"),
        money("33.33", "16.67"),
    ]


def test_zero_leaves_the_rounding_error_as_it_is_tot_2() -> None:
    rounder = CarryingRounder()
    rounder.round(money("0.004"))
    assert rounder.round(NOTHING) == NOTHING
    assert rounder.round(money("0.001")) == money("0.01")


def test_subtracted_amounts_carry_the_other_way_tot_2() -> None:
    rounder = CarryingRounder()
    assert rounder.round(money("0.333"), negative=True) == money("0.33")
    assert rounder.round(money("0.332")) == money("0.33")
    assert rounder.round(money("0.333")) == money("0.33")


exact_amounts = st.decimals(min_value=0, max_value=10_000, places=6)


@given(st.lists(st.tuples(exact_amounts, exact_amounts), max_size=20))
def test_sum_stays_within_half_a_cent(pairs: list[tuple[Decimal, Decimal]]) -> None:
    rounder = CarryingRounder()
    lost = sum((Amount(*pair) - rounder.round(Amount(*pair)) for pair in pairs), NOTHING)
    assert abs(lost.order) <= Decimal("0.00501")
    assert abs(lost.base) <= Decimal("0.00501")
