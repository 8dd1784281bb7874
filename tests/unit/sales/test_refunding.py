"""What is refunded, and what a refund changes (D8..D14, K4..K20)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from magento_soap.sales.creditmemo import OPEN, CreditMemo
from magento_soap.sales.errors import (
    CannotRefund,
    CreditMemoNotFound,
    InvalidAmount,
    InvalidQuantity,
    NoStoreCredit,
    OrderNotFound,
    StatusNotChanged,
)
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.money import NOTHING
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.payment import Payment
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.refunding.commands import AddCreditMemoComment, CreateCreditMemo
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import CreateShipment

from .memory_shop import MemoryShop, link, money, three_for_a_hundred

NUMBER = "100000001"


def paid(order: Order | None = None, quantities: dict[int, Decimal] | None = None) -> tuple[MemoryShop, SalesServices]:
    """An order of which all, or these quantities, were invoiced and paid."""
    shop = MemoryShop(order or three_for_a_hundred())
    sales = SalesServices(shop, shop, shop, shop)
    sales.invoices.create(CreateInvoice(NUMBER, quantities))
    return shop, sales


def refund(sales: SalesServices, quantities: dict[int | str, int] | None = None, **more: Any) -> CreditMemo:
    asked = None if quantities is None else {item: Decimal(qty) for item, qty in quantities.items()}
    return sales.creditmemos.create(CreateCreditMemo(NUMBER, asked, **more))


def test_a_full_refund_d12_k4_k14_k15() -> None:
    shop, sales = paid()
    memo = refund(sales)
    assert (memo.state, memo.invoice_id, memo.transaction_id) == (2, None, None)
    assert memo.grand_total == money("112")
    order = shop.stored[NUMBER]
    (item,) = order.items
    assert (order.state, order.total_refunded, order.total_online_refunded) == ("closed", money("112"), money("112"))
    assert order.total_offline_refunded is None
    assert (order.discount_refunded, item.discount_refunded) == (money("-1.4"), money("1"))
    assert (order.total_paid, order.base_total_invoiced_cost) == (money("112"), Decimal(0))
    assert (item.qty_refunded, item.amount_refunded, item.tax_refunded) == (Decimal(3), money("100"), money("8"))
    assert [entry.entity_name for entry in order.history] == ["invoice", "creditmemo"]
    with pytest.raises(CannotRefund):
        refund(sales)


def test_thirds_add_up_to_the_cent_k9_k13() -> None:
    shop, sales = paid()
    memos = [refund(sales, {11: 1}) for _ in range(3)]
    assert [memo.subtotal for memo in memos] == [money("33.33"), money("33.34"), money("33.33")]
    assert [memo.shipping_amount for memo in memos] == [money("5"), NOTHING, NOTHING]
    assert sum((memo.grand_total or NOTHING for memo in memos), NOTHING) == money("112")
    assert shop.stored[NUMBER].state == "closed"


@pytest.mark.parametrize("state", ["holded", "payment_review", "canceled", "closed"])
def test_states_that_cannot_be_refunded_d8(state: str) -> None:
    shop, sales = paid()
    shop.stored[NUMBER].state = state
    with pytest.raises(CannotRefund):
        refund(sales)


def test_what_is_not_paid_cannot_be_refunded_d8() -> None:
    shop = MemoryShop(three_for_a_hundred())
    with pytest.raises(CannotRefund):
        refund(SalesServices(shop, shop, shop, shop))
    with pytest.raises(OrderNotFound):
        SalesServices(shop, shop, shop, shop).creditmemos.create(CreateCreditMemo("nope"))


@pytest.mark.parametrize("asked", [{11: 4}, {11: -1}, {999: 1}, {"no": 1}])
def test_quantities_that_do_not_fit_k5(asked: dict[int | str, int]) -> None:
    shop, sales = paid()
    with pytest.raises(InvalidQuantity, match="Invalid qty to refund item"):
        refund(sales, asked)
    assert (shop.creditmemos, shop.stored[NUMBER].total_refunded) == ({}, None)


def test_what_is_not_invoiced_is_skipped_by_a_full_refund_k6() -> None:
    order = three_for_a_hundred()
    order.items.append(OrderItem(12, name="B", qty_ordered=Decimal(1), row_total=money("10")))
    _, sales = paid(order, {11: Decimal(3)})
    with pytest.raises(InvalidQuantity, match='"B"'):
        refund(sales, {12: 1})
    assert [line.order_item_id for line in refund(sales).lines] == [11]


def test_zero_items_refund_shipping_and_adjustments_only_k5_k8() -> None:
    _, sales = paid()
    memo = refund(sales, {11: 0}, base_shipping=Decimal(2), base_adjustment_positive=Decimal("1.005"), comment="Sorry")
    assert (memo.lines, memo.subtotal, memo.shipping_amount) == ([], NOTHING, money("2"))
    assert (memo.adjustment_positive, memo.adjustment_negative) == (money("1.01"), None)
    assert memo.shipping_incl_tax == money("5.4")  # K11: always the order's
    assert memo.shipping_tax_amount == money("0.16")
    assert memo.grand_total == money("2") + money("0.16") - money("0.16") + money("1.01")


def test_limits_of_shipping_and_money_k7_k12() -> None:
    shop, sales = paid()
    with pytest.raises(InvalidAmount, match=r"Maximum shipping amount allowed to refund is: USD 5\.00"):
        refund(sales, base_shipping=Decimal("5.01"))
    with pytest.raises(InvalidAmount, match=r"Maximum amount available to refund is USD 112\.00"):
        refund(sales, base_adjustment_positive=Decimal("0.01"))
    assert shop.creditmemos == {}
    kept = refund(sales, base_shipping=Decimal(0), base_adjustment_negative=Decimal(1))
    assert kept.grand_total is not None
    assert shop.stored[NUMBER].state == "complete"  # D12: all items, not all money


def test_two_currencies_k7_k8() -> None:
    order = three_for_a_hundred()
    order.store_to_order_rate = Decimal("0.9")
    order.shipping_amount = money("4.5", "5")
    _, sales = paid(order)
    memo = refund(sales, {11: 0}, base_shipping=Decimal(1), base_adjustment_negative=Decimal("0.5"))
    assert (memo.shipping_amount, memo.adjustment_negative) == (money("0.9", "1"), money("0.45", "0.5"))


@pytest.mark.parametrize(("kind", "asked", "lines"), [("configurable", 1, [1, 2]), ("dynamic", 2, [1, 2])])
def test_families_are_refunded_together_and_cannot_be_shipped_any_more_k15(
    kind: str, asked: int, lines: list[int]
) -> None:
    options = {"product_calculations": "0" if kind == "dynamic" else "1", "shipment_type": "0"}
    parent = OrderItem(1, qty_ordered=Decimal(2), product_options=options, row_total=money("10"))
    child = OrderItem(2, parent_item_id=1, qty_ordered=Decimal(2), row_total=money("10"))
    order = link(
        Order(
            1,
            NUMBER,
            "new",
            store_id=1,
            items=[parent, child],
            payment=Payment(1, "checkmo"),
            grand_total=money("10"),
            subtotal=money("10"),
        )
    )
    shop, sales = paid(order)
    memo = refund(sales, {asked: 1})
    assert [line.order_item_id for line in memo.lines] == lines
    assert [line.qty for line in memo.lines] == [Decimal(1), Decimal(1)]
    dummy = next(item for item in shop.stored[NUMBER].items if item.item_id != asked)
    assert (dummy.qty_refunded, dummy.locked_do_ship) == (Decimal(1), True)
    assert next(line for line in memo.lines if line.order_item_id != asked).row_total is None
    assert refund(sales, {3 - asked: 1}).lines == []  # a dummy item gets no line of its own


def test_refunded_items_are_not_shipped_d13() -> None:
    _, sales = paid()
    refund(sales, {11: 1})
    assert sales.shipments.create(CreateShipment(NUMBER)).total_qty == 2


def test_store_credit_is_not_for_guests_k20() -> None:
    shop, sales = paid()
    shop.stored[NUMBER].customer_is_guest = True
    with pytest.raises(NoStoreCredit):
        refund(sales, to_store_credit=True)
    shop.stored[NUMBER].customer_is_guest = False
    assert refund(sales, to_store_credit=True).grand_total == money("112")


def test_goods_come_back_where_the_shop_says_so_k16() -> None:
    order = three_for_a_hundred()
    order.items[0].product_id = 7
    shop, sales = paid(order)
    refund(sales, {11: 1})
    assert shop.returned == {}
    shop.settings["cataloginventory/item_options/auto_return"] = "1"
    refund(sales, {11: 2})
    assert shop.returned == {7: Decimal(2)}


def test_comments_and_mails_k16_k17_k18_k19() -> None:
    shop, sales = paid()
    memo = refund(sales, {11: 1}, comment="Kept", notify=True, is_customer_notified=1)
    assert memo.email_sent == 1
    number = str(memo.increment_id)
    sales.creditmemos.add_comment(AddCreditMemoComment(number, "Shown", notify=True, include_comment=True))
    assert [(what, comment) for what, comment, _ in shop.mails] == [
        (f"created {NUMBER}", ""),
        (f"comment on {NUMBER}", "Shown"),
    ]
    with pytest.raises(CreditMemoNotFound):
        sales.creditmemos.add_comment(AddCreditMemoComment("nope"))


def test_only_an_open_credit_memo_is_canceled_d14() -> None:
    shop, sales = paid()
    number = str(refund(sales).increment_id)
    with pytest.raises(StatusNotChanged, match="Credit memo cannot be canceled"):
        sales.creditmemos.cancel(number)
    shop.creditmemos[number].state = OPEN
    sales.creditmemos.cancel(number)
    assert (shop.creditmemos[number].state, shop.stored[NUMBER].total_refunded) == (3, money("112"))


def test_a_repeated_request_refunds_once() -> None:
    shop, sales = paid()
    key = IdempotencyKey("key", "the same")
    command = CreateCreditMemo(NUMBER, {11: Decimal(1)})
    first, second = (sales.creditmemos.create(command, key).increment_id for _ in range(2))
    assert first == second
    assert (len(shop.creditmemos), shop.stored[NUMBER].items[0].qty_refunded) == (1, Decimal(1))
