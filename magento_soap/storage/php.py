"""Values that PHP serialized into a column: read into the domain's types, and written as PHP reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import phpserialize

from magento_soap.sales.taxes import FixedProductTaxes


def php_map(serialized: str | None) -> dict[str, Any]:
    """A map that PHP serialized into a text column; empty when it is not one."""
    if not serialized or not re.match(r"a:\d+:\{", serialized):
        return {}
    try:
        found = phpserialize.loads(serialized.encode(), decode_strings=True, object_hook=phpserialize.phpobject)
    except (ValueError, TypeError, RecursionError):
        return {}
    return {str(key): value for key, value in found.items()}


def plain_map(serialized: str | None) -> dict[str, Any]:
    """The same as clients get it: objects are maps of their members, and keys are text."""
    return {key: _plain(value) for key, value in php_map(serialized).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, phpserialize.phpobject):
        value = value._asdict()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def read_taxes(text: str) -> FixedProductTaxes:
    """The fixed product taxes in a text column; a text that is not such a list has none (TOT-9)."""
    try:
        applied = phpserialize.loads(text.encode(), decode_strings=True)
    except (ValueError, TypeError, RecursionError):
        applied = None
    taxes = applied.values() if isinstance(applied, dict) else ()
    return FixedProductTaxes(tuple(dict(tax) for tax in taxes if isinstance(tax, dict)), text)


def taxes_text(taxes: FixedProductTaxes) -> str:
    """The text for the column: the one that was read, or the computed taxes as PHP reads them."""
    return taxes.text if taxes.text is not None else str(phpserialize.dumps(list(taxes.taxes)).decode())


def read_details(serialized: bytes) -> dict[str, Any]:
    """A map in a binary column, such as a transaction's details; empty when it is not one."""
    return php_map(serialized.decode("utf-8", "replace"))


def details_bytes(details: Mapping[str, Any]) -> bytes:
    """A map for a binary column. Values that PHP has no type for become text: after a capture nothing may fail."""
    return bytes(phpserialize.dumps(dict(details), object_hook=str))
