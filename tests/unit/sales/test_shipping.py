"""What is shipped, and tracking numbers (D7, J4..J15)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from magento_soap.sales.errors import (
    CannotShip,
    DocumentRejected,
    OrderNotFound,
    ShipmentNotFound,
    TrackNotFound,
    UnknownCarrier,
)
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import AddShipmentComment, CreateShipment, NewTrack, SendShipment
from magento_soap.sales.shipping.preparation import prepare_shipment

from .memory_shop import MemoryShop, link, three_for_a_hundred

NUMBER = "100000001"


def opened(order: Order) -> tuple[MemoryShop, SalesServices]:
    shop = MemoryShop(order)
    return shop, SalesServices(shop, shop, shop, shop, carriers={"dpd": "DPD"})


def family(kind: str) -> Order:
    """Two of a configurable product, or of a bundle with fixed or dynamic price whose parts come with it."""
    options = {"product_calculations": "0" if kind == "dynamic" else "1", "shipment_type": "0"}
    parent = OrderItem(1, name="Parent", qty_ordered=Decimal(2), product_options=options)
    child = OrderItem(2, parent_item_id=1, name="Child", qty_ordered=Decimal(4))
    return link(Order(1, NUMBER, "new", store_id=1, items=[parent, child]))


def test_everything_and_then_nothing_j4_d11() -> None:
    shop, sales = opened(three_for_a_hundred())
    shipment = sales.shipments.create(CreateShipment(NUMBER, comment="Careful"))
    assert [(line.order_item_id, line.qty) for line in shipment.lines] == [(11, Decimal(3))]
    assert (shipment.total_qty, shipment.email_sent) == (Decimal(3), None)
    order = shop.stored[NUMBER]
    assert (order.state, order.items[0].qty_shipped) == ("processing", Decimal(3))
    assert [entry.entity_name for entry in order.history] == ["shipment"]
    with pytest.raises(CannotShip, match="Cannot do shipment for order"):
        sales.shipments.create(CreateShipment(NUMBER))


@pytest.mark.parametrize(
    ("asked", "shipped"),
    [({11: "2"}, 2), ({11: "1.9"}, 1), ({11: "99"}, 3), ({"A-1": "1"}, 1), ({11: "1", 999: "5", "no": "1"}, 1)],
)
def test_quantities_are_cut_j4(asked: dict[int | str, str], shipped: int) -> None:
    order = three_for_a_hundred()
    order.items[0].sku = "A-1"
    _, sales = opened(order)
    quantities = {item: Decimal(qty) for item, qty in asked.items()}
    assert sales.shipments.create(CreateShipment(NUMBER, quantities)).total_qty == shipped


@pytest.mark.parametrize("asked", [{11: "0"}, {11: "-1"}, {11: "0.5"}, {999: "1"}, {"no": "1"}])
def test_an_empty_shipment_writes_nothing_j4(asked: dict[int | str, str]) -> None:
    shop, sales = opened(three_for_a_hundred())
    with pytest.raises(CannotShip, match="Cannot create an empty shipment"):
        sales.shipments.create(CreateShipment(NUMBER, {item: Decimal(qty) for item, qty in asked.items()}))
    assert (shop.shipments, shop.stored[NUMBER].items[0].qty_shipped) == ({}, Decimal(0))


def test_decimal_items_keep_fractions_j4() -> None:
    order = three_for_a_hundred()
    order.items[0].is_qty_decimal = True
    assert prepare_shipment(order, {11: Decimal("1.23456")}).total_qty == Decimal("1.2345")


@pytest.mark.parametrize("state", ["holded", "payment_review", "canceled"])
def test_states_that_cannot_be_shipped_d7(state: str) -> None:
    order = three_for_a_hundred()
    order.state = state
    with pytest.raises(CannotShip):
        opened(order)[1].shipments.create(CreateShipment(NUMBER))


@pytest.mark.parametrize("kind", ["configurable", "fixed", "dynamic"])
def test_parts_come_with_their_parent_j6(kind: str) -> None:
    everything = prepare_shipment(family(kind))
    assert [(line.order_item_id, line.qty) for line in everything.lines] == [(1, Decimal(2)), (2, Decimal(1))]
    assert everything.total_qty == 2
    alone = prepare_shipment(family(kind), {1: Decimal(1)})
    assert [(line.order_item_id, line.qty) for line in alone.lines] == [(1, Decimal(1))]
    with pytest.raises(CannotShip):
        prepare_shipment(family(kind), {2: Decimal(1)})


def test_tracking_numbers_j12_j13() -> None:
    shop, sales = opened(three_for_a_hundred())
    number = str(sales.shipments.create(CreateShipment(NUMBER, tracks=(NewTrack("dpd", "DPD", "1"),))).increment_id)
    added = sales.shipments.add_track(number, NewTrack("custom"))
    tracks = shop.shipments[number].tracks
    assert [(track.carrier_code, track.title, track.track_number) for track in tracks] == [
        ("dpd", "DPD", "1"),
        ("custom", None, None),
    ]
    for code in ("", "UPS", "flatrate"):
        with pytest.raises(UnknownCarrier, match="Invalid carrier specified"):
            sales.shipments.add_track(number, NewTrack(code))
    with pytest.raises(TrackNotFound):
        sales.shipments.remove_track(number, 999)
    sales.shipments.remove_track(number, added)
    assert [track.carrier_code for track in shop.shipments[number].tracks] == ["dpd"]
    with pytest.raises(ShipmentNotFound):
        sales.shipments.add_track("nope", NewTrack("ups"))


def test_carriers_are_titled_by_the_shop_j14() -> None:
    shop, sales = opened(three_for_a_hundred())
    shop.settings["carriers/ups/title"] = "Brown"
    titles = sales.shipments.carriers(1)
    assert next(iter(titles)) == "custom"
    assert (titles["ups"], titles["dhlint"], titles["dpd"]) == ("Brown", "DHL", "DPD")
    assert "flatrate" not in titles


def test_mails_j9_j10_j11_j15() -> None:
    shop, sales = opened(three_for_a_hundred())
    created = CreateShipment(NUMBER, comment="Inside", notify=True, include_comment=True)
    number = str(sales.shipments.create(created).increment_id)
    sales.shipments.add_comment(AddShipmentComment(number, "Not shown", notify=True))
    sales.shipments.send(SendShipment(number, "Again"))
    assert [(what, comment) for what, comment, _ in shop.mails] == [
        (f"created {NUMBER}", "Inside"),
        (f"comment on {NUMBER}", ""),
        (f"created {NUMBER}", "Again"),
    ]
    assert shop.shipments[number].email_sent == 1


def test_a_repeated_request_ships_once() -> None:
    shop, sales = opened(three_for_a_hundred())
    key = IdempotencyKey("key", "the same")
    command = CreateShipment(NUMBER, {11: Decimal(1)})
    first, second = (sales.shipments.create(command, key).increment_id for _ in range(2))
    assert first == second
    assert (len(shop.shipments), shop.stored[NUMBER].items[0].qty_shipped) == (1, Decimal(1))


def test_all_problems_as_magento_2_reports_them() -> None:
    order = three_for_a_hundred()
    order.items[0].sku = "A-1"
    _, sales = opened(order)
    with pytest.raises(DocumentRejected) as rejected:
        sales.shipments.create(CreateShipment(NUMBER, {11: Decimal(9), 999: Decimal(1)}, collect_all_problems=True))
    assert len(rejected.value.messages) == 2
    with pytest.raises(OrderNotFound):
        sales.shipments.create(CreateShipment("nope"))
