"""Whether a table of ours is in the database: an attached shop has them on request only."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Table, inspect

_log = logging.getLogger(__name__)


class Presence:
    """Asks the database once. ``otherwise`` is what is said to be so without the table."""

    def __init__(self, table: Table, otherwise: str) -> None:
        self._table = table
        self._otherwise = otherwise
        self._known: bool | None = None

    def __call__(self, connection: Connection) -> bool:
        """Whether the table is there."""
        if self._known is None:
            self._known = inspect(connection).has_table(self._table.name)
            if not self._known:
                _log.warning("no table %s: %s", self._table.name, self._otherwise)
        return self._known

    def look_again(self) -> None:
        """Ask again the next time."""
        self._known = None
