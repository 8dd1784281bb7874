"""The methods of ``sales_order_shipment``: from arguments to commands, from errors to faults (SALES A..C, J)."""

from __future__ import annotations

from decimal import Decimal

from magento_soap.api.arguments import Parameter, number, quantities, quantity_to
from magento_soap.api.faults import TRY_AGAIN_LATER, Fault, FaultRule, FaultRules, FaultTable, ResourceFaults
from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value, flag, identifier, text
from magento_soap.sales.errors import (
    CannotNumber,
    CannotShip,
    InvalidQuantity,
    OrderBeingChanged,
    OrderNotFound,
    ShipmentNotFound,
    TrackNotFound,
    UnknownCarrier,
)
from magento_soap.sales.ports import IdempotencyKey
from magento_soap.sales.queries import Condition, DocumentQueries, InvalidFilter, Page
from magento_soap.sales.shipping.commands import AddShipmentComment, CreateShipment, NewTrack, SendShipment
from magento_soap.sales.shipping.service import ShippingService

from .comments import comment_text, notified
from .documents import DATA_RULES, DocumentReads

ACL = "sales/order/shipment"

FAULTS = FaultTable(  # C2
    Fault("100", "not_exists", "Requested shipment not exists."),
    Fault("101", "filters_invalid", "Invalid filters given. Details in error message."),
    Fault("102", "data_invalid", "Invalid data given. Details in error message."),
    Fault("103", "order_not_exists", "Requested order not exists."),
    Fault("104", "track_not_exists", "Requested tracking not exists."),
    Fault("105", "track_not_deleted", "Tracking not deleted. Details in error message."),
)
FAULT_RULES: FaultRules = {
    ShipmentNotFound: FaultRule("not_exists", "shipment_not_exists", has_fixed_text=True),
    InvalidFilter: FaultRule("filters_invalid", "filters_invalid"),
    CannotShip: FaultRule("data_invalid", "order_not_shippable"),
    CannotNumber: FaultRule("data_invalid", "order_not_shippable"),
    InvalidQuantity: FaultRule("data_invalid", "data_invalid"),
    UnknownCarrier: FaultRule("data_invalid", "carrier_invalid"),
    OrderNotFound: FaultRule("order_not_exists", "order_not_exists", has_fixed_text=True),
    TrackNotFound: FaultRule("track_not_exists", "tracking_not_exists", has_fixed_text=True),
    OrderBeingChanged: FaultRule("data_invalid", TRY_AGAIN_LATER),
    **DATA_RULES,
}

SHIPMENT_ID = Parameter("shipmentIncrementId", required=True)
ORDER_ID = Parameter("orderIncrementId", required=True)
EMAIL = Parameter("email", default=False)


