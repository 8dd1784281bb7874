"""Predicates and the state machine of orders (ORD, INV-40..47)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.states import (
    apply_implied_state,
    can_creditmemo,
    can_invoice,
    can_ship,
    change_state,
    total_due,
)

from .memory_shop import NOW, MemoryShop, link, money, three_for_a_hundred


def family(calculations: object, shipment: object) -> tuple[OrderItem, OrderItem]:
    parent = OrderItem(1, qty_ordered=Decimal(2))
    parent.product_options = {"product_calculations": calculations, "shipment_type": shipment}
    child = OrderItem(2, parent_item_id=1, qty_ordered=Decimal(4))
    link(Order(entity_id=1, increment_id="1", state="new", items=[parent, child]))
    return parent, child


@pytest.mark.parametrize("by_child", [0, "0", False])
def test_bundle_with_dynamic_price_is_the_dummy_ord_8_9(by_child: object) -> None:
    parent, child = family(by_child, 0)
    assert (parent.is_dummy, child.is_dummy) == (True, False)
    assert (parent.qty_to_invoice, child.qty_to_invoice) == (Decimal(0), Decimal(4))


@pytest.mark.parametrize("by_parent", [1, "1", None, "", "parent"])
def test_children_of_configurable_and_fixed_bundle_are_dummies_ord_8_9(by_parent: object) -> None:
    parent, child = family(by_parent, 0)
    assert (parent.is_dummy, child.is_dummy) == (False, True)
    assert (parent.qty_to_invoice, child.qty_to_invoice) == (Decimal(2), Decimal(0))


@pytest.mark.parametrize(("shipment", "dummies"), [(1, (True, False)), (0, (False, True)), (None, (False, True))])
def test_shipped_together_or_separately_ord_9(shipment: object, dummies: tuple[bool, bool]) -> None:
    parent, child = family(1, shipment)
    assert (parent.is_dummy_for_shipping, child.is_dummy_for_shipping) == dummies


def test_simple_item_is_not_a_dummy_ord_9() -> None:
    item = OrderItem(1, qty_ordered=Decimal(3), qty_invoiced=Decimal(1), qty_canceled=Decimal(1))
    item.qty_refunded = Decimal(1)
    assert not item.is_dummy
    assert not item.is_dummy_for_shipping
    assert item.qty_to_invoice == 1  # refunds do not matter (ORD-10)
    assert item.qty_to_ship == 1
    item.qty_canceled = Decimal(5)
    assert item.qty_to_invoice == 0


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("new", True),
        ("pending_payment", True),
        ("processing", True),
        ("complete", False),
        ("closed", False),
        ("canceled", False),
        ("holded", False),
        ("payment_review", False),
    ],
)
def test_can_invoice_by_state_ord_6(state: str, possible: bool) -> None:
    order = three_for_a_hundred()
    order.state = state
    assert can_invoice(order) is possible


def test_can_invoice_needs_an_item_that_is_not_locked_ord_6() -> None:
    order = three_for_a_hundred()
    order.items[0].locked_do_invoice = True
    assert not can_invoice(order)
    order.items[0].locked_do_invoice = False
    order.items[0].qty_invoiced = Decimal(3)
    assert not can_invoice(order)


def test_can_ship_ord_11() -> None:
    order = three_for_a_hundred()
    assert can_ship(order)
    order.items[0].locked_do_ship = True
    assert not can_ship(order)
    order.items[0].locked_do_ship = False
    order.items[0].is_virtual = True
    assert not can_ship(order)
    order.items[0].is_virtual = False
    order.is_virtual = True
    assert not can_ship(order)
    order.is_virtual = False
    order.state = "holded"
    assert not can_ship(order)


def test_can_creditmemo_ord_12() -> None:
    order = three_for_a_hundred()
    assert not can_creditmemo(order)  # nothing paid
    order.total_paid = money("112")
    assert can_creditmemo(order)
    order.total_refunded = money("112")
    assert not can_creditmemo(order)
    assert order.payment is not None
    order.payment.method = "free"
    assert not can_creditmemo(order)
    order.total_refunded = None
    order.state = "closed"
    assert not can_creditmemo(order)


@pytest.mark.parametrize(
    ("refunded", "is_something_left"),
    [("112", False), ("111.99995", False), ("111.9999", True), ("112.0001", True)],
)
def test_what_is_left_to_refund_is_compared_at_four_decimals_ord_12(refunded: str, is_something_left: bool) -> None:
    order = three_for_a_hundred()
    order.total_paid, order.total_refunded = money("112"), money(refunded)
    assert can_creditmemo(order) is is_something_left


def test_total_due_is_never_below_zero_ord_15() -> None:
    order = three_for_a_hundred()
    assert total_due(order) == money("112")
    order.total_paid = money("40.67", "200")
    assert total_due(order) == money("71.33", "0")


def test_history_of_a_new_state_inv_40_41() -> None:
    order = three_for_a_hundred()
    order.entity_name = "invoice"
    change_state(order, "processing", MemoryShop(), NOW, comment="Told")
    (entry,) = order.history
    assert (order.state, order.status) == ("processing", "processing")
    assert (entry.status, entry.comment, entry.entity_name, entry.created_at) == ("processing", "Told", "invoice", NOW)
    assert entry.is_customer_notified == 2  # not applicable


def test_state_without_default_status_adds_no_history_ord_2() -> None:
    order = three_for_a_hundred()
    change_state(order, "unheard_of", MemoryShop(), NOW)
    assert (order.state, order.status, order.history) == ("unheard_of", "pending", [])


def test_new_order_in_process_is_processing_inv_45() -> None:
    order = three_for_a_hundred()
    order.is_in_process = True
    order.customer_note_notify = 1
    apply_implied_state(order, MemoryShop(), NOW)
    assert (order.state, order.status) == ("processing", "processing")
    assert [(e.comment, e.is_customer_notified, e.created_at) for e in order.history] == [(None, 1, NOW)]
    assert order.total_due == money("112")


@pytest.mark.parametrize("state", ["pending_payment", "processing"])
def test_other_orders_in_process_stay_inv_46_bug_23(state: str) -> None:
    order = three_for_a_hundred()
    order.state = state
    order.is_in_process = True
    apply_implied_state(order, MemoryShop(), NOW)
    assert (order.state, order.history) == (state, [])


def test_nothing_left_and_paid_is_complete_in_one_step_inv_46() -> None:
    order = three_for_a_hundred()
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    order.total_paid = money("112")
    order.is_in_process = True
    apply_implied_state(order, MemoryShop(), NOW)
    assert (order.state, len(order.history)) == ("complete", 1)
    apply_implied_state(order, MemoryShop(), NOW)
    assert len(order.history) == 1


@pytest.mark.parametrize("notify", [None, 0, 1])
def test_the_history_says_whether_the_customer_is_notified_inv_45(notify: int | None) -> None:
    order = three_for_a_hundred()
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    order.total_paid = money("112")
    order.customer_note_notify = notify
    apply_implied_state(order, MemoryShop(), NOW)
    assert [e.is_customer_notified for e in order.history] == [2 if notify is None else notify]
    assert [e.created_at for e in order.history] == [NOW]


def test_a_virtual_order_is_not_complete_before_all_of_it_is_invoiced_inv_45() -> None:
    order = three_for_a_hundred()
    order.state, order.is_virtual = "processing", True
    order.items[0].qty_invoiced, order.total_paid = Decimal(2), money("74.67")
    apply_implied_state(order, MemoryShop(), NOW)
    assert order.state == "processing"
    order.items[0].qty_invoiced, order.total_paid = Decimal(3), money("112")
    apply_implied_state(order, MemoryShop(), NOW)
    assert order.state == "complete"


def test_an_order_that_costs_nothing_is_complete_when_nothing_is_left_inv_45() -> None:
    order = three_for_a_hundred()
    order.grand_total = money("0")
    order.state = "processing"
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    apply_implied_state(order, MemoryShop(), NOW)
    assert order.state == "complete"


@pytest.mark.parametrize("state", ["canceled", "holded"])
def test_canceled_and_held_orders_stay_so_whatever_was_refunded_inv_45(state: str) -> None:
    order = three_for_a_hundred()
    order.state = state
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    order.total_paid = order.total_refunded = money("112")
    apply_implied_state(order, MemoryShop(), NOW)
    assert (order.state, order.history) == (state, [])


def test_nothing_left_and_all_refunded_is_closed_inv_45() -> None:
    order = three_for_a_hundred()
    order.state = "complete"
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    order.total_paid = order.total_refunded = money("112")
    apply_implied_state(order, MemoryShop(), NOW)
    assert order.state == "closed"


def test_nothing_left_but_unpaid_stays_processing_inv_45() -> None:
    order = three_for_a_hundred()
    order.items[0].qty_invoiced = order.items[0].qty_shipped = Decimal(3)
    order.is_in_process = True
    apply_implied_state(order, MemoryShop(), NOW)
    assert order.state == "processing"
