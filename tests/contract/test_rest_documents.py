"""Magento 2's ShipOrder, RefundOrder, RefundInvoice and repositories through a real HTTP client.

The demo shop's orders 3, 5 and 10 are paid by check, and neither invoiced nor shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import copied_shop
from .rest_shop import Shop

SHIPMENT = "Shipment Document Validation Error(s):\n"
CREDITMEMO = "Creditmemo Document Validation Error(s):\n"


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("served")
    with copied_shop(demo_database, folder) as url:
        shop = Shop(url, folder / "shop.sqlite")
        yield shop
        shop.close()


def items_of(shop: Shop, order: int) -> list[dict[str, Any]]:
    return shop.rows("sales_flat_order_item", order_id=order)


# Shipping


def test_an_order_is_shipped_in_parts(shop: Shop) -> None:
    first, *_ = items_of(shop, 3)
    body = {
        "items": [{"order_item_id": first["item_id"], "qty": 1}],
        "notify": True,
        "appendComment": True,
        "comment": {"comment": "on its way", "is_visible_on_front": 1},
        "tracks": [{"track_number": "1Z999", "title": "United Parcel Service", "carrier_code": "ups"}],
    }
    shipment = shop.row("sales_flat_shipment", entity_id=shop.created("/V1/order/3/ship", body))
    assert (shipment["order_id"], shipment["total_qty"], shipment["email_sent"]) == (3, "1.0000", 1)
    comment = shop.row("sales_flat_shipment_comment", parent_id=shipment["entity_id"])
    assert (comment["comment"], comment["is_visible_on_front"], comment["is_customer_notified"]) == ("on its way", 1, 1)
    track = shop.row("sales_flat_shipment_track", parent_id=shipment["entity_id"])
    assert (track["track_number"], track["carrier_code"]) == ("1Z999", "ups")
    assert shop.row("magento_soap_outbox", entity_type="shipment", entity_id=shipment["entity_id"])["comment"] == (
        "on its way"
    )
    rest = shop.row("sales_flat_shipment", entity_id=shop.created("/V1/order/3/ship"))
    assert rest["total_qty"] == "3.0000"
    status = shop.row("sales_flat_order", entity_id=3)["status"]
    assert shop.refused("/V1/order/3/ship") == (
        400,
        {"message": f"{SHIPMENT}A shipment cannot be created when an order has a status of {status}"},
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"items": [{"order_item_id": 99999, "qty": 1}]},
            "The shipment contains product item that is not part of the original order.\n"
            "You can't create a shipment without products.",
        ),
        ({"items": [{"order_item_id": 20, "qty": 0}]}, "You can't create a shipment without products."),
        ({"tracks": [{"track_number": "1", "title": "x", "carrier_code": "nobody"}]}, "Invalid carrier specified."),
    ],
)
def test_what_cannot_be_shipped(shop: Shop, body: Any, problem: str) -> None:
    assert shop.refused("/V1/order/10/ship", body) == (400, {"message": SHIPMENT + problem})


# Refunding


def test_an_order_is_refunded_in_parts(shop: Shop) -> None:
    assert shop.refused("/V1/order/10/refund") == (
        400,
        {"message": f"{CREDITMEMO}The order does not allow for a creditmemo to be created."},
    )
    invoice = shop.row("sales_flat_invoice", entity_id=shop.created("/V1/order/10/invoice"))
    first, second = items_of(shop, 10)
    body = {
        "items": [{"order_item_id": first["item_id"], "qty": 1}],
        "comment": {"comment": "sorry"},
        "notify": True,
        "arguments": {
            "shipping_amount": 0,
            "adjustment_negative": 1,
            "extension_attributes": {"return_to_stock_items": [first["item_id"]]},
        },
    }
    memo = shop.row("sales_flat_creditmemo", entity_id=shop.created("/V1/order/10/refund", body))
    assert (memo["order_id"], memo["invoice_id"], memo["state"], memo["email_sent"]) == (10, None, 2, 1)
    assert (memo["base_shipping_amount"], memo["base_adjustment_negative"]) == ("0.0000", "1.0000")
    assert shop.row("sales_flat_creditmemo_comment", parent_id=memo["entity_id"])["comment"] == "sorry"
    order = shop.row("sales_flat_order", entity_id=10)
    assert (order["base_total_offline_refunded"], order["base_total_online_refunded"]) == (
        memo["base_grand_total"],
        None,
    )
    too_many = 'The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU "{}".'
    many = {"items": [{"order_item_id": second["item_id"], "qty": 99}, {"order_item_id": 1, "qty": 1}]}
    assert shop.refused("/V1/order/10/refund", many) == (
        400,
        {
            "message": f"{CREDITMEMO}The creditmemo contains product item that is not part of the original order.\n"
            + too_many.format(second["sku"])
        },
    )
    status, answer = shop.refused("/V1/order/10/refund", {"arguments": {"adjustment_positive": 10_000}})
    assert (status, answer["message"].startswith(f"{CREDITMEMO}The most money available to refund is ")) == (400, True)
    assert shop.row("sales_flat_invoice", entity_id=invoice["entity_id"])["base_total_refunded"] is None


def test_an_invoice_is_refunded(shop: Shop) -> None:
    first = items_of(shop, 5)[0]
    part = shop.created("/V1/order/5/invoice", {"items": [{"order_item_id": first["item_id"], "qty": 1}]})
    memo = shop.row("sales_flat_creditmemo", entity_id=shop.created(f"/V1/invoice/{part}/refund"))
    invoice = shop.row("sales_flat_invoice", entity_id=part)
    assert (memo["invoice_id"], memo["order_id"]) == (part, 5)
    assert memo["base_grand_total"] == invoice["base_total_refunded"] == invoice["base_grand_total"]
    assert invoice["is_used_for_refund"] == 1
    assert shop.refused(f"/V1/invoice/{part}/refund") == (
        400,
        {
            "message": f"{CREDITMEMO}The order does not allow for a creditmemo to be created.\n"
            "We can't create creditmemo for the invoice."
        },
    )
    status, answer = shop.refused(f"/V1/invoice/{part}/refund", {"isOnline": True})
    assert (status, "isOnline" in answer["message"]) == (400, True)


@pytest.mark.parametrize("path", ["order/424242/ship", "order/424242/refund", "invoice/424242/refund"])
def test_what_does_not_exist(shop: Shop, path: str) -> None:
    assert shop.refused(f"/V1/{path}") == (404, {"message": "Requested entity doesn't exist"})


@pytest.mark.parametrize("path", ["order/39/ship", "order/39/refund"])
def test_a_request_with_a_key_is_answered_once(shop: Shop, path: str) -> None:
    if path.endswith("refund"):
        shop.created("/V1/order/39/invoice", {"items": [{"order_item_id": 100, "qty": 3}]})
    body, key = {"items": [{"order_item_id": 100, "qty": 1}]}, {"Idempotency-Key": path}
    first = shop.created(f"/V1/{path}", body, **key)
    assert shop.created(f"/V1/{path}", body, **key) == first
    assert shop.created(f"/V1/{path}", body) != first


# Reading


def test_an_invoice_is_read(shop: Shop) -> None:
    row = shop.row("sales_flat_invoice", entity_id=1)
    found = shop.found("/V1/invoices/1")
    assert (found["entity_id"], found["increment_id"], found["order_id"]) == (1, row["increment_id"], row["order_id"])
    assert found["grand_total"] == float(row["grand_total"])
    lines = shop.rows("sales_flat_invoice_item", parent_id=1)
    assert [each["entity_id"] for each in found["items"]] == [each["entity_id"] for each in lines]
    assert None not in found.values()
    assert shop.get("/V1/invoices/424242").status_code == 404


def test_invoices_are_listed(shop: Shop) -> None:
    shop.created("/V1/order/39/invoice", {"items": [{"order_item_id": 100, "qty": 1}]})
    paid = [each["entity_id"] for each in shop.rows("sales_flat_invoice", state=2)]
    parameters = {
        "searchCriteria[filter_groups][0][filters][0][field]": "state",
        "searchCriteria[filter_groups][0][filters][0][value]": "2",
        "searchCriteria[filter_groups][1][filters][0][field]": "entity_id",
        "searchCriteria[filter_groups][1][filters][0][value]": ",".join(map(str, paid)),
        "searchCriteria[filter_groups][1][filters][0][condition_type]": "in",
        "searchCriteria[filter_groups][1][filters][1][field]": "order_id",
        "searchCriteria[filter_groups][1][filters][1][condition_type]": "null",
        "searchCriteria[sort_orders][0][field]": "entity_id",
        "searchCriteria[sort_orders][0][direction]": "DESC",
        "searchCriteria[page_size]": "2",
    }
    found = shop.found("/V1/invoices", **parameters)
    assert found["total_count"] == len(paid)
    assert [each["entity_id"] for each in found["items"]] == sorted(paid, reverse=True)[:2]
    assert all(each["items"] for each in found["items"])
    assert len(found["search_criteria"]["filter_groups"]) == 2
    beyond = shop.found("/V1/invoices", **(parameters | {"searchCriteria[current_page]": "99"}))
    assert (beyond["items"], beyond["total_count"]) == ([], len(paid))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("[page_size]", "301", "Maximum SearchCriteria pageSize is 300"),
        ("[filter_groups][0][filters][0][field]", "nonsense", 'Unknown field "nonsense".'),
    ],
)
def test_criteria_that_are_not_understood(shop: Shop, name: str, value: str, message: str) -> None:
    answer = shop.get("/V1/invoices", **{f"searchCriteria{name}": value})
    assert (answer.status_code, answer.json()) == (400, {"message": message})
