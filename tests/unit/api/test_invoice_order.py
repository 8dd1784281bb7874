"""What the arguments of Magento 2's InvoiceOrder mean (M2-1..3, M2-8), and the words of what is not understood."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from structlog.testing import capture_logs

from magento_soap.api.acl import Acl
from magento_soap.api.client import Client
from magento_soap.api.logins import LoginThrottle
from magento_soap.api.methods.webapi.access import Access
from magento_soap.api.methods.webapi.errors import WebapiError
from magento_soap.api.methods.webapi.invoice_order import InvoiceOrder, command_of
from magento_soap.api.sessions import Sessions
from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    IdempotencyKeyReused,
    IdempotencyKeysNotKept,
    InvalidQuantity,
    InvoiceRejected,
    OrderNotFound,
    PaymentBeingSettled,
    PaymentError,
    PaymentUnsettled,
    SalesError,
    StatusNotChanged,
)
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.storage.logins import LoginsInMemory

from .test_acl import Rule
from .test_arguments import json_like
from .test_dispatcher import NOW, Accounts, here
from .test_sessions import User

COMMENT = {"comment": "test_invoice", "is_visible_on_front": True}


def command(**values: Any) -> CreateInvoice:
    defaults: dict[str, Any] = {
        "order_id": 7,
        "capture_case": "offline",
        "is_customer_notified": 0,
        "collect_all_problems": True,
    }
    return CreateInvoice(**(defaults | values))


def refused(arguments: Any, order_id: str = "7") -> tuple[int, Any]:
    with pytest.raises(WebapiError) as error:
        command_of(order_id, arguments)
    return error.value.status, error.value.as_json()


def details(arguments: Any, order_id: str = "7") -> tuple[str, str]:
    status, body = refused(arguments, order_id)
    assert (status, body["message"]) == (400, 'Error occurred during "%fieldName" processing. %details')
    return body["parameters"]["fieldName"], body["parameters"]["details"]


def wrong(value: str, expected: str) -> str:
    return f'The "{value}" value\'s type is invalid. The "{expected}" type was expected. Verify and try again.'


def outcome(arguments: Any) -> int | None:
    """The order that would be invoiced, or the status of the refusal."""
    try:
        return command_of("7", arguments).order_id
    except WebapiError as error:
        return error.status


def test_nothing_said_is_everything_offline_m2_3() -> None:
    assert command_of("7", {}) == command()
    nulls: dict[str, Any] = dict.fromkeys(("capture", "items", "notify", "appendComment", "comment", "arguments"))
    assert command_of("7", nulls) == command()
    assert command_of("7", {"items": [], "comment": [], "arguments": {}}) == command()  # as PHP writes empty objects


@pytest.mark.parametrize(
    "arguments",
    [
        {
            "capture": True,
            "items": [{"order_item_id": 1, "qty": 2}, {"order_item_id": 2, "qty": 0.5}],
            "notify": True,
            "append_comment": True,
            "comment": COMMENT,
            "arguments": {"extension_attributes": {"colour": "red"}},
        },
        {
            "capture": 1,
            "items": [{"orderItemId": "1", "qty": "2"}, {"orderItemId": 2.0, "qty": "0.5"}],
            "notify": "true",
            "appendComment": "1",
            "comment": {"comment": "test_invoice", "isVisibleOnFront": True, "extensionAttributes": {}},
            "arguments": {"extensionAttributes": {"colour": "red"}},
            "orderId": 8,  # the path counts
            "nonsense": 1,
        },
    ],
    ids=["snake_case", "camelCase"],
)
def test_everything_said_m2_8(arguments: Any) -> None:
    assert command_of("7", arguments) == command(
        capture_case="online",
        quantities={1: Decimal(2), 2: Decimal("0.5")},
        comment="test_invoice",
        is_visible_on_front=True,
        notify=True,
        include_comment=True,
        is_customer_notified=1,
        arguments={"extension_attributes": {"colour": "red"}},
    )


@pytest.mark.parametrize(("notify", "append"), [(True, False), (True, None), (False, True), (False, False)])
def test_a_comment_is_mailed_only_with_both_m2_6(notify: bool, append: bool | None) -> None:
    made = command_of("7", {"notify": notify, "appendComment": append, "comment": {"comment": "hello"}})
    assert made == command(notify=notify, comment="hello")


def test_of_an_item_named_twice_the_last_counts() -> None:
    items = [{"order_item_id": 1, "qty": 2}, {"order_item_id": 1, "qty": 3, "extension_attributes": []}]
    assert command_of("7", {"items": items}).quantities == {1: Decimal(3)}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"capture": "yes"}, ("capture", wrong("yes", "bool"))),
        ({"capture": 2}, ("capture", wrong("2", "bool"))),
        ({"notify": {}}, ("notify", wrong("Array", "bool"))),
        ({"append_comment": 0.0}, ("appendComment", wrong("0", "bool"))),
        ({"items": {"1": 2}}, ("items", wrong("Array", "InvoiceItemCreationInterface[]"))),
        ({"items": "all"}, ("items", wrong("all", "InvoiceItemCreationInterface[]"))),
        ({"items": [1]}, ("items", wrong("1", "InvoiceItemCreationInterface"))),
        ({"items": [{"order_item_id": True, "qty": 1}]}, ("orderItemId", wrong("1", "int"))),
        ({"items": [{"order_item_id": 1.5, "qty": 1}]}, ("orderItemId", wrong("1.5", "int"))),
        ({"items": [{"order_item_id": 1, "qty": "1,5"}]}, ("qty", wrong("1,5", "float"))),
        ({"items": [{"order_item_id": 1, "qty": "1e9999"}]}, ("qty", wrong("1e9999", "float"))),
        ({"items": [{"order_item_id": 1, "qty": []}]}, ("qty", wrong("Array", "float"))),
        ({"comment": "hello"}, ("comment", wrong("hello", "InvoiceCommentCreationInterface"))),
        ({"comment": {"comment": True}}, ("comment", wrong("1", "string"))),
        ({"arguments": "x"}, ("arguments", wrong("x", "InvoiceCreationArgumentsInterface"))),
        (
            {"arguments": {"extension_attributes": "x"}},
            ("extensionAttributes", wrong("x", "InvoiceCreationArgumentsExtensionInterface")),
        ),
    ],
)
def test_a_value_of_another_type(arguments: Any, told: tuple[str, str]) -> None:
    assert details(arguments) == told


@pytest.mark.parametrize("missing", ["order_item_id", "qty"])
@pytest.mark.parametrize("how", ["left out", "null"])
def test_an_item_needs_both(missing: str, how: str) -> None:
    item: dict[str, Any] = {"order_item_id": 1, "qty": 1, missing: None}
    if how == "left out":
        del item[missing]
    name = {"order_item_id": "orderItemId", "qty": "qty"}[missing]
    message = '"%fieldName" is required. Enter and try again.'
    assert refused({"items": [item]}) == (400, {"message": message, "parameters": {"fieldName": name}})


def test_a_misspelt_member_is_not_ignored() -> None:
    told = (
        'Property "QtyToInvoice" does not have accessor method "getQtyToInvoice" in class '
        '"Magento\\Sales\\Api\\Data\\InvoiceItemCreationInterface".'
    )
    assert details({"items": [{"order_item_id": 1, "qty_to_invoice": 1}]}) == ("items", told)


LONG = "x" * 5000


@pytest.mark.parametrize(
    "arguments",
    [{"capture": LONG}, {"items": LONG}, {"comment": {LONG: 1}}, {"items": [{"order_item_id": LONG, "qty": LONG}]}],
)
def test_little_of_what_was_sent_is_quoted(arguments: Any) -> None:
    assert "x" * 101 not in " ".join(details(arguments)).lower()
    assert "x" * 101 not in " ".join(details({}, LONG))


@pytest.mark.parametrize("order_id", ["abc", "1.5", "", "1e3", "٣"])
def test_an_order_id_is_a_number(order_id: str) -> None:
    assert details({}, order_id) == ("orderId", wrong(order_id, "int"))


@pytest.mark.parametrize("order_id", ["1", "007", "4294967295"])
def test_an_order_id_that_an_order_may_have_m2_5(order_id: str) -> None:
    assert command_of(order_id, {}).order_id == int(order_id)


@pytest.mark.parametrize("order_id", ["0", "-1", "4294967296", "9" * 18])
def test_an_order_id_that_no_order_can_have_m2_5(order_id: str) -> None:
    assert refused({}, order_id) == (404, {"message": "Requested entity doesn't exist"})


@given(json_like)
def test_whatever_comes_is_a_command_or_an_error(value: Any) -> None:
    names = ("capture", "items", "notify", "appendComment", "comment", "arguments")
    value = json.loads(json.dumps(value))  # whose names are text
    for arguments in [dict.fromkeys(names, value), *({name: value} for name in names), {"items": [value]}]:
        assert outcome(arguments) in (7, 400)


# Who may use it, and what its errors are


class Service:
    """Makes invoice 42, or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked: list[tuple[CreateInvoice, IdempotencyKey | None]] = []

    def create(self, command: CreateInvoice, request: IdempotencyKey | None) -> Invoice:
        self.asked.append((command, request))
        if self.refusal is not None:
            raise self.refusal
        return Invoice(order_id=7, entity_id=42)


