"""Which responses are compressed, and which headers caches get."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, TestResponse

from magento_soap.server.compression import BUFFERED_BYTES, GZIP_LEVEL, Compression
from magento_soap.server.limits import Limits
from magento_soap.server.router import Router

from . import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEXT = b"<invoice/>" * 200


class Answer:
    """A WSGI application with one answer, which remembers whether it was closed."""

    def __init__(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        self._body, self._status, self._headers = body, status, headers
        self.closed = False

    def wsdl(self, address: str) -> bytes:
        return self._body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [(name.replace("_", "-"), value) for name, value in self._headers.items()]
        start_response(self._status, [*headers, ("Content-Length", str(len(self._body)))])
        return self if environ["REQUEST_METHOD"] != "HEAD" else []

    def __iter__(self) -> Iterator[bytes]:
        yield from (self._body[:10], self._body[10:])

    def close(self) -> None:
        self.closed = True


def ask(answer: Answer, accept: str | None = "gzip", method: str = "POST") -> TestResponse:
    headers = {} if accept is None else {"Accept-Encoding": accept}
    return Client(Compression(answer)).open("/", method=method, headers=headers)


@pytest.mark.parametrize(
    "accept", ["gzip", "x-gzip", "GZIP", "gzip, deflate", "deflate;q=1, gzip;q=0.5", "*", "br, *;q=0.1"]
)
def test_a_long_answer_is_compressed_for_who_asks(accept: str) -> None:
    answer = Answer(TEXT, Content_Type="text/xml; charset=UTF-8")
    got = ask(answer, accept)
    assert gzip.decompress(got.data) == TEXT
    assert (got.headers["Content-Encoding"], got.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert (got.headers["Content-Length"], got.headers["Content-Type"]) == (
        str(len(got.data)),
        "text/xml; charset=UTF-8",
    )
    assert len(got.data) < len(TEXT) / 10
    assert answer.closed


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "identity",
        "deflate",
        "br",
        "gzip;q=0",
        "gzip;q=0, *",
        "*;q=0",
        "gzip;q=0.5, identity",
        "x-gzip;q=0",
        "nonsense;;q",
    ],
)
def test_it_stays_as_it_is_for_who_does_not(accept: str | None) -> None:
    got = ask(Answer(TEXT, Content_Type="text/xml"), accept)
    assert (got.data, got.headers["Content-Length"]) == (TEXT, str(len(TEXT)))
    assert "Content-Encoding" not in got.headers
    assert got.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("length", "compressed"), [(1023, False), (1024, True)])
def test_a_short_answer_is_not_compressed(length: int, compressed: bool) -> None:
    assert ("Content-Encoding" in ask(Answer(b"a" * length)).headers) == compressed


def test_what_does_not_get_shorter_is_not_compressed() -> None:
    noise = Random(1).randbytes(2000)
    got = ask(Answer(noise))
    assert (got.data, "Content-Encoding" in got.headers) == (noise, False)


def test_what_is_compressed_already_is_left_alone() -> None:
    got = ask(Answer(TEXT, Content_Encoding="br"))
    assert (got.data, got.headers["Content-Encoding"]) == (TEXT, "br")


def test_an_answer_to_head_has_no_body() -> None:
    got = ask(Answer(TEXT), method="HEAD")
    assert (got.data, got.headers["Content-Length"], "Content-Encoding" in got.headers) == (b"", str(len(TEXT)), False)


def test_faults_are_compressed_too() -> None:
    got = ask(Answer(TEXT, status="500 Internal Server Error"))
    assert (got.status_code, gzip.decompress(got.data)) == (500, TEXT)


def test_vary_keeps_what_it_had() -> None:
    assert ask(Answer(TEXT, Vary="Origin")).headers["Vary"] == "Origin, Accept-Encoding"


def test_a_wsdl_has_one_tag_in_either_encoding() -> None:
    """A weak one, for it stands for the document, not for its bytes: either copy is fresh as long as it is the same."""
    shop = Client(Compression(Router({"soap": Answer(TEXT)})))
    plain = shop.get("/api/soap/?wsdl")
    short = shop.get("/api/soap/?wsdl", headers={"Accept-Encoding": "gzip"})
    assert (short.headers["Content-Encoding"], gzip.decompress(short.data)) == ("gzip", plain.data)
    assert plain.headers["ETag"] == short.headers["ETag"]
    assert plain.headers["ETag"].startswith("W/")
    for accept in ("identity", "gzip"):
        headers = {"If-None-Match": plain.headers["ETag"], "Accept-Encoding": accept}
        again = shop.get("/api/soap/?wsdl", headers=headers)
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in ", ".join(again.headers.getlist("Vary"))
        assert "Content-Encoding" not in again.headers


PART = 64 * 1024


class Parts:
    """A WSGI application with an answer in parts, which remembers how often it was closed."""

    def __init__(
        self, parts: Callable[[], Iterable[bytes]], status: str = "200 OK", headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._parts, self._status, self._headers = parts, status, list(headers)
        self.taken = 0
        self.closed = threading.Semaphore(0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self._status, list(self._headers))
        return self

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts():
            self.taken += 1
            yield part

    def close(self) -> None:
        self.closed.release()

    def was_closed_once(self) -> bool:
        return self.closed.acquire(timeout=10) and not self.closed.acquire(blocking=False)


def started(app: Parts, method: str = "POST") -> tuple[dict[str, str], Iterable[bytes]]:
    """Headers and parts of a response of which nothing has been sent."""
    headers: dict[str, str] = {}

    def start_response(_status: str, sent: list[tuple[str, str]], _: object = None, /) -> Callable[[bytes], object]:
        headers.update(sent)
        return lambda data: None

    environ = EnvironBuilder(method=method, headers=[("Accept-Encoding", "gzip")]).get_environ()
    return headers, Compression(app)(environ, start_response)


def close(parts: Iterable[bytes]) -> None:
    parts.close()  # type: ignore[attr-defined]


@given(st.lists(st.binary(max_size=50) | st.integers(0, 100_000).map(lambda size: b"text" * size), max_size=8))
def test_an_answer_in_parts_arrives_whole(parts: list[bytes]) -> None:
    app = Parts(lambda: parts, headers=[("Content-Length", str(sum(map(len, parts))))])
    headers, sent = started(app)
    body = b"".join(sent)
    close(sent)
    is_compressed = headers.get("Content-Encoding") == "gzip"
    assert (gzip.decompress(body) if is_compressed else body) == b"".join(parts)
    assert headers.get("Content-Length") in (None, str(len(body)))
    assert app.was_closed_once()


@pytest.mark.parametrize("parts", [[b"text" * 250_000], [b"text" * 4_000, b"more" * 4_000], [b"text" * 100]])
def test_an_answer_of_one_part_or_a_few_small_ones_is_compressed_as_a_whole(parts: list[bytes]) -> None:
    got = Client(Compression(Parts(lambda: parts))).get("/", headers={"Accept-Encoding": "gzip"})
    body = b"".join(parts)
    assert got.data == (gzip.compress(body, GZIP_LEVEL, mtime=0) if len(body) >= 1024 else body)
    assert got.headers["Content-Length"] == str(len(got.data))


def test_a_long_answer_in_parts_takes_little_memory_and_is_sent_as_it_comes() -> None:
    noise = Random(1).randbytes(PART)
    length = 64 * 1024 * 1024
    app = Parts(lambda: (noise for _ in range(length // PART)), headers=[("Content-Length", str(length))])
    tracemalloc.start()
    try:
        headers, sent = started(app)
        assert app.taken <= BUFFERED_BYTES // PART + 1
        assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
        assert "Content-Length" not in headers
        decompressor, received = zlib.decompressobj(31), 0
        for part in sent:
            received += len(decompressor.decompress(part))
        received += len(decompressor.flush())
        assert tracemalloc.get_traced_memory()[1] < 16 * PART
    finally:
        tracemalloc.stop()
    assert (received, decompressor.eof) == (length, True)
    close(sent)
    assert app.was_closed_once()


@pytest.mark.parametrize(
    ("status", "method", "encoding"),
    [("200 OK", "HEAD", ""), ("204 No Content", "POST", ""), ("304 Not Modified", "GET", ""), ("200 OK", "GET", "br")],
)
def test_answers_that_stay_as_they_are_are_not_read_ahead(status: str, method: str, encoding: str) -> None:
    headers = [("Content-Length", str(3 * PART)), *([("Content-Encoding", encoding)] if encoding else [])]
    app = Parts(lambda: [bytes(PART)] * 3, status, headers)
    seen, sent = started(app, method)
    assert app.taken <= 1
    assert b"".join(sent) == (bytes(3 * PART) if encoding else b"")
    assert seen.get("Content-Encoding", "") == encoding
    if method == "HEAD" or encoding:
        assert seen["Content-Length"] == str(3 * PART)
    close(sent)
    assert app.was_closed_once()


def failing(after: int) -> Iterator[bytes]:
    yield from (b"text" * 10_000 for _ in range(after))
    raise OSError("the file cannot be read")


@pytest.mark.parametrize("after", [0, 1])
def test_an_answer_that_fails_before_anything_is_sent_is_closed(after: int) -> None:
    app = Parts(lambda: failing(after))
    with pytest.raises(OSError, match="cannot be read"):
        started(app)
    assert app.was_closed_once()


def test_an_answer_that_fails_later_never_looks_complete() -> None:
    app = Parts(lambda: failing(9))
    with serving.served(Compression(app), Limits(max_body_bytes=100_000)) as port:
        request = b"GET / HTTP/1.1\r\nHost: shop\r\nAccept-Encoding: gzip\r\n\r\n"
        response = serving.Client(port).send(request).response()
    assert b"Transfer-Encoding: chunked" in response
    assert not response.endswith(b"0\r\n\r\n")
    assert app.was_closed_once()


def test_an_answer_is_closed_when_the_client_goes_away() -> None:
    noise = Random(1).randbytes(PART)
    app = Parts(lambda: (noise for _ in range(10_000)))
    with serving.served(Compression(app), Limits(max_body_bytes=100_000)) as port:
        client = serving.Client(port).send(b"GET / HTTP/1.1\r\nHost: shop\r\nAccept-Encoding: gzip\r\n\r\n")
        assert b"Content-Encoding: gzip" in client.receive(b"\r\n\r\n")
        client.close()
        assert app.was_closed_once()
    assert app.taken < 10_000
