"""Which calls the shop's own PHP answers: the rules, and what stands for such a call.

A server that runs alongside PHP (``upstream_url``) forwards what it does not serve. ``Dispatcher`` decides by
``ForwardingRules``, after it has checked the session, and raises ``ForwardedCall``. The endpoint that received the
request then sends it to the shop. Where only a part of a request is the shop's, ``Client.shop`` runs that part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

V2_PREFIXES = {
    "core_store": "store",
    "core_magento": "magento",
    "customer": "customerCustomer",
    "cart": "shoppingCart",
    "cart_coupon": "shoppingCartCoupon",
    "cart_customer": "shoppingCartCustomer",
    "cart_payment": "shoppingCartPayment",
    "cart_product": "shoppingCartProduct",
    "cart_shipping": "shoppingCartShipping",
}
"""How V2 calls the resources whose operations do not begin with the resource's own name."""


class ForwardedCall(Exception):
    """A call, or several in one request, that the shop answers; ``methods`` names them for the log and the report."""

    def __init__(self, user_id: int, *methods: str) -> None:
        super().__init__(", ".join(methods))
        self.user_id = user_id
        self.methods = methods


class ForwardingRules:
    """Which calls are forwarded: those that are not served here, and served ones that match ``forwarded``.

    Nothing that matches ``excluded`` is forwarded. Patterns are API paths (``sales_order_creditmemo.*``) or V2's names
    of operations (``salesOrderCreditmemo*``); ``*`` and ``?`` have their usual meaning, and case does not matter.
    """

    def __init__(self, forwarded: Iterable[str] = (), excluded: Iterable[str] = ()) -> None:
        self._forwarded = [pattern.lower() for pattern in forwarded]
        self._excluded = [pattern.lower() for pattern in excluded]
        self._excluded_operations = [_as_operation(pattern) for pattern in self._excluded]

    def forwards_path(self, names: Sequence[str], *, served: bool) -> bool:
        """Whether the shop answers a method of the API, given all its paths, aliases included."""
        paths = [name.lower() for name in names]
        if _any_matches(self._excluded, paths):
            return False
        return not served or _any_matches(self._forwarded, paths)

    def forwards_operation(self, name: str) -> bool:
        """Whether the shop answers an operation of V2 that is not served here.

        Its path is not known, so a path among the excluded patterns stands for every operation whose name begins that
        way: ``catalog_product.*`` excludes ``catalogProductAttributeList`` as well.
        """
        return not _any_matches(self._excluded_operations, [_squeezed(name)])


def _any_matches(patterns: Sequence[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _squeezed(pattern: str) -> str:
    """A path or an operation without what distinguishes one from the other."""
    return re.sub(r"[._]", "", pattern).lower()


def _as_operation(pattern: str) -> str:
    """A pattern of paths or operations as one of operations."""
    resource, dot, method = pattern.partition(".")
    return _squeezed((V2_PREFIXES.get(resource, resource) if dot else resource) + method)
