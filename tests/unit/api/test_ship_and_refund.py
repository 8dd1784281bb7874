"""What the arguments of Magento 2's ShipOrder, RefundOrder and RefundInvoice mean, and who may call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from magento_soap.api.methods.webapi import refund_invoice, refund_order, ship_order
from magento_soap.api.methods.webapi.access import Access
from magento_soap.api.methods.webapi.errors import WebapiError
from magento_soap.api.methods.webapi.refund_invoice import RefundInvoice
from magento_soap.api.methods.webapi.refund_order import RefundOrder
from magento_soap.api.methods.webapi.ship_order import MAX_TRACKS, ShipOrder
from magento_soap.sales.creditmemo import CreditMemo
from magento_soap.sales.errors import (
    CannotShip,
    DocumentRejected,
    InvalidAmount,
    InvoiceNotFound,
    OrderNotFound,
    UnknownCarrier,
)
from magento_soap.sales.refunding.commands import CreateCreditMemo
from magento_soap.sales.shipment import Shipment
from magento_soap.sales.shipping.commands import CreateShipment, NewTrack

from .test_acl import Rule
from .test_arguments import json_like
from .test_dispatcher import here
from .test_invoice_order import access_for, details, error_of, required, wrong

ITEMS = [{"order_item_id": 1, "qty": 2}, {"orderItemId": "2", "qty": "0.5"}]
QUANTITIES = {1: Decimal(2), 2: Decimal("0.5")}
COMMENT = {"comment": "hello", "is_visible_on_front": True}
TRACK = {"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}
COMMANDS: dict[str, Callable[[str, Any], Any]] = {
    "ship": ship_order.command_of,
    "refund": refund_order.command_of,
    "refund invoice": refund_invoice.command_of,
}
every_service = pytest.mark.parametrize("name", COMMANDS)


def shipment(**values: Any) -> CreateShipment:
    return CreateShipment(**({"order_id": 7, "collect_all_problems": True} | values))


def creditmemo(**values: Any) -> CreateCreditMemo:
    defaults: dict[str, Any] = {
        "order_id": 7,
        "is_customer_notified": 0,
        "is_offline": True,
        "collect_all_problems": True,
    }
    return CreateCreditMemo(**(defaults | values))


def refused(name: str, arguments: Any, entity_id: str = "7") -> tuple[int, Any]:
    return error_of(lambda: COMMANDS[name](entity_id, arguments))


def outcome(command_of: Callable[[str, Any], Any], arguments: Any) -> int | None:
    """The status of the refusal, None if there is a command."""
    try:
        command_of("7", arguments)
    except WebapiError as error:
        return error.status
    return None


def problem(name: str, arguments: Any) -> tuple[str, str]:
    status, body = refused(name, arguments)
    assert (status, body["message"]) == (400, 'Error occurred during "%fieldName" processing. %details')
    return body["parameters"]["fieldName"], body["parameters"]["details"]


def test_nothing_said_is_everything() -> None:
    nothing: dict[str, Any] = {"items": [], "comment": None, "arguments": [], "tracks": None, "packages": []}
    for arguments in ({}, nothing):
        assert ship_order.command_of("7", arguments) == shipment()
        assert refund_order.command_of("7", arguments) == creditmemo()
        assert refund_invoice.command_of("7", arguments) == creditmemo(order_id=None, invoice_id=7)


def test_a_shipment_with_everything() -> None:
    command = ship_order.command_of(
        "7",
        {
            "items": ITEMS,
            "notify": True,
            "append_comment": True,
            "comment": COMMENT,
            "tracks": [TRACK, {"trackNumber": 2, "title": "By hand", "carrierCode": "custom"}],
            "packages": [{"extension_attributes": {}}],
            "arguments": {"extension_attributes": {"source_code": "default"}},
        },
    )
    assert command == shipment(
        quantities=QUANTITIES,
        notify=True,
        include_comment=True,
        comment="hello",
        is_visible_on_front=True,
        tracks=(NewTrack("ups", "UPS", "1Z"), NewTrack("custom", "By hand", "2")),
    )


@pytest.mark.parametrize("name", ["refund", "refund invoice"])
@pytest.mark.parametrize("is_camel_case", [False, True])
def test_a_credit_memo_with_everything(name: str, is_camel_case: bool) -> None:
    returned: dict[str, Any] = {"return_to_stock_items": [1, "2"]}
    amounts: dict[str, Any] = {"shipping_amount": 1.5, "adjustment_positive": "2", "adjustment_negative": 0}
    extra = amounts | {"extension_attributes": returned}
    if is_camel_case:
        extra = {
            "shippingAmount": 1.5,
            "adjustmentPositive": "2",
            "adjustmentNegative": 0,
            "extensionAttributes": {"returnToStockItems": [1, "2"]},
        }
    command = COMMANDS[name](
        "7",
        {
            "items": ITEMS,
            "notify": True,
            "appendComment": True,
            "comment": COMMENT,
            "arguments": extra,
            "isOnline": False,
        },
    )
    of: dict[str, Any] = {"order_id": None, "invoice_id": 7} if name == "refund invoice" else {}
    assert command == creditmemo(
        quantities=QUANTITIES,
        notify=True,
        include_comment=True,
        is_customer_notified=1,
        comment="hello",
        is_visible_on_front=True,
        base_shipping=Decimal("1.5"),
        base_adjustment_positive=Decimal(2),
        base_adjustment_negative=Decimal(0),
        return_to_stock=(1, 2),
        **of,
    )


@every_service
def test_a_comment_is_mailed_only_with_both(name: str) -> None:
    for only in ("notify", "appendComment"):
        assert not COMMANDS[name]("7", {only: True, "comment": COMMENT}).include_comment


def test_a_refund_through_the_gateway_is_refused() -> None:
    for value in (True, "1"):
        status, body = refused("refund invoice", {"is_online": value})
        assert (status, "isOnline" in body["message"]) == (400, True)
    assert refund_order.command_of("7", {"isOnline": True}) == creditmemo()  # which RefundOrder does not have


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("ship", {"items": [1]}, ("items", wrong("1", "ShipmentItemCreationInterface"))),
        ("refund", {"items": "x"}, ("items", wrong("x", "CreditmemoItemCreationInterface[]"))),
        ("ship", {"comment": "x"}, ("comment", wrong("x", "ShipmentCommentCreationInterface"))),
        ("ship", {"tracks": {"a": 1}}, ("tracks", wrong("Array", "ShipmentTrackCreationInterface[]"))),
        ("ship", {"tracks": [TRACK | {"title": []}]}, ("title", wrong("Array", "string"))),
        ("ship", {"packages": [1]}, ("packages", wrong("1", "ShipmentPackageCreationInterface"))),
        ("ship", {"arguments": 1}, ("arguments", wrong("1", "ShipmentCreationArgumentsInterface"))),
        ("refund", {"arguments": 1}, ("arguments", wrong("1", "CreditmemoCreationArgumentsInterface"))),
        ("refund", {"arguments": {"shipping_amount": "1,5"}}, ("shippingAmount", wrong("1,5", "float"))),
        ("refund", {"arguments": {"adjustment_positive": 1e8}}, ("adjustmentPositive", wrong("100000000", "float"))),
        (
            "refund",
            {"arguments": {"extension_attributes": {"return_to_stock_items": ["x"]}}},
            ("returnToStockItems", wrong("x", "int")),
        ),
        (
            "refund",
            {"arguments": {"extension_attributes": {"return_to_stock_items": 1}}},
            ("returnToStockItems", wrong("1", "int[]")),
        ),
        ("refund invoice", {"isOnline": "maybe"}, ("isOnline", wrong("maybe", "bool"))),
    ],
)
def test_a_value_of_another_type(name: str, arguments: Any, expected: tuple[str, str]) -> None:
    assert problem(name, arguments) == expected


@pytest.mark.parametrize("member", TRACK)
def test_a_track_needs_everything(member: str) -> None:
    incomplete = {name: value for name, value in TRACK.items() if name != member}
    status, body = refused("ship", {"tracks": [incomplete]})
    camel_case = {"track_number": "trackNumber", "title": "title", "carrier_code": "carrierCode"}[member]
    assert (status, body) == (400, required(camel_case))


def test_too_many_tracks() -> None:
    assert len(ship_order.command_of("7", {"tracks": [TRACK] * MAX_TRACKS}).tracks) == MAX_TRACKS
    assert problem("ship", {"tracks": [TRACK] * (MAX_TRACKS + 1)})[0] == "tracks"


@every_service
def test_an_id_that_nothing_can_have(name: str) -> None:
    assert refused(name, {}, "0") == (404, {"message": "Requested entity doesn't exist"})
    field = "invoiceId" if name == "refund invoice" else "orderId"
    status, body = refused(name, {}, "x")
    assert (status, body["parameters"]["fieldName"]) == (400, field)
    assert details({}, "x")[0] == "orderId"


@given(json_like)
def test_whatever_comes_is_a_command_or_an_error(value: Any) -> None:
    value = json.loads(json.dumps(value))  # whose names are text
    names = ("items", "notify", "appendComment", "comment", "arguments", "tracks", "packages", "isOnline")
    deep = [{"items": [value]}, {"tracks": [value]}, {"arguments": {"extension_attributes": value}}]
    for command_of in COMMANDS.values():
        for arguments in [dict.fromkeys(names, value), *({name: value} for name in names), *deep]:
            assert outcome(command_of, arguments) in (None, 400)


# Who may call them, and what their errors are


class Service:
    """Makes document 42, or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal

    def create(self, command: Any, key: Any) -> Any:
        if self.refusal is not None:
            raise self.refusal
        kind = Shipment if isinstance(command, CreateShipment) else CreditMemo
        return kind(order_id=7, entity_id=42)


