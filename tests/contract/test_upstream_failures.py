"""A shop behind the server that fails in every way: a clear fault in bounded time and memory; our own calls go on."""

from __future__ import annotations

import json
import re
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.scripted_shop import (
    Behaviour,
    ScriptedShop,
    closed_port,
    drips,
    hangs,
    resets,
    response,
    scripted_shop,
    sends,
    streams,
)

from .conftest import copied_shop

MEGABYTE = 1024 * 1024
CONNECTIONS = 4
TIMEOUT = 1.0
LIMIT = 30
"""Seconds that any call of these tests may take, however busy the machine is."""
INVOICE = "200000006"

ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:Magento"><e:Body>{}</e:Body>'
    "</e:Envelope>"
)
V1 = "<m:call><sessionId>{}</sessionId><resourcePath>catalog_product.list</resourcePath><args/></m:call>"
V2 = "<m:catalogProductList><sessionId>{}</sessionId></m:catalogProductList>"
WSI = "<m:catalogProductListRequestParam><sessionId>{}</sessionId></m:catalogProductListRequestParam>"


def soap(path: str, call: str) -> Callable[[Server], str]:
    def ask(server: Server) -> str:
        answer = requests.post(server.url + path, ENVELOPE.format(call.format(server.session)), timeout=LIMIT)
        assert answer.status_code == 200
        found = re.search("<faultcode>1</faultcode><faultstring>(.*)</faultstring>", answer.text)
        assert found, answer.text
        return found[1]

    return ask


def over_xml_rpc(server: Server) -> str:
    with pytest.raises(xmlrpc.client.Fault) as fault:
        server.xml_rpc.call(server.session, "catalog_product.list")
    assert fault.value.faultCode == 1
    return fault.value.faultString


def over_json_rpc(server: Server) -> str:
    asked: Any = {"jsonrpc": "2.0", "method": "call", "params": [server.session, "catalog_product.list"], "id": 1}
    error = requests.post(f"{server.url}/api/jsonrpc", json=asked, timeout=LIMIT).json()["error"]
    assert error["data"] == {"faultCode": "1", "faultName": "internal"}
    return str(error["message"])


PROTOCOLS = {
    "V1": soap("/api/soap/", V1),
    "V2": soap("/api/v2_soap/", V2),
    "WS-I": soap("/api/v2_soap_wsi/", WSI),
    "XML-RPC": over_xml_rpc,
    "JSON-RPC": over_json_rpc,
}


@dataclass
class Server:
    """Our server, in front of a shop that does what the test says."""

    url: str
    log: Path
    shop: ScriptedShop
    session: str = ""

    @property
    def xml_rpc(self) -> Any:
        """A client, new each time: it is not safe in threads."""
        return xmlrpc.client.ServerProxy(f"{self.url}/api/xmlrpc", allow_none=True)

    def info(self) -> str:
        """The number of an invoice, from one of our own calls."""
        return str(self.xml_rpc.call(self.session, "sales_order_invoice.info", [INVOICE])["increment_id"])

    def reason(self, reference: str) -> str:
        """What the log says under that reference."""
        entries = [json.loads(line) for line in self.log.read_text().splitlines() if reference in line]
        assert [entry["event"] for entry in entries] == ["forwarding failed"]
        return str(entries[0]["reason"])


@contextmanager
def served(demo_database: Path, folder: Path, **settings: str) -> Iterator[Server]:
    with (
        scripted_shop(sends(response(b""))) as shop,
        copied_shop(
            demo_database,
            folder,
            **{
                "upstream_url": shop.url,
                "upstream_connections": str(CONNECTIONS),
                "upstream_timeout_seconds": str(TIMEOUT),
                "log_format": "json",
            }
            | settings,
        ) as url,
    ):
        server = Server(url, folder / "server.log", shop)
        server.session = server.xml_rpc.login("apiUser", "apiKey")
        yield server


