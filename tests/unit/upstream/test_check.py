"""Reads that are sent to both sides, and the lists in which they stand."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.api.arguments import Parameter
from magento_soap.api.resources import Method, Registry, Resource, methods
from magento_soap.protocols.xmlrpc import XmlRpcMessages, document, parse
from magento_soap.upstream.check import Read, check, default_reads, parse_reads


def nothing() -> None:
    raise AssertionError


def method(name: str, *parameters: Parameter, changes: bool = False) -> Method:
    return Method(name, name, f"toys/{name}", parameters, nothing, changes=changes)


REGISTRY = Registry(
    Resource(
        "toys",
        "Toys",
        "toys",
        methods(
            method("list", Parameter("filters", default=None)),
            method("info", Parameter("toy", required=True)),
            method("break", changes=True),
        ),
        aliases=("toy_box",),
    ),
    Resource("secret", "Secret", "secret", methods(method("list")), listed=False),
)


def test_without_a_list_every_read_without_required_arguments_is_sent() -> None:
    assert default_reads(REGISTRY) == [Read("toys.list", [])]


def test_a_list_has_a_call_on_each_line() -> None:
    lines = ["# what our ERP reads\n", "\n", "toys.list\n", '  toy_box.info ["a ball"]  \n', 'toys.info {"toy": 1}']
    reads = parse_reads(lines, REGISTRY)
    assert reads == [Read("toys.list", []), Read("toy_box.info", ["a ball"]), Read("toys.info", {"toy": 1})]
    assert [str(read) for read in reads] == ["toys.list", 'toy_box.info ["a ball"]', 'toys.info {"toy": 1}']


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("toys.break", "line 2: toys.break changes something; only reads are compared"),
        ("catalog_product.list", "line 2: catalog_product.list is not served here"),
        ("toys.info [", "line 2: the arguments are not JSON"),
    ],
)
def test_a_list_that_cannot_be_sent_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_reads(["toys.list", line], REGISTRY)


def test_both_sides_get_the_same_request_in_the_same_session() -> None:
    asked: list[Any] = []

    def ours(request: bytes) -> bytes:
        asked.append(parse(request))
        return document({"a": 1})

    def theirs(request: bytes) -> bytes:
        asked.append(parse(request))
        return document({"a": "1", "b": len(asked)})

    reads = [Read("toys.list", []), Read("toys.info", ["ball"])]
    results = [(read, list(map(str, found))) for read, found in check(reads, "s", XmlRpcMessages(), ours, theirs)]
    assert asked[0] == asked[1] == ("call", ("s", "toys.list", []))
    assert asked[2] == asked[3] == ("call", ("s", "toys.info", ["ball"]))
    assert results == [
        (reads[0], ["result.b: here nothing, in the shop 2"]),
        (reads[1], ["result.b: here nothing, in the shop 4"]),
    ]
