"""Which payment method serves which code: the offline ones, installed plugins, and the setting ``payment_methods``.

An adapter is a callable that takes the code and returns a ``PaymentMethod``. It is found through the entry point group
``magento_soap.payment_methods`` (name: the code it serves) or named by the setting, as ``"module:callable"``, as the
name of an entry point or as that of a built-in adapter, so that one adapter can serve any number of codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from magento_soap.sales.errors import METHOD_NOT_AVAILABLE, PaymentError
from magento_soap.sales.payment import PaymentMethod

from .offline import CODES, OfflineMethod

GROUP = "magento_soap.payment_methods"

Adapter = Callable[[str], PaymentMethod]


class PaymentMethods:
    """Payment methods by code (port ``invoicing.ports.PaymentMethods``)."""

    def __init__(
        self, configured: Mapping[str, str] | None = None, built_in: Mapping[str, Adapter] | None = None
    ) -> None:
        """Load every method at once, so that a wrong setting is told when the server starts, not when a sale fails.

        ``configured`` names the adapter of a code, ``built_in`` has adapters by name. Raises ValueError for an adapter
        that cannot be loaded.
        """
        built_in = built_in or {}
        plugins = {plugin.name: plugin for plugin in entry_points(group=GROUP)}
        self._methods: dict[str, PaymentMethod] = {code: OfflineMethod(code) for code in CODES}
        for code, plugin in plugins.items():
            self._methods[code] = _make(code, plugin.value, plugin)
        for code, name in (configured or {}).items():
            adapter = built_in.get(name) or plugins.get(name) or EntryPoint(name=code, value=name, group=GROUP)
            self._methods[code] = _make(code, name, adapter)

    def get(self, code: str) -> PaymentMethod:
        """The method of that code; raises PaymentError when there is none (ORD-16)."""
        try:
            return self._methods[code]
        except KeyError:
            raise PaymentError(METHOD_NOT_AVAILABLE) from None


def _make(code: str, name: str, adapter: Adapter | EntryPoint) -> PaymentMethod:
    try:
        make = cast("Adapter", adapter.load()) if isinstance(adapter, EntryPoint) else adapter
        return make(code)
    except Exception as error:
        raise ValueError(f'payment method "{code}": cannot load adapter "{name}": {error}') from error
