"""Requests that wait for a thread: every address has its turn."""

from __future__ import annotations

from collections import Counter, deque
from queue import SimpleQueue
from threading import Lock

from ..addresses import address_group
from .connection import Exchange
from .limits import Limits


class Turns:
    """A queue of requests in which the addresses that they come from take turns.

    Some client always has the most requests, and each of the others would wait for all of them. An address has at most
    all threads but one, so that another one finds a thread; proxies, which stand for many clients, may have all.
    """

    def __init__(self, limits: Limits, threads: int) -> None:
        self._limits = limits
        self._threads = threads
        self._waiting: dict[str, deque[Exchange]] = {}
        """The address whose turn is next comes first."""
        self._answered: Counter[str] = Counter()
        self._lock = Lock()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        """One for each request that waits, but for those whose address has all the threads that it may have."""
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
                    if self._answered[group] < self._most(exchanges[0].address):
                        return self._taken(group, exchanges)
                self._owed += 1

    def done(self, exchange: Exchange) -> None:
        """A request has been answered."""
        group = address_group(exchange.address)
        with self._lock:
            self._answered[group] -= 1
            if not self._answered[group]:
                del self._answered[group]
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
        self._answered[group] += 1
        return exchange
