"""The orders of the demo shop, as data: who bought what, and what happened to each order afterwards.

Store 1 numbers its documents 1..., store 2 2...; the orders and invoices that Magento's API documentation names in its
examples exist here, in the state that the examples need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from magento_soap.sales.money import ZERO
from magento_soap.sales.shipping.commands import NewTrack

from .catalog import (
    ANNA,
    BANCHA,
    COFFEE_CUP,
    CUP,
    EBOOK,
    FRIDGE,
    GIFT_BOX,
    GUEST,
    JOHN,
    LAYLA,
    MARY,
    NOKIA,
    RADIO,
    RICE,
    SENCHA,
    SHIRT,
    SHIRT_RED_M,
    STICKER,
    TARO,
    TEA_SET,
    TEAPOT,
    TEST_PRODUCT,
    Person,
    Product,
)

BASE_CURRENCY = "USD"
EURO, YEN = Decimal("0.9"), Decimal("150")
GATEWAY = "demopay"  # the payment method whose orders are authorized when they are placed
WHOLESALE_ORDER, WHOLESALE_ITEM_ID = "200000009", 100
TOUR_ORDER = "100000032"
EXAMPLE_ORDERS: Mapping[str, str] = {
    "php/v1_order.php": "100000033",
    "php/v2_order.php": "100000034",
    "php/wsi_order.php": "100000035",
    "python/life_of_an_order.py": "100000036",
    "python/xmlrpc_order.py": "100000037",
    "csharp/LifeOfAnOrder.cs": "100000038",
    "java/LifeOfAnOrder.java": "100000039",
    "curl/v2_order.sh": "100000040",
}
"""The examples that take an order from its invoice to a refund, each with an order of its own."""

UPS = NewTrack("ups", "United Parcel Service", "1Z12345E0205271688")
COURIER = NewTrack("dhlint", "DHL", "00340434292135100186")
POST = NewTrack("custom", "An Post", "RR123456785IE", Decimal("0.5"))


@dataclass(frozen=True)
class Line:
    """A product in an order. ``children`` are the parts of a bundle or the variant of a configurable (ORD-8, ORD-9)."""

    product: Product
    qty: Decimal = Decimal(1)
    discount: Decimal = ZERO  # percent
    children: tuple[Line, ...] = ()
    calculated_by_child: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    item_id: int | None = None


# What can happen to an order.


@dataclass(frozen=True)
class Invoiced:
    """An invoice of everything that is left, or of these ``quantities`` by SKU. A ``captured`` one is paid online."""

    number: str
    quantities: Mapping[str, Decimal] | None = None
    captured: bool = False
    comments: tuple[str, ...] = ()
    kind: ClassVar[str] = "invoice"

    @property
    def created(self) -> datetime:
        """When the invoice was created; the number tells."""
        documented = {
            "100000001": datetime(2023, 1, 16, 11, 15, 30),
            "200000006": datetime(2012, 3, 30, 12, 2, 19),
        }
        place = int(self.number[1:])
        if self.number.startswith("2"):
            return documented.get(self.number) or datetime(2012, 3, 30, 9) + timedelta(minutes=30 * place)
        return documented.get(self.number) or datetime(2023, 1, 21, 9) + timedelta(hours=place)


@dataclass(frozen=True)
class InvoiceCanceled:
    """The order's open invoice of that number is canceled, as soon as it was created."""

    number: str


@dataclass(frozen=True)
class Shipped:
    """Everything that is left is shipped, or these ``quantities`` by SKU, some minutes after what happened before."""

    number: str
    quantities: Mapping[str, Decimal] | None = None
    tracks: tuple[NewTrack, ...] = ()
    comment: str | None = None
    kind: ClassVar[str] = "shipment"


@dataclass(frozen=True)
class Refunded:
    """An offline credit memo of everything that is paid, or of these ``quantities`` by SKU, some minutes later.

    ``base_shipping`` is the part of the shipping that is refunded, None for all of it.
    """

    number: str
    quantities: Mapping[str, Decimal] | None = None
    base_shipping: Decimal | None = None
    comment: str | None = None
    kind: ClassVar[str] = "creditmemo"


@dataclass(frozen=True)
class Canceled:
    """The order is canceled, some minutes after what happened before."""


@dataclass(frozen=True)
class Held:
    """The order is put on hold, some minutes after what happened before."""


@dataclass(frozen=True)
class Reviewed:
    """The gateway reviews the order's payment, some minutes after what happened before."""


Numbered: TypeAlias = Invoiced | Shipped | Refunded
"""What makes a document with a number of its own."""
Event: TypeAlias = Numbered | InvoiceCanceled | Canceled | Held | Reviewed


