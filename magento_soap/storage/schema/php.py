"""Columns that hold what PHP's ``serialize`` wrote: options of products, applied taxes, details of transactions."""

from __future__ import annotations

import re
from functools import cached_property

import phpserialize

from magento_soap.sales.structured import StructuredValue

_MAP = re.compile(r"a:\d+:\{")


class PhpValue(StructuredValue):
    """A column's content, decoded on first use; PHP's arrays become maps."""

    def __init__(self, serialized: str | bytes) -> None:
        super().__init__(None)
        self.serialized = serialized

    @cached_property
    def value(self) -> object:
        """Maps and scalars; None when PHP could not read the column, or would read an object."""
        data = self.serialized.encode() if isinstance(self.serialized, str) else self.serialized
        try:
            decoded: object = phpserialize.loads(data, decode_strings=True)
        except (ValueError, TypeError, RecursionError):
            return None
        return decoded


def serialized(value: StructuredValue) -> str | bytes:
    """What a column holds for that value; text and bytes that were read from a column are returned unchanged.

    Types that PHP does not have become text: when this is called, money may have been taken, and nothing may fail.
    """
    if isinstance(value, PhpValue):
        return value.serialized
    data: bytes = phpserialize.dumps(value.value, object_hook=str)
    return data.decode("utf-8", "surrogateescape")


def php_map(text: str | None) -> dict[str, object]:
    """The map that PHP serialized into a text column, objects as they are; empty when it holds no map."""
    if not text or not _MAP.match(text):
        return {}
    try:
        found = phpserialize.loads(text.encode(), decode_strings=True, object_hook=phpserialize.phpobject)
    except (ValueError, TypeError, RecursionError):
        return {}
    return {str(key): value for key, value in found.items()}
