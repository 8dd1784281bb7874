"""Checks whether one of our own tables exists: an attached shop has them on request only."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Table, inspect

_log = logging.getLogger(__name__)


class Presence:
    """Asks the database until the table exists: it may be created while this process runs.

    ``otherwise`` is the consequence of a missing table; the log names it once.
    """

    def __init__(self, table: Table, otherwise: str) -> None:
        self._table = table
        self._otherwise = otherwise
        self._is_logged = False
        self.is_known = False

    def __call__(self, connection: Connection) -> bool:
        """Whether the table is there."""
        if not self.is_known:
            self.is_known = inspect(connection).has_table(self._table.name)
            if not self.is_known and not self._is_logged:
                self._is_logged = True
                _log.warning("no table %s: %s", self._table.name, self._otherwise)
        return self.is_known