CREATE, CAPTURE = Rule("sales/order/invoice/create"), Rule("sales/order/invoice/capture")
PARENT = Rule("sales/order/invoice")
NOT_AUTHORIZED = {
    "message": "Consumer is not authorized to access %resources",
    "parameters": {"resources": "Magento_Sales::sales"},
}
NOT_SIGNED_IN = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)


def access_for(*rules: Rule) -> Access:
    accounts = Accounts({"apiuser": User(1, "apiUser")}, rules=list(rules))
    sessions = Sessions(accounts, lambda: NOW, LoginThrottle(LoginsInMemory(), 0, 1, lambda: NOW), 60)
    return Access(sessions, Acl(accounts, cache_seconds=0))


def service_for(*rules: Rule, refusal: Exception | None = None) -> tuple[InvoiceOrder, Service]:
    service = Service(refusal)
    return InvoiceOrder(access_for(*rules), service), service  # type: ignore[arg-type]


def error_of(call: Callable[[], Any]) -> tuple[int, Any]:
    with pytest.raises(WebapiError) as error:
        call()
    return error.value.status, error.value.as_json()


def required(name: str) -> dict[str, Any]:
    return {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": name}}


def test_a_token_is_a_session() -> None:
    access = access_for(PARENT, CREATE)
    api = InvoiceOrder(access, Service())  # type: ignore[arg-type]
    token = access.token(here(), {"username": "apiUser", "password": "apiKey"})
    assert api.user_of(here(), token) == 1
    assert api.user_of(Client(username="apiUser", api_key="apiKey"), None) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "body"),
    [
        ({"username": "apiUser", "password": "wrong"}, 401, {"message": NOT_SIGNED_IN}),
        ({"username": "nobody", "password": "apiKey"}, 401, {"message": NOT_SIGNED_IN}),
        ({"username": "apiUser"}, 400, required("password")),
        ({"username": "", "password": "apiKey"}, 400, required("username")),
        (
            {"username": None},
            400,
            {
                "message": "One or more input exceptions have occurred.",
                "errors": [required("username"), required("password")],
            },
        ),
        (
            {"username": ["apiUser"], "password": "apiKey"},
            400,
            {
                "message": 'Error occurred during "%fieldName" processing. %details',
                "parameters": {"fieldName": "username", "details": wrong("Array", "string")},
            },
        ),
    ],
)
def test_who_is_not_signed_in(arguments: Any, status: int, body: Any) -> None:
    access = access_for(PARENT, CREATE)
    assert error_of(lambda: access.token(here(), arguments)) == (status, body)


