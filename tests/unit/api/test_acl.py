"""Access control (SES-30, SES-31)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from magento_soap.api.acl import Acl, is_allowed, permissions


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


class Roles:
    """The port ``api.ports.Accounts``, as far as rights go: one user may see invoices, another may do everything."""

    def __init__(self) -> None:
        self.rules = {1: [Rule(INFO)], 2: [Rule("all")]}
        self.asked: list[int] = []

    def roles_of(self, user_id: int) -> list[list[Rule]]:
        self.asked.append(user_id)
        return [self.rules.get(user_id, [])]


def test_rights_are_each_users_own_and_remembered_for_a_while_ses_11() -> None:
    roles = Roles()
    acl = Acl(roles, cache_seconds=3600)  # type: ignore[arg-type]
    for _ in range(2):
        assert acl.allows(1, (INFO,))
        assert not acl.allows(1, (INFO, "sales/order/invoice/create"))  # every one is needed (API-2)
        assert acl.allows(2, (INFO, "sales/order/invoice/create"))
        assert not acl.allows(3, (INFO,))
    assert roles.asked == [1, 2, 3]


def test_rights_that_are_not_remembered_change_at_once_ses_11() -> None:
    roles = Roles()
    acl = Acl(roles, cache_seconds=0)  # type: ignore[arg-type]
    assert acl.allows(1, (INFO,))
    roles.rules[1] = []
    assert not acl.allows(1, (INFO,))