def api_of(name: str, access: Access | None = None, refusal: Exception | None = None) -> Any:
    service: Any = Service(refusal)
    kind = {"ship": ShipOrder, "refund": RefundOrder, "refund invoice": RefundInvoice}[name]
    return kind(access or access_for(), service)


SHIP, REFUND = "sales/order/shipment", "sales/order/creditmemo"
ACL = {"ship": SHIP, "refund": REFUND, "refund invoice": REFUND}


@every_service
def test_who_may_create_documents(name: str) -> None:
    access = access_for(Rule(ACL[name]), Rule(f"{ACL[name]}/create"))
    api = api_of(name, access)
    token = access.token(here(), {"username": "apiUser", "password": "apiKey"})
    assert api.execute(here(), api.user_of(here(), token), "7", {}) == 42
    assert error_of(lambda: api.user_of(here(), "no session"))[0] == 401


@every_service
@pytest.mark.parametrize("rights", [{}, {"": "allow", "/create": "deny"}, {"/create": "allow"}], ids=str)
def test_who_may_not(name: str, rights: dict[str, str]) -> None:
    access = access_for(*(Rule(ACL[name] + end, permission) for end, permission in rights.items()))
    api = api_of(name, access)
    token = access.token(here(), {"username": "apiUser", "password": "apiKey"})
    status, body = error_of(lambda: api.user_of(here(), token))
    resource = "Magento_Sales::ship" if name == "ship" else "Magento_Sales::creditmemo"
    assert (status, body["parameters"]) == (401, {"resources": resource})


