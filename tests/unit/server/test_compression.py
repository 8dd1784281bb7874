"""Which responses are compressed, and which headers caches get."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client, TestResponse

from magento_soap.server.compression import Compression
from magento_soap.server.router import Router

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
