"""Every stack at every endpoint that it supports: the same calls, the same values."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import original_wsi_wsdl

from .conftest import cells, require
from .life import LIFE, parse_output
from .stacks import PATHS, STACKS, Client, Endpoint, Stack

pytestmark = pytest.mark.interop

LIVING_SECONDS = 120
WSI_HANDLER = "Mage_Api_Model_Server_Wsi_Handler"

# What would go to any other host meets a closed port; stacks that do not ask for proxies see `make interop`.
OFFLINE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1",
    "PYTHONUTF8": "1",
}


def live(client: Client, wsdl: str, shop_url: str, folder: Path) -> None:
    """Make a client for that WSDL, run it on that shop, and compare what it saw."""
    done = subprocess.run(
        [*client.make(wsdl, folder), shop_url],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        encoding="utf-8",
        timeout=LIVING_SECONDS,
        check=False,
    )
    assert parse_output(done.stdout) == {**LIFE, **client.sees}, done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(("stack", "endpoint"), cells())
def test_the_life_of_an_invoice(stack: Stack, endpoint: Endpoint, shop_url: str, tmp_path: Path) -> None:
    require(stack)
    live(stack.clients[endpoint], f"{shop_url}/api/{PATHS[endpoint]}/?wsdl", shop_url, tmp_path)


GENERATING = [
    pytest.param(stack, id=stack.name)
    for stack in STACKS
    if "WS-I" in stack.clients and stack.clients["WS-I"].generated
]


@pytest.mark.parametrize("stack", GENERATING)
def test_the_same_source_with_code_generated_from_magentos_own_wsdl(
    stack: Stack, shop_url: str, tmp_path: Path
) -> None:
    """WS-I: what was written for a Magento compiles with either WSDL, and works here with either."""
    original = original_wsi_wsdl().decode()
    require(stack)
    (tmp_path / "original.wsdl").write_text(named_as_up_to_1_9_1(original), encoding="utf-8")
    (tmp_path / "client").mkdir()
    live(stack.clients["WS-I"], str(tmp_path / "original.wsdl"), shop_url, tmp_path / "client")


def named_as_up_to_1_9_1(wsdl: str) -> str:
    """The WSDL with the names of port type, binding and port that ours has, whichever Magento it is of."""
    for kind in ("PortType", "Binding", "Port"):
        wsdl = wsdl.replace(f'"{kind}"', f'"{WSI_HANDLER}{kind}"').replace(
            f'"typens:{kind}"', f'"typens:{WSI_HANDLER}{kind}"'
        )
    return wsdl
