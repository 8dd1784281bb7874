"""Numbers of new invoices (DB-5)."""

from __future__ import annotations

from sqlalchemy import Connection, select

from .tables import Tables


class StoreIncrementIds:
    """ports.IncrementIds on ``eav_entity_store``, in one transaction."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._types = tables["eav_entity_type"]
        self._stores = tables["eav_entity_store"]

    def next_invoice_id(self, store_id: int) -> str:
        """The next invoice number of the store, gapless: taken under a lock held until the unit of work ends (DB-5).

        Raises LookupError when the shop has no entity type ``invoice``.
        """
        types = self._types
        query = select(types.c.entity_type_id, types.c.increment_pad_length, types.c.increment_pad_char)
        kind = self._connection.execute(query.where(types.c.entity_type_code == "invoice")).first()
        if kind is None:
            raise LookupError("eav_entity_type has no row for invoice")
        stores = self._stores
        locked = (
            select(stores.c.entity_store_id, stores.c.increment_prefix, stores.c.increment_last_id)
            .where(stores.c.entity_type_id == kind.entity_type_id, stores.c.store_id == store_id)
            .order_by(stores.c.entity_store_id)
            .limit(1)
            .with_for_update()
        )
        last = self._connection.execute(locked).first()
        if last is None:
            # No key makes the store's row unique. The type's row is locked so that only one transaction creates it.
            self._connection.execute(query.where(types.c.entity_type_id == kind.entity_type_id).with_for_update())
            last = self._connection.execute(locked).first()
        prefix = str(store_id) if last is None else last.increment_prefix or ""
        number = _number(prefix, None if last is None else last.increment_last_id) + 1
        increment_id = prefix + str(number).rjust(kind.increment_pad_length, kind.increment_pad_char or "0")
        if last is None:
            row = {"entity_type_id": kind.entity_type_id, "store_id": store_id, "increment_prefix": prefix}
            self._connection.execute(stores.insert().values(row | {"increment_last_id": increment_id}))
        else:
            key = stores.c.entity_store_id == last.entity_store_id
            self._connection.execute(stores.update().where(key).values(increment_last_id=increment_id))
        return increment_id


def _number(prefix: str, last: str | None) -> int:
    """The numeric part of the last id, 0 when there is none; a prefix "0" is part of the number."""
    text = last or ""
    if prefix not in ("", "0"):
        text = text.removeprefix(prefix)
    digits = text.strip()
    return int(digits) if digits.isdecimal() else 0
