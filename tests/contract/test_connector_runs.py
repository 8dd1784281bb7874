"""What connectors do with an order, with their arguments in the shapes that they send (A3, J4, J5, K5).

Odoo's connector, pupesoft, OFBiz and Webkul's bridge send ``[]``, 0, null, only the order's number, a map of ids to
floats, named keys, and scalars instead of lists.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zeep
from zeep.helpers import serialize_object

from examples.python.magento_v2 import Offline

from .conftest import copied_shop
from .test_loose_values import ORDER, Shop, demo_shop

PAID = "100000001"
EVERYTHING: list[Any] = [[], 0, None, {}, "", "0", False]
EVERYWHERE: list[Callable[..., Any]] = [Shop.v1, Shop.xml_rpc, Shop.json_rpc]
everywhere = pytest.mark.parametrize("call", EVERYWHERE, ids=lambda call: call.__name__)


@pytest.fixture
def shop(demo_database: Path, tmp_path: Path) -> Iterator[Shop]:
    with demo_shop(demo_database, tmp_path) as shop:
        yield shop


def quantities(shop: Shop, document: str, number: str) -> dict[str, str]:
    """Quantity by order item of the lines of a shipment or a credit memo."""
    (id_,) = (row["entity_id"] for row in shop.rows(f"sales_flat_{document}") if row["increment_id"] == number)
    lines = shop.rows(f"sales_flat_{document}_item")
    return {str(line["order_item_id"]): line["qty"] for line in lines if line["parent_id"] == id_}


@everywhere
@pytest.mark.parametrize("nothing", EVERYTHING, ids=repr)
def test_nothing_in_any_form_ships_everything_j4(shop: Shop, call: Callable[..., Any], nothing: Any) -> None:
    number = call(shop, "sales_order_shipment.create", ORDER, nothing)
    assert quantities(shop, "shipment", number) == {"4": "1.0000", "5": "3.0000"}


@everywhere
@pytest.mark.parametrize(
    "items",
    [{"5": 2.0}, {"5": "2"}, {"sencha-100": 2}, [{"order_item_id": 5, "qty": 2}], {"order_item_id": "5", "qty": 2}],
    ids=repr,
)
def test_items_to_ship_j4_j5(shop: Shop, call: Callable[..., Any], items: Any) -> None:
    number = call(shop, "sales_order_shipment.create", ORDER, items, "On its way", 0, 0)
    assert quantities(shop, "shipment", number) == {"5": "2.0000"}


@everywhere
def test_what_cannot_be_shipped_is_skipped_or_cut_j4(shop: Shop, call: Callable[..., Any]) -> None:
    number = call(shop, "order_shipment.create", ORDER, {"5": 99, "4": 0, "999": 1})
    assert quantities(shop, "shipment", number) == {"5": "3.0000"}
    assert call(shop, "order_shipment.create", ORDER, {"5": 1}) == "102 Cannot create an empty shipment."
    assert str(call(shop, "order_shipment.create", ORDER, {"4": "some"})).startswith("102 ")


@everywhere
def test_only_the_number_of_the_order(shop: Shop, call: Callable[..., Any]) -> None:
    shipment = call(shop, "sales_order_shipment.create", ORDER)
    assert quantities(shop, "shipment", shipment) == {"4": "1.0000", "5": "3.0000"}
    creditmemo = call(shop, "sales_order_creditmemo.create", PAID)
    assert quantities(shop, "creditmemo", creditmemo)


@everywhere
@pytest.mark.parametrize("data", [*EVERYTHING, {"qtys": []}, {"qtys": None}, {"qtys": 0}], ids=repr)
def test_nothing_in_any_form_refunds_everything_k5(shop: Shop, call: Callable[..., Any], data: Any) -> None:
    number = call(shop, "sales_order_creditmemo.create", PAID, data, None, 0, 0)
    (row,) = (row for row in shop.rows("sales_flat_creditmemo") if row["increment_id"] == number)
    (order,) = (row for row in shop.rows("sales_flat_order") if row["increment_id"] == PAID)
    assert row["grand_total"] == order["total_paid"] == order["total_refunded"]


@everywhere
@pytest.mark.parametrize(
    ("data", "total"),
    [
        ({"qtys": {}, "adjustment_negative": "1,5"}, "148.5000"),
        ({"shipping_amount": 0.0, "adjustment_positive": 0}, "145.0000"),
    ],
    ids=repr,
)
def test_amounts_of_a_credit_memo_k7_k8(shop: Shop, call: Callable[..., Any], data: Any, total: str) -> None:
    number = call(shop, "order_creditmemo.create", PAID, data)
    (row,) = (row for row in shop.rows("sales_flat_creditmemo") if row["increment_id"] == number)
    (order,) = (row for row in shop.rows("sales_flat_order") if row["increment_id"] == PAID)
    shipping = float(order["shipping_amount"])
    assert float(row["grand_total"]) == float(total) + (5 - shipping if "shipping_amount" in data else 0)


@everywhere
@pytest.mark.parametrize("data", ["all", [1, 2], {"shipping_amount": "much"}, {"qtys": {"999999": 1}}, {"qtys": "x"}])
def test_bad_data_is_refused(shop: Shop, call: Callable[..., Any], data: Any) -> None:
    before = shop.rows("sales_flat_creditmemo")
    assert str(call(shop, "sales_order_creditmemo.create", PAID, data)).startswith("102 ")
    assert shop.rows("sales_flat_creditmemo") == before


@everywhere
def test_named_keys_and_scalars(shop: Shop, call: Callable[..., Any]) -> None:
    assert call(shop, "sales_order.hold", [ORDER]) in (True, "true", "1")
    assert call(shop, "sales_order.unhold", {"orderIncrementId": ORDER}) in (True, "true", "1")


@pytest.fixture(scope="module")
def shop_of_runs(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with copied_shop(demo_database, tmp_path_factory.mktemp("runs"), wsi="false") as url:
        yield url


def run(call: Callable[..., Any], order: str) -> None:
    """The typical run of a connector with one order; ``call`` takes V2's name of an operation and its parts."""
    assert order in {row["increment_id"] for row in call("salesOrderList", {})}
    info = call("salesOrderInfo", order)
    assert info["increment_id"] == order
    assert info["items"]
    invoice = call("salesOrderInvoiceCreate", order, [], "Thanks", "0", "0")
    assert call("salesOrderInvoiceInfo", invoice)["state"] in ("1", "2")
    shipment = call("salesOrderShipmentCreate", order, [], "", 0, 0)
    carriers = call("salesOrderShipmentGetCarriers", order)
    assert "ups" in {pair["key"] for pair in carriers}
    track = call("salesOrderShipmentAddTrack", shipment, "ups", "UPS", "1Z 999")
    assert [each["number"] for each in call("salesOrderShipmentInfo", shipment)["tracks"]] == ["1Z 999"]
    assert call("salesOrderShipmentRemoveTrack", shipment, str(track))
    assert call("salesOrderAddComment", order, "complete", "Done", "0")
    creditmemo = call("salesOrderCreditmemoCreate", order, {}, "Sorry", 0, 0, "")
    assert call("salesOrderCreditmemoInfo", creditmemo)["state"] == "2"
    after = call("salesOrderInfo", order)
    assert (after["state"], after["status_history"][0]["status"]) == ("closed", "closed")


