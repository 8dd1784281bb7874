"""The carriers whose tracking numbers shipments can have (J14)."""

from __future__ import annotations

from collections.abc import Mapping

from magento_soap.sales.ports import Shop

CUSTOM = {"custom": "Custom Value"}
"""Any other carrier: its tracking numbers lead nowhere."""
MAGENTO_CARRIERS = {
    "dhl": "DHL (Deprecated)",
    "fedex": "Federal Express",
    "ups": "United Parcel Service",
    "usps": "United States Postal Service",
    "dhlint": "DHL",
}
"""Magento's own carriers with tracking, active or not, with their default titles."""


class Carriers:
    """The carriers of a shop: Magento's own, and those that its operator adds by code and title."""

    def __init__(self, shop: Shop, added: Mapping[str, str] | None = None) -> None:
        self._shop = shop
        self._titles = {**MAGENTO_CARRIERS, **(added or {})}

    def of_store(self, store_id: int | None) -> dict[str, str]:
        """The titles by code, as the store's settings name them."""
        titled = {
            code: self._shop.value(f"carriers/{code}/title", store_id) or title for code, title in self._titles.items()
        }
        return CUSTOM | titled
