"""Requests that wait for another server, or for a slow client, leave their threads to others."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from itertools import count
from random import Random
from typing import TYPE_CHECKING

import pytest

from magento_soap.protocols.forwarding import WAITING, TooManyWaiting, waiting
from magento_soap.server.connection import Exchange
from magento_soap.server.limits import Limits
from magento_soap.server.request_queue import RequestQueue

from .serving import Client, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIMITS = Limits(max_body_bytes=100_000, transfer_timeout=60)
SECONDS = 20
"""How long a test waits for what must happen."""
A_MOMENT = 0.2
"""How long a test watches that something does not happen."""


class Request(Exchange):
    """A request without a connection."""

    def __init__(self, address: str, client: str | None = None) -> None:
        self.environ = {"REMOTE_ADDR": client or address}
        self._address = address

    @property
    def address(self) -> str:
        return self._address


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition. Raises TimeoutError."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.005)


class Shop:
    """An application: ``/own`` responds at once, ``/hold`` when ``go_on`` is set, ``/forward`` waits for ``answered``.

    ``own`` and ``hold`` keep their thread. What has happened is in ``events``, such as ``begun /hold``.
    """

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.answered = threading.Event()
        self.events: Counter[str] = Counter()
        self.order: list[str] = []
        self._lock = threading.Lock()

    def _happened(self, event: str, path: str) -> None:
        with self._lock:
            self.events[f"{event} {path}"] += 1
            self.order.append(f"{event} {path}")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        body = b"done"
        self._happened("begun", path)
        if path == "/hold":
            assert self.go_on.wait(SECONDS)
        elif path in ("/forward", "/fail"):
            try:
                with waiting(environ):
                    self._happened("waiting", path)
                    assert self.answered.wait(SECONDS)
                    if path == "/fail":
                        raise ConnectionError("the other server has disconnected")
            except TooManyWaiting:
                body = b"busy"
            except ConnectionError:
                body = b"gone"
            self._happened("resumed", path)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def until(self, event: str, times: int = 1) -> None:
        until(lambda: self.events[event] >= times)


def send(port: int, path: str, source: str = "127.0.0.1") -> Client:
    return Client(port, source).send(b"GET %b HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n" % path.encode())


def body(client: Client) -> bytes:
    return client.response().partition(b"\r\n\r\n")[2]


@contextmanager
def serving(shop: Shop, threads: int, max_waiting: int, limits: Limits = LIMITS) -> Iterator[int]:
    """Serve, and let everything end at the end."""
    with served(shop, limits, threads, max_waiting) as port:
        try:
            yield port
        finally:
            shop.go_on.set()
            shop.answered.set()


def test_own_requests_have_all_threads_while_all_others_wait() -> None:
    shop = Shop()
    with serving(shop, threads=2, max_waiting=3) as port:
        forwarded = [send(port, "/forward", f"127.0.0.{n}") for n in (2, 3, 4)]
        shop.until("waiting /forward", 3)
        held = [send(port, "/hold", f"127.0.0.{n}") for n in (2, 3)]
        shop.until("begun /hold", 2)  # both at the same time: they hold until the end
        shop.go_on.set()
        assert [body(client) for client in held] == [b"done"] * 2
        assert body(send(port, "/own")) == b"done"
        shop.answered.set()
        assert [body(client) for client in forwarded] == [b"done"] * 3


def test_a_thread_is_taken_again_before_the_call_goes_on() -> None:
    shop = Shop()
    with serving(shop, threads=1, max_waiting=1) as port:
        forwarded = send(port, "/forward")
        shop.until("waiting /forward")
        held = send(port, "/hold")
        shop.until("begun /hold")
        shop.answered.set()
        time.sleep(A_MOMENT)
        assert shop.events["resumed /forward"] == 0
        shop.go_on.set()
        assert [body(client) for client in (forwarded, held)] == [b"done"] * 2


def test_a_call_that_has_waited_goes_before_new_requests() -> None:
    queue = RequestQueue(LIMITS, threads=1, max_waiting=1)
    forwarded, held, own = (Request("192.0.2.1") for _ in range(3))
    order: list[Exchange] = []
    waits, answered = threading.Event(), threading.Event()

    def forward() -> None:
        with queue.waiting(forwarded):
            waits.set()
            answered.wait(SECONDS)
        order.append(forwarded)
        queue.done(forwarded)

    for request in (forwarded, held, own):
        queue.put(request)
    assert queue.get() is forwarded
    threads = [threading.Thread(target=forward), threading.Thread(target=lambda: order.append(queue.get()))]
    threads[0].start()
    assert waits.wait(SECONDS)
    assert queue.get() is held
    threads[1].start()
    until(lambda: queue._withheld_tokens)
    answered.set()
    until(lambda: queue._returning)
    queue.done(held)
    for thread in threads:
        thread.join(SECONDS)
    assert order == [forwarded, own]


def test_an_exception_while_waiting_takes_the_thread_again() -> None:
    shop = Shop()
    shop.answered.set()
    with serving(shop, threads=1, max_waiting=1) as port:
        assert [body(send(port, "/fail")) for _ in range(4)] == [b"gone"] * 4
        held = send(port, "/hold")
        shop.until("begun /hold")
        own = send(port, "/own", "127.0.0.2")
        time.sleep(A_MOMENT)
        assert shop.events["begun /own"] == 0  # there is still one thread only
        shop.go_on.set()
        assert [body(held), body(own)] == [b"done"] * 2


def test_one_more_is_refused_at_once_until_another_is_answered() -> None:
    shop = Shop()
    with serving(shop, threads=1, max_waiting=2) as port:
        forwarded = [send(port, "/forward", f"127.0.0.{n}") for n in (2, 3)]
        shop.until("waiting /forward", 2)
        assert body(send(port, "/forward", "127.0.0.4")) == b"busy"
        shop.answered.set()
        assert [body(client) for client in forwarded] == [b"done"] * 2
        assert body(send(port, "/forward", "127.0.0.4")) == b"done"


def test_one_address_leaves_a_place_for_another() -> None:
    shop = Shop()
    with serving(shop, threads=2, max_waiting=3) as port:
        forwarded = [send(port, "/forward", "127.0.0.2") for _ in range(2)]
        shop.until("waiting /forward", 2)
        assert body(send(port, "/forward", "127.0.0.2")) == b"busy"
        forwarded.append(send(port, "/forward", "127.0.0.3"))
        shop.until("waiting /forward", 3)
        shop.answered.set()
        assert [body(client) for client in forwarded] == [b"done"] * 3


@pytest.mark.parametrize(("client", "may_wait"), [("127.0.0.1", True), ("192.0.2.1", False)])
def test_a_proxy_may_have_all_places_and_each_of_its_clients_all_but_one(client: str, may_wait: bool) -> None:
    limits = replace(LIMITS, unlimited_addresses=[ip_network("127.0.0.1")])
    queue = RequestQueue(limits, threads=2, max_waiting=2)
    for _ in range(2):
        queue.put(Request("127.0.0.1", client))
    first, second = queue.get(), queue.get()
    with queue.waiting(first):
        if may_wait:
            with queue.waiting(second):
                pass
        else:
            with pytest.raises(TooManyWaiting), queue.waiting(second):
                pass


def test_one_place_is_for_anybody() -> None:
    queue = RequestQueue(LIMITS, threads=1, max_waiting=1)
    queue.put(Request("192.0.2.1"))
    with queue.waiting(queue.get()):
        pass


def test_a_waiting_call_does_not_count_for_its_address() -> None:
    """An address has one of two threads, so its second request runs only because the first does not."""
    shop = Shop()
    with serving(shop, threads=2, max_waiting=2) as port:
        forwarded = send(port, "/forward")
        shop.until("waiting /forward")
        held = send(port, "/hold")
        shop.until("begun /hold")
        own = send(port, "/own")
        shop.answered.set()
        time.sleep(A_MOMENT)
        assert shop.events["resumed /forward"] == 0  # the address has its share again
        assert shop.events["begun /own"] == 0
        assert body(send(port, "/own", "127.0.0.2")) == b"done"  # and leaves a thread to others
        time.sleep(A_MOMENT)
        assert shop.events["resumed /forward"] == 0  # that one is not for it either
        shop.go_on.set()
        assert [body(client) for client in (forwarded, held, own)] == [b"done"] * 3


def test_a_context_within_a_context_has_no_effect() -> None:
    queue = RequestQueue(LIMITS, threads=1, max_waiting=1)
    first, second, third = (Request("192.0.2.1") for _ in range(3))
    for request in (first, second, third):
        queue.put(request)
    assert queue.get() is first
    taken: list[Exchange] = []
    with queue.waiting(first):
        with queue.waiting(first):
            assert queue.get() is second
        thread = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
        thread.start()
        thread.join(A_MOMENT)
        assert not taken
        queue.done(second)
        thread.join(SECONDS)
        assert taken == [third]
        queue.done(third)
    queue.done(first)


@pytest.mark.parametrize("seed", range(3))
def test_no_request_is_forgotten_and_no_limit_exceeded(seed: int) -> None:
    threads, max_waiting, total = 3, 2, 400
    queue = RequestQueue(LIMITS, threads, max_waiting)
    lock, numbers = threading.Lock(), count()
    running: Counter[str] = Counter()
    waiting_now: Counter[str] = Counter()
    refused: list[Exchange] = []
    done = threading.Semaphore(0)
    exceeded: list[str] = []

    def changes(counter: Counter[str], address: str, by: int) -> None:
        with lock:
            counter[address] += by
            if running.total() > threads or max(running.values()) > threads - 1:
                exceeded.append(f"running: {running}")
            if waiting_now.total() > max_waiting or max(waiting_now.values(), default=0) > max_waiting - 1:
                exceeded.append(f"waiting: {waiting_now}")

    def serve() -> None:
        random = Random(seed * 100 + next(numbers))
        while True:
            request = queue.get()
            changes(running, request.address, 1)
            for _ in range(random.randrange(3)):
                time.sleep(random.random() / 1000)
                try:
                    changes(running, request.address, -1)  # or it would count after its thread was given away
                    with queue.waiting(request):
                        changes(waiting_now, request.address, 1)
                        time.sleep(random.random() / 1000)
                        changes(waiting_now, request.address, -1)
                except TooManyWaiting:
                    refused.append(request)
                changes(running, request.address, 1)
            changes(running, request.address, -1)
            queue.done(request)
            done.release()

    for _ in range(threads + max_waiting):
        threading.Thread(target=serve, daemon=True).start()
    for number in range(total):
        queue.put(Request(f"192.0.2.{Random(number).randrange(3)}"))
    assert all(done.acquire(timeout=SECONDS) for _ in range(total))
    assert not exceeded
    assert refused  # or the limit was never reached


def test_without_another_server_there_are_no_more_threads_and_nobody_waits() -> None:
    seen: list[WSGIEnvironment] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ)
        with waiting(environ):
            start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    before = threading.active_count()
    with served(application, LIMITS, threads=2) as port:
        assert body(send(port, "/")) == b"done"
        assert threading.active_count() - before == 3  # and the event loop
    assert WAITING not in seen[0]


def test_a_call_that_waits_is_answered_before_the_server_ends() -> None:
    shop, responses = Shop(), list[bytes]()
    with served(shop, LIMITS, threads=1, max_waiting=1) as port:
        client = send(port, "/forward")
        shop.until("waiting /forward")
        reader = threading.Thread(target=lambda: responses.append(body(client)))
        reader.start()
        threading.Timer(A_MOMENT, shop.answered.set).start()
    reader.join(SECONDS)
    assert responses == [b"done"]


PART = 64 * 1024
SIZE = 600 * PART
"""More bytes than the system keeps for a client that does not read."""


def long_response(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """``/long`` has a long response in parts, everything else a short one."""
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [("Content-Length", str(SIZE))])
        return (bytes(PART) for _ in range(SIZE // PART))
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]


def test_a_slow_client_of_a_long_response_leaves_its_thread_to_others() -> None:
    with served(long_response, LIMITS, threads=1, max_waiting=1) as port:
        slow = send(port, "/long")
        slow.receive(b"\r\n\r\n")
        assert body(send(port, "/own")) == b"done"
        assert len(slow.response()) > SIZE // 2


def test_a_slow_client_that_finds_no_place_to_wait_keeps_its_thread() -> None:
    shop = Shop()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (long_response if environ["PATH_INFO"] == "/long" else shop)(environ, start_response)

    with served(application, LIMITS, threads=1, max_waiting=1) as port:
        forwarded = send(port, "/forward", "127.0.0.2")
        shop.until("waiting /forward")
        slow = send(port, "/long")
        slow.receive(b"\r\n\r\n")
        time.sleep(A_MOMENT)
        own = send(port, "/own")
        time.sleep(A_MOMENT)
        assert shop.events["begun /own"] == 0
        assert len(slow.response()) > SIZE // 2
        assert body(own) == b"done"
        shop.answered.set()
        assert body(forwarded) == b"done"
