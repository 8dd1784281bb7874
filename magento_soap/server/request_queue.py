"""A queue of requests that wait for a thread, round robin by client address."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Lock

from magento_soap.api.addresses import address_group
from magento_soap.protocols.forwarding import TooManyWaiting

from .connection import Exchange
from .limits import Limits


class RequestQueue:
    """A fair queue: addresses take turns, so a client with many requests does not delay the others.

    At most ``threads`` requests run at a time. An address occupies at most all threads but one, which leaves a thread
    for another address. Trusted proxies may occupy all threads, because many clients share their addresses.

    A request that waits for another server, or for a slow client to take its response, does not run. At most
    ``max_waiting`` requests may wait at a time, and one client may occupy all of these places but one. ``get`` must be
    called by ``threads + max_waiting`` threads, so that there is always one for the next request.
    """

    def __init__(self, limits: Limits, threads: int, max_waiting: int = 0) -> None:
        self._limits = limits
        self._threads = threads
        self._max_waiting = max_waiting
        self._queued: dict[str, deque[Exchange]] = {}
        """In the order in which addresses are served."""
        self._running = 0
        self._occupied: Counter[str] = Counter()
        """The running requests by address."""
        self._waiting: Counter[str] = Counter()
        """The requests that wait, including those that wait to run again, by client."""
        self._suspended: set[Exchange] = set()
        """The same requests."""
        self._returning: dict[Exchange, Event] = {}
        """The requests that have waited, and now wait to run again."""
        self._lock = Lock()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        """One for each queued request, except those that cannot run yet."""
        self._withheld_tokens = 0

    def put(self, exchange: Exchange) -> None:
        """Add a request."""
        with self._lock:
            self._queued.setdefault(address_group(exchange.address), deque()).append(exchange)
        self._tokens.put(None)

    def get(self) -> Exchange:
        """Wait for the next request. Call ``done`` after responding to it."""
        while True:
            self._tokens.get()
            with self._lock:
                for group, exchanges in self._queued.items():
                    if self._may_run(group, exchanges[0].address):
                        return self._take(group, exchanges)
                self._withheld_tokens += 1

    def done(self, exchange: Exchange) -> None:
        """Release the thread of a request after the response."""
        with self._lock:
            self._release(exchange)

    @contextmanager
    def waiting(self, exchange: Exchange) -> Iterator[None]:
        """Let other requests run while a running one waits for something; then wait until it may run again.

        It has no effect on a request that waits already. Raises TooManyWaiting at once if the client, or all of them
        together, have too many requests that wait.
        """
        if exchange in self._suspended:
            yield
            return
        client: str = exchange.environ["REMOTE_ADDR"]  # behind a trusted proxy not the address of the connection
        group = address_group(client)
        with self._lock:
            share = self._share(self._max_waiting, client)
            if len(self._suspended) >= self._max_waiting or self._waiting[group] >= share:
                raise TooManyWaiting("as many calls as are allowed wait for the shop already")
            self._suspended.add(exchange)
            self._waiting[group] += 1
            self._release(exchange)
        try:
            yield
        finally:
            self._run_again(exchange)
            with self._lock:
                self._suspended.remove(exchange)
                _subtract_one(self._waiting, group)

    def _run_again(self, exchange: Exchange) -> None:
        group = address_group(exchange.address)
        with self._lock:
            if self._may_run(group, exchange.address):
                self._occupy(group)
                return
            may_run = self._returning[exchange] = Event()
        may_run.wait()

    def _may_run(self, group: str, address: str) -> bool:
        return self._running < self._threads and self._occupied[group] < self._share(self._threads, address)

    def _share(self, places: int, address: str) -> int:
        """How many of the places one address may occupy."""
        return max(places - 1, 1) if self._limits.is_limited(address) else places

    def _take(self, group: str, exchanges: deque[Exchange]) -> Exchange:
        del self._queued[group]
        exchange = exchanges.popleft()
        if exchanges:
            self._queued[group] = exchanges
        self._occupy(group)
        return exchange

    def _occupy(self, group: str) -> None:
        self._running += 1
        self._occupied[group] += 1

    def _release(self, exchange: Exchange) -> None:
        """Let one request run in place of this one: one that has run before, otherwise the next in the queue."""
        self._running -= 1
        _subtract_one(self._occupied, address_group(exchange.address))
        for returning, may_run in self._returning.items():
            group = address_group(returning.address)
            if self._may_run(group, returning.address):
                del self._returning[returning]
                self._occupy(group)
                may_run.set()
                return
        if self._withheld_tokens:
            self._withheld_tokens -= 1
            self._tokens.put(None)


def _subtract_one(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
