"""The shop's WSDL is at hand whatever the shop and the database do, and every copy is fetched once.

The clock stands still but for ``Clock.sleep``. Threads are joined; where one has to wait, the test holds its event.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

import pytest
from lxml import etree
from structlog.testing import capture_logs
from werkzeug.test import Client

from magento_soap.api.ports import WsdlCopy, WsdlRecord
from magento_soap.protocols.forwarding import WsdlUnavailable
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.contracts import merged_template
from magento_soap.protocols.soap.wsdl import WsdlTemplate
from magento_soap.server.router import Router
from magento_soap.upstream.exchange import UpstreamFailure
from magento_soap.upstream.wsdl import RETRY_SECONDS, ShopWsdl
from tests.unit.protocols.soap.shop_wsdl import V2, WSI
from tests.unit.protocols.soap.wire import RecordingApi

ADDRESS = "http://shop.example/api/v2_soap/"
ADAPTER = "v2_soap"
REFRESH_SECONDS = 300.0
PATIENT = 10.0
"""Seconds after which a test that waits fails."""
FIRST, SECOND = V2.encode(), V2.replace("Retrieve", "Look up").encode()
merge = partial(merged_template, "v2", namespace="urn:Magento", soapenc_import="bare")


class Clock:
    """Both clocks of a server; its UTC may be wrong."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime(2025, 6, 1) + timedelta(seconds=self.seconds) + self.ahead

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Copies:
    """The table of copies, which may be out of reach."""

    def __init__(self) -> None:
        self.rows: dict[str, WsdlRecord] = {}
        self.is_down = False

    def find(self, name: str) -> WsdlRecord | None:
        if self.is_down:
            raise OSError("no database")
        return self.rows.get(name)

    def save(self, name: str, copy: WsdlRecord) -> None:
        if self.is_down:
            raise OSError("no database")
        stored = self.rows.get(name)
        if stored is None or stored.fetched_at < copy.fetched_at:
            self.rows[name] = copy


class Shop:
    """Serves ``document``, unless it is an exception; holds answers back until ``go`` is set."""

    def __init__(self, document: bytes | Exception = FIRST) -> None:
        self.document = document
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def fetch(self, adapter: str) -> bytes:
        self.asked.append(adapter)
        assert self.go.wait(PATIENT)
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


class Setting:
    """A shop, a database and a clock, and servers on them."""

    def __init__(self) -> None:
        self.shop, self.copies, self.clock = Shop(), Copies(), Clock()

    def server(self, merge: Callable[[bytes], WsdlTemplate] = merge, **options: Any) -> ShopWsdl:
        return ShopWsdl(
            ADAPTER,
            [ADAPTER],
            fetch=self.shop.fetch,
            merge=merge,
            copies=self.copies,
            refresh_seconds=REFRESH_SECONDS,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            **{"max_wait_seconds": PATIENT, **options},
        )

    def settle(self) -> None:
        """Wait for all refreshes."""
        for thread in threading.enumerate():
            if thread.name == f"WSDL {ADAPTER}":
                thread.join(PATIENT)
                assert not thread.is_alive()

    def serve(self, server: ShopWsdl) -> bytes:
        """The document, after the refresh that the request has started, if any."""
        server.document(ADDRESS)
        self.settle()
        return server.document(ADDRESS)


@pytest.fixture
def setting() -> Iterator[Setting]:
    made = Setting()
    yield made
    made.shop.go.set()
    made.settle()


def merged(document: bytes) -> bytes:
    return merge(document).at(ADDRESS)


# Fetching


def test_the_first_request_waits_for_the_shop(setting: Setting) -> None:
    server = setting.server()
    assert server.document(ADDRESS) == merged(FIRST)
    assert b"http://other.example/" in server.document("http://other.example/")
    assert setting.shop.asked == [ADAPTER]


def test_many_first_requests_wait_for_one_answer(setting: Setting) -> None:
    server = setting.server()
    setting.shop.go.clear()
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(server.document, ADDRESS) for _ in range(8)]
        assert not any(answer.done() for answer in answers)
        setting.shop.go.set()
        assert {answer.result(PATIENT) for answer in answers} == {merged(FIRST)}
    assert setting.shop.asked == [ADAPTER]


