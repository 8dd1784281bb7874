"""The use cases of shipments: create, comment, track, send (J).

Each is one operation on a locked order (``sales.operations``). With an idempotency key it can be repeated safely.
"""

from __future__ import annotations

from magento_soap.sales.comment import Comment, mailed_comment
from magento_soap.sales.errors import CannotShip, DocumentRejected, ShipmentNotFound, TrackNotFound, UnknownCarrier
from magento_soap.sales.operations import OrderOperations, answer, claim, lock_order
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Clock, IdempotencyKey, OrderStateResolver, Shop, UnitOfWork
from magento_soap.sales.shipment import Shipment, Track
from magento_soap.sales.states import can_ship, mark_in_process
from magento_soap.sales.subject import subject_of

from .carriers import Carriers
from .commands import AddShipmentComment, CreateShipment, NewTrack, SendShipment, comment_row
from .preparation import CANNOT_SHIP, count_shipped, items_by_id, prepare_shipment
from .validation import WRONG_STATUS, shipment_problems


class ShippingService:
    """Ships orders, and keeps the tracking numbers of shipments."""

    def __init__(
        self, operations: OrderOperations, carriers: Carriers, shop: Shop, clock: Clock, states: OrderStateResolver
    ) -> None:
        self._operations = operations
        self._carriers = carriers
        self._shop = shop
        self._clock = clock
        self._states = states

    def create(self, command: CreateShipment, key: IdempotencyKey | None = None) -> Shipment:
        """Create and store a shipment, and return it with its ids (J4..J10).

        Raises OrderNotFound, CannotShip (D7, J4), UnknownCarrier for one of its tracking numbers, and DocumentRejected
        if the command asks for all problems.
        """

        def work(unit: UnitOfWork) -> Shipment:
            if stored := claim(unit, key):
                return _lock_shipment(unit, stored.result or "")[1]
            order = lock_order(unit, command.order_increment_id, order_id=command.order_id)
            shipment = self._prepared(order, command)
            now = self._clock.now()
            shipment.tracks = [self._track(order, track) for track in command.tracks]
            mark_in_process(order, "shipment")
            count_shipped(order, shipment)
            self._states.resolve(order, self._shop, now)
            shipment.created_at = shipment.updated_at = now
            shipment.comments.append(comment_row(command))
            shipment.email_sent = 1 if command.notify else None
            shipment.increment_id = unit.increment_ids.next("shipment", order.store_id or 0)
            unit.shipments.add(shipment)
            unit.orders.save(order)
            unit.notifier.created(
                order, subject_of("shipment", shipment.entity_id), mailed_comment(command), command.notify
            )
            answer(unit, key, shipment.increment_id)
            return shipment

        return self._operations.change(work, key)

    def add_comment(self, command: AddShipmentComment, key: IdempotencyKey | None = None) -> None:
        """Store a comment and queue the mail about it (J11). Raises ShipmentNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order, shipment = _lock_shipment(unit, command.shipment_increment_id)
            now = self._clock.now()
            shipment.comments.append(Comment(command.comment or None, command.is_customer_notified, created_at=now))
            shipment.updated_at = now
            unit.shipments.save(shipment)
            unit.notifier.commented(
                order, subject_of("shipment", shipment.entity_id), mailed_comment(command), command.notify
            )
            answer(unit, key)

        self._operations.change(work, key)

    def add_track(self, shipment_increment_id: str, track: NewTrack, key: IdempotencyKey | None = None) -> int:
        """Store a tracking number, and return its id (J12). Raises ShipmentNotFound and UnknownCarrier."""

        def work(unit: UnitOfWork) -> int:
            if stored := claim(unit, key):
                return int(stored.result or 0)
            order, shipment = _lock_shipment(unit, shipment_increment_id)
            added = self._track(order, track)
            shipment.tracks.append(added)
            unit.shipments.save(shipment)
            answer(unit, key, str(added.entity_id))
            return added.entity_id or 0

        return self._operations.change(work, key)

    def remove_track(self, shipment_increment_id: str, track_id: int, key: IdempotencyKey | None = None) -> None:
        """Delete a tracking number (J13). Raises ShipmentNotFound and TrackNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            _, shipment = _lock_shipment(unit, shipment_increment_id)
            found = next((track for track in shipment.tracks if track.entity_id == track_id), None)
            if found is None:
                raise TrackNotFound
            unit.shipments.remove_track(shipment, found)
            answer(unit, key)

        self._operations.change(work, key)

    def carriers(self, store_id: int | None) -> dict[str, str]:
        """The carriers that shipments of the store's orders can have, titles by code (J14)."""
        return self._carriers.of_store(store_id)

    def send(self, command: SendShipment, key: IdempotencyKey | None = None) -> None:
        """Queue the mail of a shipment again (J15). Raises ShipmentNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order, shipment = _lock_shipment(unit, command.shipment_increment_id)
            shipment.email_sent = 1
            for track in shipment.tracks:
                track.updated_at = self._clock.now()
            unit.shipments.save(shipment)
            unit.notifier.created(order, subject_of("shipment", shipment.entity_id), command.comment, True)
            answer(unit, key)

        self._operations.change(work, key)

    def _prepared(self, order: Order, command: CreateShipment) -> Shipment:
        if not can_ship(order):
            text = WRONG_STATUS.format(order.status or "") if command.collect_all_problems else CANNOT_SHIP
            raise CannotShip(text)
        if command.collect_all_problems:
            named = {int(name): qty for name, qty in (command.quantities or {}).items()}
            if problems := shipment_problems(order, named):
                raise DocumentRejected(problems)
        quantities = items_by_id(order, command.quantities) if command.quantities else None
        return prepare_shipment(order, quantities)

    def _track(self, order: Order, track: NewTrack) -> Track:
        """Raises UnknownCarrier (J12)."""
        if track.carrier_code not in self._carriers.of_store(order.store_id):
            raise UnknownCarrier("Invalid carrier specified.")
        return Track(track.track_number or None, track.title or None, track.carrier_code, track.weight)


def _lock_shipment(unit: UnitOfWork, increment_id: str) -> tuple[Order, Shipment]:
    """Lock and load the order of that shipment, and the shipment. Raises ShipmentNotFound."""
    found = unit.orders.lock_for_shipment(increment_id)
    if found is None:
        raise ShipmentNotFound
    return found
