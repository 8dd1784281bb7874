"""What holds for every order, whatever is invoiced, shipped, refunded, canceled and put on hold, in whatever order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from magento_soap.sales.creditmemo import CreditMemo
from magento_soap.sales.errors import SalesError
from magento_soap.sales.invoice import PAID
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.money import NOTHING, Amount, round_price
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import CreateShipment
from magento_soap.sales.states import CANCELED, CLOSED, COMPLETE, HOLDED, NEW, PROCESSING

from .memory_shop import MemoryShop, link
from .test_properties import orders

NUMBER = "1"
STEPS = (*("invoice", "ship", "refund") * 3, "hold", *("unhold",) * 3, "cancel")
"""What is asked for, the more often the more times it is listed."""


@st.composite
def placed_orders(draw: st.DrawFn) -> Order:
    """New orders, some with a configurable product, a fixed bundle or a bundle whose parts carry the price."""
    order = draw(orders())
    order.state = order.status = NEW
    for item in order.items:
        item.product_id, item.is_virtual = item.item_id, draw(st.booleans())
    kind = draw(st.sampled_from(["configurable", "fixed", "dynamic", None]))
    if kind is not None:
        first = order.items[0]
        first.is_virtual = False
        dynamic = {"product_calculations": "0" if kind == "dynamic" else "1", "shipment_type": "0"}
        other = OrderItem(
            100,
            product_id=100,
            name="Family",
            qty_ordered=first.qty_ordered,
            is_qty_decimal=first.is_qty_decimal,
            product_options={},
        )
        parent, child = (other, first) if kind == "dynamic" else (first, other)
        parent.product_options = dynamic
        child.parent_item_id = parent.item_id
        order.items.append(other)
    return link(order)


class Life:
    """An order in a shop, and what happens to it."""

    def __init__(self, order: Order) -> None:
        self.shop = MemoryShop(order)
        self.shop.statuses |= {state: state for state in (CANCELED, HOLDED, NEW)}
        self.sales = SalesServices(self.shop, self.shop, self.shop, self.shop)
        self.creditmemos: list[CreditMemo] = []

    @property
    def order(self) -> Order:
        return self.shop.stored[NUMBER]

    def some(self, data: st.DataObject) -> dict[int | str, Decimal] | None:
        """Quantities of some items, perhaps more than is left; None for everything."""
        if data.draw(st.booleans(), label="everything"):
            return None
        chosen = data.draw(st.lists(st.sampled_from(self.order.items), min_size=1, unique_by=id), label="items")
        return {
            item.item_id: Decimal(data.draw(st.integers(0, int(item.qty_ordered) + 1), label="qty")) for item in chosen
        }

    def step(self, data: st.DataObject) -> None:
        """Something that a client asks for; it may be refused, and then changes nothing."""
        step = data.draw(st.sampled_from(STEPS), label="step")
        before = repr(self.order)
        is_partial = bool(self.order.invoices)
        try:
            if step == "invoice":
                self.sales.invoices.create(CreateInvoice(NUMBER, self.some(data)))
            elif step == "ship":
                self.sales.shipments.create(CreateShipment(NUMBER, self.some(data)))
            elif step == "refund":
                self.creditmemos.append(self.sales.creditmemos.create(self.refund(data)))
            else:
                getattr(self.sales.orders, step)(NUMBER)
        except SalesError:
            assert repr(self.order) == before or (step == "cancel" and is_partial)  # D5

    def refund(self, data: st.DataObject) -> CreateCreditMemo:
        amount = st.none() | st.integers(0, 500).map(lambda cents: Decimal(cents) / 100)
        return CreateCreditMemo(
            NUMBER,
            self.some(data),
            base_shipping=data.draw(amount, label="shipping"),
            base_adjustment_positive=data.draw(amount, label="adjustment refund"),
            base_adjustment_negative=data.draw(amount, label="adjustment fee"),
        )


def check_limits(order: Order) -> None:
    """Nothing is invoiced, shipped or refunded beyond its limit, and no more money goes back than came (K12)."""
    for item in order.items:
        if not item.is_dummy:
            assert item.qty_invoiced + item.qty_canceled <= item.qty_ordered
            assert 0 <= item.qty_refunded <= item.qty_invoiced
        if not item.is_dummy_for_shipping:
            assert 0 <= item.qty_shipped <= item.qty_ordered - item.qty_canceled
    paid, refunded = order.total_paid or NOTHING, order.total_refunded or NOTHING
    assert round_price(refunded.base) <= round_price(paid.base)


def check_state(order: Order, before: str) -> None:
    """D10..D12, as one table of what is left."""
    left_to_invoice = any(
        not item.is_dummy and item.qty_ordered > item.qty_invoiced + item.qty_canceled for item in order.items
    )
    left_to_ship = not order.is_virtual and any(
        not (item.is_virtual or item.is_dummy_for_shipping or item.locked_do_ship)
        and item.qty_ordered > item.qty_shipped + item.qty_refunded + item.qty_canceled
        for item in order.items
    )
    paid, refunded = order.total_paid or NOTHING, order.total_refunded or NOTHING
    if order.state in (CANCELED, HOLDED):
        return
    if before in (COMPLETE, CLOSED):
        assert order.state in (COMPLETE, CLOSED)
    if left_to_invoice or left_to_ship:
        # What is shipped and not invoiced is left by a cancellation, after which the order is complete (D5).
        is_canceled_in_part = not left_to_ship and any(item.tax_canceled is not None for item in order.items)
        if before not in (COMPLETE, CLOSED):
            assert order.state in (NEW, PROCESSING) or (is_canceled_in_part and order.state == COMPLETE)
    elif (order.grand_total or NOTHING).base == 0 or paid.order != refunded.order:
        assert order.state in (COMPLETE, CLOSED if before == CLOSED else COMPLETE)
    elif refunded.order != 0:
        assert order.state == CLOSED


@settings(max_examples=150, deadline=None)
@given(placed_orders(), st.data())
def test_limits_and_states_hold_whatever_happens(order: Order, data: st.DataObject) -> None:
    life = Life(order)
    for _ in range(data.draw(st.integers(1, 8), label="steps")):
        before = life.order.state
        life.step(data)
        check_limits(life.order)
        check_state(life.order, before)
        if before in (CANCELED, CLOSED):
            assert life.order.state == before


@settings(max_examples=150, deadline=None)
@given(placed_orders(), st.data())
def test_credit_memos_of_an_order_refunded_in_full_add_up_to_its_invoices(order: Order, data: st.DataObject) -> None:
    """K9, K10: to the cent, in both currencies, however the refunds are split."""
    life = Life(order)
    while life.order.state in (NEW, PROCESSING) and any(item.can_invoice for item in life.order.items):
        try:
            life.sales.invoices.create(CreateInvoice(NUMBER, life.some(data)))
        except SalesError:
            life.sales.invoices.create(CreateInvoice(NUMBER))
    for _ in range(data.draw(st.integers(0, 3), label="refunds")):
        part = data.draw(st.none() | st.integers(0, 300).map(lambda cents: Decimal(cents) / 100), label="shipping")
        try:
            life.creditmemos.append(
                life.sales.creditmemos.create(CreateCreditMemo(NUMBER, life.some(data), base_shipping=part))
            )
        except SalesError:
            continue
    paid, refunded = life.order.total_paid or NOTHING, life.order.total_refunded or NOTHING
    if life.order.state == CLOSED and paid != refunded:
        return  # these amounts follow no rate, so something is left in the base currency only
    if life.order.state != CLOSED:
        try:
            life.creditmemos.append(life.sales.creditmemos.create(CreateCreditMemo(NUMBER)))
        except SalesError:
            return  # nothing was paid, or nothing is left of it in the order's currency
    if any(item.qty_to_refund for item in life.order.items):
        return  # all money is refunded; the remaining items cost nothing
    invoices = [invoice for invoice in life.order.invoices if invoice.state == PAID]
    for name in ("subtotal", "discount_amount", "shipping_amount", "tax_amount", "hidden_tax_amount", "grand_total"):
        assert total(life.creditmemos, name) == total(invoices, name), name


def total(documents: object, name: str) -> Amount:
    return sum((getattr(each, name) or NOTHING for each in documents), NOTHING)  # type: ignore[attr-defined]
