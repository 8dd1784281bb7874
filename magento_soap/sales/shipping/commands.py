"""What clients ask of shipments, as data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from magento_soap.sales.comment import Comment
from magento_soap.sales.item_names import ItemQuantities


@dataclass(frozen=True)
class NewTrack:
    """A tracking number with its carrier's code; number and title are free text (J12)."""

    carrier_code: str
    title: str = ""
    track_number: str = ""
    weight: Decimal | None = None


@dataclass(frozen=True)
class CreateShipment:
    """Ship an order, wholly or in part.

    ``order_increment_id`` or ``order_id``, its entity id, names the order. ``quantities`` None or empty means
    everything. The comment gets a row even without text (J8); ``include_comment`` adds it to the mail.
    ``collect_all_problems``: reject with every problem, and any quantity that is more than what is left, as Magento 2
    does, instead of cutting it.
    """

    order_increment_id: str = ""
    quantities: ItemQuantities | None = None
    comment: str | None = None
    notify: bool = False
    include_comment: bool = False
    is_visible_on_front: bool = False
    tracks: tuple[NewTrack, ...] = ()
    order_id: int | None = None
    collect_all_problems: bool = False


@dataclass(frozen=True)
class AddShipmentComment:
    """Comment on a shipment; a comment that is None gets a row without text (J11)."""

    shipment_increment_id: str
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False


@dataclass(frozen=True)
class SendShipment:
    """Send the mail of a shipment again, with this comment (J15)."""

    shipment_increment_id: str
    comment: str = ""


def comment_row(command: CreateShipment) -> Comment:
    """The comment of a new shipment (J9)."""
    notified = int(command.notify and command.include_comment)
    return Comment(command.comment or None, notified, int(command.is_visible_on_front))
