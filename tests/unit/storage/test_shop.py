"""The shop's configuration (ORD-2, TOT-9, INV-22)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from magento_soap.storage import Database


def test_ord_2_default_statuses(database: Database) -> None:
    assert database.shop.default_status("new") == "pending"
    assert database.shop.default_status("payment_review") == "payment_review"
    assert database.shop.default_status("invented") is None


def test_tot_9_weee_in_subtotal_is_a_store_setting(database: Database) -> None:
    path = "tax/weee/include_in_subtotal"
    database.load({"core_config_data": [{"scope": "stores", "scope_id": 1, "path": path, "value": "1"}]})
    assert database.shop.weee_in_subtotal(1) is True
    assert database.shop.weee_in_subtotal(0) is False
    assert database.shop.weee_in_subtotal(None) is False


SCOPES = (("default", 0), ("websites", 1), ("stores", 1))


@pytest.mark.parametrize("scopes", [SCOPES[:1], SCOPES[:2], SCOPES, SCOPES[::2], SCOPES[1:], SCOPES[2:]])
def test_the_store_comes_before_its_website_and_that_before_the_default(
    database: Database, scopes: tuple[tuple[str, int], ...]
) -> None:
    rows = [{"scope": scope, "scope_id": scope_id, "path": "a/b", "value": scope} for scope, scope_id in scopes]
    elsewhere = [{"scope": scope, "scope_id": 7, "path": "a/b", "value": "no"} for scope in ("websites", "stores")]
    database.load({"core_config_data": [*rows, *elsewhere]})
    assert database.shop.value("a/b", 1) == scopes[-1][0]
    assert database.shop.value("a/b") == ("default" if SCOPES[0] in scopes else None)


def test_an_empty_value_of_a_store_hides_the_default(database: Database) -> None:
    rows: list[dict[str, Any]] = [{"path": "a/b", "value": "1"}]
    rows += [{"scope": "stores", "scope_id": 1, "path": "a/b", "value": None}]
    database.load({"core_config_data": rows})
    assert database.shop.value("a/b", 1) is None
    assert database.shop.flag("a/b", 1, default=False) is False


def test_inv_22_money_in_the_shops_locale(database: Database) -> None:
    assert database.shop.money_text(Decimal("384.98"), "USD") == "$384.98"
    assert database.shop.money_text(Decimal("384.98"), None) == "384.98"
    database.load({"core_config_data": [{"path": "general/locale/code", "value": "de_DE"}]})
    assert database.shop.money_text(Decimal("1384.98"), "EUR") == "1.384,98\xa0€"
    database.load({"core_config_data": [{"path": "general/locale/code", "value": "nonsense"}]})
    assert database.shop.money_text(Decimal("1"), "USD") == "$1.00"


def test_configuration_is_kept_for_some_seconds(shop_url: str, database: Database) -> None:
    assert database.shop.value("general/store_information/name") == "Main Store"
    table = database.tables["core_config_data"]
    with database.engine.begin() as connection:
        connection.execute(table.delete())
    assert database.shop.value("general/store_information/name") == "Main Store"
    fresh = Database(shop_url, "shop_", cache_seconds=0)
    assert fresh.shop.value("general/store_information/name") is None
    fresh.close()
