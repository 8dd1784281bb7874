"""Sends reads to both sides, this server and the shop, and compares the responses: before a method leaves PHP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from magento_soap.api.resources import Registry
from magento_soap.api.values import Value
from magento_soap.protocols.forwarding import MessageFormat

from .comparison import Difference, differences


@dataclass(frozen=True)
class Read:
    """A call to be compared: a path such as ``sales_order_invoice.info``, and its arguments."""

    path: str
    args: Value

    def __str__(self) -> str:
        return f"{self.path} {json.dumps(self.args)}" if self.args else self.path


def default_reads(registry: Registry) -> list[Read]:
    """Every read that needs no argument."""
    return [
        Read(f"{resource.name}.{method.name}", [])
        for resource in registry
        if resource.listed
        for method in resource.methods.values()
        if not method.changes and not any(parameter.required for parameter in method.parameters)
    ]


def parse_reads(lines: Iterable[str], registry: Registry) -> list[Read]:
    """The reads in a list with one call per line: a path and, if any, its arguments as JSON. ``#`` begins a comment.

    Raises ValueError, with the number of the line, for a method that is not served here or changes something, and for
    arguments that are not JSON: nothing is sent then.
    """
    reads = []
    for number, line in enumerate(lines, start=1):
        path, _, args = line.strip().partition(" ")
        if not path or path.startswith("#"):
            continue
        found = registry.method(path)
        if found is None:
            raise ValueError(f"line {number}: {path} is not served here")
        if found[1].changes:
            raise ValueError(f"line {number}: {path} changes something; only reads are compared")
        try:
            reads.append(Read(path, json.loads(args) if args.strip() else []))
        except ValueError:
            raise ValueError(f"line {number}: the arguments are not JSON") from None
    return reads


def check(
    reads: Iterable[Read],
    session_id: str,
    messages: MessageFormat,
    ours: Callable[[bytes], bytes],
    theirs: Callable[[bytes], bytes],
) -> Iterator[tuple[Read, list[Difference]]]:
    """Each read with the differences of its two responses. Both functions turn a request into a response.

    Raises ValueError for a response that cannot be read, and what the functions raise.
    """
    for read in reads:
        request = messages.request("call", [session_id, read.path, read.args])
        yield read, list(differences(messages.value(ours(request)), messages.value(theirs(request))))
