"""What connectors ask of the installation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from magento_soap.api.methods.magento import maho_resource, resource
from magento_soap.api.resources import Resource

MAGENTO_TITLES = ("core_magento", "magento", "Magento info API", "Info about current Magento installation")
MAGENTO = {"magento_edition": "Community", "magento_version": "1.9.4.5", "openmage_version": "20.0.20"}
MAHO_TITLES = ("core_maho", "maho", "Maho info API", "Get info about current Maho installation")


@pytest.mark.parametrize(
    ("entry", "titles", "answer"),
    [
        (resource, MAGENTO_TITLES, MAGENTO),
        (partial(maho_resource, listed=True), MAHO_TITLES, {"maho_version": "25.1.0"}),
    ],
    ids=["Magento", "Maho"],
)
def test_what_the_installation_is(
    entry: Callable[[], Resource], titles: tuple[str, str, str, str], answer: object
) -> None:
    name, alias, title, method_title = titles
    found = entry()
    assert found.describe(lambda method: found.acl_of(method) == ("core/magento", "core/magento/info")) == {
        "title": title,
        "description": None,
        "name": name,
        "aliases": [alias],
        "methods": [
            {
                "title": method_title,
                "description": None,
                "path": f"{name}.info",
                "name": "info",
                "aliases": [f"{alias}.info"],
            }
        ],
    }
    method = found.methods["info"]
    assert (method.handler(), list(method.parameters), method.changes) == (answer, [], False)


def test_only_a_maho_lists_that_it_is_one() -> None:
    hidden = maho_resource(listed=False)
    assert hidden.describe(lambda method: True) is None
    assert "info" in hidden.methods
