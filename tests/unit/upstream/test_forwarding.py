"""Forwarding of whole requests and of their parts: what goes out, what comes back, what becomes fault 1."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from xmlrpc.client import Fault

import pytest
from structlog.testing import capture_logs
from werkzeug.test import EnvironBuilder, run_wsgi_app

from magento_soap.api.faults import ApiFault
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.protocols.forwarding import WAITING, MessageFormat, TooManyWaiting
from magento_soap.protocols.jsonrpc import JsonRpcMessages
from magento_soap.protocols.xmlrpc import XmlRpcMessages, document
from magento_soap.upstream.circuit_breaker import CircuitBreaker
from magento_soap.upstream.exchange import Address, UpstreamFailure
from magento_soap.upstream.forwarding import HttpUpstream
from tests.scripted_shop import Behaviour, closed_port, response, scripted_shop, sends

CALL = ForwardedCall(7, "catalog_product.list")
ANSWER = document(["a", 1, None, {"b": "ü"}])
PAGE = b"<!DOCTYPE html>\n<html><body>There has been an error processing your request</body></html>"


class Recorded(list[tuple[str, str, bool]]):
    def __call__(self, call: ForwardedCall, protocol: str, *, failed: bool) -> None:
        self.append((str(call), protocol, failed))


def upstream(url: str, **changed: Any) -> HttpUpstream:
    settings: dict[str, Any] = {
        "seconds": 5.0,
        "max_bytes": 100_000,
        "record": Recorded(),
        "breaker": CircuitBreaker(),
    }
    settings |= changed
    return HttpUpstream(Address.of(url), **settings)


def environ(path: str = "/api/xmlrpc/", query: str = "", **variables: str) -> dict[str, Any]:
    built = EnvironBuilder(path, method="POST", query_string=query, content_type="text/xml").get_environ()
    return built | variables


@contextmanager
def failing(reason: str) -> Iterator[None]:
    """What happens inside is fault 1; its reference finds the reason in the log, in one line."""
    with capture_logs() as logs, pytest.raises(ApiFault) as failed:
        yield
    (entry,) = [entry for entry in logs if entry["event"] == "forwarding failed"]
    assert (entry["call"], entry["user"]) == ("catalog_product.list", 7)
    assert re.search(reason, entry["reason"]), entry["reason"]
    assert failed.value.code == "1"
    assert failed.value.message.endswith(f"(reference {entry['reference']})")
    assert reason not in failed.value.message


def forwarded(behaviour: Behaviour, messages: MessageFormat | None = None, **changed: Any) -> tuple[Any, ...]:
    """Status, headers and body of what the client gets."""
    with scripted_shop(behaviour) as shop:
        app = upstream(shop.url, **changed).forward(environ(), b"<call/>", CALL, messages or XmlRpcMessages())
        parts, status, headers = run_wsgi_app(app, environ())
        return status, list(headers), b"".join(parts)


def test_a_response_comes_back_unchanged() -> None:
    headers = "Set-Cookie: a=b\r\nX-Powered-By: PHP/5.6\r\nKeep-Alive: timeout=5\r\n"
    sent = response(ANSWER, "500 Internal Service Error", "text/xml; charset=UTF-8", headers)
    status, received, body = forwarded(sends(sent))
    assert status == "500 Internal Service Error"
    assert received == [
        ("Content-Type", "text/xml; charset=UTF-8"),
        ("Set-Cookie", "a=b"),
        ("X-Powered-By", "PHP/5.6"),
        ("Content-Length", str(len(ANSWER))),
    ]
    assert body == ANSWER


def test_the_same_endpoint_is_called_below_the_shops_path() -> None:
    with scripted_shop(sends(response(ANSWER))) as shop:
        upstream(f"{shop.url}/shop").forward(environ("/api/xmlrpc/", "a=1"), b"<call/>", CALL, XmlRpcMessages())
    assert shop.requests[0].split(b" ")[1] == b"/shop/api/xmlrpc/?a=1"


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_a_wsdl_is_fetched_as_it_is(status: str) -> None:
    with scripted_shop(sends(response(b"<definitions/>", status))) as shop:
        fetch = upstream(shop.url).fetch_wsdl
        if status == "200 OK":
            assert fetch("/api/v2_soap/?wsdl=1") == b"<definitions/>"
        else:
            with pytest.raises(UpstreamFailure, match="HTTP status 404"):
                fetch("/api/v2_soap/?wsdl=1")
    assert shop.requests[0].startswith(b"GET /api/v2_soap/?wsdl=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (response(PAGE, "500 Internal Server Error", "text/html"), "status 500 .*text/html are no complete XML-RPC"),
        (response(PAGE, "200 OK", "text/xml"), "are no complete XML-RPC"),
        (response(b"", "200 OK"), "0 bytes of text/xml"),
        (response(ANSWER[:-5]), "no complete XML-RPC"),
        (b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + ANSWER[:-30], "no complete XML-RPC"),
        (response(b"<b>Warning</b>: x in y.php" + ANSWER), "no complete XML-RPC"),
        (
            response(b"", "302 Found", headers="Location: https://www.shop.example/\r\n"),
            "redirects to https://www.shop",
        ),
        (response(ANSWER, headers="Content-Encoding: gzip\r\n"), "compressed"),
        (response(ANSWER + b" " * 100_000), "more than 100000 bytes"),
    ],
)
def test_what_is_no_response_of_the_protocol_is_fault_1(sent: bytes, reason: str) -> None:
    recorded = Recorded()
    with failing(reason):
        forwarded(sends(sent), record=recorded)
    assert recorded == [("catalog_product.list", "XML-RPC", True)]


def test_a_shop_that_is_down_is_left_alone_after_five_calls() -> None:
    recorded = Recorded()
    shop = upstream(f"http://127.0.0.1:{closed_port()}", record=recorded)
    for _ in range(5):
        with failing("no connection"):
            shop.forward(environ(), b"", CALL, XmlRpcMessages())
    with failing("not asked for now"):
        shop.forward(environ(), b"", CALL, XmlRpcMessages())
    assert len(recorded) == 6


@pytest.mark.parametrize(("status", "is_open"), [("503 Service Unavailable", True), ("404 Not Found", False)])
def test_pages_of_a_shop_that_is_there_do_not_count(status: str, is_open: bool) -> None:
    with scripted_shop(sends(response(PAGE, status, "text/html"))) as shop:
        breaker = CircuitBreaker()
        asked = upstream(shop.url, breaker=breaker)
        for _ in range(6):
            with pytest.raises(ApiFault):
                asked.forward(environ(), b"", CALL, XmlRpcMessages())
    assert breaker.is_open is is_open


def test_while_it_waits_the_thread_is_given_away() -> None:
    entered: list[str] = []

    @contextmanager
    def waiting() -> Iterator[None]:
        entered.append("in")
        yield
        entered.append("out")

    def answer(connection: socket.socket) -> None:
        entered.append("asked")
        connection.sendall(response(ANSWER))

    with scripted_shop(answer) as shop:
        upstream(shop.url).forward(environ() | {WAITING: waiting}, b"", CALL, XmlRpcMessages())
    assert entered == ["in", "asked", "out"]


def test_too_many_waiting_calls_are_fault_1_and_do_not_reach_the_shop() -> None:
    def waiting() -> AbstractContextManager[None]:
        raise TooManyWaiting("16 calls wait already")

    with scripted_shop(sends(response(ANSWER))) as shop:
        with failing("16 calls wait already"):
            upstream(shop.url).forward(environ() | {WAITING: waiting}, b"", CALL, XmlRpcMessages())
        assert not shop.requests


def test_a_shop_that_leads_back_here_ends_at_the_second_time() -> None:
    with scripted_shop(sends(response(ANSWER))) as shop:
        with failing("lead back here"):
            upstream(shop.url).forward(environ(HTTP_VIA="1.1 magento-soap"), b"", CALL, XmlRpcMessages())
        assert not shop.requests


def test_a_notification_has_no_body() -> None:
    status, headers, body = forwarded(sends(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"), JsonRpcMessages())
    assert (status, body) == ("204 No Content", b"")
    assert headers == [("X-A", "1")]


def test_a_part_of_a_request_is_a_request_of_its_own() -> None:
    recorded = Recorded()
    variables = environ(HTTP_SOAPACTION="x", HTTP_AUTHORIZATION="Basic YTpi")
    with scripted_shop(sends(response(ANSWER))) as shop:
        result = upstream(shop.url, record=recorded).shop(variables, XmlRpcMessages()).run(CALL, "call", ["s", "a.b"])
    assert result == ["a", 1, None, {"b": "ü"}]
    (request,) = shop.requests
    assert request.startswith(b"POST /api/xmlrpc/ HTTP/1.1\r\n")
    assert request.endswith(XmlRpcMessages().request("call", ["s", "a.b"]))
    assert b"\r\nAuthorization: Basic YTpi\r\n" in request
    assert b"Soapaction" not in request
    assert request.count(b"Content-Type:") == 1
    assert recorded == [("catalog_product.list", "XML-RPC", False)]


def test_a_part_that_cannot_be_read_is_fault_1() -> None:
    sent = response(b"<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>")
    recorded = Recorded()
    with scripted_shop(sends(sent)) as shop, failing("cannot be read"):
        upstream(shop.url, record=recorded).shop(environ(), XmlRpcMessages()).run(CALL, "call", [])
    assert recorded == [("catalog_product.list", "XML-RPC", True)]


def test_a_fault_of_the_shop_is_an_answer() -> None:
    recorded = Recorded()
    sent = response(document(Fault(101, "No such product.")))
    with scripted_shop(sends(sent)) as shop, pytest.raises(ApiFault, match="101 No such product"):
        upstream(shop.url, record=recorded).shop(environ(), XmlRpcMessages()).run(CALL, "call", [])
    assert recorded == [("catalog_product.list", "XML-RPC", False)]
