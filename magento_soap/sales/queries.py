"""Reading documents: what can be asked, and the form of the answer.

Answers are the database's own text ("384.9800", "2024-01-01 19:30:00"), never parsed only to be printed again; NULL
is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from .errors import SalesError

_TIMESTAMP = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{8})"
    r"(?:[ Tt](?P<clock>[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2})?)(?:\.[0-9]{1,9})?"
    r" ?(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?)?"
)


class InvalidFilter(SalesError):
    """A filter that cannot be understood (fault 101, API-53); the text names what is wrong."""


def timestamp(text: str) -> str:
    """A time as the database has it, "2024-01-31 12:00:00" in UTC: a day is its beginning, fractions are cut off.

    Understands ISO 8601 with a blank or a T, with or without an offset from UTC, and XML-RPC's form of it. Raises
    ValueError.
    """
    found = _TIMESTAMP.fullmatch(text.strip())
    if found is None:
        raise ValueError("neither a date nor a time")
    date, clock = found["date"], found["clock"] or "00:00:00"
    if "-" not in date:
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    time = datetime.strptime(f"{date} {clock if clock.count(':') == 2 else clock + ':00'}", "%Y-%m-%d %H:%M:%S")
    if found["sign"]:
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours > 23 or minutes > 59:
            raise ValueError("no offset from UTC")
        offset = timedelta(hours=hours, minutes=minutes)
        try:
            time = time - offset if found["sign"] == "+" else time + offset
        except OverflowError:
            raise ValueError("before or after all times") from None
    return time.isoformat(" ")


@dataclass(frozen=True)
class Condition:
    """One comparison (API-52).

    ``field`` is the client's word: a column of the document's table, or a further field that its description declares
    (``invoice_id``), possibly with the prefix ``main_table.``. ``value`` is text, a tuple of texts for in, nin and
    finset, or None where the operator takes no value (null, notnull).
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

    ``order_by`` is a column, with a leading ``-`` for descending; None is the primary key. ``then_by`` orders rows that
    are equal in it.
    """

    limit: int | None = None
    page: int = 1
    order_by: str | None = None
    then_by: tuple[str, ...] = ()


EVERYTHING = Page()


Row: TypeAlias = dict[str, "str | None"]
DocumentInfo: TypeAlias = "dict[str, Any]"
"""Text or None by column, and under the names of its parts a row, rows, or a map that a column holds."""


class DocumentQueries(Protocol):
    """Reads of one kind of document, such as invoices, in one snapshot each.

    ``extended`` asks for the keys that only protocols with a documentation of their own have, such as JSON-RPC.
    """

    @property
    def kinds(self) -> Mapping[str, type[int] | type[float]]:
        """The keys of the answers that stand for numbers; all others are text."""

    def find(
        self, conditions: Sequence[Condition | AnyOf], page: Page = EVERYTHING, *, extended: bool = False
    ) -> Iterator[Row]:
        """The documents that meet all conditions, in the form of lists (API-42).

        The query has succeeded when this returns; rows come as they are consumed. Raises InvalidFilter.
        """

    def info(self, key: str, *, extended: bool = False) -> DocumentInfo | None:
        """The document of that key, such as its increment id, with its parts (API-43), or None.

        Children such as ``items`` are lists of rows; a related row such as an address is None where there is none.
        """


class PagedQueries(DocumentQueries, Protocol):
    """Reads for clients that page through documents and name them by their entity ids, as Magento 2's do."""

    def count(self, conditions: Sequence[Condition | AnyOf]) -> int:
        """How many documents meet all conditions. Raises InvalidFilter."""

    def info_by_id(self, entity_id: int, *, extended: bool = False) -> DocumentInfo | None:
        """The same as ``info`` by the document's entity id."""
