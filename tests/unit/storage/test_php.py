"""Columns that PHP serialized."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from magento_soap.sales.structured import StructuredValue
from magento_soap.storage.schema.php import PhpValue, php_map, serialized


@pytest.mark.parametrize(
    "content", ["a:0:{}", 'a:1:{s:1:"k";d:0.10000000000000001;}', "garbage", b'a:1:{i:0;s:1:"\xff";}']
)
def test_a_value_is_copied_exactly(content: str | bytes) -> None:
    assert serialized(PhpValue(content)) == content


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('a:1:{i:0;a:1:{s:5:"title";s:8:"Écotaxe";}}', {0: {"title": "Écotaxe"}}),
        (b'a:1:{s:3:"avs";s:1:"Y";}', {"avs": "Y"}),
        ("garbage", None),
        ("", None),
        ('a:1:{i:0;O:1:"x":0:{}}', None),
        ("N;", None),
    ],
)
def test_a_value_is_decoded(content: str | bytes, value: object) -> None:
    assert PhpValue(content).value == value


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ([], "a:0:{}"),
        ([{"amount": 1.5}], 'a:1:{i:0;a:1:{s:6:"amount";d:1.5;}}'),
        ({"at": datetime(2024, 5, 6, 7, 8, 9)}, 'a:1:{s:2:"at";s:19:"2024-05-06 07:08:09";}'),
    ],
)
def test_a_new_value_is_serialized_and_unknown_types_become_text(value: Any, content: str) -> None:
    assert serialized(StructuredValue(value)) == content


@pytest.mark.parametrize("content", [None, "", "garbage", "i:1;", "a:1:{"])
def test_what_is_not_a_map_has_no_options(content: str | None) -> None:
    assert php_map(content) == {}
