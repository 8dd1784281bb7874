"""The shop's configuration (``core_config_data``, ``sales_order_status_state``), kept for some seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency
from sqlalchemy import Connection, Engine, select

from magento_soap.storage.connection.transactions import read
from magento_soap.storage.schema.tables import Tables

_DEFAULT_LOCALE = "en_US"
_FALSE = ("", "0", "false")


@dataclass(frozen=True)
class _Loaded:
    """The configuration at one moment."""

    values: dict[tuple[str, int, str], str | None]
    websites: dict[int, int]
    statuses: dict[str, str]
    loaded_at: float = field(default_factory=time.monotonic)


class StoreConfig:
    """ports.Shop, and configuration values by path. Values are cached for ``cache_seconds``."""

    def __init__(self, engine: Engine, tables: Tables, cache_seconds: float = 5) -> None:
        self._engine = engine
        self._config = tables["core_config_data"]
        self._stores = tables["core_store"]
        self._statuses = tables["sales_order_status"]
        self._states = tables["sales_order_status_state"]
        self._cache_seconds = cache_seconds
        self._loaded: _Loaded | None = None
        self._lock = Lock()

    def value(self, path: str, store_id: int | None = None) -> str | None:
        """The value of that path for the store (its own, its website's, the default one), or None."""
        loaded = self._current()
        scopes = [("default", 0)]
        if store_id is not None:
            scopes.insert(0, ("stores", store_id))
            if (website_id := loaded.websites.get(store_id)) is not None:
                scopes.insert(1, ("websites", website_id))
        for scope, scope_id in scopes:
            if (scope, scope_id, path) in loaded.values:
                return loaded.values[scope, scope_id, path]
        return None

    def flag(self, path: str, store_id: int | None = None, default: bool = False) -> bool:
        """The value of that path as Magento reads flags: "", "0" and "false" are off."""
        value = self.value(path, store_id)
        return default if value is None else value not in _FALSE

    def default_status(self, state: str) -> str | None:
        """The default status of an order state, or None when the state is not configured (ORD-2)."""
        return self._current().statuses.get(state)

    def weee_in_subtotal(self, store_id: int | None) -> bool:
        """Config ``tax/weee/include_in_subtotal`` of the store (TOT-9)."""
        return self.flag("tax/weee/include_in_subtotal", store_id)

    def money_text(self, amount: Decimal, currency_code: str | None) -> str:
        """An amount as the shop writes it, such as ``$40.67`` (INV-22)."""
        if not currency_code:
            return f"{amount:.2f}"
        try:
            locale = Locale.parse(self.value("general/locale/code") or _DEFAULT_LOCALE)
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse(_DEFAULT_LOCALE)
        return format_currency(amount, currency_code, locale=locale)

    def forget(self) -> None:
        """Read everything again the next time."""
        self._loaded = None

    def _current(self) -> _Loaded:
        with self._lock:
            if self._loaded is None or time.monotonic() - self._loaded.loaded_at > self._cache_seconds:
                self._loaded = read(self._engine, self._load)
            return self._loaded

    def _load(self, connection: Connection) -> _Loaded:
        config, states = self._config, self._states
        values = connection.execute(select(config.c.scope, config.c.scope_id, config.c.path, config.c.value))
        stores = connection.execute(select(self._stores.c.store_id, self._stores.c.website_id))
        configured = (
            select(states.c.state, states.c.status)
            .join(self._statuses, self._statuses.c.status == states.c.status)
            .order_by(states.c.is_default, states.c.status.desc())
        )
        return _Loaded(
            values={(row.scope, row.scope_id, row.path): row.value for row in values},
            websites={row.store_id: row.website_id for row in stores},
            statuses={row.state: row.status for row in connection.execute(configured)},
        )
