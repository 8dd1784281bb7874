"""Refunds with all problems collected, and refunds of one invoice, in the words of Magento 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from magento_soap.sales.errors import CannotRefund, DocumentRejected, InvalidAmount, InvalidQuantity, InvoiceNotFound
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.order import OrderItem
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.services import SalesServices

from .memory_shop import MemoryShop, money, three_for_a_hundred

FOREIGN = "The creditmemo contains product item that is not part of the original order."
TOO_MANY = 'The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU "sku-a".'
EMPTY = "You can't create a creditmemo without products."
INVOICED = "We can't create creditmemo for the invoice."


def shop_with(*invoiced: int, **changes: Any) -> tuple[MemoryShop, SalesServices]:
    """A shop whose only order, three of item 11, has paid invoices of these quantities."""
    order = three_for_a_hundred()
    order.items[0].sku = "sku-a"
    for name, value in changes.items():
        setattr(order, name, value)
    shop = MemoryShop(order)
    services = SalesServices(shop, shop, shop, shop)
    for qty in invoiced:
        invoice = services.invoices.create(CreateInvoice(order_id=1, quantities={11: Decimal(qty)}))
        stored = shop.stored["100000001"]
        if invoice.entity_id not in [each.entity_id for each in stored.invoices]:
            stored.invoices.append(invoice)
    return shop, services


def refund(services: SalesServices, **values: Any) -> Any:
    defaults: dict[str, Any] = {"order_id": 1, "is_offline": True, "collect_all_problems": True}
    return services.creditmemos.create(CreateCreditMemo(**(defaults | values)))


def problems(services: SalesServices, **values: Any) -> list[str]:
    with pytest.raises(DocumentRejected) as rejected:
        refund(services, **values)
    return list(rejected.value.messages)


def test_everything_offline() -> None:
    shop, services = shop_with(3)
    memo = refund(services)
    assert (memo.grand_total, memo.invoice_id) == (money("112"), None)
    order = shop.stored["100000001"]
    assert (order.total_offline_refunded, order.total_online_refunded) == (money("112"), None)


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        ({99: 1}, [FOREIGN, EMPTY]),
        ({99: 1, 11: 4}, [FOREIGN, TOO_MANY]),
        ({11: 4}, [TOO_MANY]),
        ({11: 0}, [EMPTY]),
        ({11: "0.5"}, [EMPTY]),
    ],
)
def test_quantities_that_do_not_fit(quantities: dict[int, Any], expected: list[str]) -> None:
    _, services = shop_with(3)
    assert problems(services, quantities={name: Decimal(qty) for name, qty in quantities.items()}) == expected


def test_a_quantity_below_zero() -> None:
    _, services = shop_with(3)
    with pytest.raises(InvalidQuantity):
        refund(services, quantities={11: Decimal(-1)}, collect_all_problems=False)
    assert problems(services, quantities={11: Decimal(-1)}) == [EMPTY]


def test_orders_that_cannot_be_refunded() -> None:
    shop, services = shop_with(3)
    shop.stored["100000001"].state, shop.stored["100000001"].status = "holded", "on_hold"
    status = "A creditmemo can not be created when an order has a status of on_hold"
    assert problems(services, quantities={99: Decimal(1)}) == [FOREIGN, EMPTY, status]
    _, services = shop_with()
    assert problems(services) == ["The order does not allow for a creditmemo to be created."]
    with pytest.raises(CannotRefund):
        refund(services, collect_all_problems=False)


def test_no_more_money_than_was_paid() -> None:
    _, services = shop_with(3)
    with pytest.raises(InvalidAmount, match=r"^The most money available to refund is USD 112.00.$"):
        refund(services, base_adjustment_positive=Decimal(1))
    with pytest.raises(InvalidAmount, match=r"^Maximum amount available to refund is USD 112.00$"):
        refund(services, base_adjustment_positive=Decimal(1), collect_all_problems=False)


def test_a_total_must_be_positive() -> None:
    _, services = shop_with(3)
    assert problems(services, base_adjustment_negative=Decimal(112)) == ["The credit memo's total must be positive."]


# Refunds of one invoice


def test_an_invoice_is_refunded_as_far_as_it_goes() -> None:
    shop, services = shop_with(1, 2)
    first, second = shop.stored["100000001"].invoices
    memo = refund(services, order_id=None, invoice_id=second.entity_id)
    assert [line.qty for line in memo.lines] == [Decimal(2)]
    assert (memo.invoice_id, memo.shipping_amount) == (second.entity_id, money("0"))  # the first one had the shipping
    stored = shop.stored["100000001"].invoices[1]
    assert (stored.base_total_refunded, stored.is_used_for_refund) == (memo.grand_total.base, 1)
    assert shop.stored["100000001"].invoices[0].is_used_for_refund is None
    rest = refund(services, order_id=None, invoice_id=first.entity_id)
    assert [line.qty for line in rest.lines] == [Decimal(1)]
    assert memo.grand_total + rest.grand_total == money("112")


def test_an_invoice_does_not_take_from_another_one() -> None:
    shop, services = shop_with(1, 2)
    first = shop.stored["100000001"].invoices[0]
    assert problems(services, order_id=None, invoice_id=first.entity_id, quantities={11: Decimal(2)}) == [TOO_MANY]
    refund(services, order_id=None, invoice_id=first.entity_id, base_shipping=Decimal(0))  # so that money is left
    again = problems(services, order_id=None, invoice_id=first.entity_id, quantities={11: Decimal(1)})
    assert again == [TOO_MANY]


def test_shipping_that_another_invoice_charged() -> None:
    shop, services = shop_with(1, 2)
    second = shop.stored["100000001"].invoices[1]
    with pytest.raises(InvalidAmount, match=r"^Maximum shipping amount allowed to refund is: USD 0.00$"):
        refund(services, order_id=None, invoice_id=second.entity_id, base_shipping=Decimal(1))


def test_an_invoice_that_is_refunded_or_not_paid() -> None:
    shop, services = shop_with(1, 2)
    first, second = shop.stored["100000001"].invoices
    refund(services, order_id=None, invoice_id=first.entity_id)
    assert problems(services, order_id=None, invoice_id=first.entity_id) == [INVOICED]
    second.state = 1
    shop.stored["100000001"].invoices[1].state = 1
    with pytest.raises(CannotRefund):
        refund(services, order_id=None, invoice_id=second.entity_id, collect_all_problems=False)


def test_an_invoice_that_does_not_exist() -> None:
    _, services = shop_with(3)
    with pytest.raises(InvoiceNotFound):
        refund(services, order_id=None, invoice_id=4242)


def test_an_item_without_sku() -> None:
    shop, services = shop_with(3)
    shop.stored["100000001"].items.append(OrderItem(item_id=12, qty_ordered=Decimal(1)))
    assert problems(services, quantities={12: Decimal(1)}) == [TOO_MANY.replace("sku-a", "")]
