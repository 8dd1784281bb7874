"""Increment ids of new documents (DB-5), as the increment models of the shop's ``eav_entity_type`` make them.

``NUMBERED`` lists the entity types. A store's counter for a type is a row of ``eav_entity_store``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from magento_soap.sales.errors import CannotNumber
from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.schema.tables import Tables

ADMIN_STORE = 0

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST = 50  # characters of an increment id, wherever Magento keeps one
_LEADING_DIGITS = re.compile(r"\s*([0-9]+)")


class NumberedType(NamedTuple):
    """A type of documents: its table, and its names in messages, such as ``Invoices`` and ``an invoice``."""

    table: str
    plural: str
    singular: str

    @property
    def problem(self) -> str:
        """How every message about it begins."""
        return f"{self.plural} cannot be numbered:"


NUMBERED: Mapping[str, NumberedType] = {
    "invoice": NumberedType("sales_flat_invoice", "Invoices", "an invoice"),
    "shipment": NumberedType("sales_flat_shipment", "Shipments", "a shipment"),
    "creditmemo": NumberedType("sales_flat_creditmemo", "Credit memos", "a credit memo"),
}
"""The types that get numbers here, by the code of their row in ``eav_entity_type``."""


@dataclass(frozen=True)
class _Numbering:
    """How documents of a type are numbered: the row of ``eav_entity_type``."""

    type: NumberedType
    entity_type_id: int
    increment_model: str
    is_per_store: bool
    pad_length: int
    pad_character: str

    def counting_store(self, store_id: int) -> int:
        """The store whose row counts: one row, of the admin store, for all stores where they share their numbers."""
        return store_id if self.is_per_store else ADMIN_STORE

    def following(self, store_id: int, counter: Row[Any] | None) -> str:
        """The number after that of the counter's row, of which a store's first document has none.

        Raises CannotNumber when it cannot be made, or does not fit its column.
        """
        prefix = str(store_id) if counter is None else counter.increment_prefix or ""
        last_id = "" if counter is None else counter.increment_last_id or ""
        increment = _MODELS[self.increment_model]
        try:
            increment_id = prefix + increment(last_id.removeprefix(prefix), self.pad_length, self.pad_character)
        except ValueError as error:
            raise CannotNumber(f"{self.type.problem} {error}") from None
        if len(increment_id) > _LONGEST:
            raise CannotNumber(f"{self.type.problem} {len(increment_id)} characters are too many.")
        return increment_id


class StoreIncrementIds:
    """ports.IncrementIds on ``eav_entity_store``, in one transaction."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._tables = tables
        self._types = tables["eav_entity_type"]
        self._stores = tables["eav_entity_store"]

    def ensure_available(self, entity_type: str, store_id: int) -> None:
        """Raise CannotNumber when the store's next document cannot be numbered; nothing is locked or changed."""
        numbering = self._numbering(entity_type)
        store_id = numbering.counting_store(store_id)
        counter = self._connection.execute(self._counter(numbering, store_id)).first()
        increment_id = numbering.following(store_id, counter)
        column = self._tables[numbering.type.table].c.increment_id
        if self._connection.execute(select(column).where(column == increment_id)).first() is not None:
            kind = numbering.type
            raise CannotNumber(f'{kind.problem} there is {kind.singular} "{increment_id}" already.')

    def next(self, entity_type: str, store_id: int) -> str:
        """The store's next number, without gaps: taken under a lock held until the unit of work ends (DB-5).

        Raises CannotNumber when the shop's increment model is none of Magento's, or its next number is unusable.
        """
        numbering = self._numbering(entity_type)
        store_id = numbering.counting_store(store_id)
        query = self._counter(numbering, store_id)
        # The second lock of the transaction: other threads may be waiting for the first, that of the order.
        with waiting_for_lock(self._connection, (entity_type, store_id), "counter", share=2) as may_wait:
            locked = query.with_for_update(nowait=not may_wait)
            counter = self._connection.execute(locked).first()
            if counter is None:
                # No key makes the store's row unique. The type's row is locked so that only one transaction creates it.
                self._connection.execute(self._type_query(entity_type).with_for_update(nowait=not may_wait))
                counter = self._connection.execute(locked).first()
        increment_id = numbering.following(store_id, counter)
        stores = self._stores
        if counter is None:
            row = {"entity_type_id": numbering.entity_type_id, "store_id": store_id, "increment_prefix": str(store_id)}
            self._connection.execute(stores.insert().values(row | {"increment_last_id": increment_id}))
        else:
            key = stores.c.entity_store_id == counter.entity_store_id
            self._connection.execute(stores.update().where(key).values(increment_last_id=increment_id))
        return increment_id

    def problem(self, entity_type: str) -> str | None:
        """Why no document of that type can be numbered in any store, or None."""
        try:
            self._numbering(entity_type)
        except CannotNumber as error:
            return str(error)
        return None

    def _type_query(self, entity_type: str) -> Select[Any]:
        columns = self._types.c
        names = ("entity_type_id", "increment_model", "increment_per_store", "increment_pad_length")
        query = select(*(columns[name] for name in names), columns.increment_pad_char)
        return query.where(columns.entity_type_code == entity_type)

    def _numbering(self, entity_type: str) -> _Numbering:
        """How documents of that type are numbered. Raises CannotNumber where that is not known."""
        numbered = NUMBERED[entity_type]
        row = self._connection.execute(self._type_query(entity_type)).first()
        if row is None:
            raise CannotNumber(f"{numbered.problem} eav_entity_type has no row for them.")
        if row.increment_model not in _MODELS:
            model = row.increment_model or ""
            raise CannotNumber(f'{numbered.problem} the increment model "{model}" is not supported.')
        return _Numbering(
            type=numbered,
            entity_type_id=row.entity_type_id,
            increment_model=row.increment_model,
            is_per_store=bool(row.increment_per_store),
            pad_length=row.increment_pad_length,
            pad_character=row.increment_pad_char or "0",
        )

    def _counter(self, numbering: _Numbering, store_id: int) -> Select[Any]:
        """The row that counts the store's documents."""
        stores = self._stores.c
        return (
            select(stores.entity_store_id, stores.increment_prefix, stores.increment_last_id)
            .where(stores.entity_type_id == numbering.entity_type_id, stores.store_id == store_id)
            .order_by(stores.entity_store_id)
            .limit(1)
        )


def _numeric(last: str, length: int, pad: str) -> str:
    """The number that ``last`` begins with, plus one. What follows it is dropped, as PHP's cast to int does."""
    found = _LEADING_DIGITS.match(last if pad.isdigit() else last.lstrip(pad))
    return str(int(found[1] if found else 0) + 1).rjust(length, pad)


def _alphanumeric(last: str, length: int, pad: str) -> str:
    """``last`` counted up in digits and capital letters: 9 is followed by A, Z by 10.

    Raises ValueError for other characters, as Magento's model does.
    """
    text = last.rjust(length, pad)
    if set(text) - set(_ALPHANUMERIC):
        raise ValueError(f'"{text}" has characters that cannot be counted up.')
    kept = text.rstrip("Z")
    raised = kept[:-1] + _ALPHANUMERIC[_ALPHANUMERIC.index(kept[-1]) + 1] if kept else "1"
    return raised + "0" * (len(text) - len(kept))


_MODELS: Mapping[str, Callable[[str, int, str], str]] = {
    "eav/entity_increment_numeric": _numeric,
    "Mage_Eav_Model_Entity_Increment_Numeric": _numeric,
    "eav/entity_increment_alphanum": _alphanumeric,
    "Mage_Eav_Model_Entity_Increment_Alphanum": _alphanumeric,
}
