"""A circuit breaker: after several failures in a row, a shop that is down is left alone for some seconds.

The published ones do not fit: pybreaker holds a lock while the call runs, so that calls would wait for each other, and
circuitbreaker lets every call through at once when it tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

import structlog

from .exchange import UpstreamFailure

log = structlog.get_logger(__name__)

MAX_FAILURES = 5
PAUSE_SECONDS = 10.0


class CircuitOpen(UpstreamFailure):
    """The shop failed too often just now, and is not asked."""


class CircuitBreaker:
    """Ask it before each call, and tell it the outcome of each call that it allowed.

    After ``max_failures`` failures in a row it allows one call in ``pause`` seconds, until one of these succeeds.
    """

    def __init__(
        self,
        max_failures: int = MAX_FAILURES,
        pause: float = PAUSE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures = max_failures
        self._pause = pause
        self._monotonic = monotonic
        self._failures = 0
        self._next_attempt = 0.0
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        """Whether the shop counts as down."""
        return self._failures >= self._max_failures

    def check(self) -> None:
        """Return if the shop may be asked now. Raises CircuitOpen."""
        with self._lock:
            if not self.is_open:
                return
            now = self._monotonic()
            if now < self._next_attempt:
                raise CircuitOpen("the shop failed too often and is not asked for now")
            self._next_attempt = now + self._pause  # whoever comes next waits for the outcome of this attempt

    def succeeded(self) -> None:
        """The shop answered."""
        if not self._failures:
            return
        with self._lock:
            was_open, self._failures = self.is_open, 0
        if was_open:
            log.info("the shop answers again; calls are forwarded")

    def failed(self) -> None:
        """The shop gave no usable answer, and would not have given one to another call."""
        with self._lock:
            was_open = self.is_open
            self._failures += 1
            self._next_attempt = self._monotonic() + self._pause
        if self.is_open and not was_open:
            log.error("the shop does not answer; calls are not forwarded for now", pause_seconds=self._pause)
