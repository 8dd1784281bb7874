"""What holds for every order, however it is split into invoices."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.preparation import prepare_invoice
from magento_soap.sales.invoicing.registration import cancel, pay, register
from magento_soap.sales.invoicing.totals import collect_totals
from magento_soap.sales.money import NOTHING, Amount, round_prices
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.payment import Payment
from magento_soap.sales.states import can_invoice

from .memory_shop import NOW, MemoryShop

cents = st.integers(min_value=0, max_value=100_000)


@st.composite
def amounts(draw: st.DrawFn, at_most: Amount | None = None) -> Amount:
    """Whole cents in two currencies that have nothing to do with one another."""
    order, base = (Decimal(draw(cents)) / 100 for _ in range(2))
    amount = Amount(order, base)
    return amount if at_most is None else amount.at_most(at_most)


@st.composite
def items(draw: st.DrawFn, item_id: int) -> OrderItem:
    row_total = draw(amounts())
    is_qty_decimal = draw(st.booleans())
    qty = draw(st.integers(min_value=1, max_value=50_000 if is_qty_decimal else 7))
    return OrderItem(
        item_id,
        name=f"Item {item_id}",
        is_qty_decimal=is_qty_decimal,
        qty_ordered=Decimal(qty) / (10_000 if is_qty_decimal else 1),
        base_cost=Decimal(draw(cents)) / 100,
        row_total=row_total,
        row_total_incl_tax=row_total,
        tax_amount=draw(st.none() | amounts()),
        hidden_tax_amount=draw(st.none() | amounts()),
        discount_amount=draw(st.none() | amounts(at_most=row_total)),
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders whose totals are the sums of their items and shipping, as a checkout makes them."""
    order = Order(entity_id=1, increment_id="1", state="processing", payment=Payment(1, "checkmo"))
    order.items = [draw(items(item_id)) for item_id in range(1, draw(st.integers(1, 4)) + 1)]
    order.shipping_amount = order.shipping_incl_tax = draw(amounts())
    order.shipping_tax_amount = draw(amounts())
    order.shipping_hidden_tax_amount = draw(st.none() | amounts())
    order.shipping_discount_amount = draw(amounts(at_most=order.shipping_amount))
    shipping_hidden = order.shipping_hidden_tax_amount or NOTHING
    order.subtotal = total(item.row_total for item in order.items)
    order.discount_amount = -(total(item.discount_amount for item in order.items) + order.shipping_discount_amount)
    order.tax_amount = total(item.tax_amount for item in order.items) + order.shipping_tax_amount
    order.hidden_tax_amount = total(item.hidden_tax_amount for item in order.items)
    taxes = order.tax_amount + order.hidden_tax_amount + shipping_hidden
    order.grand_total = order.subtotal + order.discount_amount + order.shipping_amount + taxes
    return order


def total(parts: object) -> Amount:
    return sum((part or NOTHING for part in parts), NOTHING)  # type: ignore[attr-defined]


def part_of(data: st.DataObject, order: Order) -> dict[int, Decimal]:
    """Some of what is left, never nothing."""
    left = [item for item in order.items if item.can_invoice]
    chosen = data.draw(st.lists(st.sampled_from(left), min_size=1, unique_by=id), label="items")
    quantities = {}
    for item in chosen:
        unit = Decimal("0.0001") if item.is_qty_decimal else Decimal(1)
        quantities[item.item_id] = unit * data.draw(st.integers(1, int(item.qty_to_invoice / unit)), label="units")
    return quantities


def invoiced(order: Order, quantities: dict[int, Decimal] | None = None) -> Invoice:
    invoice = prepare_invoice(order, quantities)
    collect_totals(order, invoice)
    register(order, invoice)
    return invoice


def counted(order: Order) -> tuple[object, ...]:
    """Everything that invoices add to, numerically."""
    amounts = (
        order.total_invoiced,
        order.subtotal_invoiced,
        order.tax_invoiced,
        order.hidden_tax_invoiced,
        order.shipping_invoiced,
        order.discount_invoiced,
        order.total_paid,
        *(item.row_invoiced for item in order.items),
        *(item.tax_invoiced for item in order.items),
        *(item.hidden_tax_invoiced for item in order.items),
        *(item.discount_invoiced for item in order.items),
        order.payment and order.payment.amount_paid,
        order.payment and order.payment.shipping_captured,
    )
    quantities = tuple(item.qty_invoiced for item in order.items)
    return (*(amount or NOTHING for amount in amounts), *quantities, order.base_total_invoiced_cost or 0)


