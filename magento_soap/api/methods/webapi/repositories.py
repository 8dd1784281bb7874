"""Magento 2's repositories: lists with ``searchCriteria``, and single documents by their entity ids.

Documents are those of Magento 1's API with Magento 2's names: every document and every part of it has an
``entity_id``. Numbers are JSON numbers, and null members are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from magento_soap.api.client import Client
from magento_soap.api.methods import creditmemos, invoices, orders, shipments
from magento_soap.api.values import typed
from magento_soap.sales.queries import DocumentInfo, InvalidFilter, PagedQueries

from .access import Access, Right
from .errors import NO_SUCH_ENTITY, WebapiError
from .search_criteria import field_of, search_criteria_of
from .values import read_entity_id

PART_KEYS = dict.fromkeys(("item_id", "comment_id", "track_id", "address_id", "payment_id"), "entity_id")
ORDER_PART_KEYS = {name: key for name, key in PART_KEYS.items() if name != "item_id"}
"""The items of orders keep their ``item_id`` in Magento 2."""


@dataclass(frozen=True)
class Kind:
    """A kind of document: who may read it, and Magento 2's names for its keys and for those of its parts.

    ``acl`` is its resource in Magento 1, where the right to read one is called ``info``, and that to list them
    ``list_right``.
    """

    resource: str
    acl: str
    keys: Mapping[str, str]
    part_keys: Mapping[str, str] = field(default_factory=lambda: PART_KEYS)
    list_right: str = "info"

    def right_to(self, name: str) -> Right:
        """The right of that name in Magento 1."""
        return Right(self.resource, (self.acl, f"{self.acl}/{name}"))


KINDS: Mapping[str, Kind] = {
    "order": Kind(
        "Magento_Sales::sales",
        orders.ACL,
        keys={"order_id": "entity_id", "status_history": "status_histories"},
        part_keys=ORDER_PART_KEYS,
    ),
    "invoice": Kind("Magento_Sales::sales_invoice", invoices.ACL, keys={"invoice_id": "entity_id"}),
    "shipment": Kind("Magento_Sales::shipment", shipments.ACL, keys={"shipment_id": "entity_id"}),
    "creditmemo": Kind(
        "Magento_Sales::sales_creditmemo",
        creditmemos.ACL,
        keys={"creditmemo_id": "entity_id"},
        list_right="list",
    ),
}


class Repository:
    """Reads one kind of document. Raises WebapiError."""

    def __init__(self, access: Access, entity_type: str, queries: PagedQueries) -> None:
        self._access = access
        self._kind = KINDS[entity_type]
        self._id_key = f"{entity_type}_id"
        self._queries = queries

    def get_list(self, client: Client, token: str | None, parameters: Iterable[tuple[str, str]]) -> dict[str, object]:
        """A page of the documents that meet the search criteria, and how many there are on all pages."""
        self._access.user_of(client, token, self._kind.right_to(self._kind.list_right))
        try:
            criteria = search_criteria_of(parameters)
            total = self._queries.count(criteria.conditions)
            rows = self._queries.find(criteria.conditions, criteria.page)
            found = [self._queries.info_by_id(int(row[self._id_key] or 0)) for row in rows]
        except InvalidFilter as error:
            raise WebapiError(400, str(error)) from error
        items = [self._as_json(info) for info in found if info is not None]
        return {"items": items, "search_criteria": criteria.echo, "total_count": total}

    def get(self, client: Client, token: str | None, document_id: str) -> dict[str, object]:
        """The document of that entity id."""
        self._access.user_of(client, token, self._kind.right_to("info"))
        info = self._queries.info_by_id(read_entity_id("id", document_id))
        if info is None:
            raise WebapiError(404, NO_SUCH_ENTITY)
        return self._as_json(info)

    def _as_json(self, info: DocumentInfo) -> dict[str, object]:
        return _renamed(typed(info, self._queries.kinds), self._kind.keys, self._kind.part_keys)


def repositories(access: Access, queries: Mapping[str, PagedQueries]) -> dict[str, Repository]:
    """The repositories of those documents that can be read, by entity type."""
    return {name: Repository(access, name, queries[name]) for name in KINDS if name in queries}


def _renamed(row: Mapping[str, Any], keys: Mapping[str, str], part_keys: Mapping[str, str]) -> dict[str, object]:
    return {keys.get(key, field_of(key)): _part(value, part_keys) for key, value in row.items() if value is not None}


def _part(value: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_part(each, keys) for each in value]
    return _renamed(value, keys, keys) if isinstance(value, dict) else value
