"""Reading invoices: what can be asked, and the form of the answer.

Answers are the database's own text ("384.9800", "2024-01-01 19:30:00"), never parsed only to be printed again; NULL
is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .errors import InvoicingError


class InvalidFilter(InvoicingError):
    """A filter that cannot be understood (fault 101, API-53); the text names what is wrong."""


@dataclass(frozen=True)
class Condition:
    """One comparison (API-52). ``field`` is what the client named: a column of ``sales_flat_invoice``,
    ``invoice_id`` or ``order_increment_id``, possibly with the prefix ``main_table.``. ``value`` is text, a tuple
    of texts for in, nin and finset, or None where the operator takes no value (null, notnull).
    """

    field: str
    operator: str  # eq neq like nlike in nin null notnull gt lt gteq lteq finset regexp seq sneq
    value: str | tuple[str, ...] | None = None


@dataclass(frozen=True)
class AnyOf:
    """Conditions of which one must hold (API-51)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Page:
    """Which part of a list: ``limit`` rows (None: all) from ``page`` (1 is the first), ordered by ``order_by``.

    ``order_by`` is a column, with a leading ``-`` for descending; None is the primary key.
    """

    limit: int | None = None
    page: int = 1
    order_by: str | None = None


EVERYTHING = Page()


class InvoiceQueries(Protocol):
    """Reads of invoices, in one snapshot each."""

    @property
    def kinds(self) -> Mapping[str, type]:
        """Which members of the answers stand for numbers: int or float by name; all others are text."""

    def find(
        self, conditions: Sequence[Condition | AnyOf], page: Page = EVERYTHING, *, with_order: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Invoices that meet all conditions, with the keys of API-42.

        ``with_order`` adds ``order_increment_id`` and ``store_id``. The query has succeeded when this returns; rows
        come as they are consumed. Raises InvalidFilter.
        """

    def info(self, increment_id: str, *, with_addresses: bool = False) -> dict[str, Any] | None:
        """The invoice with the keys of API-43 (``items`` and ``comments`` are lists of dicts), or None.

        ``with_addresses`` adds ``billing_address`` and ``shipping_address`` (dicts, or None where there is none).
        """
