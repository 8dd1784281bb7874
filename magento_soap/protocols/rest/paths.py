"""The paths of Magento 2's repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RepositoryPaths:
    """The path of a list, and those of single documents, of which the first one is Magento 2's."""

    all: str
    singles: tuple[str, ...]

    def one(self, entity_id: str) -> str:
        """The path of the document of that id."""
        return f"{self.singles[0]}/{entity_id}"


REPOSITORY_PATHS: Mapping[str, RepositoryPaths] = {
    "order": RepositoryPaths("/V1/orders", ("/V1/orders",)),
    "invoice": RepositoryPaths("/V1/invoices", ("/V1/invoices",)),
    "shipment": RepositoryPaths("/V1/shipments", ("/V1/shipment", "/V1/shipments")),
    "creditmemo": RepositoryPaths("/V1/creditmemos", ("/V1/creditmemo", "/V1/creditmemos")),
}
"""By entity type."""