@dataclass(frozen=True)
class DemoOrder:
    """One order as it was placed, and what happened to it since."""

    number: str
    buyer: Person
    lines: tuple[Line, ...]
    events: tuple[Event, ...] = ()
    state: str = "new"
    method: str = "checkmo"
    currency: str = BASE_CURRENCY
    rate: Decimal = Decimal(1)
    shipping: Decimal = Decimal(5)
    shipping_tax: Decimal = ZERO  # percent
    coupon: str | None = None
    po_number: str | None = None

    @property
    def created(self) -> datetime:
        """When the order was placed. Store 2 was moved here from an older shop, with its orders of 2012."""
        place = int(self.number[1:])
        if self.number.startswith("2"):
            return datetime(2012, 3, 29, 8) + timedelta(hours=place)
        return datetime(2023, 1, 16, 10, 58) + timedelta(hours=3 * (place - 1))

    @property
    def store_id(self) -> int:
        """Where it was placed; the number begins with it."""
        return int(self.number[0])

    @property
    def is_virtual(self) -> bool:
        """Whether there is nothing to ship."""
        return all(line.product.is_virtual for line in self.lines)

    @property
    def is_authorized(self) -> bool:
        """Whether the whole amount was authorized at a gateway when the order was placed."""
        return self.method == GATEWAY


def _line(product: Product, qty: Decimal | int = 1, **more: Any) -> Line:
    return Line(product, Decimal(qty), **more)


def _shirt(qty: int) -> Line:
    options: dict[str, Any] = {"attributes_info": [{"label": "Color", "value": "Red"}, {"label": "Size", "value": "M"}]}
    options |= {"simple_name": SHIRT_RED_M.name, "simple_sku": SHIRT_RED_M.sku}
    return Line(SHIRT, Decimal(qty), children=(Line(SHIRT_RED_M),), options=options)


def _bundle(product: Product, qty: int, *parts: Line, by_child: bool) -> Line:
    chosen = [{"title": part.product.name, "qty": int(part.qty), "price": float(part.product.price)} for part in parts]
    options = {"bundle_options": {1: {"option_id": 1, "label": "Parts", "value": chosen}}}
    return Line(product, Decimal(qty), children=parts, calculated_by_child=by_child, options=options)


def _tea_set(qty: int) -> Line:
    return _bundle(TEA_SET, qty, Line(TEAPOT), Line(CUP, Decimal(4)), by_child=True)


def _gift_box(qty: int) -> Line:
    return _bundle(GIFT_BOX, qty, Line(NOKIA), Line(SENCHA, Decimal(2)), by_child=False)


def _quantities(quantities: Mapping[str, int]) -> dict[str, Decimal]:
    return {sku: Decimal(qty) for sku, qty in quantities.items()}


def _invoiced(number: str, quantities: Mapping[str, int] | None = None, **more: Any) -> Invoiced:
    return Invoiced(number, None if quantities is None else _quantities(quantities), **more)


def _order(number: str, buyer: Person, *lines: Line, **more: Any) -> DemoOrder:
    return DemoOrder(number, buyer, lines, **more)


def _authorized(number: str, buyer: Person, *lines: Line, **more: Any) -> DemoOrder:
    return DemoOrder(number, buyer, lines, state="processing", method=GATEWAY, **more)


