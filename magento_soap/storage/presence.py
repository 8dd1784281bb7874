"""Whether a table of ours is in the database: an attached shop has them on request only."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Table, inspect

_log = logging.getLogger(__name__)


class Presence:
    """Asks the database once; ``known`` is its answer then. ``otherwise`` is what is said to be so without it."""

    def __init__(self, table: Table, otherwise: str) -> None:
        self._table = table
        self._otherwise = otherwise
        self.known: bool | None = None

    def __call__(self, connection: Connection) -> bool:
        """Whether the table is there."""
        if self.known is None:
            self.known = inspect(connection).has_table(self._table.name)
            if not self.known:
                _log.warning("no table %s: %s", self._table.name, self._otherwise)
        return self.known

    def look_again(self) -> None:
        """Ask again the next time."""
        self.known = None