def test_the_second_target_is_asked_where_the_first_has_another_style(setting: Setting) -> None:
    asked: list[str] = []

    def fetch(target: str) -> bytes:
        asked.append(target)
        return WSI.encode() if target == "first" else FIRST

    server = ShopWsdl(
        ADAPTER,
        ["first", "second", "third"],
        fetch=fetch,
        merge=merge,
        copies=setting.copies,
        refresh_seconds=REFRESH_SECONDS,
        now=setting.clock.now,
    )
    assert server.document(ADDRESS) == merged(FIRST)
    assert asked == ["first", "second"]


def test_a_new_copy_is_not_fetched_again(setting: Setting) -> None:
    server = setting.server()
    setting.serve(server)
    setting.shop.document = SECOND
    setting.clock.sleep(REFRESH_SECONDS - 1)
    assert setting.serve(server) == merged(FIRST)
    setting.clock.sleep(1)
    assert setting.serve(server) == merged(SECOND)
    assert len(setting.shop.asked) == 2


def test_an_old_copy_is_served_while_one_thread_fetches_the_next(setting: Setting) -> None:
    server = setting.server()
    setting.serve(server)
    setting.shop.document = SECOND
    setting.shop.go.clear()
    setting.clock.sleep(REFRESH_SECONDS)
    assert [server.document(ADDRESS) for _ in range(5)] == [merged(FIRST)] * 5
    setting.shop.go.set()
    setting.settle()
    assert server.document(ADDRESS) == merged(SECOND)
    assert len(setting.shop.asked) == 2


def test_the_same_document_is_merged_once(setting: Setting) -> None:
    documents: list[bytes] = []

    def count(document: bytes) -> WsdlTemplate:
        documents.append(document)
        return merge(document)

    server = setting.server(count)
    for _ in range(3):
        setting.serve(server)
        setting.clock.sleep(REFRESH_SECONDS)
    assert len(setting.shop.asked) == 3
    assert documents == [FIRST]


# The shop is down


@pytest.mark.parametrize(
    "failure",
    [UpstreamFailure("refused"), b"<html>Maintenance</html>", WSI.encode(), b"", RuntimeError("a bug")],
    ids=["refused", "HTML", "another style", "nothing", "a bug"],
)
def test_the_last_good_copy_stays(setting: Setting, failure: bytes | Exception) -> None:
    server = setting.server()
    setting.serve(server)
    setting.shop.document = failure
    setting.clock.sleep(REFRESH_SECONDS)
    with capture_logs() as logs:
        assert [setting.serve(server) for _ in range(3)] == [merged(FIRST)] * 3
    assert [entry["log_level"] for entry in logs] == ["error" if isinstance(failure, RuntimeError) else "warning"]
    assert logs[0]["wsdl"] == ADAPTER
    assert setting.copies.rows[ADAPTER].document == FIRST
    setting.shop.document = SECOND
    setting.clock.sleep(RETRY_SECONDS)
    assert setting.serve(server) == merged(SECOND)


def test_a_shop_that_is_down_is_asked_every_thirty_seconds(setting: Setting) -> None:
    server = setting.server()
    setting.serve(server)
    setting.shop.document = UpstreamFailure("refused")
    setting.clock.sleep(REFRESH_SECONDS)
    with capture_logs() as logs:
        for _ in range(60):
            setting.serve(server)
            setting.clock.sleep(1)
    assert len(setting.shop.asked) == 1 + 2
    assert [entry["reason"] for entry in logs] == [f"{ADAPTER}: refused"] * 2


def test_without_any_copy_there_is_no_wsdl(setting: Setting) -> None:
    setting.shop.document = UpstreamFailure("refused")
    server = setting.server()
    for elapsed in (0, 10):
        setting.clock.sleep(elapsed)
        with pytest.raises(WsdlUnavailable) as raised:
            server.document(ADDRESS)
        setting.settle()
        assert raised.value.retry_after == RETRY_SECONDS - elapsed
    assert len(setting.shop.asked) == 1
    setting.shop.document = FIRST
    setting.clock.sleep(RETRY_SECONDS - 10)
    assert server.document(ADDRESS) == merged(FIRST)


