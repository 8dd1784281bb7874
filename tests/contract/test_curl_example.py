"""The curl example, run as its page says, against the real server over HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import missing

SCRIPT = Path(__file__).parents[2] / "examples" / "curl" / "v2_info.sh"


def run(shop_url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    for command in ("bash", "curl"):
        if shutil.which(command) is None:
            missing(f"there is no {command} command")
    settings = {**os.environ, "MAGENTO_URL": shop_url, "NO_PROXY": "127.0.0.1", **environment}
    command_line = [str(SCRIPT), *arguments]
    return subprocess.run(command_line, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_the_documented_invoice(shop_url: str) -> None:
    done = run(shop_url)
    assert done.returncode == 0, done.stderr
    invoice = etree.fromstring(done.stdout.encode()).find(".//result")
    assert invoice is not None
    assert invoice.findtext("increment_id") == "200000006"
    assert invoice.findtext("grand_total") == "384.9800"
    assert [line.findtext("sku") for line in invoice.iterfind("items/item")] == ["n2610-slider"]


@pytest.mark.parametrize(
    ("invoice", "key", "fault"),
    [
        ("no such & <invoice>", "apiKey", "100 Requested shipment does not exists.\n"),
        ("200000006", "wrong", "2 Access denied.\n"),
    ],
)
def test_a_fault_ends_the_script(shop_url: str, invoice: str, key: str, fault: str) -> None:
    done = run(shop_url, invoice, MAGENTO_KEY=key)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", fault)
