"""How much one request may ask for, however it is put: as a call, a ``multiCall``, a batch, or a batch of these."""

from __future__ import annotations

import structlog

from .faults import ACCESS_DENIED, MISSING_PARAMETER, ApiFault

log = structlog.get_logger(__name__)

MAX_CALLS = 1000
MAX_LOGINS = 5
"""Each costs as much time as a slow hash takes."""
MAX_VALUES = 30_000
"""Values in the filters of all lists of a request, each of which may have a third of them."""


class Budget:
    """What is left of a request's calls, logins and values to filter by."""

    def __init__(self, calls: int = MAX_CALLS, logins: int = MAX_LOGINS, values: int = MAX_VALUES) -> None:
        self._calls = calls
        self._logins = logins
        self._values = values

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

    def spend_values(self, number: int) -> None:
        """Count the values that a list is filtered by; fault 6 when there have been too many."""
        if number > self._values:
            raise ApiFault(MISSING_PARAMETER, f"The filters of one request have more than {MAX_VALUES} values.")
        self._values -= number
