"""The registry of API resources: what can be called, by whom, and which faults it has.

Every protocol is generated from it: a resource that is added here can be called through all of them (API-1, API-63).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .acl import EVERYTHING
from .arguments import Parameter
from .faults import FaultTable


@dataclass(frozen=True)
class Method:
    """One callable method: ``handler`` takes the bound parameters by name.

    ``typed_handler`` serves protocols that know numbers, where its result differs. A method that ``changes``
    something takes one more parameter, ``key``: the request's idempotency key, or None. One that ``filters`` takes
    ``budget``: what the whole request may still ask for.
    """

    name: str
    title: str
    acl: str
    parameters: Sequence[Parameter]
    handler: Callable[..., object]
    typed_handler: Callable[..., object] | None = None
    changes: bool = False
    filters: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource such as ``sales_order_invoice``; ``resources`` omits one that is not ``listed``."""

    name: str
    title: str
    acl: str
    methods: Mapping[str, Method]
    aliases: tuple[str, ...] = ()
    faults: FaultTable = field(default_factory=FaultTable)
    listed: bool = True

    def acl_of(self, method: Method) -> tuple[str, str]:
        """Both access rights that a caller of the method needs (API-2)."""
        return self.acl, method.acl

    def describe(self, allowed: Callable[[Method], bool]) -> dict[str, object] | None:
        """The resource as ``resources`` lists it, with the allowed methods only; None when there is none (API-63)."""
        if not self.listed:
            return None
        methods = [
            {
                "title": method.title,
                "description": None,
                "path": f"{self.name}.{method.name}",
                "name": method.name,
                "aliases": [f"{alias}.{method.name}" for alias in self.aliases],
            }
            for method in self.methods.values()
            if allowed(method)
        ]
        if not methods:
            return None
        return {
            "title": self.title,
            "description": None,
            "name": self.name,
            "aliases": list(self.aliases),
            "methods": methods,
        }


class Registry:
    """All resources, found by name or alias."""

    def __init__(self, *resources: Resource) -> None:
        self._resources = resources
        self._by_name = {name: r for r in resources for name in (r.name, *r.aliases)}

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources)

    def resource(self, name: str) -> Resource | None:
        """The resource of exactly that name or alias, or None."""
        return self._by_name.get(name)

    def method(self, path: str) -> tuple[Resource, Method] | None:
        """Resource and method of a path like ``sales_order_invoice.info``, or None; ignores a third part (API-61)."""
        name, _, rest = path.partition(".")
        resource = self.resource(name)
        method = resource.methods.get(rest.partition(".")[0]) if resource else None
        return (resource, method) if resource and method else None

    def rules_for(self, allowed: Collection[str]) -> dict[str, bool]:
        """The rules of a role that allows these resources: what to allow and what to deny (SES-31).

        Naming a resource allows all below it, unless something below it is named too: then just that. Since rights are
        inherited from above, what is left out of such a choice is denied explicitly, as Magento's admin panel does.
        """
        rules = dict.fromkeys(allowed, True)
        if EVERYTHING in rules:
            return {EVERYTHING: True}
        for resource in self:
            chosen = {method.acl for method in resource.methods.values() if _covers(allowed, method.acl)}
            if chosen:
                rules.setdefault(resource.acl, True)
                rules |= {m.acl: False for m in resource.methods.values() if m.acl not in chosen}
            elif _nearest(allowed, resource.acl):
                rules[resource.acl] = False
        return rules


def _nearest(allowed: Collection[str], resource: str) -> str | None:
    """The nearest of the resource and those above it that is in ``allowed``, or None."""
    while resource and resource not in allowed:
        resource = resource.rpartition("/")[0]
    return resource or None


def _covers(allowed: Collection[str], resource: str) -> bool:
    nearest = _nearest(allowed, resource)
    if nearest is None or nearest == resource:
        return nearest is not None
    return not any(name.startswith(nearest + "/") for name in allowed)


def methods(*entries: Method) -> dict[str, Method]:
    """Methods by name, in their order."""
    return {method.name: method for method in entries}
