"""One HTTP exchange with a shop, and every way in which it can fail."""

from __future__ import annotations

import ssl
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
import trustme

from magento_soap.upstream.exchange import Address, UpstreamFailure, UpstreamRequest, UpstreamResponse, exchange
from tests.scripted_shop import (
    Behaviour,
    closed_port,
    drips,
    hangs,
    resets,
    response,
    scripted_shop,
    sends,
    streams,
    unread_port,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
MEGABYTE = 1024 * 1024


def ask(
    url: str, body: bytes = b"<call/>", *, seconds: float = 10, max_bytes: int = MEGABYTE, path: str = "/api/soap/"
) -> UpstreamResponse:
    request = UpstreamRequest("POST", path, [("Content-Type", "text/xml"), ("Soapaction", '"a b"')], body)
    return exchange(Address.of(url), request, seconds=seconds, max_bytes=max_bytes)


def failure(behaviour: Behaviour, *, seconds: float = 10, max_bytes: int = MEGABYTE) -> UpstreamFailure:
    with scripted_shop(behaviour) as shop:
        with pytest.raises(UpstreamFailure) as failed:
            ask(shop.url, seconds=seconds, max_bytes=max_bytes)
        assert len(shop.requests) == 1, "nothing is ever sent twice"
    return failed.value


def test_a_request_and_its_response() -> None:
    body = bytes(range(256)) * 1000
    with scripted_shop(sends(response(b"<answer/>", "207 Some Status", headers="X-One: 1\r\nX-one: 2\r\n"))) as shop:
        received = ask(f"{shop.url}/shop", body)
    (request,) = shop.requests
    head, _, sent = request.partition(b"\r\n\r\n")
    assert sent == body
    assert head.split(b"\r\n") == [
        b"POST /shop/api/soap/ HTTP/1.1",
        f"Host: 127.0.0.1:{shop.port}".encode(),
        b"Content-Length: 256000",
        b"Connection: close",
        b"Content-Type: text/xml",
        b'Soapaction: "a b"',
    ]
    assert received.status_line == "207 Some Status"
    assert ("X-One", "1") in received.headers
    assert ("X-one", "2") in received.headers
    assert (received.beginning, received.end, received.size) == (b"<answer/>", b"<answer/>", 9)
    assert received.content() == b"<answer/>"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n", id="chunked"),
        pytest.param(HEAD + b"\r\n<a/>", id="until the connection ends"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 4\r\n\r\n<a/>", id="after a 100"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n<a/>", id="HTTP/1.0"),
        pytest.param(HEAD + b"Content-Length: 4\r\n\r\n<a/>more", id="bytes behind it"),
    ],
)
def test_every_form_of_a_body_is_read(data: bytes) -> None:
    with scripted_shop(sends(data)) as shop:
        assert ask(shop.url).content() == b"<a/>"


