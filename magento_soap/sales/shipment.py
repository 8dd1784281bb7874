"""A shipment, its lines and its tracking numbers (``sales_flat_shipment`` and the tables beside it)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .comment import Comment
from .money import ZERO


@dataclass
class ShipmentLine:
    """One shipped order item; ``price`` is in the order's currency (J7)."""

    order_item_id: int
    entity_id: int | None = None
    product_id: int | None = None
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    price: Decimal | None = None
    weight: Decimal | None = None
    qty: Decimal = ZERO


@dataclass
class Track:
    """One tracking number; ``entity_id`` is None until it is stored (J12)."""

    track_number: str | None
    title: str | None
    carrier_code: str | None
    weight: Decimal | None = None
    order_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    entity_id: int | None = None


@dataclass
class Shipment:
    """One shipment. ``entity_id`` is None until it is stored; times are UTC."""

    order_id: int
    entity_id: int | None = None
    increment_id: str | None = None
    store_id: int | None = None
    customer_id: int | None = None
    billing_address_id: int | None = None
    shipping_address_id: int | None = None
    total_qty: Decimal | None = None
    email_sent: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    lines: list[ShipmentLine] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)  # new ones only