ORDERS: tuple[DemoOrder, ...] = (
    # the documented orders and invoices: 100000001 and its invoice, then 200000002 with invoice 200000006
    _authorized(
        "100000001",
        JOHN,
        _line(TEST_PRODUCT, 4),
        shipping=Decimal(10),
        events=(_invoiced("100000001", {"product123": 2}, captured=True, comments=("Invoice created",)),),
    ),
    _order("200000002", JOHN, _line(NOKIA, item_id=3), events=(_invoiced("200000006"),)),
    _order("100000003", MARY, _line(NOKIA), _line(SENCHA, 3)),
    # multi-item, tax, discount
    _order("100000002", JOHN, _line(NOKIA, 2), _line(RADIO), _line(CUP, 4), shipping_tax=Decimal(10)),
    _order(
        "100000004",
        ANNA,
        _line(TEAPOT, 2, discount=Decimal(10)),
        _line(CUP, 6, discount=Decimal(10)),
        coupon="TEA10",
    ),
    _order("200000001", MARY, _line(RADIO), _line(TEST_PRODUCT, 2), events=(_invoiced("200000001"),)),
    # two items with the documented ids, nothing invoiced yet
    _order("200000008", ANNA, _line(TEST_PRODUCT, 3, item_id=15), _line(CUP, 2, item_id=16)),
    _order(
        "200000003",
        GUEST,
        _line(RADIO),
        events=(_invoiced("200000002"), Shipped("200000001", tracks=(UPS,))),
        shipping=ZERO,
    ),
    _order(
        "100000005",
        MARY,
        _line(TEAPOT),
        _line(SENCHA, 2),
        events=(
            _invoiced("100000002", comments=("Packed with care – go raibh maith agat!",)),
            Shipped("100000001", tracks=(POST, COURIER), comment="Two parcels"),
        ),
    ),
    # second currency
    _order(
        "100000006",
        ANNA,
        _line(TEAPOT, 3, discount=Decimal(5)),
        _line(SENCHA, 2),
        currency="EUR",
        rate=EURO,
        coupon="TEA5",
    ),
    _order(
        "100000007",
        ANNA,
        _line(CUP, 12),
        currency="EUR",
        rate=EURO,
        events=(_invoiced("100000003"),),
    ),
    _order("200000004", ANNA, _line(TEAPOT), currency="EUR", rate=EURO, events=(_invoiced("200000003"),)),
    _order(
        "200000005",
        TARO,
        _line(SENCHA, 5),
        currency="JPY",
        rate=YEN,
        events=(_invoiced("200000004"),),
    ),
    # cannot be invoiced
    _order("100000008", JOHN, _line(RADIO), events=(Held(),)),
    _order("100000009", JOHN, _line(TEST_PRODUCT), events=(Canceled(),)),
    _authorized("100000025", GUEST, _line(NOKIA), events=(Reviewed(),)),
    _order(
        "100000026",
        MARY,
        _line(RADIO),
        events=(
            _invoiced("100000010"),
            Shipped("100000003", tracks=(UPS,)),
            Refunded("100000001", comment="Sent back unopened"),
        ),
    ),
    # waiting for payment, invoiceable all the same
    _order("100000030", JOHN, _line(CUP, 2), state="pending_payment"),
    _order("200000007", ANNA, _line(TEAPOT, 2), method="banktransfer"),
    # virtual goods
    _order("100000010", GUEST, _line(EBOOK, 2)),
    _order("100000011", GUEST, _line(EBOOK), events=(_invoiced("100000004"),)),
    # configurable products and bundles
    _order("100000012", JOHN, _shirt(2)),
    _order("100000013", JOHN, _shirt(1), _line(SENCHA), events=(_invoiced("100000005"),)),
    _order("100000014", MARY, _tea_set(2), _gift_box(1)),
    _order("100000015", MARY, _tea_set(1), events=(_invoiced("100000006"), Shipped("100000002"))),
    # the gateway: authorized, open to be captured, open to be canceled, canceled, captured
    _authorized("100000016", JOHN, _line(TEST_PRODUCT, 2)),
    _authorized("100000017", MARY, _line(NOKIA), events=(_invoiced("100000016"),)),
    _authorized("100000018", ANNA, _line(RADIO), events=(_invoiced("100000013"),)),
    _authorized("100000028", JOHN, _line(CUP, 4), events=(_invoiced("100000014"), InvoiceCanceled("100000014"))),
    _authorized("100000029", GUEST, _line(TEAPOT, 2), events=(_invoiced("100000015", captured=True),)),
    # partly invoiced
    _order(
        "100000019",
        JOHN,
        _line(TEST_PRODUCT, 2, discount=Decimal(10)),
        _line(CUP, 10, discount=Decimal(10)),
        coupon="TEA10",
        events=(_invoiced("100000007", {"product123": 1, "cup": 6}),),
    ),
    _order(
        "100000027",
        LAYLA,
        _line(COFFEE_CUP, 10),
        events=(
            _invoiced("100000011", {"finjan": 4}, comments=("شكراً لطلبك ☕",)),
            _invoiced("100000012", {"finjan": 5}),
        ),
    ),
    # nothing to pay
    _order("100000020", JOHN, _line(STICKER), method="free", shipping=ZERO),
    # everyone's alphabet
    _order(
        "100000021",
        TARO,
        _line(SENCHA, 2),
        events=(
            _invoiced("100000008", comments=("ありがとうございます 🍵", "Zweiter Kommentar: Grüße <b>&</b> bis bald")),
        ),
    ),
    # quantities with a fraction, fixed product taxes
    _order("100000022", MARY, _line(RICE, Decimal("2.5"))),
    _order("100000023", ANNA, _line(FRIDGE, 2)),
    _order("100000024", ANNA, _line(FRIDGE), events=(_invoiced("100000009"),)),
    _order(
        "200000006",
        ANNA,
        _line(CUP, 24),
        method="purchaseorder",
        po_number="PO-2012-17",
        events=(
            _invoiced("200000005"),
            Shipped("200000002", _quantities({"cup": 12}), tracks=(COURIER,)),
            Refunded("200000001", _quantities({"cup": 2}), base_shipping=ZERO, comment="Two were broken"),
        ),
    ),
    # enough to make a first invoice many times
    _order(WHOLESALE_ORDER, TARO, _line(BANCHA, 500, item_id=WHOLESALE_ITEM_ID), shipping=Decimal(120)),
    # canceled, its coupon can be used again
    _order("100000031", ANNA, _line(TEAPOT, 2, discount=Decimal(10)), coupon="TEA10", events=(Canceled(),)),
    # enough to invoice, ship and refund a piece hundreds of times
    *(_authorized(number, GUEST, _line(BANCHA, 1000)) for number in (TOUR_ORDER, *EXAMPLE_ORDERS.values())),
)
