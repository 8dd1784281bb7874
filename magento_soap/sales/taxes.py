"""Fixed product taxes ("weee"), as an order item or an invoice line carries them (TOT-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Tax = Mapping[str, object]
"""One tax, with the keys that Magento gives it: ``title``, ``amount``, ``base_amount``, ``row_amount`` ..."""


@dataclass(frozen=True)
class FixedProductTaxes:
    """A list of taxes. ``text`` is the database's own form of it, which a copy keeps; None for computed taxes."""

    taxes: tuple[Tax, ...] = ()
    text: str | None = None
