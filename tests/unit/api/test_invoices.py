"""The methods of ``sales_order_invoice``: what they pass on, and which fault a refusal is (API-20..26, API-42, 43)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from magento_soap.api.budget import Budget
from magento_soap.api.faults import ApiFault
from magento_soap.api.methods.invoices import INVOICE_FAULTS, InvoiceApi
from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    GatewayNotReached,
    IdempotencyKeyReused,
    IdempotencyKeysNotKept,
    InvalidQuantity,
    InvoiceNotFound,
    OrderNotFound,
    PaymentBeingSettled,
    PaymentError,
    PaymentUnsettled,
    SalesError,
    StatusNotChanged,
)
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.commands import AddComment, CreateInvoice
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import AnyOf, Condition, InvalidFilter, Page

NUMBER = "100000001"
REQUEST = IdempotencyKey("id", "content")
FAULTS = INVOICE_FAULTS["documented"]


class Service:
    """Notes what it is asked for, and refuses what the test wants refused."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def asked(*arguments: Any) -> Invoice:
            self.asked.append((name, *arguments))
            if self.refusal is not None:
                raise self.refusal
            return Invoice(order_id=1, increment_id="100000009")

        return asked


ROW: dict[str, Any] = {"increment_id": NUMBER, "state": "2", "grand_total": "112.0000", "comment": None}


class Queries:
    """Two invoices."""

    kinds: Mapping[str, type] = {"state": int, "grand_total": float}

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def find(
        self, conditions: Sequence[Condition | AnyOf], page: Page, *, extended: bool = False
    ) -> Iterator[dict[str, Any]]:
        if conditions == [Condition("unheard_of", "eq", "1")]:
            raise InvalidFilter("There is no such field.")
        self.asked.append((conditions, page, extended))
        return iter([ROW])

    def info(self, increment_id: str, *, extended: bool = False) -> dict[str, Any] | None:
        self.asked.append((increment_id, extended))
        inner = {"items": [ROW], "billing_address": {"state": "1"}, "shipping_address": None}
        return ROW | inner if increment_id == NUMBER else None


def api(service: Service | None = None, queries: Queries | None = None) -> InvoiceApi:
    return InvoiceApi(service or Service(), queries or Queries(), FAULTS)  # type: ignore[arg-type]


def test_what_can_be_called_with_which_parameters_and_rights_api_1_2() -> None:
    ours = api()
    resource = ours.resource()
    assert (resource.name, resource.title, resource.aliases) == (
        "sales_order_invoice",
        "Invoice API",
        ("order_invoice",),
    )
    assert (resource.acl, resource.faults, resource.listed) == ("sales/order/invoice", FAULTS, True)
    methods = [
        (
            method.name,
            method.title,
            method.acl.removeprefix("sales/order/invoice/"),
            method.changes,
            [("*" if parameter.required else "") + parameter.name for parameter in method.parameters],
        )
        for method in resource.methods.values()
    ]
    assert methods == [
        ("list", "Retrieve list of invoices by filters", "info", False, ["filters"]),
        ("info", "Retrieve invoice information", "info", False, ["*invoiceIncrementId"]),
        (
            "create",
            "Create new invoice for order",
            "create",
            True,
            ["*orderIncrementId", "itemsQty", "comment", "email", "includeComment"],
        ),
        (
            "addComment",
            "Add new comment to shipment",
            "comment",
            True,
            ["*invoiceIncrementId", "*comment", "email", "includeComment"],
        ),
        ("capture", "Capture invoice", "capture", True, ["*invoiceIncrementId"]),
        ("void", "Void invoice", "void", True, ["*invoiceIncrementId"]),
        ("cancel", "Cancel invoice", "cancel", True, ["*invoiceIncrementId"]),
    ]
    assert {name: (method.handler, method.typed_handler) for name, method in resource.methods.items()} == {
        "list": (ours.reads.list, ours.reads.list_typed),
        "info": (ours.reads.info, ours.reads.info_typed),
        "create": (ours.create, None),
        "addComment": (ours.add_comment, None),
        "capture": (ours.capture, None),
        "void": (ours.void, None),
        "cancel": (ours.cancel, None),
    }
    order, items, comment, email, include = resource.methods["create"].parameters
    assert order.goes_by("invoiceIncrementId")  # as the documentation's example calls it
    assert (items.default, comment.default, email.default, include.default) == ([], None, False, False)
    assert include.goes_by("includeInEmail")
    assert resource.methods["addComment"].parameters[1].optional_in_v1
    assert resource.methods["list"].parameters[0].takes_map


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (
            (NUMBER, [], None, False, False),
            CreateInvoice(NUMBER, is_customer_notified=0),
        ),
        (
            ([{"id": 100000001}], {"15": "1,5"}, "Thanks", "ti@example.com", "1"),
            CreateInvoice(NUMBER, {"15": Decimal("1.5")}, "Thanks", True, 1, True),
        ),
        ((NUMBER, None, 5, None, None), CreateInvoice(NUMBER, comment="5")),
        (
            (NUMBER, None, "", "0", True),
            CreateInvoice(NUMBER, comment="", is_customer_notified=0, include_comment=True),
        ),
    ],
)
def test_create_passes_on_what_was_meant_api_21(arguments: tuple[Any, ...], command: CreateInvoice) -> None:
    service = Service()
    assert api(service).create(*arguments, key=REQUEST) == "100000009"
    assert service.asked == [("create", command, REQUEST)]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ((NUMBER, None, False, False), AddComment(NUMBER, is_customer_notified=0)),
        ((100000001, "Sorry", 1, "true"), AddComment(NUMBER, "Sorry", True, 1, True)),
        ((NUMBER, "", None, None), AddComment(NUMBER, "")),
    ],
)
def test_add_comment_passes_on_what_was_meant_api_22(arguments: tuple[Any, ...], command: AddComment) -> None:
    service = Service()
    assert api(service).add_comment(*arguments, key=REQUEST) is True
    assert service.asked == [("add_comment", command, REQUEST)]