@settings(max_examples=150, deadline=None)
@given(orders(), st.data())
def test_invoices_add_up_to_the_order_whatever_the_split_and_the_cancelations(
    order: Order, data: st.DataObject
) -> None:
    """TOT-4..7, BUG-16, BUG-17, BUG-20: to the cent, in both currencies; and nothing is invoiced twice (PREP-7)."""
    steps = 0
    standing: list[Invoice] = []
    if len(order.items) > 1:
        locked = data.draw(st.sampled_from(order.items), label="locked for a while")
        locked.locked_do_invoice = True
        standing.append(invoiced(order))
        assert standing[0].subtotal == total(item.row_total for item in order.items if item is not locked)
        locked.locked_do_invoice = False
    while can_invoice(order):
        steps += 1
        everything = steps > 5 or data.draw(st.booleans(), label="everything")
        standing.append(invoiced(order, None if everything else part_of(data, order)))
        for item in order.items:
            assert item.qty_invoiced <= item.qty_ordered
        if steps <= 5 and data.draw(st.booleans(), label="cancel one"):
            cancel(order, standing.pop(data.draw(st.integers(0, len(standing) - 1), label="which")), MemoryShop(), NOW)
    for invoice in standing:
        assert all(line.qty > 0 for line in invoice.lines)
        for line in invoice.lines:
            for amount in (line.row_total, line.tax_amount, line.discount_amount):
                assert amount is None or min(amount.order, amount.base) >= 0
    assert total(invoice.grand_total for invoice in standing) == order.grand_total == order.total_invoiced
    assert total(invoice.subtotal for invoice in standing) == order.subtotal
    assert total(invoice.tax_amount for invoice in standing) == order.tax_amount
    assert total(invoice.discount_amount for invoice in standing) == order.discount_amount
    assert total(invoice.shipping_amount for invoice in standing) == order.shipping_amount
    for item in order.items:
        lines = [line for invoice in standing for line in invoice.lines if line.order_item_id == item.item_id]
        assert sum(line.qty for line in lines) == item.qty_ordered
        assert total(line.row_total for line in lines) == item.row_total
        assert total(line.tax_amount for line in lines) == (item.tax_amount or NOTHING)
        assert total(line.discount_amount for line in lines) == (item.discount_amount or NOTHING)


@settings(max_examples=60, deadline=None)
@given(orders(), st.data())
def test_cancel_takes_back_exactly_what_create_added(order: Order, data: st.DataObject) -> None:
    """INV-33, BUG-11, BUG-22."""
    if data.draw(st.booleans(), label="an earlier invoice"):
        invoiced(order, part_of(data, order))
    if not can_invoice(order):
        return
    before = counted(order)
    invoice = invoiced(order, part_of(data, order))
    if data.draw(st.booleans(), label="paid"):
        pay(order, invoice)
    invoice.base_cost = Decimal(0)  # as it comes out of the database
    cancel(order, invoice, MemoryShop(), NOW)
    assert counted(order) == before


@settings(max_examples=100, deadline=None)
@given(orders(), st.data())
def test_canceled_quantities_are_never_charged_bug_20(order: Order, data: st.DataObject) -> None:
    canceled = part_of(data, order)
    for item in order.items:
        item.qty_canceled = canceled.get(item.item_id, Decimal(0))
    left = total(order_row_left(item) for item in order.items)
    while can_invoice(order):
        everything = len(order.invoices) > 4 or data.draw(st.booleans(), label="everything")
        invoiced(order, None if everything else part_of(data, order))
    if order.invoices:
        assert total(invoice.subtotal for invoice in order.invoices) == left
        assert order.total_invoiced is not None
        assert order.grand_total is not None
        assert order.subtotal is not None
        for item in order.items:
            assert (item.row_invoiced or NOTHING) == order_row_left(item)
            assert item.qty_invoiced + item.qty_canceled == item.qty_ordered


def order_row_left(item: OrderItem) -> Amount:
    """What a row costs without its canceled quantity."""
    row = item.row_total or NOTHING
    return row - round_prices(row * item.qty_canceled / item.qty_ordered)
