"""Magento 2's service ShipOrder: from JSON values to the domain's command.

``Magento_Sales::ship`` is the right to create shipments.
"""

from __future__ import annotations

from magento_soap.api.client import Client
from magento_soap.api.methods.shipments import ACL
from magento_soap.sales.shipping.commands import CreateShipment, NewTrack
from magento_soap.sales.shipping.service import ShippingService

from .access import Access, Right
from .creation import CreatingService, creation_of
from .errors import Call
from .values import Arguments, camel_case, each_of, members, not_read, read_entity_id, required, string

CREATE = Right("Magento_Sales::ship", (ACL, f"{ACL}/create"))
EXECUTE = Call(
    "salesShipOrderV1Execute",
    rejected="Shipment Document Validation Error(s):",
    not_saved="Could not save a shipment, see error log for details",
)
MAX_TRACKS = 100


class ShipOrder(CreatingService):
    """Ships orders."""

    def __init__(self, access: Access, service: ShippingService) -> None:
        super().__init__(access, CREATE, EXECUTE)
        self._service = service

    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Arguments) -> int:
        """Ship an order, wholly or in part, and return the shipment's entity id."""
        return self._create(client, user_id, command_of(entity_id, arguments), self._service.create)


def command_of(order_id: str, arguments: Arguments) -> CreateShipment:
    """The command that the arguments make (M2-8); ``packages`` and ``arguments`` are checked, and have no effect.

    Raises WebapiError.
    """
    named = camel_case(arguments)
    order = read_entity_id("orderId", order_id)
    creation = creation_of(named, "Shipment")
    each_of(named, "packages", "ShipmentPackageCreationInterface")
    members(named, "arguments", "ShipmentCreationArgumentsInterface")
    return CreateShipment(
        order_id=order,
        quantities=creation.quantities,
        comment=creation.comment,
        notify=creation.notify,
        include_comment=creation.mails_comment,
        is_visible_on_front=creation.is_visible_on_front,
        tracks=_tracks(named),
        collect_all_problems=True,
    )


def _tracks(named: Arguments) -> tuple[NewTrack, ...]:
    """The tracking numbers; each needs number, title and carrier."""
    names = ("trackNumber", "title", "carrierCode")
    entries = each_of(named, "tracks", "ShipmentTrackCreationInterface", *names)
    if len(entries) > MAX_TRACKS:
        raise not_read("tracks", f"A shipment can be created with at most {MAX_TRACKS} tracking numbers.")
    return tuple(
        NewTrack(
            carrier_code=required(string, entry, "carrierCode"),
            title=required(string, entry, "title"),
            track_number=required(string, entry, "trackNumber"),
        )
        for entry in entries
    )
