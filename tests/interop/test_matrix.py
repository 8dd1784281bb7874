"""Every stack through every door that it can open: the same life of an invoice, the same values."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .conftest import cells, require
from .life import LIFE, told
from .stacks import Door, Stack

LIVING_SECONDS = 120

# What would go to any other host meets a closed port; stacks that do not ask for proxies see `make interop`.
OFFLINE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1",
    "PYTHONUTF8": "1",
}


@pytest.mark.parametrize(("stack", "door"), cells())
def test_the_life_of_an_invoice(stack: Stack, door: Door, shop_url: str, tmp_path: Path) -> None:
    require(stack)
    client = stack.clients[door]
    done = subprocess.run(
        [*client.make(shop_url, tmp_path), shop_url],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        encoding="utf-8",
        timeout=LIVING_SECONDS,
        check=False,
    )
    assert told(done.stdout) == {**LIFE, **client.sees}, done.stderr
    assert done.returncode == 0
