"""The documentation's V2 examples, run by PHP as the document has them, against the real server over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.php
EXAMPLES = Path(__file__).parents[2] / "examples" / "php"


def php(script: str, shop_url: str, **environment: str) -> str:
    """What the example prints; fails when PHP does."""
    command = ["php", "-d", "display_errors=1", "-d", "error_reporting=-1", "-d", "soap.wsdl_cache_enabled=0"]
    done = subprocess.run(
        [*command, str(EXAMPLES / script)],
        env={**os.environ, "MAGENTO_URL": shop_url, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout, done.stdout
    return done.stdout


def dumped(output: str, name: str) -> list[str]:
    """Values of a member in PHP's ``var_dump``."""
    return re.findall(rf'\["{name}"\]=>\s*string\(\d+\) "([^"]*)"', output)


def test_list_of_all_invoices(shop_url: str) -> None:
    output = php("v2_list.php", shop_url)
    assert "200000006" in dumped(output, "increment_id")
    assert len(dumped(output, "invoice_id")) == len(dumped(output, "grand_total")) > 5
    assert set(dumped(output, "state")) == {"1", "2", "3"}


def test_list_with_the_complex_filter(shop_url: str) -> None:
    assert set(dumped(php("v2_list_complex_filter.php", shop_url), "state")) == {"2", "3"}


def test_info_gives_the_documented_invoice(shop_url: str) -> None:
    output = php("v2_info.php", shop_url)
    documented = {
        "increment_id": "200000006",
        "store_id": "2",
        "grand_total": "384.9800",
        "base_grand_total": "384.9800",
        "subtotal": "379.9800",
        "shipping_amount": "5.0000",
        "discount_amount": "0.0000",
        "store_currency_code": "USD",
        "sku": "n2610-slider",
        "row_total": "379.9800",
        "weee_tax_applied": "a:0:{}",
    }
    for name, value in documented.items():
        assert dumped(output, name)[0] == value, name
    assert dumped(output, "qty") == ["1.0000"]


def test_create_as_documented_invoices_the_order_once(shop_url: str) -> None:
    output = php("v2_create.php", shop_url)
    assert re.fullmatch(r'string\(9\) "2\d{8}"\n', output)
    with pytest.raises(AssertionError, match="Cannot do invoice for order"):
        php("v2_create.php", shop_url)


def test_add_comment_without_a_comment(shop_url: str) -> None:
    assert php("v2_add_comment.php", shop_url) == "bool(true)\n"


def test_create_with_items_then_capture(shop_url: str) -> None:
    output = php("v2_capture.php", shop_url)
    assert re.fullmatch(r'string\(9\) "1\d{8}"\nbool\(true\)\n', output)


def test_documented_faults(shop_url: str) -> None:
    faults = dict(line.split(": ", 1) for line in php("v2_faults.php", shop_url).splitlines())
    assert faults == {
        "wrong key": "2 Access denied.",
        "unknown session": "5 Session expired. Try to relogin.",
        "unknown invoice": "100 Requested shipment does not exists.",
        "wrong filter": faults["wrong filter"],
        "wrong item": faults["wrong item"],
        "unknown order": "103 Requested order does not exists",
        "capture of a paid invoice": "104 Invoice cannot be captured.",
    }
    assert faults["wrong filter"].startswith("101 ")
    assert "nope" in faults["wrong filter"]
    assert faults["wrong item"].startswith("102 ")
    assert "999999" in faults["wrong item"]
