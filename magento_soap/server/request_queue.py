"""Requests that wait for a thread, round robin by address."""

from __future__ import annotations

from collections import Counter, deque
from queue import SimpleQueue
from threading import Lock

from magento_soap.api.addresses import address_group

from .connection import Exchange
from .limits import Limits


class RequestQueue:
    """A fair queue: addresses are served in turn, so that a client with many requests does not hold up the others.

    An address occupies at most all threads but one, so that another address finds a thread. Trusted proxies stand for
    many clients and may occupy all.
    """

    def __init__(self, limits: Limits, threads: int) -> None:
        self._limits = limits
        self._threads = threads
        self._waiting: dict[str, deque[Exchange]] = {}
        """The address that is served next comes first."""
        self._occupied: Counter[str] = Counter()
        self._lock = Lock()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        """One for each request that waits, except for those whose address occupies all the threads that it may."""
        self._owed = 0

    def put(self, exchange: Exchange) -> None:
        """Add a request."""
        with self._lock:
            self._waiting.setdefault(address_group(exchange.address), deque()).append(exchange)
        self._tokens.put(None)

    def get(self) -> Exchange:
        """The next request; waits for one. ``done`` has to be called when it is answered."""
        while True:
            self._tokens.get()
            with self._lock:
                for group, exchanges in self._waiting.items():
                    if self._occupied[group] < self._most(exchanges[0].address):
                        return self._taken(group, exchanges)
                self._owed += 1

    def done(self, exchange: Exchange) -> None:
        """A request has been answered."""
        group = address_group(exchange.address)
        with self._lock:
            self._occupied[group] -= 1
            if not self._occupied[group]:
                del self._occupied[group]
            if self._owed:
                self._owed -= 1
                self._tokens.put(None)

    def _most(self, address: str) -> int:
        return max(self._threads - 1, 1) if self._limits.is_limited(address) else self._threads

    def _taken(self, group: str, exchanges: deque[Exchange]) -> Exchange:
        del self._waiting[group]
        exchange = exchanges.popleft()
        if exchanges:
            self._waiting[group] = exchanges
        self._occupied[group] += 1
        return exchange
