"""Shipments with lines, tracking numbers and comments (``sales_flat_shipment*``)."""

from __future__ import annotations

from sqlalchemy import Connection, select

from magento_soap.sales.ports import Clock
from magento_soap.sales.shipment import Shipment, ShipmentLine, Track
from magento_soap.storage.schema.tables import Tables

from .documents import Documents, DocumentTables
from .mapping import RowMapping, Snapshots


class ShipmentTables(DocumentTables[Shipment]):
    """The mappings of a shipment's tables."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables, "shipment", Shipment, ShipmentLine, name="shipping_name")
        self.track = RowMapping(Track, tables["sales_flat_shipment_track"])


class Shipments(Documents[Shipment]):
    """ports.ShipmentRepository in one transaction."""

    def __init__(self, connection: Connection, tables: ShipmentTables, snapshots: Snapshots, clock: Clock) -> None:
        super().__init__(connection, tables, snapshots, clock)
        self._track = tables.track

    def add(self, shipment: Shipment) -> None:
        """Insert the shipment with lines, tracking numbers, new comments and grid row."""
        super().add(shipment)
        self._add_new_tracks(shipment)

    def save(self, shipment: Shipment) -> None:
        """Write what changed of a stored shipment, its new comments, and new or changed tracking numbers."""
        super().save(shipment)
        table = self._track.table
        for track in shipment.tracks:
            if track.entity_id is not None and (changes := self._snapshots.changes(self._track, track)):
                self._connection.execute(table.update().where(table.c.entity_id == track.entity_id).values(changes))
                self._snapshots.take(self._track, track)
        self._add_new_tracks(shipment)

    def load_one(self, entity_id: int) -> Shipment | None:
        """The shipment of that id with its lines and tracking numbers, or None."""
        shipment = super().load_one(entity_id)
        if shipment is not None:
            table = self._track.table
            query = select(*self._track.columns).where(table.c.parent_id == entity_id).order_by(table.c.entity_id)
            rows = self._connection.execute(query).mappings()
            shipment.tracks = [self._snapshots.take(self._track, Track(**self._track.read(row))) for row in rows]
        return shipment

    def remove_track(self, shipment: Shipment, track: Track) -> None:
        """Delete a tracking number of the shipment."""
        table = self._track.table
        self._connection.execute(table.delete().where(table.c.entity_id == track.entity_id))
        shipment.tracks.remove(track)

    def _add_new_tracks(self, shipment: Shipment) -> None:
        for track in shipment.tracks:
            if track.entity_id is None:
                track.created_at = track.created_at or self._clock.now()
                track.updated_at = track.updated_at or track.created_at
                track.order_id = shipment.order_id
                track.entity_id = self._insert(self._track, track, parent_id=shipment.entity_id)
                self._snapshots.take(self._track, track)