class ShipmentApi:
    """Handlers of the resource; arguments are plain values as a client sent them.

    ``orders`` reads the orders that carriers are asked for.
    """

    def __init__(self, service: ShippingService, queries: DocumentQueries, orders: DocumentQueries) -> None:
        self._service = service
        self._orders = orders
        self._faults = ResourceFaults(FAULTS, FAULT_RULES)
        self.reads = DocumentReads(queries, self._faults, ShipmentNotFound)

    def resource(self) -> Resource:
        """The registry entry (A1, B1)."""
        info, track = f"{ACL}/info", f"{ACL}/track"
        return Resource(
            name="sales_order_shipment",
            title="Shipment API",
            acl=ACL,
            aliases=("order_shipment",),
            faults=self._faults.table,
            methods=methods(
                self.reads.list_method("Retrieve list of shipments by filters", info),
                self.reads.info_method("Retrieve shipment information", info, SHIPMENT_ID),
                Method(
                    "create",
                    "Create new shipment for order",
                    f"{ACL}/create",
                    (
                        ORDER_ID,
                        Parameter("itemsQty", default=[]),
                        Parameter("comment"),
                        EMAIL,
                        Parameter("includeComment", default=False),
                    ),
                    self.create,
                    changes=True,
                ),
                Method(
                    "addComment",
                    "Add new comment to shipment",
                    f"{ACL}/comment",
                    (
                        SHIPMENT_ID,
                        Parameter("comment"),
                        EMAIL,
                        Parameter("includeInEmail", also=("includeComment",), default=False),
                    ),
                    self.add_comment,
                    changes=True,
                ),
                Method(
                    "addTrack",
                    "Add new tracking number",
                    track,
                    (
                        SHIPMENT_ID,
                        Parameter("carrier", required=True, optional_in_v1=True),
                        Parameter("title", required=True, optional_in_v1=True),
                        Parameter("trackNumber", required=True, optional_in_v1=True),
                        Parameter("weight"),
                    ),
                    self.add_track,
                    typed_handler=self.add_track_typed,
                    changes=True,
                ),
                Method(
                    "sendInfo",
                    "Send shipment info",
                    f"{ACL}/send",
                    (SHIPMENT_ID, Parameter("comment", default="")),
                    self.send_info,
                    changes=True,
                ),
                Method(
                    "removeTrack",
                    "Remove tracking number",
                    track,
                    (SHIPMENT_ID, Parameter("trackId", required=True, optional_in_v1=True)),
                    self.remove_track,
                    changes=True,
                ),
                Method("getCarriers", "Retrieve list of allowed carriers for order", ACL, (ORDER_ID,), self.carriers),
            ),
        )

    def create(
        self,
        orderIncrementId: Value,
        itemsQty: Value,
        comment: Value,
        email: Value,
        includeComment: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> str:
        """Ship an order, wholly or in part, and return the shipment's increment id (J4..J10); faults 102, 103."""
        with self._faults.reported():
            shipment = self._service.create(
                CreateShipment(
                    order_increment_id=identifier(orderIncrementId),
                    quantities=quantities(itemsQty, quantity_to("ship")) or None,
                    comment=comment_text(comment),
                    notify=flag("email", email),
                    include_comment=flag("includeComment", includeComment),
                ),
                key,
            )
            return str(shipment.increment_id)

    def add_comment(
        self,
        shipmentIncrementId: Value,
        comment: Value,
        email: Value,
        includeInEmail: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> bool:
        """Add a comment to a shipment (J11); faults 100, 102."""
        with self._faults.reported():
            self._service.add_comment(
                AddShipmentComment(
                    shipment_increment_id=identifier(shipmentIncrementId),
                    comment=comment_text(comment),
                    notify=flag("email", email),
                    is_customer_notified=notified("email", email),
                    include_comment=flag("includeInEmail", includeInEmail),
                ),
                key,
            )
            return True

    def add_track(
        self,
        shipmentIncrementId: Value,
        carrier: Value,
        title: Value,
        trackNumber: Value,
        weight: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> str:
        """Add a tracking number to a shipment, and return its id (J12); faults 100, 102."""
        with self._faults.reported():
            track = NewTrack(text(carrier), identifier(title), identifier(trackNumber), _weight(weight))
            return str(self._service.add_track(identifier(shipmentIncrementId), track, key))

    def add_track_typed(
        self,
        shipmentIncrementId: Value,
        carrier: Value,
        title: Value,
        trackNumber: Value,
        weight: Value,
        *,
        key: IdempotencyKey | None = None,
    ) -> int:
        """The same, the id as a number; faults 100, 102."""
        return int(self.add_track(shipmentIncrementId, carrier, title, trackNumber, weight, key=key))

    def remove_track(self, shipmentIncrementId: Value, trackId: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Remove a tracking number from a shipment (J13); faults 100, 104."""
        with self._faults.reported():
            self._service.remove_track(identifier(shipmentIncrementId), _row_id(trackId), key)
            return True

    def carriers(self, orderIncrementId: Value) -> dict[str, str]:
        """The carriers that shipments of an order can have, titles by code (J14); fault 103."""
        with self._faults.reported():
            is_named = Condition("increment_id", "eq", identifier(orderIncrementId))
            order = next(self._orders.find([is_named], Page(limit=1)), None) if is_named.value else None
            if order is None:
                raise OrderNotFound
            store_id = order["store_id"]
            return self._service.carriers(None if store_id is None else int(store_id))

    def send_info(self, shipmentIncrementId: Value, comment: Value, *, key: IdempotencyKey | None = None) -> bool:
        """Send the mail about a shipment again (J15); faults 100, 102."""
        with self._faults.reported():
            command = SendShipment(identifier(shipmentIncrementId), comment_text(comment) or "")
            self._service.send(command, key)
            return True


def _weight(value: Value) -> Decimal | None:
    """The weight of a parcel, or None where none was sent (J12). Raises InvalidArgument."""
    if value in (None, "", "0", 0, [], {}):
        return None
    return number("weight", value)


def _row_id(value: Value) -> int:
    """The id of a row. Raises TrackNotFound for what cannot be one."""
    written = identifier(value).strip()
    if not written.isascii() or not written.isdigit() or len(written) > 18:
        raise TrackNotFound
    return int(written)
