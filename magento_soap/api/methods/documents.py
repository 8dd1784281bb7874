"""What the resources of all documents have in common: ``list`` and ``info``, and some faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from magento_soap.api.arguments import Parameter
from magento_soap.api.budget import Budget
from magento_soap.api.faults import FaultRule, FaultRules, ResourceFaults
from magento_soap.api.filters import parse
from magento_soap.api.resources import Method
from magento_soap.api.values import Value, identifier, typed
from magento_soap.sales.errors import IdempotencyKeyReused, IdempotencyKeysNotKept, InvalidArgument, SalesError
from magento_soap.sales.queries import DocumentInfo, DocumentQueries, Row

FILTERS = Parameter("filters", takes_map=True)

DATA_RULES: FaultRules = dict.fromkeys(
    (InvalidArgument, IdempotencyKeyReused, IdempotencyKeysNotKept), FaultRule("data_invalid", "data_invalid")
)
"""Errors that are invalid data whatever the resource."""


class DocumentReads:
    """``list`` and ``info`` of one resource.

    ``missing`` is the error for a document that is not there; ``shown`` completes what ``info`` returns.
    """

    def __init__(
        self,
        queries: DocumentQueries,
        faults: ResourceFaults,
        missing: type[SalesError],
        shown: Callable[[DocumentInfo], DocumentInfo] = lambda info: info,
    ) -> None:
        self._queries = queries
        self._faults = faults
        self._missing = missing
        self._shown = shown

    def list_method(self, title: str, acl: str) -> Method:
        """The registry entry of ``list``."""
        return Method("list", title, acl, (FILTERS,), self.list, self.list_typed, filters=True)

    def info_method(self, title: str, acl: str, number: Parameter) -> Method:
        """The registry entry of ``info``, whose parameter names the document."""
        return Method("info", title, acl, (number,), self.info, self.info_typed)

    def list(self, filters: Value, *, budget: Budget) -> Iterator[Row]:
        """Documents that meet the filters (API-42); fault 101."""
        with self._faults.reported():
            return self._queries.find(*parse(filters, budget))

    def list_typed(self, filters: Value, *, budget: Budget) -> Iterator[dict[str, object]]:
        """The same with the further keys of JSON-RPC, numbers as numbers; fault 101."""
        with self._faults.reported():
            rows = self._queries.find(*parse(filters, budget), extended=True)
        kinds = self._queries.kinds
        return (typed(row, kinds) for row in rows)

    def info(self, **number: Value) -> DocumentInfo:
        """One document with its parts (API-43); fault 100."""
        return self._info(*number.values())

    def info_typed(self, **number: Value) -> dict[str, object]:
        """The same with the further keys of JSON-RPC, numbers as numbers; fault 100."""
        return typed(self._info(*number.values(), extended=True), self._queries.kinds)

    def _info(self, number: Value, *, extended: bool = False) -> dict[str, Any]:
        with self._faults.reported():
            found = self._queries.info(identifier(number), extended=extended)
            if found is None:
                raise self._missing
        return self._shown(found)
