"""Which payment method serves which code: offline methods, installed plugins, and the setting ``payment_methods``.

An adapter is a callable that takes a code and returns a ``PaymentMethod``. A plugin registers one in the entry point
group ``magento_soap.payment_methods``, under the code it serves. The setting maps codes to adapters: a
``"module:callable"``, the name of an entry point, or the name of a built-in adapter. One adapter can serve many codes.
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
    """Payment methods by code (``sales.ports.PaymentMethods``)."""

    def __init__(
        self, configured: Mapping[str, str] | None = None, built_in: Mapping[str, Adapter] | None = None
    ) -> None:
        """Load all methods now, so that an invalid setting stops the server at its start and not a payment later.

        ``configured`` maps codes to names of adapters, ``built_in`` maps names to adapters. Raises ValueError for an
        adapter that cannot be loaded.
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
        """The method with that code; raises PaymentError if there is none (ORD-16)."""
        try:
            return self._methods[code]
        except KeyError:
            raise PaymentError(METHOD_NOT_AVAILABLE) from None


def _make(code: str, name: str, adapter: Adapter | EntryPoint) -> PaymentMethod:
    try:
        make = cast("Adapter", adapter.load()) if isinstance(adapter, EntryPoint) else adapter
        method = make(code)
        missing = [action for action in ("capture", "void", "cancel") if not hasattr(method, action)]
        if missing:
            raise TypeError(f"it has no method {missing[0]}")
        return method
    except Exception as error:
        raise ValueError(f'payment method "{code}": cannot load adapter "{name}": {error}') from error
