"""Column types that hold the same values on every database, and what a value becomes when it is stored (DB-11)."""

from __future__ import annotations

import decimal
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Date, DateTime, Dialect, Integer, LargeBinary, Numeric, String
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_EXACT = decimal.Context(prec=60)
_INTEGER = (-(2**31), 2**31 - 1)  # of our own tables; Magento's say their ranges


class ExactDecimal(TypeDecorator[Decimal]):
    """DECIMAL; on SQLite the text MySQL would print ("384.9800"), because SQLite's numbers are binary floats."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def canonical(self, value: Decimal | int | str) -> Decimal:
        """The value rounded half up to the column's scale and held within its range."""
        limit = _EXACT.power(10, self.precision - self.scale) - Decimal(1).scaleb(-self.scale)
        bounded = max(-limit, min(Decimal(value), limit))
        exact = bounded.quantize(Decimal(1).scaleb(-self.scale), decimal.ROUND_HALF_UP, _EXACT)
        return exact if exact else abs(exact)  # databases know no negative zero

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> Decimal | str | None:
        if value is None:
            return None
        exact = self.canonical(value)
        return f"{exact:f}" if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """TIMESTAMP in UTC with whole seconds, without time zone (DB-10); on SQLite the text "2024-01-01 19:30:00"."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.TIMESTAMP())
        return dialect.type_descriptor(postgresql.TIMESTAMP(precision=0))

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        time = datetime.fromisoformat(value) if isinstance(value, str) else value
        return time.strftime(TIME_FORMAT) if dialect.name == "sqlite" else time

    def process_result_value(self, value: object, _dialect: Dialect) -> datetime | None:
        """MySQL's zero date, which Magento's NOT NULL columns start with, is None."""
        if isinstance(value, str):
            return None if value.startswith("0000") else datetime.fromisoformat(value)
        return value if isinstance(value, datetime) else None


class UtcDateTime(UtcTime):
    """DATETIME, which differs from TIMESTAMP on MySQL only."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return (
            dialect.type_descriptor(mysql.DATETIME()) if dialect.name == "mysql" else super().load_dialect_impl(dialect)
        )


class CalendarDate(TypeDecorator[str]):
    """DATE, as the text "2024-01-31" on every database."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | str | None, _dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: object, _dialect: Dialect) -> str | None:
        return None if value is None else str(value)


def stored(column: Column[Any], value: Any) -> Any:
    """The value as Magento's adapter would store it (DB-11).

    Text loses NUL bytes and what exceeds the column, at a character boundary; "" becomes NULL where that is allowed.
    Numbers are rounded to the column's scale and held within its range.
    """
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, ExactDecimal):
        return kind.canonical(value)
    if isinstance(kind, Integer):
        lowest, highest = column.info.get("range", _INTEGER)
        return max(lowest, min(int(value), highest))
    if isinstance(kind, LargeBinary):
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if isinstance(kind, String):
        return fitting(column, str(value)) or (None if column.nullable else "")
    return value


def fitting(column: Column[Any], text: str) -> str:
    """The text without what cannot be stored, cut to the column's size."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8") if not text.isprintable() else text
    size = getattr(column.type, "length", None)
    if size is not None:
        return clean[:size]
    return clean.encode("utf-8")[: column.info["bytes"]].decode("utf-8", "ignore")
