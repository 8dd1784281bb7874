"""Numbers of new invoices (DB-5), as the increment models of the shop's ``eav_entity_type`` make them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from magento_soap.sales.errors import CannotInvoice
from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.schema.tables import Tables

ADMIN_STORE = 0
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST = 50  # characters of an increment id, wherever Magento keeps one
_LEADING_DIGITS = re.compile(r"\s*([0-9]+)")


class StoreIncrementIds:
    """ports.IncrementIds on ``eav_entity_store``, in one transaction."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._types = tables["eav_entity_type"]
        self._stores = tables["eav_entity_store"]
        self._increment_id = tables["sales_flat_invoice"].c.increment_id

    def ensure_available(self, store_id: int) -> None:
        """Raise CannotInvoice when the store's next invoice cannot be numbered; nothing is locked or changed."""
        kind = self._entity_type()
        store_id = _counting_store(kind, store_id)
        last = self._connection.execute(self._counter(kind, store_id)).first()
        increment_id = self._following(kind, store_id, last)
        taken = select(self._increment_id).where(self._increment_id == increment_id)
        if self._connection.execute(taken).first() is not None:
            raise CannotInvoice(f'Invoices cannot be numbered: there is an invoice "{increment_id}" already.')

    def next_invoice_id(self, store_id: int) -> str:
        """The next invoice number of the store, gapless: taken under a lock held until the unit of work ends (DB-5).

        Raises CannotInvoice when the shop's increment model is none of Magento's, or its next number is unusable.
        """
        kind = self._entity_type()
        store_id = _counting_store(kind, store_id)
        counter = self._counter(kind, store_id)
        # The second lock of the transaction: other threads may be waiting for the first, that of the order.
        with waiting_for_lock(self._connection, store_id, "counter", share=2) as may_wait:
            locked = counter.with_for_update(nowait=not may_wait)
            last = self._connection.execute(locked).first()
            if last is None:
                # No key makes the store's row unique. The type's row is locked so that only one transaction creates it.
                self._connection.execute(self._entity_type_query().with_for_update(nowait=not may_wait))
                last = self._connection.execute(locked).first()
        increment_id = self._following(kind, store_id, last)
        stores = self._stores
        if last is None:
            row = {"entity_type_id": kind.entity_type_id, "store_id": store_id, "increment_prefix": str(store_id)}
            self._connection.execute(stores.insert().values(row | {"increment_last_id": increment_id}))
        else:
            key = stores.c.entity_store_id == last.entity_store_id
            self._connection.execute(stores.update().where(key).values(increment_last_id=increment_id))
        return increment_id

    def problem(self) -> str | None:
        """Why no invoice of any store can be numbered, or None."""
        try:
            self._entity_type()
        except CannotInvoice as error:
            return str(error)
        return None

    def _entity_type_query(self) -> Select[Any]:
        columns = self._types.c
        names = ("entity_type_id", "increment_model", "increment_per_store", "increment_pad_length")
        query = select(*(columns[name] for name in names), columns.increment_pad_char)
        return query.where(columns.entity_type_code == "invoice")

    def _entity_type(self) -> Row[Any]:
        """How invoices are numbered. Raises CannotInvoice where that is not known."""
        kind = self._connection.execute(self._entity_type_query()).first()
        if kind is None:
            raise CannotInvoice("Invoices cannot be numbered: eav_entity_type has no row for them.")
        if kind.increment_model not in _MODELS:
            model = kind.increment_model or ""
            raise CannotInvoice(f'Invoices cannot be numbered: the increment model "{model}" is not supported.')
        return kind

    def _counter(self, kind: Row[Any], store_id: int) -> Select[Any]:
        """The row that counts the store's invoices."""
        stores = self._stores.c
        return (
            select(stores.entity_store_id, stores.increment_prefix, stores.increment_last_id)
            .where(stores.entity_type_id == kind.entity_type_id, stores.store_id == store_id)
            .order_by(stores.entity_store_id)
            .limit(1)
        )

    def _following(self, kind: Row[Any], store_id: int, last: Row[Any] | None) -> str:
        """The number after that of the counter's row, of which a store's first invoice has none.

        Raises CannotInvoice when it cannot be made, or does not fit its column.
        """
        prefix = str(store_id) if last is None else last.increment_prefix or ""
        last_id = "" if last is None else last.increment_last_id or ""
        pad = kind.increment_pad_char or "0"
        increment = _MODELS[kind.increment_model]
        increment_id = prefix + increment(last_id.removeprefix(prefix), kind.increment_pad_length, pad)
        if len(increment_id) > _LONGEST:
            raise CannotInvoice(f"Invoices cannot be numbered: {len(increment_id)} characters are too many.")
        return increment_id


def _counting_store(kind: Row[Any], store_id: int) -> int:
    """The store whose row counts: one row, of the admin store, for all stores where they share their numbers."""
    return store_id if kind.increment_per_store else ADMIN_STORE


def _numeric(last: str, length: int, pad: str) -> str:
    """The number that ``last`` begins with, plus one. What follows it is dropped, as PHP's cast to int does."""
    found = _LEADING_DIGITS.match(last if pad.isdigit() else last.lstrip(pad))
    return str(int(found[1] if found else 0) + 1).rjust(length, pad)


def _alphanumeric(last: str, length: int, pad: str) -> str:
    """``last`` counted up in digits and capital letters: 9 is followed by A, Z by 10.

    Raises CannotInvoice for other characters, as Magento's model does.
    """
    text = last.rjust(length, pad)
    if set(text) - set(_ALPHANUMERIC):
        raise CannotInvoice(f'Invoices cannot be numbered: "{text}" has characters that cannot be counted up.')
    kept = text.rstrip("Z")
    raised = kept[:-1] + _ALPHANUMERIC[_ALPHANUMERIC.index(kept[-1]) + 1] if kept else "1"
    return raised + "0" * (len(text) - len(kept))


_MODELS: dict[str | None, Callable[[str, int, str], str]] = {
    "eav/entity_increment_numeric": _numeric,
    "Mage_Eav_Model_Entity_Increment_Numeric": _numeric,
    "eav/entity_increment_alphanum": _alphanumeric,
    "Mage_Eav_Model_Entity_Increment_Alphanum": _alphanumeric,
}
