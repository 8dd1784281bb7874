"""The examples in PHP, Python and bash that take an order from its invoice to a refund, on one shop.

``tests/interop/test_examples.py`` has those in C# and Java.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from magento_soap.demo.orders import EXAMPLE_ORDERS
from tests.conftest import missing

from .conftest import copied_shop
from .order_runs import EXAMPLES, check_run

COMMANDS = {
    ".php": ["php", "-d", "display_errors=1", "-d", "error_reporting=-1", "-d", "soap.wsdl_cache_enabled=0"],
    ".py": [sys.executable],
    ".sh": ["bash"],
}


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A shop's base URL and its database, which all examples use."""
    folder = tmp_path_factory.mktemp("served")
    with copied_shop(demo_database, folder) as url:
        yield url, folder / "shop.sqlite"


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, marks=[pytest.mark.php] if example.endswith(".php") else [])
        for example in EXAMPLE_ORDERS
        if Path(example).suffix in COMMANDS
    ],
)
def test_an_order_from_its_invoice_to_a_refund_as_often_as_you_like(shop: tuple[str, Path], example: str) -> None:
    url, database = shop
    for command in ("bash", "curl") if example.endswith(".sh") else ():
        if shutil.which(command) is None:
            missing(f"there is no {command} command")
    for runs in (1, 2):
        done = subprocess.run(
            [*COMMANDS[Path(example).suffix], str(EXAMPLES / example)],
            env={**os.environ, "MAGENTO_URL": url, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        check_run(example, done.stdout, database, runs)


def test_a_fault_ends_the_script(shop: tuple[str, Path]) -> None:
    for command in ("bash", "curl"):
        if shutil.which(command) is None:
            missing(f"there is no {command} command")
    environment = {**os.environ, "MAGENTO_URL": shop[0], "NO_PROXY": "127.0.0.1", "MAGENTO_KEY": "wrong"}
    command_line = [str(EXAMPLES / "curl" / "v2_order.sh")]
    done = subprocess.run(command_line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "2 Access denied.\n")


def test_every_order_for_an_example_has_one() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for example in EXAMPLE_ORDERS:
        source = (EXAMPLES / example).read_text(encoding="utf-8")
        assert [number for number in EXAMPLE_ORDERS.values() if number in source] == [EXAMPLE_ORDERS[example]]
        assert f"]({example})" in page
