"""Access control: which resources a user's roles allow (SES-30, SES-31)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from cachetools import TTLCache, cached
from cachetools.keys import hashkey

from .ports import Accounts, RuleRecord

Permissions = Sequence[Mapping[str, bool]]
EVERYTHING = "all"


def permissions(roles: Sequence[Sequence[RuleRecord]]) -> Permissions:
    """Per role, which resource is allowed or denied by a rule of its own.

    Magento can make a rule depend on an assertion (``api_assert``: address or time). These are not evaluated here: an
    allow that depends on one does not count, a deny does, so that nobody gets more than in Magento.
    """
    return [
        {
            rule.resource_id: rule.api_permission == "allow"
            for rule in rules
            if rule.api_permission == "deny" or not rule.assert_id
        }
        for rules in roles
    ]


def is_allowed(roles: Permissions, resource: str) -> bool:
    """Whether the roles, the one attached last first, allow ``sales/order/invoice/info`` or the like (SES-31)."""
    if _decision(roles, EVERYTHING):
        return True
    return _decision(roles, resource)


def _decision(roles: Permissions, resource: str) -> bool:
    for rules in roles:
        path = resource
        while path:
            if path in rules:
                return rules[path]
            path = path.rpartition("/")[0]
    return False


class Acl:
    """The permissions of users, remembered for some seconds so that a change of roles takes effect soon (SES-11)."""

    def __init__(self, accounts: Accounts, cache_seconds: float) -> None:
        def load(user_id: int) -> Permissions:
            return permissions(accounts.roles_of(user_id))

        cache: TTLCache[object, Permissions] = TTLCache(maxsize=1024, ttl=cache_seconds)
        self._permissions: Callable[[int], Permissions] = cached(cache, key=hashkey, lock=Lock())(load)

    def allows(self, user_id: int, resources: Sequence[str]) -> bool:
        """Whether the user may use every one of the resources (API-2)."""
        roles = self._permissions(user_id)
        return all(is_allowed(roles, resource) for resource in resources)
