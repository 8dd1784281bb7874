"""The shop's configuration (ORD-2, TOT-9, INV-22)."""

from __future__ import annotations

from decimal import Decimal

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
