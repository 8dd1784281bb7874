"""What is acknowledged is on disk: the server's system calls, watched by strace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xmlrpc.client import Fault, dumps, loads

import pytest

from tests.conftest import missing

from .target import Target, target

CREATES = 8
DONE = re.compile("<methodResponse>.*<string>[0-9]{9}</string>")
RECEIVE = ("read", "recvfrom", "recvmsg")
SEND = ("write", "writev", "sendto", "sendmsg")
SYNC = ("fsync", "fdatasync")
STRACE = (
    *("strace", "-f", "-D", "-y", "--seccomp-bpf", "-s", "1000", "-qq"),
    *("-e", "signal=none", "-e", f"trace=pwrite64,pwritev,openat,rename,{','.join((*RECEIVE, *SEND, *SYNC))}"),
)
CALL = re.compile(r"(?P<thread>[0-9]+) +(?:<\.\.\. )?(?P<name>[a-z0-9]+)(?:\((?P<arguments>.*)| resumed>.*)")


@dataclass
class Call:
    """A system call: on what, with what, and the lines of the trace where it began and ended."""

    name: str
    text: str
    began: int
    ended: int

    @property
    def file(self) -> str:
        """What its first argument stands for: the path of a file, or a socket."""
        return self.text.partition(">")[0].partition("<")[2]

    @property
    def writes(self) -> bool:
        """Whether it writes to a file."""
        return self.name in ("pwrite64", "pwritev", "write", "writev")


@pytest.fixture(scope="module")
def strace() -> None:
    """Skips where nothing can be traced."""
    if shutil.which("strace") is None:
        missing("there is no strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace is not permitted here")


def calls(trace: Path) -> list[Call]:
    """The system calls in the order in which they began."""
    found: list[Call] = []
    unfinished: dict[str, Call] = {}
    for number, line in enumerate(trace.read_text(errors="replace").splitlines()):
        match = CALL.match(line)
        if match is None:
            continue
        if match["arguments"] is None:
            call = unfinished.pop(match["thread"])
            call.ended, call.text = number, call.text + line
        else:
            call = Call(match["name"], match["arguments"], number, number)
            found.append(call)
            if line.endswith("<unfinished ...>"):
                unfinished[match["thread"]] = call
    return found


def created(shop: Target) -> Iterator[str]:
    """Create invoices one after the other; the numbers of those orders for which one was acknowledged."""
    session = shop.session()
    for order in range(100000001, 100000040):
        body = dumps((session, "sales_order_invoice.create", [str(order)]), "call").encode()
        _, response = shop.post("/api/xmlrpc", body)
        try:
            loads(response)
        except Fault:
            continue
        yield str(order)


def finished(trace: Path) -> Path:
    """The trace, when all of it is there."""
    deadline, size = time.monotonic() + 20, -1
    while trace.stat().st_size != size and time.monotonic() < deadline:
        size = trace.stat().st_size
        time.sleep(0.3)
    return trace


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("synchronous", ["full", "normal"])
def test_every_acknowledged_create_was_synced_before_its_response(
    demo_database: Path, tmp_path: Path, synchronous: Literal["full", "normal"]
) -> None:
    """With ``normal`` none is, which shows that the trace would tell."""
    trace, wal = tmp_path / "trace", f"{tmp_path}/shop.sqlite-wal"
    with target(demo_database, tmp_path, under=(*STRACE, "-o", str(trace)), sqlite_synchronous=synchronous) as shop:
        orders = [order for order, _ in zip(created(shop), range(CREATES), strict=False)]
    assert len(orders) == CREATES
    traced = calls(finished(trace))
    for order in orders:
        request = f"<string>{order}</string>"
        received = next(call for call in traced if call.name in RECEIVE and request in call.text)
        responded = next(
            call
            for call in traced
            if call.began > received.ended
            and call.name in SEND
            and not call.file.startswith("/")
            and DONE.search(call.text)
        )
        between = [call for call in traced if received.ended < call.began < responded.began and call.file == wal]
        last_write = max(call.ended for call in between if call.writes)
        synced = [call for call in between if call.name in SYNC and last_write < call.began]
        assert any(call.ended < responded.began for call in synced) == (synchronous == "full"), order
    if synchronous == "full":
        opened = next(call for call in traced if call.name == "openat" and f'"{wal}"' in call.text)
        folder = next(call for call in traced if call.name in SYNC and call.file == str(tmp_path))
        assert opened.ended < folder.began
        assert folder.ended < next(call for call in traced if call.name in SEND and DONE.search(call.text)).began


def is_synced(traced: Sequence[Call], file: Path) -> bool:
    """Whether nothing was written to that file that was not written to the disk later."""
    last_write = max((call.ended for call in traced if call.writes and call.file == str(file)), default=0)
    return any(call.name in SYNC and call.file == str(file) and call.began > last_write for call in traced)


def run(trace: Path, *command: str, **environment: str) -> list[Call]:
    """The system calls of a Python program, in the end of which all files were closed."""
    subprocess.run(
        [*STRACE, "-o", str(trace), sys.executable, *command],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        check=True,
    )
    return calls(finished(trace))


@pytest.mark.usefixtures("strace")
def test_a_new_database_is_on_disk_with_its_folders(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "shop.sqlite"
    url = f"sqlite:///{file}"
    traced = run(
        tmp_path / "trace", "-m", "magento_soap", "db", "init", MAGENTO_SOAP_DATABASE_URL=url, MAGENTO_SOAP_CONFIG="-"
    )
    for each in (file, file.parent, file.parent.parent, tmp_path):
        assert is_synced(traced, each), each


@pytest.mark.usefixtures("strace")
def test_a_demo_shop_is_put_in_place_when_it_is_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "var" / "demo.sqlite"
    program = "import pathlib, sys; from magento_soap.demo.server import DemoServer as Demo; "
    traced = run(tmp_path / "trace", "-c", program + "Demo(pathlib.Path(sys.argv[1]), 1).create()", str(file))
    put = next(number for number, call in enumerate(traced) if call.name == "rename" and "demo.new" in call.text)
    assert is_synced(traced[:put], file.with_suffix(".new"))
    assert is_synced(traced[put:], file.parent)
    assert is_synced(traced, tmp_path)
