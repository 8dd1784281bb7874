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
        self._forwarded = _Patterns(forwarded)
        self._excluded = _Patterns(excluded)

    def forwards_path(self, names: Sequence[str], *, served: bool) -> bool:
        """Whether the shop answers a method of the API, given all its paths, aliases included."""
        if any(map(self._excluded.match_path, names)):
            return False
        return not served or any(map(self._forwarded.match_path, names))

    def forwards_operation(self, name: str) -> bool:
        """Whether the shop answers an operation of V2 that is not served here.

        Its path is not known, so a path among the excluded patterns stands for every operation whose name begins that
        way: ``catalog_product.*`` excludes ``catalogProductAttributeList`` as well.
        """
        return not self._excluded.match_operation(name)


class _Patterns:
    """Patterns of paths, which have a dot, and of operations, which have none."""

    def __init__(self, patterns: Iterable[str]) -> None:
        lower = [pattern.lower() for pattern in patterns]
        self._paths = [pattern for pattern in lower if "." in pattern]
        self._operations = [pattern for pattern in lower if "." not in pattern]
        self._all_as_operations = [*map(_as_operation, self._paths), *self._operations]

    def match_path(self, path: str) -> bool:
        """Whether a pattern matches a path, or the operation that V2 has for it."""
        return _matches(path.lower(), self._paths) or _matches(_as_operation(path.lower()), self._operations)

    def match_operation(self, name: str) -> bool:
        """Whether a pattern matches an operation, or the path that it may stand for."""
        return _matches(name.lower(), self._all_as_operations)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _as_operation(path: str) -> str:
    """The operation of V2 for a path, in lower case: ``catalogproductlist``."""
    resource, _, method = path.partition(".")
    return re.sub(r"[._]", "", V2_PREFIXES.get(resource, resource) + method).lower()
