"""Between the domain's dataclasses and table rows.

A field is the column of its name; a field of type Amount is the two columns ``x`` and ``base_x``. What has no column is
left alone.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Column, Table

from magento_soap.sales.money import ZERO, Amount
from magento_soap.sales.taxes import FixedProductTaxes
from magento_soap.storage.php import details_bytes, read_details, read_taxes, taxes_text
from magento_soap.storage.schema.types import stored

T = TypeVar("T")

# Columns whose names Magento shortened.
_BASE_COLUMNS = {
    "shipping_hidden_tax_amount": "base_shipping_hidden_tax_amnt",
    "weee_tax_applied_row_amount": "base_weee_tax_applied_row_amnt",
}
# Types that PHP serialized: how a column's value is read, and how it is written.
_SERIALIZED: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    FixedProductTaxes: (read_taxes, taxes_text),
    dict: (read_details, details_bytes),
}
_EMPTY: dict[type, Any] = {str: "", int: 0, bool: False, Decimal: ZERO}


@dataclass(frozen=True)
class _Field:
    name: str
    kind: type
    optional: bool
    columns: tuple[Column[Any], ...]
    serialized: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None = None

    def read(self, row: Mapping[Any, Any]) -> Any:
        values = [row[column.name] for column in self.columns]
        if self.kind is Amount:
            if values == [None, None]:
                return None
            return Amount(*(ZERO if value is None else value for value in values))
        if values[0] is None:
            return None if self.optional else _EMPTY[self.kind]
        if self.serialized is not None:
            return self.serialized[0](values[0])
        return bool(values[0]) if self.kind is bool else values[0]

    def write(self, value: Any) -> dict[str, Any]:
        if self.serialized is not None and value is not None:
            value = self.serialized[1](value)
        parts = (value.order, value.base) if isinstance(value, Amount) else (value,) * len(self.columns)
        return {column.name: stored(column, part) for column, part in zip(self.columns, parts, strict=True)}


class RowMapping:
    """How one dataclass is stored in one table."""

    def __init__(self, kind: type, table: Table) -> None:
        self.table = table
        self._fields = [
            field for name, hint in typing.get_type_hints(kind).items() if (field := _field(name, hint, table))
        ]

    @property
    def columns(self) -> list[Column[Any]]:
        """The columns to select."""
        return [column for field in self._fields for column in field.columns]

    def read(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """The dataclass's arguments from a row."""
        return {field.name: field.read(row) for field in self._fields}

    def snapshot(self, entity: object) -> dict[str, Any]:
        """The fields' present values, to be given to ``changes`` later."""
        return {field.name: getattr(entity, field.name) for field in self._fields}

    def values(self, entity: object) -> dict[str, Any]:
        """All columns of the entity as they are stored."""
        return {
            name: value for field in self._fields for name, value in field.write(getattr(entity, field.name)).items()
        }

    def changes(self, entity: object, before: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of those fields that are no longer as in the snapshot."""
        return {
            name: value
            for field in self._fields
            if getattr(entity, field.name) != before[field.name]
            for name, value in field.write(getattr(entity, field.name)).items()
        }


class Snapshots:
    """What was loaded or saved in one transaction, to tell later what changed."""

    def __init__(self) -> None:
        self._values: dict[int, dict[str, Any]] = {}  # by id(); the entities are kept alive so that ids stay theirs
        self._entities: dict[int, object] = {}

    def take(self, mapping: RowMapping, entity: T) -> T:
        """Remember the entity as it is now."""
        self._values[id(entity)] = mapping.snapshot(entity)
        self._entities[id(entity)] = entity
        return entity

    def changes(self, mapping: RowMapping, entity: object) -> dict[str, Any]:
        """The columns that changed since; raises KeyError for an entity that was never loaded or saved."""
        return mapping.changes(entity, self._values[id(entity)])


def _field(name: str, hint: Any, table: Table) -> _Field | None:
    alternatives = typing.get_args(hint)
    optional = type(None) in alternatives
    kind = next((part for part in alternatives if part is not type(None)), hint) if optional else hint
    kind = dict if typing.get_origin(kind) is dict else kind
    if name not in table.c or typing.get_origin(kind) is not None or not isinstance(kind, type):
        return None
    names = (name, _BASE_COLUMNS.get(name, f"base_{name}")) if kind is Amount else (name,)
    return _Field(name, kind, optional, tuple(table.c[column] for column in names), _SERIALIZED.get(kind))
