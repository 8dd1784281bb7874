"""Limits of one request, whether it is a call, a ``multiCall``, a batch, or a batch of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import structlog

from .faults import ACCESS_DENIED, MISSING_PARAMETER, ApiFault

log = structlog.get_logger(__name__)

T = TypeVar("T")

MAX_CALLS = 1000
MAX_LOGINS = 5
"""Each costs as much time as a slow hash takes."""
MAX_FILTER_VALUES = 30_000
"""Values in the filters of all lists of a request, each of which may have a third of them."""
MAX_RESULT_VALUES = 120_000
"""How many values the results of several calls may have before the rest is not called: 120 for each of 1,000 calls."""
TEXT_PER_VALUE = 256
"""Characters of text that count as one value more."""


class Budget:
    """The calls, logins, filter values and result values that a request has left."""

    def __init__(
        self,
        calls: int = MAX_CALLS,
        logins: int = MAX_LOGINS,
        filter_values: int = MAX_FILTER_VALUES,
        result_values: int = MAX_RESULT_VALUES,
    ) -> None:
        self._calls = calls
        self._logins = logins
        self._filter_values = filter_values
        self._result_values = result_values
        self._is_first_result = True

    def spend_call(self) -> None:
        """Count a call; fault 6 when there have been too many, or when those before had too large results."""
        self.check_calls(1)
        if self._result_values < 0:
            raise ApiFault(MISSING_PARAMETER, "The results of the calls before are too large; call again for the rest.")
        self._calls -= 1

    def spend_result(self, result: Any) -> Any:
        """Count the values of a result, those of an iterator as they are taken from it, and return it.

        A result is never cut. Nor does the first one count, which most often is the only one: how long a list may be is
        not decided here.
        """
        if self._is_first_result:
            self._is_first_result = False
            return result
        if isinstance(result, Iterator):
            return self._counted(result)
        self._result_values -= number_of_values(result)
        return result

    def _counted(self, rows: Iterator[T]) -> Iterator[T]:
        for row in rows:
            self._result_values -= number_of_values(row)
            yield row

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

    def spend_filter_values(self, number: int) -> None:
        """Count the values that a list is filtered by; fault 6 when there have been too many."""
        if number > self._filter_values:
            raise ApiFault(MISSING_PARAMETER, f"The filters of one request have more than {MAX_FILTER_VALUES} values.")
        self._filter_values -= number


def number_of_values(value: object) -> int:
    """The number of values in a value, including itself; long text counts as several."""
    if isinstance(value, str):
        return 1 + len(value) // TEXT_PER_VALUE
    if isinstance(value, dict):
        return 1 + sum(map(number_of_values, value.values()))
    return 1 + sum(map(number_of_values, value)) if isinstance(value, list) else 1
