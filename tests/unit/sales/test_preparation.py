"""PREP: which lines an invoice gets, and which quantities are refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from magento_soap.sales.errors import InvalidQuantity
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.preparation import by_item_id, prepare_invoice
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.structured import StructuredValue

from .memory_shop import link, money, three_for_a_hundred


def two_items() -> Order:
    first = OrderItem(1, name="Shirt", qty_ordered=Decimal(2))
    second = OrderItem(2, name="Rope", qty_ordered=Decimal("2.5"), is_qty_decimal=True)
    return Order(entity_id=1, increment_id="1", state="new", items=[first, second])


def quantities(invoice: Invoice) -> dict[int, Decimal]:
    return {line.order_item_id: line.qty for line in invoice.lines}


@pytest.mark.parametrize("nothing", [None, {}])
def test_nothing_asked_is_everything_left_prep_9(nothing: dict[int, Decimal] | None) -> None:
    order = two_items()
    order.items[0].qty_invoiced = Decimal(1)
    invoice = prepare_invoice(order, nothing)
    assert quantities(invoice) == {1: 1, 2: Decimal("2.5")}
    assert invoice.total_qty == Decimal("3.5")


def by_sku(*items: tuple[int, str | None, int | None]) -> Order:
    """An order of items with id, SKU and parent."""
    made = [
        OrderItem(id_, sku=sku, parent_item_id=parent, name=f"Item {id_}", qty_ordered=Decimal(2))
        for id_, sku, parent in items
    ]
    return link(Order(entity_id=1, increment_id="1", state="new", items=made))


PLAIN = by_sku((1, "shirt", None), (2, "rope", None), (3, None, None))
NUMERIC = by_sku((15, "16", None), (16, "17", None), (18, "0015", None))
CONFIGURABLE = by_sku((1, "shirt-m", None), (2, "shirt-m", 1), (3, "shirt-l", None), (4, "shirt-l", 3))
TWICE = by_sku((1, "cup", None), (2, "cup", None))
ALSO_IN_A_SET = by_sku((1, "cup", None), (2, "set", None), (3, "cup", 2))


@pytest.mark.parametrize(
    ("order", "asked", "items"),
    [
        (PLAIN, {"shirt": 1, "2": 2}, {1: 1, 2: 2}),
        (PLAIN, {1: 1, "rope": 2}, {1: 1, 2: 2}),
        (PLAIN, {"1": 1, "shirt": 2}, {1: 2}),  # the later one counts, as ever
        (PLAIN, {" rope ": 1, "0001": 1}, {2: 1, 1: 1}),
        (NUMERIC, {"16": 1}, {16: 1}),  # an id comes before a SKU
        (NUMERIC, {"17": 1}, {16: 1}),
        (NUMERIC, {"0015": 1}, {15: 1}),
        (NUMERIC, {17: 1}, {17: 1}),  # a number is an id and nothing else; it is refused later
        (CONFIGURABLE, {"shirt-l": 1}, {3: 1}),  # the variant carries no price, its parent is invoiced
        (CONFIGURABLE, {"2": 1}, {2: 1}),
        (ALSO_IN_A_SET, {"cup": 1}, {1: 1}),
    ],
)
def test_items_are_named_by_id_or_sku(order: Order, asked: dict[int | str, int], items: dict[int, int]) -> None:
    assert by_item_id(order, {key: Decimal(qty) for key, qty in asked.items()}) == items


@pytest.mark.parametrize("nothing", [None, {}])
def test_nothing_asked_stays_nothing(nothing: dict[int | str, Decimal] | None) -> None:
    assert not by_item_id(PLAIN, nothing)


@pytest.mark.parametrize(
    ("order", "sku", "text"),
    [
        (PLAIN, "Rope", 'Invalid qty to invoice item "Rope"'),
        (PLAIN, "None", 'Invalid qty to invoice item "None"'),
        (PLAIN, "", 'Invalid qty to invoice item ""'),
        (PLAIN, "4", 'Invalid qty to invoice item "4"'),
        (PLAIN, "9" * 5000, f'Invalid qty to invoice item "{"9" * 97}..."'),
        (PLAIN, "\u0661", 'Invalid qty to invoice item "\u0661"'),
        (TWICE, "cup", 'Several items of the order have the SKU "cup".'),
    ],
)
def test_skus_that_no_item_has_or_several(order: Order, sku: str, text: str) -> None:
    quantities: dict[int | str, Decimal] = {sku: Decimal(1)}
    with pytest.raises(InvalidQuantity) as refusal:
        by_item_id(order, quantities)
    assert str(refusal.value) == text


def test_items_not_asked_for_are_there_with_zero_prep_8() -> None:
    invoice = prepare_invoice(two_items(), {2: Decimal("1.25")})
    assert quantities(invoice) == {1: 0, 2: Decimal("1.25")}
    assert invoice.total_qty == Decimal("1.25")


def test_single_zeros_are_fine_when_something_is_left() -> None:
    assert quantities(prepare_invoice(two_items(), {1: Decimal(1), 2: Decimal(0)})) == {1: 1, 2: 0}


def test_a_refusal_has_the_whole_name_of_the_item() -> None:
    order = two_items()
    order.items[0].name = "Shirt " * 40
    with pytest.raises(InvalidQuantity, match=f'"{order.items[0].name}"$'):
        prepare_invoice(order, {1: Decimal(3)})


def test_a_refusal_of_an_item_without_a_name_names_none() -> None:
    order = two_items()
    order.items[0].name = None
    with pytest.raises(InvalidQuantity, match=r'^Invalid qty to invoice item ""$'):
        prepare_invoice(order, {1: Decimal(3)})


def test_locked_items_are_left_out_prep_3() -> None:
    order = two_items()
    order.items[0].locked_do_invoice = True
    assert quantities(prepare_invoice(order)) == {2: Decimal("2.5")}
    with pytest.raises(InvalidQuantity, match=r'^Invalid qty to invoice item "Shirt"$'):
        prepare_invoice(order, {1: Decimal(1)})


@pytest.mark.parametrize(
    ("asked", "item"),
    [
        ({1: "3"}, "Shirt"),  # more than ordered (PREP-7)
        ({2: "2.5001"}, "Rope"),
        ({2: "2.500001"}, "Rope"),  # compared at six decimals
        ({2: "2.5000005"}, "Rope"),
        ({1: "1.0000005"}, "Shirt"),
        ({1: "0.9999995"}, "Shirt"),
        ({1: "0.5"}, "Shirt"),  # whole numbers only
        ({1: "2", 2: "-1"}, "Rope"),
        ({1: "Infinity"}, "Shirt"),
        ({1: "1e30"}, "Shirt"),
        ({1: "2", 77: "1"}, "77"),  # not of this order
    ],
)
def test_quantities_that_do_not_fit_are_refused_by_name(asked: dict[int, str], item: str) -> None:
    with pytest.raises(InvalidQuantity, match=f'^Invalid qty to invoice item "{item}"$'):
        prepare_invoice(two_items(), {item_id: Decimal(qty) for item_id, qty in asked.items()})


def test_more_than_is_left_is_refused_prep_7() -> None:
    order = two_items()
    order.items[0].qty_invoiced = order.items[0].qty_canceled = Decimal(1)
    with pytest.raises(InvalidQuantity, match='"Shirt"'):
        prepare_invoice(order, {1: Decimal(1)})


def test_noise_of_floats_is_no_quantity_prep_7() -> None:
    for noise in (Decimal("0.0000000001"), Decimal("0.0000004999")):
        invoice = prepare_invoice(two_items(), {1: 2 + noise, 2: Decimal("2.5") + noise})
        assert quantities(invoice) == {1: 2, 2: Decimal("2.5")}


@pytest.mark.parametrize("zero", ["0", "0.00001"])
def test_no_product_at_all_bug_4(zero: str) -> None:
    with pytest.raises(InvalidQuantity, match=r"^Cannot create an invoice without products\.$"):
        prepare_invoice(two_items(), {2: Decimal(zero)})


def fixed_bundle() -> Order:
    bundle = OrderItem(1, name="Bundle", product_options={"product_calculations": 1}, qty_ordered=Decimal(3))
    part = OrderItem(2, parent_item_id=1, name="Part", qty_ordered=Decimal(6))
    other = OrderItem(3, name="Other", qty_ordered=Decimal(1))
    return link(Order(entity_id=1, increment_id="1", state="new", items=[bundle, part, other]))


def test_dummies_follow_their_family_prep_10_bug_19() -> None:
    assert quantities(prepare_invoice(fixed_bundle())) == {1: 3, 2: 6, 3: 1}
    assert quantities(prepare_invoice(fixed_bundle(), {1: Decimal(1)})) == {1: 1, 2: 2, 3: 0}
    assert quantities(prepare_invoice(fixed_bundle(), {3: Decimal(1)})) == {1: 0, 3: 1}  # Magento adds 6 parts


def test_what_is_asked_for_a_dummy_does_not_count_prep_4() -> None:
    assert quantities(prepare_invoice(fixed_bundle(), {1: Decimal(1), 2: Decimal(6)})) == {1: 1, 2: 2, 3: 0}


def test_parts_counted_too_often_before_are_not_counted_again_bug_19() -> None:
    order = fixed_bundle()
    order.items[0].qty_invoiced, order.items[1].qty_invoiced = Decimal(1), Decimal(6)  # as Magento leaves it
    assert quantities(prepare_invoice(order)) == {1: 2, 3: 1}


COPIED_FROM_THE_ORDER = [
    *("global_currency_code", "store_currency_code", "order_currency_code"),
    *("store_to_base_rate", "store_to_order_rate", "base_to_global_rate"),
]


def test_copies_prep_11_12() -> None:
    order = three_for_a_hundred()
    for name in COPIED_FROM_THE_ORDER:
        setattr(order, name, f"the order's {name}")
    order.billing_address_id, order.shipping_address_id = 5, 6
    order.base_to_order_rate = Decimal("0.9")
    order.discount_description = "TEN"
    item = order.items[0]
    item.sku, item.product_id, item.description = "a", 9, "Long"
    item.price, item.price_incl_tax = money("33.3333"), money("36")
    item.weee_tax_applied, item.weee_tax_disposition = StructuredValue([]), money("0")
    item.weee_tax_row_disposition = money("0.6")
    invoice = prepare_invoice(order)
    assert (invoice.order_id, invoice.store_id, invoice.billing_address_id, invoice.shipping_address_id) == (1, 1, 5, 6)
    assert (invoice.base_currency_code, invoice.base_to_order_rate) == ("USD", Decimal("0.9"))
    for name in COPIED_FROM_THE_ORDER:
        assert getattr(invoice, name) == getattr(order, name) == f"the order's {name}"
    assert invoice.discount_description == "TEN"
    (line,) = invoice.lines
    assert (line.sku, line.name, line.product_id, line.description) == ("a", "A", 9, "Long")
    assert (line.price, line.price_incl_tax, line.base_cost) == (item.price, item.price_incl_tax, Decimal(10))
    assert (line.weee_tax_applied, line.weee_tax_disposition) == (item.weee_tax_applied, money("0"))
    assert line.weee_tax_row_disposition == money("0.6")
    assert order.invoices == []
