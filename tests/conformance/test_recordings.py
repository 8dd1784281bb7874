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
IN_INDEX_ORDER = (
    "API-42: nothing is ordered there and the database answered in index order; ours is the invoices' order"
)
FOUR_BYTES = "four-byte characters were lost as ????; we keep them"
DELIBERATE = {
    "v1/206-list-op-lt-grand_total-100": Difference("wire/callResponse/callReturn[", IN_INDEX_ORDER),
    "v1/302-create-opts-html-comment-email-include": Difference(
        "effects/sales_flat_invoice_comment/+4/comment", FOUR_BYTES
    ),
    "v1/337-addComment-guest-email-include-unicode": Difference(
        "effects/sales_flat_invoice_comment/+4/comment", FOUR_BYTES
    ),
    "v1/332-info-after-two-comments": Difference(
        "wire/callResponse/callReturn/comments[", "API-43: of two comments of one second, ours puts the newer first"
    ),
    "v1-strings/076-list-op-lt-grand_total-100": Difference("wire/callResponse/callReturn[", IN_INDEX_ORDER),
    "v1-strings/172-create-opts-html-comment-email-include": Difference(
        "effects/sales_flat_invoice_comment/+4/comment", FOUR_BYTES
    ),
    "v2/120-list-cplx-lt-grand_total-100": Difference("wire/salesOrderInvoiceListResponse/result[", IN_INDEX_ORDER),
    "v2/236-create-opts-html-comment-email-include": Difference(
        "effects/sales_flat_invoice_comment/+4/comment", FOUR_BYTES
    ),
    "v2/263-addComment-guest-email-include-unicode": Difference(
        "effects/sales_flat_invoice_comment/+4/comment", FOUR_BYTES
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
