"""How much one request may ask for, however it is put: as a call, a ``multiCall``, a batch, or a batch of these."""

from __future__ import annotations

import structlog

from .faults import ACCESS_DENIED, MISSING_PARAMETER, ApiFault

log = structlog.get_logger(__name__)

MAX_CALLS = 1000
MAX_LOGINS = 5
"""Each costs as much time as a slow hash takes."""


class Budget:
    """What is left of a request's calls and logins."""

    def __init__(self, calls: int = MAX_CALLS, logins: int = MAX_LOGINS) -> None:
        self._calls = calls
        self._logins = logins

    def spend_call(self) -> None:
        """Count a call; fault 6 when there have been too many."""
        self.check_calls(1)
        self._calls -= 1

    def check_calls(self, number: int) -> None:
        """Fault 6 when so many calls more are too many, before any is made."""
        if number > self._calls:
            raise ApiFault(MISSING_PARAMETER, f"More than {MAX_CALLS} calls at once are not answered.")

    def spend_login(self) -> None:
        """Count an attempt to log in; fault 2 when there have been too many."""
        if self._logins == 0:
            log.warning("login refused", reason="too many in one request")  # once, not a thousand times
        self._logins -= 1
        if self._logins < 0:
            raise ApiFault(ACCESS_DENIED)
