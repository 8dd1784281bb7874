"""Comments, hold and cancellation (D2..D6, H, I)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from magento_soap.sales.errors import OrderNotFound, PaymentError, StatusNotChanged
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.order import Order
from magento_soap.sales.ordering.commands import AddOrderComment
from magento_soap.sales.payment import VOID, GatewayResult
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import CreateShipment

from .memory_shop import MemoryShop, authorized, gateway_method, money, three_for_a_hundred

NUMBER = "100000001"
KEY = IdempotencyKey("key", "the same")


def opened(order: Order, **methods: object) -> tuple[MemoryShop, SalesServices]:
    shop = MemoryShop(order, methods=(gateway_method(methods.get("answer")),))  # type: ignore[arg-type]
    shop.statuses |= {"holded": "holded", "canceled": "canceled", "new": "pending"}
    return shop, SalesServices(shop, shop, shop, shop, lease=timedelta(0))


@pytest.mark.parametrize("state", ["canceled", "complete", "closed", "holded", "payment_review"])
def test_states_that_cannot_be_put_on_hold_d2(state: str) -> None:
    order = three_for_a_hundred()
    order.state = state
    shop, sales = opened(order)
    with pytest.raises(StatusNotChanged, match="Hold action is not available"):
        sales.orders.hold(NUMBER)
    assert shop.stored[NUMBER].state == state


def test_hold_and_unhold_give_back_state_and_status_d3_i1() -> None:
    order = three_for_a_hundred()
    order.status = "custom_word"
    shop, sales = opened(order)
    sales.orders.hold(NUMBER)
    held = shop.stored[NUMBER]
    assert (held.state, held.status) == ("holded", "holded")
    assert (held.hold_before_state, held.hold_before_status) == ("new", "custom_word")
    sales.orders.unhold(NUMBER)
    released = shop.stored[NUMBER]
    assert (released.state, released.status) == ("new", "custom_word")
    assert released.hold_before_state is released.hold_before_status is None
    assert [(entry.status, entry.is_customer_notified) for entry in released.history][-1] == ("custom_word", 2)
    with pytest.raises(StatusNotChanged, match="Unhold action is not available"):
        sales.orders.unhold(NUMBER)


def test_the_status_word_alone_is_no_hold_h3() -> None:
    shop, sales = opened(three_for_a_hundred())
    sales.orders.add_comment(AddOrderComment(NUMBER, "holded"))
    assert (shop.stored[NUMBER].state, shop.stored[NUMBER].status) == ("new", "holded")
    with pytest.raises(StatusNotChanged):
        sales.orders.unhold(NUMBER)


def test_comments_h2_h4_h5() -> None:
    shop, sales = opened(three_for_a_hundred())
    sales.orders.add_comment(AddOrderComment(NUMBER, None, comment="", notify=True, is_customer_notified=1))
    sales.orders.add_comment(AddOrderComment(NUMBER, "shelved", comment="Later"))
    sales.orders.add_comment(AddOrderComment(NUMBER, None, resets_status=True, is_customer_notified=2))
    entries = [(each.status, each.comment, each.is_customer_notified) for each in shop.stored[NUMBER].history]
    assert entries == [("pending", None, 1), ("shelved", "Later", 0), ("pending", None, 2)]
    assert shop.mails == [(f"comment on {NUMBER}", "", True)]
    with pytest.raises(OrderNotFound):
        sales.orders.add_comment(AddOrderComment("nope"))


def test_an_order_is_canceled_i2_i5() -> None:
    order = three_for_a_hundred()
    order.items[0].product_id, order.coupon_code, order.customer_id = 7, "LAB10", 3
    shop, sales = opened(order)
    sales.orders.cancel(NUMBER)
    canceled = shop.stored[NUMBER]
    (item,) = canceled.items
    assert (canceled.state, item.qty_canceled, item.tax_canceled) == ("canceled", Decimal(3), Decimal(8))
    assert canceled.subtotal_canceled == money("100")
    assert canceled.discount_canceled == money("1.4")
    assert canceled.total_canceled == money("112")
    assert (shop.returned, shop.given_back) == ({7: Decimal(3)}, [("LAB10", 3)])
    assert shop.mails == []  # I8
    with pytest.raises(StatusNotChanged) as refused:
        sales.orders.cancel(NUMBER)
    assert str(refused.value) == ""  # the table's text


def test_the_rest_of_an_invoiced_order_is_canceled_and_the_call_is_a_fault_d5() -> None:
    order = three_for_a_hundred()
    order.items[0].product_id = 7
    shop, sales = opened(order)
    sales.invoices.create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    with pytest.raises(StatusNotChanged):
        sales.orders.cancel(NUMBER, KEY)
    rest = shop.stored[NUMBER]
    assert (rest.state, rest.items[0].qty_canceled, shop.returned) == ("processing", Decimal(2), {7: Decimal(2)})
    for key in (KEY, None):  # a repeated request is answered as before, another one finds nothing to cancel
        with pytest.raises(StatusNotChanged):
            sales.orders.cancel(NUMBER, key)
    assert shop.returned == {7: Decimal(2)}
    sales.shipments.create(CreateShipment(NUMBER))
    assert (shop.stored[NUMBER].state, shop.stored[NUMBER].items[0].qty_shipped) == ("complete", Decimal(1))


def test_what_was_shipped_is_neither_canceled_nor_returned_d6() -> None:
    order = three_for_a_hundred()
    order.items[0].product_id = 7
    shop, sales = opened(order)
    sales.shipments.create(CreateShipment(NUMBER, {11: Decimal(2)}))
    sales.orders.cancel(NUMBER)
    assert (shop.stored[NUMBER].state, shop.stored[NUMBER].items[0].qty_canceled) == ("canceled", Decimal(1))
    assert shop.returned == {7: Decimal(1)}


def test_a_second_cancellation_adds_to_the_first() -> None:
    """I2, but for Magento's replacing: a canceled invoice leaves something to cancel again."""
    shop, sales = opened(three_for_a_hundred())
    invoice = sales.invoices.create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    with pytest.raises(StatusNotChanged):
        sales.orders.cancel(NUMBER)
    invoices = shop.stored[NUMBER].invoices
    invoices[0].state = 1
    sales.invoices.cancel(str(invoice.increment_id))
    sales.orders.cancel(NUMBER)
    assert (shop.stored[NUMBER].items[0].qty_canceled, shop.stored[NUMBER].state) == (Decimal(3), "canceled")


