"""Access control (SES-30, SES-31)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from magento_soap.api.acl import is_allowed, permissions


@dataclass
class Rule:
    resource_id: str
    api_permission: str = "allow"
    assert_id: int = 0


def allowed(resource: str, *roles: list[Rule]) -> bool:
    return is_allowed(permissions(roles), resource)


INFO = "sales/order/invoice/info"


def test_all_wins_over_denials() -> None:
    assert allowed(INFO, [Rule("all"), Rule(INFO, "deny")])


@pytest.mark.parametrize("at", ["sales", "sales/order", "sales/order/invoice", INFO])
def test_a_right_is_inherited_from_above(at: str) -> None:
    assert allowed(INFO, [Rule(at)])


def test_the_more_specific_rule_wins() -> None:
    assert not allowed(INFO, [Rule("sales"), Rule(INFO, "deny")])
    assert allowed(INFO, [Rule("sales", "deny"), Rule(INFO)])


def test_a_leaf_does_not_open_its_parent() -> None:
    assert not allowed("sales/order/invoice", [Rule(INFO)])


def test_the_role_attached_last_decides() -> None:
    assert allowed(INFO, [Rule(INFO)], [Rule(INFO, "deny")])
    assert not allowed(INFO, [Rule(INFO, "deny")], [Rule(INFO)])


def test_nothing_found_is_denied() -> None:
    assert not allowed(INFO)
    assert not allowed(INFO, [Rule("catalog")])
    assert not allowed(INFO, [Rule("sales/orderly")])


def test_a_right_that_depends_on_an_assertion_is_not_granted() -> None:
    assert not allowed(INFO, [Rule(INFO, assert_id=1)])
    assert not allowed(INFO, [Rule("sales"), Rule(INFO, "deny", assert_id=1)])