@pytest.mark.parametrize("rules", [(), (PARENT, Rule("sales/order/invoice/create", "deny")), (CREATE,)])
def test_who_may_not_create_invoices(rules: tuple[Rule, ...]) -> None:
    access = access_for(*rules)
    api = InvoiceOrder(access, Service())  # type: ignore[arg-type]
    token = access.token(here(), {"username": "apiUser", "password": "apiKey"})
    assert error_of(lambda: api.user_of(here(), token)) == (401, NOT_AUTHORIZED)


@pytest.mark.parametrize("token", ["no session", "", None])
def test_who_has_no_session(token: str | None) -> None:
    api, _ = service_for(PARENT, CREATE)
    assert error_of(lambda: api.user_of(here(), token)) == (401, NOT_AUTHORIZED)


def test_to_capture_is_a_right_of_its_own() -> None:
    no_capture = (PARENT, CREATE, Rule("sales/order/invoice/capture", "deny"))
    api, service = service_for(*no_capture)
    assert api.execute(here(), 1, "7", {"capture": False}) == 42
    assert error_of(lambda: api.execute(here(), 1, "7", {"capture": True})) == (401, NOT_AUTHORIZED)
    assert [asked.capture_case for asked, _ in service.asked] == ["offline"]
    api, service = service_for(PARENT, CREATE, CAPTURE)
    assert api.execute(here(), 1, "7", {"capture": True}) == 42
    assert [asked.capture_case for asked, _ in service.asked] == ["online"]


