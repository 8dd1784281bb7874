"""What a worker reads, answers and refuses on its connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from magento_soap.api.addresses import address_group
from magento_soap.server.limits import Limits

from .serving import Client, open_connections, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIMITS = Limits(
    max_body_bytes=100_000,
    max_connections=40,
    max_connections_per_address=20,
    header_timeout=1,  # long enough for a test that takes several steps on a busy machine
    transfer_timeout=1,
    min_bytes_per_second=100_000,
    keep_alive=1,
    max_head_bytes=2000,
    max_headers=20,
)
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Method, path, query and body."""
    length = int(environ["CONTENT_LENGTH"])
    if length > LIMITS.max_body_bytes:
        start_response("413 Content Too Large", [("Content-Length", "9")])
        return [b"too large"]
    body = environ["wsgi.input"].read()
    text = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {environ['QUERY_STRING']} ".encode("latin-1") + body
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(echo, LIMITS) as number:
        yield number


def body_of(response: bytes) -> bytes:
    return response.partition(b"\r\n\r\n")[2]


def test_a_connection_is_kept_for_the_next_request_and_closed_when_none_comes(port: int) -> None:
    client = Client(port)
    assert b"GET /a  " in client.send(b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n").receive(b"/a")
    assert b"GET /b  " in client.send(b"GET /b HTTP/1.1\r\nHost: shop\r\n\r\n").receive(b"/b")
    client.response()  # the end comes without a request for it


@pytest.mark.parametrize(
    ("request_line", "header"),
    [
        (b"GET / HTTP/1.1", b"Connection: close"),
        (b"GET / HTTP/1.0", b"Host: shop"),
    ],
)
def test_a_client_may_ask_for_the_end_of_the_connection(request_line: bytes, header: bytes) -> None:
    with served(echo, replace(LIMITS, keep_alive=60)) as number:  # longer than the client waits
        response = Client(number).send(b"%b\r\n%b\r\n\r\n" % (request_line, header)).response()
    assert b"Connection: close" in response


def test_http_1_0_keeps_the_connection_on_request(port: int) -> None:
    client = Client(port).send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"connection: keep-alive" in client.receive(b"GET /").lower()


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    requests = b"".join(b"GET /%d HTTP/1.1\r\nHost: shop\r\n\r\n" % n for n in range(5))
    response = Client(port).send(requests).shut().response()
    assert [line for line in response.split() if line.startswith(b"/")] == [b"/%d" % n for n in range(5)]


def test_a_body_may_come_in_chunks(port: int) -> None:
    head = b"POST /x?q=1 HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    response = Client(port).send(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").response()
    assert body_of(response) == b"POST /x q=1 abcde"


