"""The reasons why an order cannot be invoiced, all at once (M2-4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from magento_soap.sales.errors import InvoiceRejected
from magento_soap.sales.invoicing.validation import OrderRules, invoice_problems
from magento_soap.sales.order import Order, OrderItem

from .memory_shop import link

FOREIGN = "The invoice contains one or more items that are not part of the original order."
TOO_MANY = 'The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "{}".'
NOTHING = "You can't create an invoice without products."


def order() -> Order:
    """Two shirts, a bag without SKU, and a bundle of dynamic price, whose parts carry the price."""
    bundle = OrderItem(3, sku="bundle", qty_ordered=Decimal(1), product_options={"product_calculations": 0})
    items = [
        OrderItem(1, sku="shirt", qty_ordered=Decimal(2)),
        OrderItem(2, qty_ordered=Decimal(1)),
        bundle,
        OrderItem(4, sku="part", parent_item_id=3, qty_ordered=Decimal(2)),
    ]
    return link(Order(entity_id=1, increment_id="1", state="processing", status="picking", items=items))


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        (None, []),
        ({}, []),
        ({1: 2}, []),
        ({1: 1, 2: 0}, []),
        ({1: 0, 2: 1}, []),
        ({1: 3}, [TOO_MANY.format("shirt")]),
        ({1: 3, 2: 2, 4: 3}, [TOO_MANY.format("shirt"), TOO_MANY.format(""), TOO_MANY.format("part")]),
        ({3: 9, 4: 2}, []),  # a dummy's quantity follows from its family's (PREP-4)
        ({1: 0}, [NOTHING]),
        ({1: 0, 2: 0}, [NOTHING]),
        ({1: -1}, [NOTHING]),
        ({99: 1}, [FOREIGN, NOTHING]),
        ({99: 1, 1: 1}, [FOREIGN]),
        ({99: 1, 1: 3}, [FOREIGN, TOO_MANY.format("shirt")]),
    ],
)
def test_problems_of_quantities_m2_4(asked: dict[int, int] | None, problems: list[str]) -> None:
    quantities = None if asked is None else {item_id: Decimal(qty) for item_id, qty in asked.items()}
    assert invoice_problems(order(), quantities) == problems


def test_what_is_invoiced_or_canceled_already_is_too_many_m2_4() -> None:
    half = order()
    half.items[0].qty_invoiced = Decimal("0.5")
    half.items[0].qty_canceled = Decimal("0.5")
    assert invoice_problems(half, {1: Decimal(1)}) == []
    assert invoice_problems(half, {1: Decimal("1.0001")}) == [TOO_MANY.format("shirt")]


@pytest.mark.parametrize(
    ("state", "status", "problems"),
    [
        ("processing", "picking", []),
        ("new", None, []),
        ("holded", "on hold", ["An invoice cannot be created when an order has a status of on hold."]),
        ("complete", None, ["An invoice cannot be created when an order has a status of ."]),
    ],
)
def test_problems_of_the_order_m2_4(state: str, status: str | None, problems: list[str]) -> None:
    asked = order()
    asked.state, asked.status = state, status
    assert list(OrderRules().validate(asked)) == problems


def test_an_order_with_nothing_left_to_invoice_m2_4() -> None:
    invoiced = order()
    for item in invoiced.items:
        item.qty_invoiced = item.qty_ordered
    (problem,) = OrderRules().validate(invoiced)
    assert "picking" in problem


def test_a_rejection_names_each_problem_on_a_line() -> None:
    assert str(InvoiceRejected([FOREIGN, NOTHING])) == f"{FOREIGN}\n{NOTHING}"
