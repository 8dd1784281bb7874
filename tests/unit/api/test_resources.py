"""The registry: paths, listings and the rules of roles."""

from __future__ import annotations

import pytest

from magento_soap.api.acl import is_allowed
from magento_soap.api.resources import Method, Registry, Resource, methods

TOY = Resource(
    name="toy_box",
    title="Toy box",
    acl="toys/box",
    aliases=("toys",),
    methods=methods(
        Method("list", "List of toys", "toys/box/info", (), list),
        Method("open", "Open the box", "toys/box/open", (), bool),
    ),
)
REGISTRY = Registry(TOY)


@pytest.mark.parametrize("path", ["toy_box.list", "toys.list", "toy_box.list.whatever"])
def test_a_path_names_a_method_by_name_or_alias(path: str) -> None:
    found = REGISTRY.method(path)  # API-61: a third part is ignored
    assert found is not None
    assert (found[0].name, found[1].name) == ("toy_box", "list")


@pytest.mark.parametrize(
    "path", ["", ".", "toy_box", "toy_box.", ".list", "Toy_Box.list", "toy_box.List", "toy_box_list"]
)
def test_what_is_no_path(path: str) -> None:
    assert REGISTRY.method(path) is None


def test_a_listing_has_the_allowed_methods_only() -> None:
    listing = TOY.describe(lambda method: method.name == "list")  # API-63
    assert listing == {
        "title": "Toy box",
        "description": None,
        "name": "toy_box",
        "aliases": ["toys"],
        "methods": [
            {
                "title": "List of toys",
                "description": None,
                "path": "toy_box.list",
                "name": "list",
                "aliases": ["toys.list"],
            }
        ],
    }
    assert TOY.describe(lambda method: False) is None


@pytest.mark.parametrize(
    ("named", "allowed"),
    [
        (["all"], {"toys/box/info", "toys/box/open"}),
        (["toys"], {"toys/box/info", "toys/box/open"}),
        (["toys/box"], {"toys/box/info", "toys/box/open"}),
        (["toys/box/info"], {"toys/box/info"}),
        (["toys/box", "toys/box/info"], {"toys/box/info"}),
        (["toys", "toys/box", "toys/box/open"], {"toys/box/open"}),
        (["toys", "toys/shelf"], set()),
        (["catalog"], set()),
    ],
)
def test_the_rules_of_a_role_allow_what_was_named_and_no_more(named: list[str], allowed: set[str]) -> None:
    rules = [REGISTRY.rules_for(named)]
    usable = {m.acl for m in TOY.methods.values() if all(is_allowed(rules, acl) for acl in TOY.acl_of(m))}
    assert usable == allowed
