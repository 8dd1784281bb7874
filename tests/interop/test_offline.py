"""No stack needs any host but the shop's; what zeep asks of the network by itself, and what spares it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .test_matrix import OFFLINE

pytestmark = pytest.mark.interop

STOCK_ZEEP = "import sys, zeep; zeep.Client(sys.argv[1])"


@pytest.mark.parametrize("path", ["soap", "v2_soap"])
def test_stock_zeep_asks_for_the_schema_of_the_encoding(path: str, shop_url: str) -> None:
    """Whatever the import in the WSDL says; that is why the clients put a copy into zeep's cache."""
    done = _stock_zeep(f"{shop_url}/api/{path}/?wsdl")
    assert done.returncode == 1
    assert "schemas.xmlsoap.org" in done.stderr.splitlines()[-1]


def test_stock_zeep_needs_nothing_for_wsi(shop_url: str) -> None:
    assert _stock_zeep(f"{shop_url}/api/v2_soap_wsi/?wsdl").returncode == 0


def _stock_zeep(wsdl: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", STOCK_ZEEP, wsdl]
    return subprocess.run(
        command, env={**os.environ, **OFFLINE}, capture_output=True, text=True, timeout=60, check=False
    )