@pytest.mark.parametrize("size", [10, 40_000, 100_000], ids=["small", "in a file", "the largest"])
def test_a_body_arrives_whole(port: int, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    head = b"POST / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size
    assert body_of(Client(port).send(head).send(body[:size]).response()) == b"POST /  " + body[:size]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_by_the_endpoint_in_its_own_words(port: int, is_chunked: bool) -> None:
    length = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: 300000"
    client = Client(port).send(b"POST / HTTP/1.1\r\nHost: shop\r\n%b\r\n\r\n" % length)
    client.send((b"493e0\r\n" if is_chunked else b"") + b"x" * 300_000)
    response = client.response()
    assert response.startswith(b"HTTP/1.1 413 ")
    assert body_of(response) == b"too large"


def test_a_client_that_expects_100_continue_gets_it(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    client = Client(port).send(head)
    assert client.receive(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert body_of(client.send(b"abc").response()) == b"POST /  abc"


def test_a_client_that_asks_first_need_not_send_what_is_too_large(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n"
    assert Client(port).send(head).response().startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"CONNECT shop:80 HTTP/1.1\r\nHost: shop\r\n\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: shop\r\n\r\n", 400),
        (b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 21 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX-A: " + b"b" * 3000, 431),
    ],
)
def test_what_is_malformed_or_too_large_is_refused(port: int, request_bytes: bytes, status: int) -> None:
    assert Client(port).send(request_bytes).response().startswith(b"HTTP/1.1 %d " % status)


def test_a_header_with_an_underscore_does_not_pass_for_another(port: int) -> None:
    seen: list[WSGIEnvironment] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(dict(environ))
        return echo(environ, start_response)

    with served(application, LIMITS) as number:
        Client(number).send(b"GET / HTTP/1.0\r\nX_Forwarded_For: 1.2.3.4\r\nX-A: 1\r\nX-A: 2\r\n\r\n").response()
    assert "HTTP_X_FORWARDED_FOR" not in seen[0]
    assert seen[0]["HTTP_X_A"] == "1,2"
    assert seen[0]["REMOTE_ADDR"] == "127.0.0.1"


def environ_of(head: bytes, target: bytes = b"/") -> WSGIEnvironment | None:
    """The environment that an application sees; None if the request does not reach it."""
    seen: list[WSGIEnvironment] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(dict(environ))
        return echo(environ, start_response)

    with served(application, LIMITS) as number:
        Client(number).send(b"GET %b HTTP/1.0\r\n%b\r\n\r\n" % (target, head)).response()
    return seen[0] if seen else None


def test_no_control_character_but_a_tab_in_a_value_reaches_the_application(port: int) -> None:
    """Whoever repeats a name, a value or the target elsewhere injects nothing."""
    accepted = [
        request
        for control in (bytes([number]) for number in (*range(0x20), 0x7F))
        for request in (
            b"GET / HTTP/1.0\r\nX-A: b%bc\r\n\r\n" % control,
            b"GET / HTTP/1.0\r\nX%bA: b\r\n\r\n" % control,
            b"GET /a%bb HTTP/1.0\r\n\r\n" % control,
            b"GET /a?b%bc HTTP/1.0\r\n\r\n" % control,
        )
        if not Client(port).send(request).shut().response().startswith(b"HTTP/1.1 400 ")
    ]
    assert accepted == [b"GET / HTTP/1.0\r\nX-A: b\tc\r\n\r\n"]


@pytest.mark.parametrize(
    "head",
    [b"X-A: b\r\n c", b"X-A: b\r\n\tc", b"X-A: b\nX-B: c", b"X-A: b\rX-B: c", b"X-A : b", b": b", b"X\xe9: b"],
    ids=["folded", "folded with a tab", "LF", "CR", "space before the colon", "no name", "a name in Latin-1"],
)
def test_headers_that_servers_read_differently_are_refused(head: bytes) -> None:
    assert environ_of(head) is None


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        (b"X-A: \xc3\xa9\xff", "HTTP_X_A", "\xc3\xa9\xff"),
        (b"x-a: \t b \t c \t ", "HTTP_X_A", "b \t c"),
        (b"X-A:", "HTTP_X_A", ""),
        (b"X-A: 1\r\nX-B: 2\r\nx-a: 3", "HTTP_X_A", "1,3"),
        (b"Content-Type: a\r\nContent-Type: b", "CONTENT_TYPE", "a,b"),
        (b'SOAPAction: "urn:Action"', "HTTP_SOAPACTION", '"urn:Action"'),
        (b"X.A!: b", "HTTP_X.A!", "b"),
    ],
)
def test_a_header_arrives_as_it_was_sent(head: bytes, name: str, value: str) -> None:
    environ = environ_of(head)
    assert environ is not None
    assert environ[name] == value