def test_a_request_with_a_key_is_known_again() -> None:
    api, service = service_for(PARENT, CREATE)
    asked: list[tuple[str | None, int, dict[str, Any]]] = [
        (None, 1, {}),
        ("k1", 1, {}),
        ("k1", 1, {"capture": "false", "items": []}),
        ("k2", 1, {}),
        ("k1", 2, {}),
        ("k1", 1, {"notify": True}),
    ]
    for key, user_id, arguments in asked:
        api.execute(Client(idempotency_key=key), user_id, "7", arguments)
    none, first, *others = (request for _, request in service.asked)
    assert none is None
    assert first is not None
    same, other_key, other_user, other_content = others
    assert same == first
    for request in (other_key, other_user):
        assert request is not None
        assert (request.id != first.id, request.fingerprint == first.fingerprint) == (True, True)
    assert other_content is not None
    assert (other_content.id == first.id, other_content.fingerprint != first.fingerprint) == (True, True)


REJECTED = "Invoice Document Validation Error(s):"
NOT_SAVED = "Could not save an invoice, see error log for details"


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (OrderNotFound("x"), 404, {"message": "Requested entity doesn't exist"}),
        (InvoiceRejected(["One.", "Two."]), 400, {"message": f"{REJECTED}\nOne.\nTwo."}),
        (CannotInvoice("Cannot."), 400, {"message": f"{REJECTED}\nCannot."}),
        (CannotNumber("No number."), 400, {"message": f"{REJECTED}\nNo number."}),
        (InvalidQuantity("Too many."), 400, {"message": f"{REJECTED}\nToo many."}),
        (IdempotencyKeyReused("Reused."), 400, {"message": "Reused."}),
        (IdempotencyKeysNotKept("Not kept."), 501, {"message": "Not kept."}),
        (PaymentBeingSettled("Now."), 409, {"message": "Now."}),
        (PaymentUnsettled("Later."), 400, {"message": NOT_SAVED, "errors": [{"message": "Later."}]}),
        (StatusNotChanged("Declined."), 400, {"message": NOT_SAVED, "errors": [{"message": "Declined."}]}),
        (PaymentError("Declined."), 400, {"message": NOT_SAVED, "errors": [{"message": "Declined."}]}),
    ],
    ids=repr,
)
def test_which_answer_an_error_is_m2_4_m2_5(error: SalesError, status: int, body: Any) -> None:
    api, _ = service_for(PARENT, CREATE, refusal=error)
    assert error_of(lambda: api.execute(here(), 1, "7", {})) == (status, body)


def test_a_bug_is_logged_and_not_explained_m2_5() -> None:
    api, _ = service_for(PARENT, CREATE, refusal=RuntimeError("secret detail"))
    with capture_logs() as logs:
        status, body = error_of(lambda: api.execute(here(), 1, "7", {}))
    (entry,) = logs
    assert (status, body["message"]) == (400, NOT_SAVED)
    reference = f"(reference {entry['reference']})"
    assert body["errors"] == [{"message": f"Internal Error. Please see log for details. {reference}"}]
    assert entry["call"] == "salesInvoiceOrderV1Execute"
    assert "secret detail" in entry["exception"]
