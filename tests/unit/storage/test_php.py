"""Values that PHP serialized: fixed product taxes, and the details of a transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import phpserialize
import pytest

from magento_soap.sales.taxes import FixedProductTaxes
from magento_soap.storage.php import details_bytes, read_details, read_taxes, taxes_text

TAX = {"title": "Écotaxe", "amount": 1.5, "base_amount": 3.0}


def test_taxes_are_read_and_written_tot_9() -> None:
    text = phpserialize.dumps([TAX]).decode()
    assert read_taxes(text) == FixedProductTaxes((TAX,), text)
    assert taxes_text(FixedProductTaxes((TAX,))) == text


@pytest.mark.parametrize("text", ["", "garbage", "N;", "i:1;", 'a:1:{i:0;O:1:"x":0:{}}', "a:1:{i:0;i:5;}", "a:0:{}"])
def test_a_text_that_is_not_a_list_of_taxes_has_none_and_is_kept_tot_9(text: str) -> None:
    taxes = read_taxes(text)
    assert taxes.taxes == ()
    assert taxes_text(taxes) == text


def test_a_copy_keeps_the_text_of_the_database() -> None:
    text = 'a:1:{i:0;a:1:{s:6:"amount";d:0.10000000000000001;}}'  # Python would write d:0.1
    assert taxes_text(read_taxes(text)) == text


def test_computed_taxes_without_any_are_an_empty_list_tot_9() -> None:
    assert taxes_text(FixedProductTaxes()) == "a:0:{}"


def test_details_that_php_has_no_type_for_become_text() -> None:
    """After a capture nothing may fail."""
    written = details_bytes({"avs": "Y", "at": datetime(2024, 5, 6, 7, 8, 9)})
    assert phpserialize.loads(written) == {b"avs": b"Y", b"at": b"2024-05-06 07:08:09"}
    assert read_details(written) == {"avs": "Y", "at": "2024-05-06 07:08:09"}


@pytest.mark.parametrize("serialized", [b"", b"garbage", b"\xff", b'a:1:{s:1:"\xff'])
def test_details_that_are_not_a_map_are_empty(serialized: bytes) -> None:
    empty: dict[str, Any] = {}
    assert read_details(serialized) == empty