def test_a_request_does_not_wait_for_ever(setting: Setting) -> None:
    server = setting.server(max_wait_seconds=0.01)
    setting.shop.go.clear()
    for _ in range(2):
        with pytest.raises(WsdlUnavailable) as raised:
            server.document(ADDRESS)
        assert raised.value.retry_after == 1
    setting.shop.go.set()
    setting.settle()
    assert server.document(ADDRESS) == merged(FIRST)
    assert len(setting.shop.asked) == 1


def test_a_bug_does_not_hold_requests_back(setting: Setting) -> None:
    def fail(document: bytes) -> WsdlTemplate:
        raise TypeError("a bug")

    server = setting.server(fail)
    started_at = time.monotonic()
    with capture_logs() as logs, pytest.raises(WsdlUnavailable):
        server.document(ADDRESS)
    assert time.monotonic() - started_at < PATIENT
    setting.settle()
    assert [entry["log_level"] for entry in logs] == ["error"]


# The copy in the database


def test_a_copy_survives_a_restart(setting: Setting) -> None:
    setting.serve(setting.server())
    setting.shop.document = UpstreamFailure("refused")
    setting.clock.sleep(10 * REFRESH_SECONDS)
    assert setting.serve(setting.server()) == merged(FIRST)


def test_an_old_copy_is_served_at_once_after_a_restart(setting: Setting) -> None:
    """The shop may hang: nobody waits for it."""
    setting.serve(setting.server())
    setting.shop.document = SECOND
    setting.shop.go.clear()
    setting.clock.sleep(REFRESH_SECONDS)
    server = setting.server()
    assert server.document(ADDRESS) == merged(FIRST)
    setting.shop.go.set()
    setting.settle()
    assert server.document(ADDRESS) == merged(SECOND)


def test_one_process_fetches_for_all(setting: Setting) -> None:
    first, second = setting.server(), setting.server()
    setting.serve(first)
    setting.serve(second)
    assert len(setting.shop.asked) == 1
    setting.shop.document = SECOND
    setting.clock.sleep(REFRESH_SECONDS)
    setting.serve(first)
    assert setting.serve(second) == merged(SECOND)
    assert len(setting.shop.asked) == 2


def test_a_stored_copy_is_as_old_as_it_is(setting: Setting) -> None:
    setting.serve(setting.server())
    setting.clock.sleep(REFRESH_SECONDS - 1)
    server = setting.server()
    setting.serve(server)
    setting.shop.document = SECOND
    setting.clock.sleep(1)
    assert setting.serve(server) == merged(SECOND)


def test_another_process_copy_is_used_while_the_shop_is_down(setting: Setting) -> None:
    """Even if it is not new: it is newer than what this process has."""
    idle, busy = setting.server(), setting.server()
    setting.serve(idle)
    setting.shop.document = SECOND
    setting.clock.sleep(REFRESH_SECONDS)
    setting.serve(busy)
    setting.shop.document = UpstreamFailure("refused")
    setting.clock.sleep(REFRESH_SECONDS)
    assert setting.serve(idle) == merged(SECOND)


def test_a_copy_from_the_future_is_used_only_if_there_is_no_other(setting: Setting) -> None:
    """It is from a server whose clock was wrong, and would stay for ever."""
    setting.copies.rows[ADAPTER] = WsdlCopy(SECOND, setting.clock.now() + timedelta(days=300))
    setting.shop.document = UpstreamFailure("refused")
    server = setting.server()
    assert setting.serve(server) == merged(SECOND)
    setting.shop.document = FIRST
    setting.clock.sleep(RETRY_SECONDS)
    assert setting.serve(server) == merged(FIRST)
    setting.shop.document = UpstreamFailure("refused")
    setting.clock.sleep(REFRESH_SECONDS)
    assert setting.serve(server) == merged(FIRST)


def test_a_clock_that_is_set_back_does_not_make_every_request_fetch(setting: Setting) -> None:
    server = setting.server()
    setting.serve(server)
    setting.clock.ahead = timedelta(days=-1)
    setting.clock.sleep(REFRESH_SECONDS)
    for _ in range(5):
        setting.serve(server)
    assert len(setting.shop.asked) == 2


