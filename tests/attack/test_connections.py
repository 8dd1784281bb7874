"""Clients that occupy connections, and workers that die."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from .target import MEGABYTE, Target, free_port, target

HALF_BODY = b"POST /api/soap HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n<?xml"
HALF_HEAD = b"POST /api/soap HTTP/1.1\r\nHost: sh"


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("sent", [b"", HALF_HEAD, HALF_BODY], ids=["silence", "half heads", "half bodies"])
def test_connections_that_send_too_little_hold_nobody_up(shop: Target, sent: bytes) -> None:
    with contextlib.ExitStack() as connections, shop.attacked() as cost:
        for _ in range(1100):
            with contextlib.suppress(OSError):
                connections.enter_context(shop.connect()).sendall(sent)
        time.sleep(1)
    assert cost.longest_wait < 0.2
    assert cost.processor < 2
    assert cost.memory < 64 * MEGABYTE


def test_large_bodies_that_never_end_stay_out_of_memory(shop: Target) -> None:
    head = b"POST /api/soap HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n"
    with contextlib.ExitStack() as connections, shop.attacked() as cost:
        for _ in range(40):
            connection = connections.enter_context(shop.connect())
            with contextlib.suppress(OSError):
                connection.sendall(head + b"x" * 4_000_000)
        time.sleep(1)
    assert cost.longest_wait < 0.2
    assert cost.memory < 64 * MEGABYTE


def test_responses_that_nobody_reads_hold_nobody_up(shop: Target) -> None:
    request = b"GET /api/v2_soap?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with contextlib.ExitStack() as connections, shop.attacked() as cost:
        for _ in range(50):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", shop.port))
            connections.enter_context(connection).sendall(request * 30)
        time.sleep(1)
    assert cost.longest_wait < 0.2
    assert cost.memory < 64 * MEGABYTE


def test_a_worker_that_dies_is_replaced(shop: Target) -> None:
    first, second = shop.workers()
    first.kill()
    shop.info()
    assert eventually(lambda: len(shop.workers()) == 2 and first not in shop.workers())
    second.kill()
    assert eventually(lambda: len(shop.workers()) == 2 and second not in shop.workers())
    shop.info()


def test_a_worker_that_grows_too_large_is_replaced_and_loses_no_call(demo_database: Path, tmp_path: Path) -> None:
    with target(demo_database, tmp_path, worker_memory_mb="64") as shop:  # less than any worker needs
        before = shop.workers()
        deadline = time.monotonic() + 60
        while set(before) & set(shop.workers()) and time.monotonic() < deadline:
            shop.info()
        assert not set(before) & set(shop.workers())
    assert "too much memory" in (tmp_path / "server.log").read_text()


def test_workers_end_with_their_parent(demo_database: Path, tmp_path: Path) -> None:
    with contextlib.suppress(pytest.fail.Exception), target(demo_database, tmp_path) as shop:
        workers = shop.workers()
        shop.server.kill()
        assert psutil.wait_procs(workers, timeout=10)[1] == []


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("delay", [0.0, 0.4, 0.8, 1.6])
def test_a_server_that_is_stopped_while_its_workers_start_exits_cleanly(
    demo_database: Path, tmp_path: Path, delay: float, stop: signal.Signals
) -> None:
    """The signal reaches the whole process group, as that of a terminal or a service manager does."""
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {"MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{demo_database}", "MAGENTO_SOAP_CONFIG": "-"}
    command = [sys.executable, "-m", "magento_soap", "serve", "--port", str(port), "--workers", "3"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) as server,
    ):
        assert eventually(lambda: bool(psutil.Process(server.pid).children()))
        time.sleep(delay)
        os.killpg(server.pid, stop)
        assert server.wait(20) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_server_is_renewed_without_losing_a_call(shop: Target) -> None:
    before = shop.workers()
    shop.server.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while set(before) & set(shop.workers()) and time.monotonic() < deadline:
        shop.info()
    assert not set(before) & set(shop.workers())
    assert len(shop.workers()) == 2