@pytest.fixture(scope="module")
def stopping() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(scope="module")
def running(
    demo_database: Path, tmp_path_factory: pytest.TempPathFactory, stopping: threading.Event
) -> Iterator[Server]:
    with served(demo_database, tmp_path_factory.mktemp("served")) as server:
        yield server
        stopping.set()


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server, with the circuits of both workers closed."""
    yield running
    running.shop.behaviour = sends(response(b"Not found", "404 Not Found", "text/html"))
    for _ in range(20):
        over_xml_rpc(running)


PAGE = b"<!DOCTYPE html><html><body>There has been an error processing your request</body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n"
FAILURES: dict[str, tuple[Callable[[threading.Event], Behaviour], str]] = {
    "hangs": (hangs, "no complete response after 1 seconds"),
    "drips": (lambda stopping: drips(HEAD + b"x" * 1000, 0.1, stopping), "no complete response after 1 seconds"),
    "HTML": (lambda _: sends(response(PAGE, "500 Internal Server Error", "text/html")), "HTTP status 500 .* text/html"),
    "HTML that says it is XML": (lambda _: sends(response(PAGE)), "HTTP status 200 OK: .* are no complete"),
    "redirects": (
        lambda _: sends(response(b"", "301 Moved", headers="Location: http://192.0.2.1/\r\n")),
        "redirects to http://192.0.2.1/",
    ),
    "resets": (lambda _: resets(HEAD + b"<?xml"), "incomplete|broke"),
    "is truncated": (lambda _: sends(HEAD + b"<?xml"), "incomplete"),
    "sends 100 MB": (lambda _: streams(100 * MEGABYTE), "more than 67108864 bytes"),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_fault_1_with_a_reference_to_the_log(
    server: Server, stopping: threading.Event, failure: str, protocol: str
) -> None:
    behaviour, reason = FAILURES[failure]
    server.shop.behaviour = behaviour(stopping)
    server.shop.requests.clear()
    text = PROTOCOLS[protocol](server)
    found = re.fullmatch(r"Internal Error\. Please see log for details\. \(reference (\w{8})\)", text)
    assert found, text
    assert re.search(reason, server.reason(found[1]))
    assert len(server.shop.requests) == 1, "nothing is ever sent twice"
    assert server.info() == INVOICE


def test_a_shop_that_is_down_is_fault_1(demo_database: Path, tmp_path: Path) -> None:
    with served(demo_database, tmp_path, upstream_url=f"http://127.0.0.1:{closed_port()}") as server:
        for ask in PROTOCOLS.values():
            reference = ask(server).rpartition(" ")[2].rstrip(")")
            assert re.search("no connection: .*refused|not asked for now", server.reason(reference))
        assert server.info() == INVOICE


def test_large_responses_stay_out_of_memory(server: Server) -> None:
    parent = next(p for p in psutil.process_iter(["cmdline"]) if str(server.log.parent) in _environment(p))
    workers = [child for child in parent.children() if "magento_soap.server" in child.cmdline()]
    before = {worker.pid: worker.memory_info().rss for worker in workers}
    server.shop.behaviour = streams(100 * MEGABYTE)
    for _ in range(6):
        over_xml_rpc(server)
    grown = [worker.memory_info().rss - before[worker.pid] for worker in workers]
    assert max(grown) < 40 * MEGABYTE


def _environment(process: psutil.Process) -> str:
    try:
        return process.environ().get("MAGENTO_SOAP_DATABASE_URL", "") if "serve" in process.cmdline() else ""
    except psutil.Error:
        return ""


def test_our_own_calls_go_on_while_every_forwarded_call_hangs(demo_database: Path, tmp_path: Path) -> None:
    release = threading.Event()
    with served(demo_database, tmp_path, upstream_timeout_seconds="60") as server:
        server.shop.behaviour = lambda connection: release.wait(60)
        with ThreadPoolExecutor(20) as pool:
            hanging = [pool.submit(over_xml_rpc, server) for _ in range(20)]
            try:
                deadline = time.monotonic() + LIMIT
                while len(server.shop.requests) < CONNECTIONS - 1 and time.monotonic() < deadline:
                    time.sleep(0.01)
                for _ in range(10):
                    assert server.info() == INVOICE
                assert list(pool.map(lambda _: server.info(), range(20))) == [INVOICE] * 20
            finally:
                release.set()
        assert all(call.result() for call in hanging)
