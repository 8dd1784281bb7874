"""An installation's own repositories are asked wherever ours would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from magento_soap.sales.errors import InvoiceNotFound, OrderNotFound, StatusNotChanged
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.invoicing.extensions import Extensions, InvoiceDocuments
from magento_soap.sales.invoicing.service import InvoiceService
from magento_soap.sales.order import Order
from magento_soap.sales.paying.attempts import Attempt
from magento_soap.sales.payment import GatewayResult
from magento_soap.sales.services import SalesServices

from .memory_shop import MemoryShop, MemoryUnit, authorized, gateway_method, three_for_a_hundred

NUMBER = "100000001"


class Watched:
    """A repository that notes what is called of it."""

    def __init__(self, ours: Any, calls: list[str]) -> None:
        self._ours = ours
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return getattr(self._ours, name)


class Hidden:
    """A repository without any order."""

    def __init__(self, ours: Any) -> None:
        pass

    def lock(self, increment_id: str) -> None: ...

    def lock_by_id(self, entity_id: int) -> None: ...

    def lock_for_invoice(self, invoice_increment_id: str) -> None: ...


def shop_with_an_open_invoice() -> MemoryShop:
    shop = MemoryShop(authorized(three_for_a_hundred()), methods=(gateway_method(GatewayResult(txn_id="cap-1")),))
    SalesServices(shop, shop, shop, shop).invoices.create(CreateInvoice(NUMBER, {11: Decimal(1)}))
    return shop


def noted(name: str, method: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def noting(*arguments: Any) -> Any:
        calls.append(name)
        return method(*arguments)

    return noting


def capture_and_void(service: InvoiceService) -> None:
    service.capture(NUMBER)
    service.void(NUMBER)


@pytest.mark.parametrize(
    "work",
    [
        lambda service: service.create(CreateInvoice(NUMBER)),
        lambda service: service.create(CreateInvoice(order_id=1)),
        lambda service: service.create(CreateInvoice(NUMBER, capture_case="online")),
        lambda service: service.add_comment(AddComment(NUMBER, "Thank you")),
        capture_and_void,
        lambda service: service.cancel(NUMBER),
    ],
    ids=["create", "create by id", "create online", "add_comment", "capture and void", "cancel"],
)
def test_orders_are_locked_and_saved_through_the_extension(
    work: Callable[[InvoiceService], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    reached: list[str] = []
    shop = shop_with_an_open_invoice()
    for name in ("lock", "lock_by_id", "lock_for_invoice"):
        monkeypatch.setattr(MemoryUnit, name, noted(name, getattr(MemoryUnit, name), reached))
    extensions = Extensions(order_repository=lambda ours: Watched(ours, calls))
    work(SalesServices(shop, shop, shop, shop, extensions).invoices)
    assert reached
    assert [call for call in calls if call != "save"] == reached


@pytest.mark.parametrize(
    ("finish", "calls"),
    [
        (lambda service, left: service.payments.resume(left), ["lock_by_id", "lock_for_invoice"]),
        (lambda service, left: service.payments.decide(left, GatewayResult(txn_id="seen")), ["lock_by_id"]),
    ],
    ids=["settle", "decide"],
)
def test_unfinished_payments_are_settled_through_the_extension(
    finish: Callable[[InvoiceService, Attempt], Any], calls: list[str]
) -> None:
    called: list[str] = []
    shop = shop_with_an_open_invoice()
    shop.methods["labpay"].answer = TimeoutError()
    lease = timedelta(0)
    with pytest.raises(StatusNotChanged):
        SalesServices(shop, shop, shop, shop, lease=lease).invoices.capture(NUMBER)
    shop.methods["labpay"].answer = GatewayResult(txn_id="cap-1")
    extensions = Extensions(order_repository=lambda ours: Watched(ours, called))
    service = SalesServices(shop, shop, shop, shop, extensions, lease=lease).invoices
    finish(service, *service.payments.all())
    assert called == [*calls, "lock_by_id", "lock_for_invoice", "save"]  # the second lock is that of the order's rows


class Noting(InvoiceDocuments):
    """Creates invoices as ours does, and notes its arguments."""

    def __init__(self, shop: MemoryShop) -> None:
        super().__init__(shop)
        self.noted: list[Any] = []

    def create(self, order: Order, quantities: Mapping[int, Decimal] | None, arguments: Mapping[str, Any]) -> Invoice:
        self.noted.append((quantities, arguments))
        return super().create(order, quantities, arguments)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (CreateInvoice(NUMBER), (None, {})),
        (CreateInvoice(NUMBER, {}), (None, {})),
        (CreateInvoice(NUMBER, {"11": Decimal(1)}, arguments={"colour": "red"}), ({11: 1}, {"colour": "red"})),
    ],
)
def test_the_extension_creates_the_document_from_the_clients_arguments(command: CreateInvoice, expected: Any) -> None:
    shop = MemoryShop(three_for_a_hundred())
    documents = Noting(shop)
    SalesServices(shop, shop, shop, shop, Extensions(invoice_document_factory=documents)).invoices.create(command)
    assert documents.noted == [expected]


@pytest.mark.parametrize(
    ("work", "error"),
    [
        (lambda service: service.create(CreateInvoice(NUMBER)), OrderNotFound),
        (lambda service: service.create(CreateInvoice(order_id=1)), OrderNotFound),
        (lambda service: service.add_comment(AddComment(NUMBER, "Thank you")), InvoiceNotFound),
        (lambda service: service.capture(NUMBER), InvoiceNotFound),
        (lambda service: service.void(NUMBER), InvoiceNotFound),
        (lambda service: service.cancel(NUMBER), InvoiceNotFound),
    ],
    ids=["create", "create by id", "add_comment", "capture", "void", "cancel"],
)
def test_what_the_extension_hides_is_not_there(work: Callable[[InvoiceService], Any], error: type[Exception]) -> None:
    shop = shop_with_an_open_invoice()
    service = SalesServices(shop, shop, shop, shop, Extensions(order_repository=Hidden)).invoices  # type: ignore[arg-type]
    with pytest.raises(error):
        work(service)