def test_the_database_may_be_down(setting: Setting) -> None:
    setting.copies.is_down = True
    server = setting.server()
    with capture_logs() as logs:
        assert setting.serve(server) == merged(FIRST)
        setting.shop.document = SECOND
        setting.clock.sleep(REFRESH_SECONDS)
        assert setting.serve(server) == merged(SECOND)
    assert {(entry["log_level"], entry["reason"]) for entry in logs} == {("warning", "no database")}
    setting.copies.is_down = False
    setting.clock.sleep(REFRESH_SECONDS)
    setting.serve(server)
    assert setting.copies.rows[ADAPTER].document == SECOND


def test_requests_do_not_wait_for_the_database(setting: Setting) -> None:
    """Once there is a copy in memory; a database that hangs keeps only the thread."""
    server = setting.server()
    setting.serve(server)
    go = threading.Event()

    def hang(name: str) -> None:
        assert go.wait(PATIENT)

    setting.copies.find = hang  # type: ignore[method-assign]
    setting.clock.sleep(REFRESH_SECONDS)
    assert server.document(ADDRESS) == merged(FIRST)
    go.set()


def test_a_stored_copy_of_another_style_is_replaced(setting: Setting) -> None:
    """The shop was switched to WS-I, or from it."""
    setting.copies.rows[ADAPTER] = WsdlCopy(WSI.encode(), setting.clock.now() - timedelta(seconds=1))
    assert setting.serve(setting.server()) == merged(FIRST)
    assert setting.copies.rows[ADAPTER].document == FIRST


# Over HTTP


@pytest.fixture
def php() -> Iterator[tuple[str, list[bytes]]]:
    """A web server: its URL, and a list whose last document it serves."""
    documents: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(documents[-1])))
            self.end_headers()
            self.wfile.write(documents[-1])

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", documents
        server.shutdown()
        thread.join(PATIENT)


def router_of(server: ShopWsdl) -> Client:
    return Client(Router({ADAPTER: SoapEndpoint(RecordingApi(), describe=server.document)}))


def test_the_tag_changes_exactly_when_the_document_changes(setting: Setting, php: tuple[str, list[bytes]]) -> None:
    """A comment in the shop's document is none of the clients' business."""
    url, documents = php

    def fetch(adapter: str) -> bytes:
        with urlopen(f"{url}/api/{adapter}/?wsdl", timeout=PATIENT) as response:
            content: bytes = response.read()
            return content

    setting.shop.fetch = fetch  # type: ignore[method-assign]
    documents.append(FIRST)
    server = setting.server()
    client = router_of(server)
    first = client.get(f"/api/{ADAPTER}/?wsdl")
    assert (first.status_code, etree.fromstring(first.data).get("name")) == (200, "Shop")
    setting.settle()

    def again() -> int:
        """Ask once for the refresh, and once for its result."""
        setting.clock.sleep(REFRESH_SECONDS)
        client.get(f"/api/{ADAPTER}/?wsdl")
        setting.settle()
        return client.get(f"/api/{ADAPTER}/?wsdl", headers={"If-None-Match": first.headers["ETag"]}).status_code

    assert again() == 304
    documents.append(FIRST.replace(b"<!-- made by hand -->", b"<!-- generated in 0.2 s -->"))
    assert again() == 304
    documents.append(b"<html>Maintenance</html>")
    assert again() == 304
    documents.append(SECOND)
    assert again() == 200
    documents.append(FIRST)
    assert again() == 304


def test_no_wsdl_is_status_503(setting: Setting) -> None:
    setting.shop.document = UpstreamFailure("refused by 10.0.0.7")
    client = router_of(setting.server())
    setting.clock.sleep(0.5)
    answer = client.get(f"/api/{ADAPTER}/?wsdl")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_SECONDS))
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == "503 Service Unavailable\nThe shop's WSDL is not available. Try again later.\n"
    setting.settle()
    setting.clock.sleep(0.3)
    assert client.get(f"/api/{ADAPTER}/?wsdl").headers["Retry-After"] == str(RETRY_SECONDS), "rounded up"
    setting.shop.document = FIRST
    setting.clock.sleep(RETRY_SECONDS)
    assert client.get(f"/api/{ADAPTER}/?wsdl").status_code == 200