def test_a_redirect_is_not_followed() -> None:
    redirect = response(b"", "302 Found", headers="Location: http://127.0.0.1:9/\r\n")
    with scripted_shop(sends(redirect)) as shop:
        received = ask(shop.url)
    assert (received.status, received.header("location")) == (302, "http://127.0.0.1:9/")
    assert len(shop.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (sends(b""), "closed without|incomplete"),
        (resets(b""), "connection broke|incomplete"),
        (sends(HEAD + b"Content-Length: 100\r\n\r\n<a>"), "incomplete"),
        (resets(HEAD + b"Content-Length: 100\r\n\r\n<a>"), "connection broke|incomplete"),
        (sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\n<a>"), "incomplete"),
        (sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<a>"), "not valid HTTP"),
        (sends(b"SSH-2.0-OpenSSH_9.2\r\n"), "not valid HTTP"),
        (sends(HEAD + b"X: " + b"x" * MEGABYTE), "not valid HTTP"),
    ],
)
def test_a_broken_response_is_a_failure_of_the_shop(behaviour: Behaviour, reason: str) -> None:
    failed = failure(behaviour)
    assert failed.shop_is_down
    with pytest.raises(UpstreamFailure, match=reason):
        raise failed


def test_nobody_listens() -> None:
    with pytest.raises(UpstreamFailure, match=r"no connection: .*refused") as failed:
        ask(f"http://127.0.0.1:{closed_port()}")
    assert failed.value.shop_is_down


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(UpstreamFailure, match="no connection"):
        ask("http://shop.invalid")


def test_the_time_limit_is_one_of_the_whole_exchange() -> None:
    stopping = threading.Event()
    data = HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000
    for behaviour in (hangs(stopping), drips(data, 0.02, stopping)):
        started = time.monotonic()
        with scripted_shop(behaviour) as shop:
            with pytest.raises(UpstreamFailure, match=r"no complete response after 0\.3 seconds") as failed:
                ask(shop.url, seconds=0.3)
            stopping.set()
        assert failed.value.shop_is_down
        assert 0.3 <= time.monotonic() - started < 5
        stopping.clear()


def test_a_shop_that_does_not_read_the_request_is_too_slow() -> None:
    with unread_port() as port, pytest.raises(UpstreamFailure, match="no complete response after"):
        ask(f"http://127.0.0.1:{port}", b"x" * 16 * MEGABYTE, seconds=0.5)


def test_a_response_that_is_too_large_is_not_read_to_its_end() -> None:
    tracemalloc.start()
    try:
        failed = failure(streams(100 * MEGABYTE), max_bytes=20 * MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(failed) == f"the response has more than {20 * MEGABYTE} bytes"
    assert not failed.shop_is_down
    assert peak < 8 * MEGABYTE


def test_a_large_response_is_not_kept_in_memory() -> None:
    tracemalloc.start()
    try:
        with scripted_shop(streams(50 * MEGABYTE)) as shop:
            received = ask(shop.url, max_bytes=50 * MEGABYTE)
        size = sum(map(len, received.parts()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == received.size == 50 * MEGABYTE
    assert peak < 8 * MEGABYTE
    assert received.body.closed


def test_headers_beyond_ascii_are_sent_as_they_came() -> None:
    with scripted_shop(sends(response(b""))) as shop:
        request = UpstreamRequest("POST", "/", [("X-Name", "Grüße".encode().decode("latin-1"))])
        exchange(Address.of(shop.url), request, seconds=5, max_bytes=100)
    assert "X-Name: Grüße\r\n".encode() in shop.requests[0]


@pytest.mark.parametrize("header", [("X-Bad", "a\r\nX-Injected: 1"), ("X-Bad", "a\0"), ("X Bad", "a"), ("X-Bad", "ł")])
def test_a_header_that_http_does_not_allow_is_not_sent(header: tuple[str, str]) -> None:
    with scripted_shop(sends(response(b""))) as shop:
        request = UpstreamRequest("POST", "/", [header])
        with pytest.raises(UpstreamFailure, match="cannot be forwarded") as failed:
            exchange(Address.of(shop.url), request, seconds=5, max_bytes=100)
    assert not failed.value.shop_is_down
    assert not shop.requests


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """A certificate authority, and the file with its certificate."""
    authority, file = trustme.CA(), tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, file


@pytest.mark.parametrize(
    ("certified", "host_header", "problem"),
    [
        ("127.0.0.1", None, None),
        ("shop.example", "shop.example", None),
        ("shop.example", "shop.example:8443", None),
        ("shop.example", None, "no TLS connection: .*mismatch"),
        ("other.example", "shop.example", "no TLS connection: .*mismatch"),
    ],
)
def test_with_tls_the_certificate_is_checked(
    authority: tuple[trustme.CA, Path], certified: str, host_header: str | None, problem: str | None
) -> None:
    issuer, file = authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(certified).configure_cert(context)
    with scripted_shop(sends(response(b"<a/>")), context) as shop:
        address = Address.of(f"https://127.0.0.1:{shop.port}", host_header=host_header, ca=file)
        request = UpstreamRequest("POST", "/", [])
        if problem is None:
            assert exchange(address, request, seconds=5, max_bytes=100).content() == b"<a/>"
            assert f"Host: {host_header or f'127.0.0.1:{shop.port}'}".encode() in shop.requests[0]
        else:
            with pytest.raises(UpstreamFailure, match=problem):
                exchange(address, request, seconds=5, max_bytes=100)


def test_an_unknown_authority_is_refused(authority: tuple[trustme.CA, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("127.0.0.1").configure_cert(context)
    request = UpstreamRequest("POST", "/", [])
    with (
        scripted_shop(sends(response(b"")), context) as shop,
        pytest.raises(UpstreamFailure, match=r"no TLS connection: .*verify failed"),
    ):
        exchange(Address.of(f"https://127.0.0.1:{shop.port}"), request, seconds=5, max_bytes=100)
    assert not shop.requests


def test_a_file_without_certificates_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ValueError, match="upstream_ca"):
        Address.of("https://shop.example", ca=tmp_path / "empty.pem")