@pytest.mark.parametrize("name", ["capture", "void", "cancel"])
def test_an_invoice_is_named_in_any_form_api_23_24_25(name: str) -> None:
    service = Service()
    for number in (NUMBER, 100000001, [NUMBER]):
        assert getattr(api(service), name)(number, key=REQUEST) is True
    assert service.asked == [(name, NUMBER, REQUEST)] * 3


@pytest.mark.parametrize("comment", [["text"], {"comment": "text"}, [], {}])
def test_a_comment_that_is_no_text_is_refused(comment: Any) -> None:
    service = Service()
    for call in (
        lambda: api(service).create(NUMBER, None, comment, False, False),
        lambda: api(service).add_comment(NUMBER, comment, False, False),
    ):
        with pytest.raises(ApiFault) as refused:
            call()
        assert (refused.value.code, refused.value.message) == ("102", 'Invalid value for "comment"; text is expected.')
    assert service.asked == []


CALLS: dict[str, tuple[Any, ...]] = {
    "create": (None, None, False, False),
    "add_comment": (None, False, False),
    "capture": (),
    "void": (),
    "cancel": (),
}
NOT_CHANGED = {
    "capture": "invoice_not_capturable",
    "void": "invoice_not_voidable",
    "cancel": "invoice_not_cancelable",
}


@pytest.mark.parametrize(
    ("error", "code", "name", "message"),
    [
        (InvoiceNotFound("x"), "100", "invoice_not_exists", "Requested shipment does not exists."),
        (InvalidFilter("No such field."), "101", "filters_invalid", "No such field."),
        (CannotInvoice("Cannot."), "102", "order_not_invoiceable", "Cannot."),
        (CannotNumber("No number."), "102", "order_not_invoiceable", "No number."),
        (CannotInvoice(), "102", "order_not_invoiceable", "Invalid data given. Details in error message."),
        (InvalidQuantity("Too many."), "102", "data_invalid", "Too many."),
        (PaymentError("Declined."), "102", "data_invalid", "Declined."),
        (GatewayNotReached("Not there."), "102", "data_invalid", "Not there."),
        (IdempotencyKeyReused("Reused."), "102", "data_invalid", "Reused."),
        (IdempotencyKeysNotKept("Not kept."), "102", "data_invalid", "Not kept."),
        (OrderNotFound("x"), "103", "order_not_exists", "Requested order does not exists"),
        (StatusNotChanged("Declined."), "104", "", "Declined."),
        (StatusNotChanged(), "104", "", "Invoice status not changed."),
        (PaymentUnsettled("Later."), "104", "", "Later."),
        (PaymentBeingSettled("Now."), "104", "", "Now."),
    ],
    ids=repr,
)
@pytest.mark.parametrize("call", CALLS)
def test_which_fault_an_error_is_api_20(call: str, error: SalesError, code: str, name: str, message: str) -> None:
    with pytest.raises(ApiFault) as refused:
        getattr(api(Service(error)), call)(NUMBER, *CALLS[call])
    fault = refused.value
    assert (fault.code, fault.name, fault.message) == (
        code,
        name or NOT_CHANGED.get(call, "status_not_changed"),
        message,
    )
    assert str(fault) == f"{code} {message}"


def test_a_bug_is_no_business_fault() -> None:
    with pytest.raises(RuntimeError):
        api(Service(RuntimeError("secret"))).capture(NUMBER)


def test_list_api_42() -> None:
    queries = Queries()
    filters = {"state": 2, "limit": 5}
    asked = ([Condition("state", "eq", "2")], Page(limit=5))
    assert list(api(queries=queries).reads.list(filters, budget=Budget())) == [ROW]
    (typed,) = api(queries=queries).reads.list_typed(filters, budget=Budget())
    assert typed == {"increment_id": NUMBER, "state": 2, "grand_total": 112.0, "comment": None}
    assert queries.asked == [(*asked, False), (*asked, True)]


@pytest.mark.parametrize("name", ["list", "list_typed"])
@pytest.mark.parametrize("filters", [{"unheard_of": 1}, "state=2"])
def test_list_with_a_filter_that_is_not_understood_api_42(name: str, filters: Any) -> None:
    with pytest.raises(ApiFault) as refused:
        getattr(api().reads, name)(filters, budget=Budget())
    assert (refused.value.code, refused.value.name) == ("101", "filters_invalid")


def test_info_api_43() -> None:
    queries = Queries()
    found = api(queries=queries).reads.info(invoiceIncrementId=[NUMBER])
    assert found == ROW | {"items": [ROW], "billing_address": {"state": "1"}, "shipping_address": None}
    typed = api(queries=queries).reads.info_typed(invoiceIncrementId=100000001)
    numbers = ROW | {"state": 2, "grand_total": 112.0}
    assert typed == numbers | {"items": [numbers], "billing_address": {"state": 1}, "shipping_address": None}
    assert queries.asked == [(NUMBER, False), (NUMBER, True)]


@pytest.mark.parametrize("name", ["info", "info_typed"])
def test_info_of_no_invoice_api_43(name: str) -> None:
    for number in ("999", None, [NUMBER, NUMBER], {"like": "1%"}):
        with pytest.raises(ApiFault) as refused:
            getattr(api().reads, name)(invoiceIncrementId=number)
        assert (refused.value.code, refused.value.name) == ("100", "invoice_not_exists")
        assert refused.value.message == "Requested shipment does not exists."