def test_an_open_authorization_is_given_up_i6() -> None:
    shop, sales = opened(authorized(three_for_a_hundred()))
    sales.orders.cancel(NUMBER, KEY)
    order = shop.stored[NUMBER]
    assert order.payment is not None
    authorization, void = order.payment.transactions
    assert (authorization.is_closed, void.txn_id, void.txn_type) == (True, "auth-void", VOID)
    assert order.payment.last_trans_id == "auth-void"
    comments = [entry.comment for entry in order.history]
    assert comments == ['Canceled order online. Amount: USD 112.00. Transaction ID: "auth-void".', None]
    assert order.state == "canceled"
    sales.orders.cancel(NUMBER, KEY)
    assert len(shop.methods["labpay"].requests) == 1


def test_a_gateway_that_refuses_keeps_the_order() -> None:
    shop, sales = opened(authorized(three_for_a_hundred()), answer=PaymentError("Captured already."))
    with pytest.raises(StatusNotChanged, match="Captured already"):
        sales.orders.cancel(NUMBER)
    assert (shop.stored[NUMBER].state, shop.returned) == ("processing", {})
    assert sales.payments.all() == []


def test_a_cancellation_whose_outcome_is_unknown_is_resumed() -> None:
    """BUG-27: nothing else happens to the order before its gateway has answered."""
    shop, sales = opened(authorized(three_for_a_hundred()), answer=RuntimeError("lost"))
    with pytest.raises(StatusNotChanged, match="Order canceling problem"):
        sales.orders.cancel(NUMBER)
    assert [attempt.action for attempt in sales.payments.all()] == ["cancel"]
    shop.methods["labpay"].answer = GatewayResult(txn_id="gone")
    with pytest.raises(StatusNotChanged, match="Hold action is not available"):
        sales.orders.hold(NUMBER)  # finishes the cancellation first
    order = shop.stored[NUMBER]
    assert order.payment is not None
    assert (order.state, order.payment.last_trans_id) == ("canceled", "gone")
    assert sales.payments.all() == []


def test_a_method_that_is_not_configured_any_more() -> None:
    shop, sales = opened(authorized(three_for_a_hundred(), "gone"))
    with pytest.raises(StatusNotChanged, match="The requested Payment Method is not available"):
        sales.orders.cancel(NUMBER)
    assert (sales.payments.all(), shop.stored[NUMBER].state) == ([], "processing")
