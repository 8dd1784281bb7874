"""The present time."""

from __future__ import annotations

from datetime import datetime, timezone


class SystemClock:
    """ports.Clock: the machine's time."""

    def now(self) -> datetime:
        """The present second, UTC, without time zone (DB-10)."""
        return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
