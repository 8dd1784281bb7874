"""A stand-in for the shop's PHP behind our server: PHP's own SoapServer, on the same table of sessions.

``php_shop`` runs ``index.php`` in PHP's web server. It has a few methods that we do not serve (catalog, suppliers, a
custom module), and some that we do serve and it answers recognizably: ``from PHP``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import missing

from .wsdls import wsdl

HERE = Path(__file__).parent
STARTING_SECONDS = 30
WORKERS = "4"
SCHEMA_LOCATION = b' schemaLocation="http://schemas.xmlsoap.org/soap/encoding/"'


@dataclass(frozen=True)
class RecordedCall:
    """A request as the stand-in received it; header names are those of CGI: ``HTTP_SOAPACTION``."""

    protocol: str
    uri: str
    body: bytes
    content_type: str
    headers: Mapping[str, str]


class PhpShop:
    """A running stand-in."""

    def __init__(self, url: str, record: Path, wsdls: Path) -> None:
        self.url = url
        self.wsdls = wsdls
        self._record = record

    def calls(self) -> list[RecordedCall]:
        """What it was asked since the last time, but for its WSDLs."""
        lines = self._record.read_text(encoding="utf-8").splitlines()
        self._record.write_text("")
        calls = [
            RecordedCall(
                entry["protocol"], entry["uri"], base64.b64decode(entry["body"]), entry["type"], entry["headers"]
            )
            for entry in map(json.loads, lines)
        ]
        return [call for call in calls if call.protocol != "WSDL"]


@cache
def _modules() -> frozenset[str]:
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout
    return frozenset(modules.lower().split())


def require_php_shop() -> None:
    """Skip the test where PHP lacks what the stand-in needs."""
    for module in ("soap", "pdo_sqlite", "simplexml"):
        if module not in _modules():
            missing(f"php has no extension {module}")


@contextlib.contextmanager
def php_shop(
    database: Path, folder: Path, *, wsi: bool = False, wsdls: Mapping[str, bytes] | None = None
) -> Iterator[PhpShop]:
    """Run the stand-in on a SQLite shop. ``wsi``: Magento's setting *WS-I Compliance*.

    ``wsdls`` are served in place of its own: by style, v2 or wsi.
    """
    require_php_shop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, record = f"http://127.0.0.1:{port}", folder / "calls.jsonl"
    record.touch()
    for style in ("v1", "v2", "wsi"):
        document = (wsdls or {}).get(style) or wsdl(style, f"{url}/api/v2_soap/").encode()
        (folder / f"{style}.wsdl").write_bytes(document)
        # PHP's server reads its own WSDL, and there may be no network.
        (folder / f"{style}.server.wsdl").write_bytes(document.replace(SCHEMA_LOCATION, b""))
    environment = os.environ | {
        "SHOP_DATABASE": str(database),
        "SHOP_WSDLS": str(folder),
        "SHOP_CALLS": str(record),
        "SHOP_WSI": "1" if wsi else "",
        "PHP_CLI_SERVER_WORKERS": WORKERS,
    }
    command = ["php", "-d", "display_errors=stderr", "-S", f"127.0.0.1:{port}", str(HERE / "index.php")]
    with (folder / "php.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(url, server, folder / "php.log")
            record.write_text("")
            yield PhpShop(url, record, folder)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, 9)  # the workers do not end with their parent
            server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/nothing", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"PHP's web server did not start:\n{log.read_text()}")
