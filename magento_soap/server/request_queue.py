"""A queue of requests that wait for a thread, round robin by client address."""

from __future__ import annotations

from collections import Counter, deque
from queue import SimpleQueue
from threading import Lock

from magento_soap.api.addresses import address_group

from .connection import Exchange
from .limits import Limits


class RequestQueue:
    """A fair queue: addresses take turns, so a client with many requests does not delay the others.

    An address occupies at most all threads but one, which leaves a thread for another address. Trusted proxies may
    occupy all threads, because many clients share their addresses.
    """

    def __init__(self, limits: Limits, threads: int) -> None:
        self._limits = limits
        self._threads = threads
        self._waiting: dict[str, deque[Exchange]] = {}
        """In the order in which addresses are served."""
        self._occupied: Counter[str] = Counter()
        self._lock = Lock()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        """One for each waiting request, except those whose address already occupies its share of the threads."""
        self._withheld_tokens = 0

    def put(self, exchange: Exchange) -> None:
        """Add a request."""
        with self._lock:
            self._waiting.setdefault(address_group(exchange.address), deque()).append(exchange)
        self._tokens.put(None)

    def get(self) -> Exchange:
        """Wait for the next request. Call ``done`` after responding to it."""
        while True:
            self._tokens.get()
            with self._lock:
                for group, exchanges in self._waiting.items():
                    if self._occupied[group] < self._max_threads(exchanges[0].address):
                        return self._take(group, exchanges)
                self._withheld_tokens += 1

    def done(self, exchange: Exchange) -> None:
        """Release the thread of a request after the response."""
        group = address_group(exchange.address)
        with self._lock:
            self._occupied[group] -= 1
            if not self._occupied[group]:
                del self._occupied[group]
            if self._withheld_tokens:
                self._withheld_tokens -= 1
                self._tokens.put(None)

    def _max_threads(self, address: str) -> int:
        return max(self._threads - 1, 1) if self._limits.is_limited(address) else self._threads

    def _take(self, group: str, exchanges: deque[Exchange]) -> Exchange:
        del self._waiting[group]
        exchange = exchanges.popleft()
        if exchanges:
            self._waiting[group] = exchanges
        self._occupied[group] += 1
        return exchange
