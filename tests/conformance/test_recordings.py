"""What a Magento 1 shop was recorded to answer and write, step by step, is what we answer and write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.conftest import NewDatabase

from .adapter import RecordedShop
from .recordings import Scenario, load_all, replay


class Difference(NamedTuple):
    """Where we go another way on purpose (how such a place begins), and why."""

    place: str
    reason: str


SCENARIOS = load_all()
DELIBERATE = {
    "v2/120-list-cplx-lt-grand_total-100": Difference(
        "wire/salesOrderInvoiceListResponse/result[",
        "API-42: nothing is ordered there and the database answered in index order; ours is the invoices' order",
    ),
    "v2/236-create-opts-html-comment-email-include": Difference(
        "effects/sales_flat_invoice_comment/+4/comment",
        "four-byte characters were lost as ????; we keep them",
    ),
    "v2/263-addComment-guest-email-include-unicode": Difference(
        "effects/sales_flat_invoice_comment/+4/comment",
        "four-byte characters were lost as ????; we keep them",
    ),
    "v2/301-void-paid-captured-online": Difference(
        "effects/sales_flat_invoice/~8/",
        "BUG-24: a refused void wrote the answer to `can it be voided` some time later; ours writes nothing",
    ),
    "v2/326-void-after-capture": Difference(
        "effects/sales_flat_invoice/~2/can_void_flag",
        "BUG-24: a refused void wrote the answer to `can it be voided` some time later; ours writes nothing",
    ),
}


@pytest.fixture(scope="module")
def shop(dialect: str, new_database: NewDatabase) -> Iterator[RecordedShop]:
    """The recorded shop on each database; scenarios reset it."""
    recorded_shop = RecordedShop(new_database(dialect))
    yield recorded_shop
    recorded_shop.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_agrees_with_the_recording(shop: RecordedShop, scenario: Scenario) -> None:
    disagreements = replay(scenario, shop)
    deliberate = [
        found
        for found in disagreements
        if found.step in DELIBERATE and found.place.startswith(DELIBERATE[found.step].place)
    ]
    unwanted = [str(found) for found in disagreements if found not in deliberate]
    assert not unwanted, "\n".join(unwanted)
    assert {found.step for found in deliberate} == {step.id for step in scenario.steps} & DELIBERATE.keys()


def test_deliberate_differences_are_of_recorded_steps() -> None:
    assert {step.id for scenario in SCENARIOS for step in scenario.steps} >= DELIBERATE.keys()
