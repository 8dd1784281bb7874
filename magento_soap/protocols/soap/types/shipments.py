"""The types of shipments: their columns in the WSDL's order, which is the order on the wire."""

from __future__ import annotations

from .common import array, optional, optional_texts, struct

ShipmentComment = struct(
    "salesOrderShipmentCommentEntity",
    **optional_texts("increment_id parent_id created_at updated_at is_active comment is_customer_notified comment_id"),
)
ShipmentCommentArray = array("salesOrderShipmentCommentEntityArray", ShipmentComment)
Track = struct(
    "salesOrderShipmentTrackEntity",
    **optional_texts(
        "increment_id parent_id created_at updated_at is_active carrier_code title number order_id track_id"
    ),
)
TrackArray = array("salesOrderShipmentTrackEntityArray", Track)
ShipmentItem = struct(
    "salesOrderShipmentItemEntity",
    **optional_texts(
        "increment_id parent_id created_at updated_at is_active sku name order_item_id product_id weight price qty "
        "item_id"
    ),
)
ShipmentItemArray = array("salesOrderShipmentItemEntityArray", ShipmentItem)
Shipment = struct(
    "salesOrderShipmentEntity",
    **optional_texts(
        "increment_id parent_id store_id created_at updated_at is_active shipping_address_id shipping_firstname "
        "shipping_lastname order_id order_increment_id order_created_at total_qty shipment_id"
    ),
    items=optional(ShipmentItemArray),
    tracks=optional(TrackArray),
    comments=optional(ShipmentCommentArray),
)
ShipmentArray = array("salesOrderShipmentEntityArray", Shipment)

TYPES = (
    Shipment,
    ShipmentArray,
    ShipmentComment,
    ShipmentCommentArray,
    Track,
    TrackArray,
    ShipmentItem,
    ShipmentItemArray,
)
