"""A demo shop behind the real server: what the contract tests' clients talk to over HTTP."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magento_soap.storage import Database
from tests.conftest import NewDatabase

STARTING_SECONDS = 60


@contextlib.contextmanager
def serving(database_url: str, *, log: Path, **settings: str) -> Iterator[str]:
    """The server as ``magento-soap serve`` runs it, on a free port; gives its base URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAGENTO_SOAP_")}
    environment |= {f"MAGENTO_SOAP_{name.upper()}": value for name, value in settings.items()}
    environment |= {"MAGENTO_SOAP_DATABASE_URL": database_url, "MAGENTO_SOAP_CONFIG": "-"}
    command = [sys.executable, "-m", "magento_soap", "serve", "--port", str(port), "--workers", "2"]
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, server, log)
            yield url
        finally:
            server.terminate()
            server.wait(STARTING_SECONDS)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; fail with its log when it ends or stays silent."""
    deadline = time.monotonic() + STARTING_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return  # an answer, if only that nothing is there
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@contextlib.contextmanager
def copied_shop(demo_database: Path, folder: Path, **settings: str) -> Iterator[str]:
    """Base URL of a demo shop of one's own."""
    shutil.copy(demo_database, folder / "shop.sqlite")
    with serving(
        f"sqlite:///{folder / 'shop.sqlite'}",
        log=folder / "server.log",
        payment_methods="demopay=magento_soap.demo.gateway:DemoPay",
        login_attempts="0",
        **settings,
    ) as url:
        yield url


@pytest.fixture(scope="module")
def shop_url(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a demo shop of the module's own."""
    with copied_shop(demo_database, tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest.fixture(scope="module")
def empty_shop(dialect: str, new_database: NewDatabase) -> str:
    """Database URL of a shop without data, one for each module and dialect."""
    url = new_database(dialect)
    database = Database(url)
    database.create()
    database.close()
    return url


def rows_with(database: Database, table: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of a table with these values."""
    rows = database.dump([table])[table]
    return [row for row in rows if all(row[column] == value for column, value in values.items())]
