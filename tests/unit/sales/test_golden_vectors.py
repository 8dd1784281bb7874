"""Every golden vector (GV-01 .. GV-28), or the better result where we differ on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from magento_soap.sales.errors import InvalidQuantity
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.preparation import prepare_invoice
from magento_soap.sales.invoicing.registration import can_capture, cancel, pay, register
from magento_soap.sales.invoicing.totals import collect_totals
from magento_soap.sales.order import Order, payment_of

from .golden import VECTORS, Columns, check_step, line_columns, method_of, order_of
from .memory_shop import NOW, MemoryShop, Method, money

SAME = ["GV-01", "GV-02", "GV-10", "GV-14", "GV-19", "GV-20", "GV-23", "GV-24", "GV-25", "GV-28"]

# What the client sent, and why nothing is invoiced. "abc" and null are no numbers: the API says so before.
REFUSED: dict[str, tuple[dict[int, Decimal], str]] = {
    "GV-03": ({99: Decimal(1)}, 'Invalid qty to invoice item "99"'),  # BUG-4
    "GV-04": ({11: Decimal(0)}, "Cannot create an invoice without products."),  # BUG-4
    "GV-05": ({11: Decimal(-2)}, 'Invalid qty to invoice item "A"'),  # BUG-4
    "GV-06": ({11: Decimal(4)}, 'Invalid qty to invoice item "A"'),  # as in Magento (PREP-7)
    "GV-07": ({11: Decimal("1.9")}, 'Invalid qty to invoice item "A"'),  # PREP-9
    "GV-08": ({11: Decimal("nan")}, 'Invalid qty to invoice item "A"'),  # BUG-4
    "GV-09": ({11: Decimal("nan")}, 'Invalid qty to invoice item "A"'),  # BUG-4
    "GV-15": ({11: Decimal("0.00004")}, "Cannot create an invoice without products."),  # BUG-4: it would be stored as 0
    "GV-18": ({22: Decimal(1)}, "Cannot create an invoice without products."),  # BUG-4, only a dummy
    "GV-22": ({31: Decimal(1)}, "Cannot create an invoice without products."),  # BUG-4, only a dummy
}


def asked(step: Columns) -> dict[int, Decimal]:
    return {int(item_id): Decimal(qty) for item_id, qty in dict(step["qtys"] or {}).items()}


def invoice(
    order: Order, quantities: Mapping[int, Decimal] | None, method: Method, *, weee_in_subtotal: bool = False
) -> Invoice:
    made = prepare_invoice(order, quantities)
    collect_totals(order, made, weee_in_subtotal=weee_in_subtotal)
    register(order, made)
    if not can_capture(made, payment_of(order), method) and not method.is_gateway:
        made.can_void_flag = 0
        pay(order, made)
    return made


@pytest.mark.parametrize("vector_id", SAME)
def test_same_as_magento(vector_id: str) -> None:
    order, method = order_of(vector_id), method_of(vector_id)
    weee = VECTORS[vector_id]["config"]["tax/weee/include_in_subtotal"] == 1
    for step in VECTORS[vector_id]["steps"]:
        check_step(step, order, invoice(order, asked(step), method, weee_in_subtotal=weee))


@pytest.mark.parametrize("vector_id", REFUSED)
def test_refused_and_nothing_counted(vector_id: str) -> None:
    order = order_of(vector_id)
    quantities, text = REFUSED[vector_id]
    with pytest.raises(InvalidQuantity) as refusal:
        invoice(order, quantities, method_of(vector_id))
    assert str(refusal.value) == text
    assert order == order_of(vector_id)


@pytest.mark.parametrize("vector_id", ["GV-11", "GV-12"])
def test_nothing_sent_is_everything_bug_3(vector_id: str) -> None:
    order = order_of(vector_id)
    check_step(VECTORS["GV-02"]["steps"][0], order, invoice(order, None, method_of(vector_id)))


def test_gv_13_list_of_entries_is_understood_bug_9() -> None:
    order = order_of("GV-13")  # the API has made a map of the list
    check_step(VECTORS["GV-01"]["steps"][0], order, invoice(order, {11: Decimal(1)}, method_of("GV-13")))


def test_gv_16_canceled_invoice_gives_shipping_and_its_discount_back_bug_11_16_17() -> None:
    order, method = order_of("GV-16"), method_of("GV-16")
    first_step, second_step, third_step = VECTORS["GV-16"]["steps"]
    first = invoice(order, asked(first_step), method)
    check_step(first_step, order, first)
    check_step(second_step, order, invoice(order, asked(second_step), method))

    cancel(order, first, MemoryShop(), NOW)
    assert order.payment is not None
    assert order.payment.amount_paid is None  # BUG-11: Magento has -40.67 here
    assert order.payment.shipping_captured is None

    third = invoice(order, asked(third_step), method)
    assert third.shipping_amount == money("5")  # BUG-16: Magento has 0 here
    assert third.shipping_incl_tax == money("5.4")
    assert third.shipping_tax_amount == money("0.4")
    assert third.discount_amount == money("-1.06")  # BUG-17: Magento has -0.66 here
    assert third.subtotal == money("66.66")
    assert third.tax_amount == money("5.73")
    assert third.grand_total == money("76.33")  # Magento 71.73
    assert order.total_invoiced == order.grand_total == money("112")  # Magento 107.40


def test_gv_17_configurable_partial_has_as_many_children_bug_19() -> None:
    order = order_of("GV-17")
    partial = invoice(order, {21: Decimal(1)}, method_of("GV-17"))
    assert {i: line.qty for i, line in line_columns(partial.lines).items()} == {21: 1, 22: 1}  # Magento: 2 children
    assert partial.total_qty == 2  # Magento 3
    assert partial.grand_total == money("10")
    rest = invoice(order, None, method_of("GV-17"))
    assert {i: line.qty for i, line in line_columns(rest.lines).items()} == {21: 1, 22: 1}
    assert {item.item_id: item.qty_invoiced for item in order.items} == {21: 2, 22: 2}


def test_gv_21_bundle_partial_counts_the_bundles_begun_bug_19() -> None:
    order = order_of("GV-21")
    partial = invoice(order, {32: Decimal(1)}, method_of("GV-21"))
    assert {i: line.qty for i, line in line_columns(partial.lines).items()} == {31: 1, 32: 1}  # Magento: 2 bundles
    assert partial.grand_total == money("6")
    same_bundle = invoice(order, {33: Decimal(2)}, method_of("GV-21"))
    assert {i: line.qty for i, line in line_columns(same_bundle.lines).items()} == {33: 2}
    invoice(order, None, method_of("GV-21"))
    assert {item.item_id: item.qty_invoiced for item in order.items} == {31: 2, 32: 2, 33: 4}


def test_gv_26_what_was_canceled_is_not_charged_bug_20() -> None:
    order = order_of("GV-26")
    only = invoice(order, None, method_of("GV-26"))
    assert only.subtotal == money("33.33")  # Magento 100.00
    assert only.tax_amount == money("3.07")  # Magento 8.40
    assert only.discount_amount == money("-0.73")  # Magento -1.40
    assert only.shipping_amount == money("5")
    assert only.grand_total == money("40.67")  # Magento 112.00, which was for all three


def test_gv_27_what_was_canceled_is_not_charged_bug_20() -> None:
    order = order_of("GV-27")
    first_step = VECTORS["GV-27"]["steps"][0]
    check_step(first_step, order, invoice(order, asked(first_step), method_of("GV-27")))
    last = invoice(order, None, method_of("GV-27"))
    assert last.subtotal == money("33.34")  # Magento 66.67
    assert last.tax_amount == money("2.66")
    assert last.discount_amount == money("-0.34")
    assert last.grand_total == money("35.66")  # Magento 71.33
    assert order.subtotal_invoiced == money("66.67")  # two thirds


def test_every_vector_is_covered() -> None:
    by_name = ["GV-11", "GV-12", "GV-13", "GV-16", "GV-17", "GV-21", "GV-26", "GV-27"]
    assert sorted([*SAME, *REFUSED, *by_name]) == sorted(VECTORS)