PREFIXES = {
    "ship": "Shipment Document Validation Error(s):",
    "refund": "Creditmemo Document Validation Error(s):",
    "refund invoice": "Creditmemo Document Validation Error(s):",
}


@every_service
@pytest.mark.parametrize(
    "error", [CannotShip("One."), UnknownCarrier("One."), InvalidAmount("One."), DocumentRejected(["One."])], ids=repr
)
def test_what_is_rejected(name: str, error: Exception) -> None:
    api = api_of(name, refusal=error)
    assert error_of(lambda: api.execute(here(), 1, "7", {})) == (400, {"message": f"{PREFIXES[name]}\nOne."})


@every_service
@pytest.mark.parametrize("error", [OrderNotFound("x"), InvoiceNotFound()], ids=repr)
def test_what_does_not_exist(name: str, error: Exception) -> None:
    api = api_of(name, refusal=error)
    assert error_of(lambda: api.execute(here(), 1, "7", {})) == (404, {"message": "Requested entity doesn't exist"})


@every_service
def test_a_bug_is_not_explained(name: str) -> None:
    status, body = error_of(lambda: api_of(name, refusal=RuntimeError("secret")).execute(here(), 1, "7", {}))
    assert (status, body["message"].startswith("Could not save a")) == (400, True)
    assert "secret" not in str(body)
