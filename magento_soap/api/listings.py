"""What the API lists of itself with a shop behind this server: the shop's list, our entries in place of its own.

Lists come from the shop as it sent them, so nothing is taken for granted about their form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from .values import Value, as_list

Listed: TypeAlias = Mapping[str, Any]
"""A resource as ``Resource.describe`` gives it, with the methods that are served here, and allowed."""


def merged_resources(
    theirs: Value, ours: Sequence[Listed], is_served: Callable[[str], bool], is_forwarded: Callable[[str], bool]
) -> list[Any]:
    """The shop's resources with ours in place of its own, and then those that only we have (API-63).

    A method that is served here is listed by us alone, if at all; another one is listed if it is forwarded. Both
    functions take a path such as ``sales_order_invoice.info``.
    """
    left = {resource["name"]: resource for resource in ours}
    merged = []
    for entry in _entries(theirs):
        own = left.pop(entry.get("name"), None)
        methods = [*own["methods"]] if own else []
        methods += [
            method
            for method in _entries(entry.get("methods"))
            if not is_served(path := str(method.get("path"))) and is_forwarded(path)
        ]
        if methods:
            merged.append({**(own or entry), "aliases": _aliases(entry, own), "methods": methods})
    return [*merged, *left.values()]


def merged_faults(theirs: Value, ours: Sequence[Mapping[str, str]]) -> list[Any]:
    """The shop's faults with ours in place of those of the same code, and then those that only we have (API-6)."""
    left = {fault["code"]: fault for fault in ours}
    merged = [left.pop(str(entry.get("code")), entry) for entry in _entries(theirs)]
    return [*merged, *left.values()]


def _entries(listed: Value) -> Iterator[dict[str, Any]]:
    return (entry for entry in as_list(listed) if isinstance(entry, dict))


def _aliases(entry: Listed, own: Listed | None) -> list[Any]:
    aliases = [*own["aliases"]] if own else []
    return aliases + [alias for alias in as_list(entry.get("aliases")) if alias not in aliases]