@pytest.mark.parametrize(
    ("target", "path", "uri"),
    [
        (b"/a%2Fb%20c/%C3%A9?x=%26&y=a+b", "/a/b c/\xc3\xa9", "/a%2Fb%20c/%C3%A9?x=%26&y=a+b"),
        (b"/a%0d%0aX:y%00", "/a\r\nX:y\0", "/a%0d%0aX:y%00"),
        (b"//a//b", "//a//b", "//a//b"),
        (b"/a?b?c", "/a", "/a?b?c"),
        (b"/a#b?c", "/a", "/a"),
        (b"http://other.example/a?b", "/a", "/a?b"),
        (b"http://other.example", "/", "/"),
        (b"*", "/", "/"),
    ],
)
def test_the_target_is_also_there_as_it_was_encoded(target: bytes, path: str, uri: str) -> None:
    environ = environ_of(b"Host: shop", target)
    assert environ is not None
    assert (environ["PATH_INFO"], environ["REQUEST_URI"]) == (path, uri)


@pytest.mark.parametrize(
    ("sent", "gets_408"),
    [
        (b"", False),
        (b"GET / HTT", True),
        (b"GET / HTTP/1.1\r\nHost: sh", True),
        (b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nabc", True),
    ],
    ids=["silence", "half a request line", "half a head", "half a body"],
)
def test_an_incomplete_request_times_out(port: int, sent: bytes, gets_408: bool) -> None:
    started = time.monotonic()
    response = Client(port).send(sent).response()
    assert response.startswith(b"HTTP/1.1 408 ") is gets_408
    assert 0.9 < time.monotonic() - started < 9


def test_a_trickle_is_not_waited_for(port: int) -> None:
    """A byte now and then does not prolong anything, in the head or in the body."""
    client = Client(port).send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 90000\r\n\r\n")
    started = time.monotonic()
    stopped = threading.Event()

    def trickle() -> None:
        while not stopped.wait(0.05):
            client.send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    assert client.response().startswith(b"HTTP/1.1 408 ")
    stopped.set()
    thread.join()
    assert time.monotonic() - started < 9


def test_half_requests_take_no_thread(port: int) -> None:
    halves = [Client(port).send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc") for _ in range(10)]
    assert b"GET /" in Client(port).send(GET).receive(b"GET /")
    for half in halves:
        half.close()


def test_an_address_with_too_many_connections_loses_the_oldest_that_wait(port: int) -> None:
    silent = [Client(port) for _ in range(LIMITS.max_connections_per_address)]
    assert b"GET /" in Client(port).send(GET).receive(b"GET /")
    assert silent[0].response() == b""
    for client in silent:
        client.close()


def test_many_addresses_leave_room_for_another() -> None:
    with served(echo, LIMITS) as number:
        silent = [Client(number, f"127.0.0.{n}") for n in (2, 3, 4) for _ in range(20)]
        assert b"GET /" in Client(number).send(GET).receive(b"GET /")
        for client in silent:
            client.close()


def test_a_slow_reader_is_not_waited_for() -> None:
    ended = threading.Event()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            for _ in range(1000):
                yield b"x" * 65536
        finally:
            ended.set()

    with served(application, LIMITS) as number:
        client = Client(number).send(GET)
        assert ended.wait(10)  # long before all of it could be sent: nobody reads it
        client.close()


def test_a_response_that_is_complete_takes_no_thread() -> None:
    """Ten clients that do not read what they asked for leave both threads to others."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = b"x" * (8_000_000 if environ["PATH_INFO"] == "/large" else 2)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    with served(application, replace(LIMITS, transfer_timeout=60)) as number:
        deaf = [Client(number).send(b"GET /large HTTP/1.1\r\nHost: shop\r\n\r\n") for _ in range(10)]
        assert Client(number).send(GET).receive(b"xx").endswith(b"xx")
        for client in deaf:
            client.close()


def test_responses_that_nobody_takes_do_not_fill_the_memory() -> None:
    """The largest goes first: a client that is only slow keeps its connection."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = b"x" * int(environ["PATH_INFO"][1:])
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    with served(application, replace(LIMITS, transfer_timeout=60, max_unsent_bytes=40_000_000)) as number:
        sizes = [40_000_000, 24_000_000, 16_000_000, 24_000_000]
        clients = [Client(number).send(b"GET /%d HTTP/1.0\r\n\r\n" % size) for size in sizes]
        received = [len(client.receive(b"\r\n\r\n")) for client in clients]
        deadline = time.monotonic() + 10
        while open_connections(number) == len(clients) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert open_connections(number) < len(clients)
        assert received[0] + len(clients[0].response()) < sizes[0]
        assert received[2] + len(clients[2].response()) > sizes[2]
        for client in clients:
            client.close()  # or the end of the server would wait for them


def test_addresses_take_turns() -> None:
    """One address has many requests, and one thread less than there are; another is answered at once."""
    go_on, running = threading.Event(), threading.Semaphore(0)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        running.release()
        if environ["PATH_INFO"] == "/slow":
            go_on.wait(30)
        return echo(environ, start_response)

    with served(application, LIMITS, threads=3) as number:
        slow = [Client(number).send(b"GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n") for _ in range(10)]
        for _ in range(2):
            assert running.acquire(timeout=10)
        assert b"GET /" in Client(number, "127.0.0.5").send(GET).receive(b"GET /")
        assert running.acquire(timeout=10)  # that one
        assert not running.acquire(timeout=0.2)  # and none more of the first address
        go_on.set()
        for client in slow:
            assert b"GET /slow" in client.receive(b"/slow")


def test_a_proxy_may_have_all_threads() -> None:
    go_on, running = threading.Event(), threading.Semaphore(0)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        running.release()
        go_on.wait(30)
        return echo(environ, start_response)

    with served(application, replace(LIMITS, unlimited_addresses=[ip_network("127.0.0.0/8")]), threads=2) as number:
        clients = [Client(number).send(GET) for _ in range(2)]
        for _ in clients:
            assert running.acquire(timeout=10)
        go_on.set()
        for client in clients:
            client.receive(b"GET /")


def test_what_follows_a_request_and_is_malformed_ends_the_connection_after_the_response() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun.set()
        go_on.wait(10)
        return echo(environ, start_response)

    with served(application, replace(LIMITS, keep_alive=60)) as number:
        client = Client(number).send(GET)
        assert begun.wait(10)
        client.send(b"nonsense\r\n\r\n")
        threading.Timer(0.2, go_on.set).start()
        assert body_of(client.response()) == b"GET /  "  # its end does not wait for another request


def test_a_response_of_unknown_length_comes_in_chunks() -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"abc"
        yield b""
        yield b"x" * 100_000

    with served(application, LIMITS) as number:
        response = Client(number).send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").response()
        assert b"Transfer-Encoding: chunked" in response
        assert body_of(response) == b"3\r\nabc\r\n186a0\r\n%b\r\n0\r\n\r\n" % (b"x" * 100_000)
        response = Client(number).send(b"GET / HTTP/1.0\r\n\r\n").response()
        assert body_of(response) == b"abc" + b"x" * 100_000


@pytest.mark.parametrize("fails_late", [False, True])
def test_an_application_that_fails_ends_its_response(fails_late: bool) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        if not fails_late:
            raise RuntimeError("secret")
        start_response("200 OK", [("Content-Length", "200000")])
        yield b"x" * 100_000
        raise RuntimeError("secret")

    with served(application, LIMITS) as number:
        response = Client(number).send(GET).response()
    assert response.startswith(b"HTTP/1.1 200 " if fails_late else b"HTTP/1.1 500 ")
    assert b"secret" not in response


def test_what_was_asked_is_answered_before_the_end() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun.set()
        go_on.wait(10)
        start_response("200 OK", [("Content-Length", "3000000")])
        return [b"x" * 3_000_000]

    results: list[bytes] = []
    with served(application, LIMITS) as number:
        client = Client(number).send(GET)
        assert begun.wait(10)
        reader = threading.Thread(target=lambda: results.append(client.response()))
        reader.start()
        threading.Timer(0.2, go_on.set).start()
    reader.join(10)
    assert len(body_of(results[0])) == 3_000_000


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_addresses_are_counted_by_who_owns_them(address: str, group: str) -> None:
    assert address_group(address) == group
