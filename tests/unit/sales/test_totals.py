"""TOT: what the golden vectors do not show."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from magento_soap.sales.fixed_product_tax import amount_in
from magento_soap.sales.invoice import CANCELED, PAID, Invoice
from magento_soap.sales.invoicing.preparation import prepare_invoice
from magento_soap.sales.invoicing.registration import register
from magento_soap.sales.invoicing.totals import collect_totals
from magento_soap.sales.money import NOTHING
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.taxes import FixedProductTaxes, Tax

from .memory_shop import link, money, three_for_a_hundred


def computed(order: Order, quantities: dict[int, Decimal] | None = None, *, weee: bool = False) -> Invoice:
    invoice = prepare_invoice(order, quantities)
    collect_totals(order, invoice, weee_in_subtotal=weee)
    return invoice


def test_shipping_goes_to_the_first_invoice_that_counts_tot_6_bug_16() -> None:
    order = three_for_a_hundred()
    order.invoices = [
        Invoice(order_id=1, state=CANCELED, shipping_amount=money("5"), discount_amount=money("-0.73")),
        Invoice(order_id=1, state=PAID, shipping_amount=NOTHING, discount_amount=money("-0.33")),
    ]
    assert computed(order, {11: Decimal(1)}).shipping_amount == money("5")
    order.invoices.append(Invoice(order_id=1, state=PAID, shipping_amount=money("5")))
    invoice = computed(order, {11: Decimal(1)})
    assert (invoice.shipping_amount, invoice.shipping_incl_tax, invoice.shipping_tax_amount) == (NOTHING, None, None)
    assert invoice.discount_amount == money("-0.33")


def test_the_last_invoice_takes_what_the_order_has_beside_its_items_tot_4_7() -> None:
    order = three_for_a_hundred()
    order.subtotal, order.tax_amount, order.grand_total = money("100.01"), money("8.42"), money("112.03")
    first = computed(order, {11: Decimal(2)})
    register(order, first)
    last = computed(order)
    assert (first.subtotal, last.subtotal) == (money("66.67"), money("33.34"))
    assert first.tax_amount is not None
    assert last.tax_amount == money("8.42") - first.tax_amount


def test_an_invoice_is_the_last_one_beside_items_that_are_invoiced_already_tot_3() -> None:
    items = [OrderItem(id_, qty_ordered=Decimal(1), row_total=money("10")) for id_ in (1, 2)]
    order = Order(entity_id=1, increment_id="1", state="new", items=items, subtotal=money("20.01"))
    first = computed(order, {1: Decimal(1)})
    register(order, first)
    last = computed(order)
    assert [line.order_item_id for line in last.lines] == [2]
    assert (first.subtotal, last.subtotal) == (money("10"), money("10.01"))


def test_hidden_taxes_of_all_lines_add_up_and_canceled_units_have_none_tot_7_bug_20() -> None:
    items = [
        OrderItem(1, qty_ordered=Decimal(2), row_total=money("20"), tax_amount=money("4")),
        OrderItem(2, qty_ordered=Decimal(2), row_total=money("10"), tax_amount=money("2"), qty_canceled=Decimal(1)),
    ]
    items[0].hidden_tax_amount, items[1].hidden_tax_amount = money("1"), money("0.5")
    order = Order(entity_id=1, increment_id="1", state="new", items=items, subtotal=money("30"), tax_amount=money("6"))
    order.hidden_tax_amount, order.grand_total = money("1.5"), money("37.5")
    first = computed(order, {1: Decimal(1), 2: Decimal(1)})
    assert (first.subtotal, first.tax_amount, first.hidden_tax_amount) == (money("15"), money("3"), money("0.75"))
    register(order, first)
    last = computed(order)
    assert (last.subtotal, last.tax_amount, last.hidden_tax_amount) == (money("10"), money("2"), money("0.5"))


def test_an_item_of_which_nothing_was_ordered_has_no_part_in_anything_bug_20() -> None:
    order = three_for_a_hundred()
    order.items.append(OrderItem(12, qty_ordered=Decimal(0), qty_canceled=Decimal(1), row_total=money("0")))
    assert computed(order).grand_total == money("112")


def test_free_shipping_is_carried_by_the_first_invoice_only_tot_6() -> None:
    order = three_for_a_hundred()
    order.shipping_amount = order.shipping_incl_tax = order.shipping_tax_amount = NOTHING
    assert computed(order).shipping_incl_tax == NOTHING
    order.invoices = [Invoice(order_id=1, state=PAID, shipping_amount=NOTHING)]
    invoice = computed(order)
    assert (invoice.shipping_amount, invoice.shipping_incl_tax, invoice.shipping_tax_amount) == (NOTHING, None, None)


def test_order_without_shipping_tot_6() -> None:
    order = three_for_a_hundred()
    order.shipping_amount = None
    invoice = computed(order)
    assert (invoice.shipping_amount, invoice.shipping_incl_tax) == (NOTHING, None)


def test_null_and_zero_stay_apart_on_lines_db_3() -> None:
    order = three_for_a_hundred()
    item = order.items[0]
    item.tax_amount = item.row_total_incl_tax = item.discount_amount = None
    (line,) = computed(order).lines
    assert (line.tax_amount, line.hidden_tax_amount, line.row_total_incl_tax, line.discount_amount) == (None,) * 4
    item.tax_amount = item.discount_amount = NOTHING
    (line,) = computed(order).lines
    assert (line.tax_amount, line.hidden_tax_amount, line.discount_amount) == (NOTHING, NOTHING, None)


def test_cost_counts_simple_products_only_tot_8() -> None:
    parent = OrderItem(1, qty_ordered=Decimal(2), base_cost=Decimal(7), row_total=money("20"))
    child = OrderItem(2, parent_item_id=1, qty_ordered=Decimal(2), base_cost=Decimal(3))
    order = link(Order(entity_id=1, increment_id="1", state="new", subtotal=money("20"), items=[parent, child]))
    assert computed(order, {1: Decimal(1)}).base_cost == 3
    assert computed(order).base_cost == 6


def taxes_on(taxes: Sequence[Tax]) -> FixedProductTaxes:
    return FixedProductTaxes(tuple(taxes))


def weee_order(taxes: list[dict[str, object]]) -> Order:
    item = OrderItem(
        61,
        qty_ordered=Decimal(3),
        row_total=money("30"),
        weee_tax_applied=taxes_on(taxes),
        weee_tax_applied_amount=money("1.5", "3"),
        weee_tax_applied_row_amount=money("4.5", "9"),
        weee_tax_disposition=money("0.2"),
    )
    order = Order(entity_id=1, increment_id="1", state="new", items=[item])
    order.subtotal, order.tax_amount = money("30"), money("3.9", "7.8")
    order.grand_total = money("33.9", "37.8")
    return order


FPT: dict[str, object] = {"title": "Écotaxe", "amount": 1.5, "base_amount": 3.0, "amount_incl_tax": 1.8}


def test_weee_discount_and_rows_of_a_line_tot_9() -> None:
    order = weee_order([FPT | {"total_weee_discount": 0.6, "base_total_weee_discount": "1.2"}])
    invoice = computed(order, {61: Decimal(1)})
    (line,) = invoice.lines
    assert line.weee_tax_applied_row_amount == money("1.5", "3")
    assert line.weee_tax_row_disposition == money("0.2")
    assert line.weee_tax_applied is not None
    (tax,) = line.weee_tax_applied.taxes
    assert tax["title"] == "Écotaxe"
    assert (tax["row_amount"], tax["base_row_amount"], tax["row_amount_incl_tax"]) == (1.5, 3.0, 1.8)
    assert (tax["weee_discount"], tax["base_weee_discount"]) == (0.2, 0.4)
    assert invoice.tax_amount == money("1.3", "2.6")
    assert invoice.subtotal_incl_tax == money("6.3", "9")  # BUG-21 kept: the whole row's 4.50, and the unit's 1.80


def test_all_fixed_product_taxes_of_all_lines_are_charged_tot_9() -> None:
    recycling = {"title": "Recycling", "amount": 0.5, "base_amount": 1.0, "amount_incl_tax": 0.6}
    order = weee_order([FPT | {"total_weee_discount": 0.6, "base_total_weee_discount": 1.2}, recycling])
    order.items[0].weee_tax_applied_amount = money("2", "4")
    order.items[0].weee_tax_applied_row_amount = money("6", "12")
    battery = {"amount": 1.0, "base_amount": 2.0, "amount_incl_tax": 1.2, "weee_discount": 0.2}
    other = OrderItem(62, qty_ordered=Decimal(2), row_total=money("10"))
    other.weee_tax_applied = taxes_on([battery | {"base_weee_discount": 0.4}])
    other.weee_tax_applied_amount, other.weee_tax_applied_row_amount = money("1", "2"), money("2", "4")
    order.items.append(other)
    order.subtotal, order.tax_amount = money("40"), money("7.2", "14.4")

    invoice = computed(order, {61: Decimal(2), 62: Decimal(1)})
    assert invoice.tax_amount == money("4.5", "9")  # (1.5 + 0.5) * 2 - 0.4, and 1 - 0.1
    first, _ = invoice.lines
    assert first.weee_tax_applied is not None
    taxes = first.weee_tax_applied.taxes
    assert [(tax["row_amount"], tax["base_row_amount"], tax["row_amount_incl_tax"]) for tax in taxes] == [
        (3.0, 6.0, 3.6),
        (1.0, 2.0, 1.2),
    ]
    assert invoice.subtotal_incl_tax == money("14", "16")  # BUG-21 kept: both whole rows, and the units' taxes


@pytest.mark.parametrize("number", ["INF", "NAN", float("inf"), "1,5", None])
def test_an_invalid_amount_of_a_fixed_product_tax_is_zero_tot_9(number: object) -> None:
    assert amount_in({"amount": number, "base_amount": number}, "amount") == NOTHING


@pytest.mark.parametrize("in_subtotal", [True, False])
def test_weee_of_canceled_units_is_not_charged_bug_20(in_subtotal: bool) -> None:
    order = weee_order([FPT | {"weee_discount": 0.6, "base_weee_discount": 1.2}])
    if in_subtotal:
        order.subtotal, order.tax_amount = money("33.9", "37.8"), NOTHING
    order.items[0].qty_canceled = Decimal(1)
    total = NOTHING
    for quantities in ({61: Decimal(1)}, None):
        invoice = computed(order, quantities, weee=in_subtotal)
        register(order, invoice)
        assert invoice.grand_total is not None
        total += invoice.grand_total
    assert total == money("22.6", "25.2")  # two of three


def with_a_locked_item() -> Order:
    """An order whose second item is locked against invoicing, for the time being."""
    order = three_for_a_hundred()
    locked = OrderItem(12, name="B", qty_ordered=Decimal(1), row_total=money("50"), tax_amount=money("4"))
    locked.discount_amount, locked.hidden_tax_amount = money("2"), money("1")
    locked.locked_do_invoice = True
    order.items.append(locked)
    order.subtotal, order.tax_amount, order.hidden_tax_amount = money("150"), money("12.4"), money("1")
    order.discount_amount, order.grand_total = money("-3.4"), money("165")
    return order


def test_what_is_locked_is_not_charged_until_it_is_invoiced_bug_20() -> None:
    order = with_a_locked_item()
    first = computed(order)
    assert [line.order_item_id for line in first.lines] == [11]
    assert (first.subtotal, first.tax_amount, first.hidden_tax_amount) == (money("100"), money("8.4"), NOTHING)
    assert (first.discount_amount, first.shipping_amount) == (money("-1.4"), money("5"))
    assert first.grand_total == money("112")
    register(order, first)

    order.items[1].locked_do_invoice = False
    rest = computed(order)
    assert (rest.subtotal, rest.tax_amount, rest.hidden_tax_amount) == (money("50"), money("4"), money("1"))
    assert (rest.discount_amount, rest.shipping_amount, rest.grand_total) == (money("-2"), NOTHING, money("53"))
    register(order, rest)
    assert order.total_invoiced == order.grand_total


def test_of_an_order_split_beside_a_locked_item_the_rest_is_charged_to_the_cent_bug_20() -> None:
    order = with_a_locked_item()
    total = NOTHING
    for quantities in ({11: Decimal(1)}, {11: Decimal(1)}, None):
        invoice = computed(order, quantities)
        register(order, invoice)
        total += invoice.grand_total or NOTHING
    assert total == money("112")


@pytest.mark.parametrize("in_subtotal", [True, False])
def test_fixed_product_taxes_of_a_locked_item_are_not_charged_bug_20(in_subtotal: bool) -> None:
    order = weee_order([FPT])
    locked = OrderItem(62, qty_ordered=Decimal(1), row_total=money("10"), locked_do_invoice=True)
    locked.weee_tax_applied = taxes_on([FPT])
    locked.weee_tax_applied_amount = locked.weee_tax_applied_row_amount = money("1.5", "3")
    order.items.append(locked)
    order.subtotal, order.tax_amount = money("40"), money("6", "12")
    if in_subtotal:
        order.subtotal, order.tax_amount = money("46", "52"), NOTHING
    invoice = computed(order, weee=in_subtotal)
    assert invoice.grand_total == money("34.5", "39")


@pytest.mark.parametrize("taxes", [None, FixedProductTaxes(), FixedProductTaxes(text="garbage")])
def test_line_without_weee_has_an_empty_list_tot_9(taxes: FixedProductTaxes | None) -> None:
    order = three_for_a_hundred()
    order.items[0].weee_tax_applied = taxes
    (line,) = computed(order).lines
    assert (line.weee_tax_applied, line.weee_tax_applied_row_amount) == (FixedProductTaxes(), NOTHING)