@pytest.mark.parametrize(("path", "order"), [("v2_soap", "100000003"), ("v2_soap_wsi", "100000002")])
def test_the_typical_run_in_v2_and_ws_i(shop_of_runs: str, path: str, order: str) -> None:
    client = zeep.Client(f"{shop_of_runs}/api/{path}/?wsdl", transport=Offline())  # type: ignore[no-untyped-call]
    service = client.service
    is_wsi = path.endswith("wsi")

    def call(name: str, *values: Any) -> Any:
        if not is_wsi:
            result = getattr(service, name)(session, *values)
        else:
            element = client.get_element(f"{{urn:Magento}}{name}RequestParam")
            parts = [part for part, _ in element.type.elements][1:]
            sent = {part: value for part, value in zip(parts, values, strict=False) if value is not None}
            sent = {
                part: {"complexObjectArray": value} if part == "itemsQty" else value for part, value in sent.items()
            }
            result = getattr(service, name)(sessionId=session, **sent)
        return plain(serialize_object(result, dict))

    session = service.login(username="apiUser", apiKey="apiKey")
    run(call, order)


def plain(value: Any) -> Any:
    """A result of zeep without what only WS-I wraps around arrays."""
    if isinstance(value, dict):
        if value.keys() == {"complexObjectArray"}:
            return plain(value["complexObjectArray"] or [])
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def test_the_typical_run_over_xml_rpc(shop_of_runs: str) -> None:
    proxy = xmlrpc.client.ServerProxy(f"{shop_of_runs}/api/xmlrpc", allow_none=True)
    session = proxy.login("apiUser", "apiKey")
    prefixes = {
        "salesOrderInvoice": "sales_order_invoice",
        "salesOrderShipment": "sales_order_shipment",
        "salesOrderCreditmemo": "sales_order_creditmemo",
        "salesOrder": "sales_order",
    }

    def call(name: str, *values: Any) -> Any:
        prefix = next(each for each in prefixes if name.startswith(each))
        method = name.removeprefix(prefix)
        result: Any = proxy.call(session, f"{prefixes[prefix]}.{method[0].lower()}{method[1:]}", list(values))
        if method == "GetCarriers":
            return [{"key": key, "value": value} for key, value in result.items()]
        return result

    run(call, "100000004")
    assert proxy.endSession(session)
