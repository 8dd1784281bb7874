"""The examples for curl and Python's standard library, run as their page says, against the real server over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import missing

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script: str, shop_url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    for command in ("bash", "curl"):
        if shutil.which(command) is None:
            missing(f"there is no {command} command")
    settings = {**os.environ, "MAGENTO_URL": shop_url, "NO_PROXY": "127.0.0.1", **environment}
    command_line = [str(EXAMPLES / "curl" / script), *arguments]
    return subprocess.run(command_line, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_the_documented_invoice(shop_url: str) -> None:
    done = run("v2_info.sh", shop_url)
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
    done = run("v2_info.sh", shop_url, invoice, MAGENTO_KEY=key)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", fault)


def test_the_documented_invoice_through_json_rpc(shop_url: str) -> None:
    done = run("jsonrpc_info.sh", shop_url)
    assert done.returncode == 0, done.stderr
    invoice = json.loads(done.stdout)["result"]
    assert (invoice["increment_id"], invoice["grand_total"], invoice["state"]) == ("200000006", 384.98, 2)
    refused = json.loads(run("jsonrpc_info.sh", shop_url, MAGENTO_KEY="wrong").stdout)["error"]
    assert refused["data"] == {"faultCode": "2", "faultName": "access_denied"}


def test_part_of_an_order_through_xml_rpc(shop_url: str) -> None:
    command = [sys.executable, str(EXAMPLES / "python" / "xmlrpc_invoice.py")]
    environment = {**os.environ, "MAGENTO_URL": shop_url, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    invoice, line, fault = done.stdout.splitlines()
    assert invoice.startswith("invoice 2")
    assert line.startswith("  1.0000 Cup: 6.5000")
    assert fault == 'fault 102: Invalid qty to invoice item "Cup"'
