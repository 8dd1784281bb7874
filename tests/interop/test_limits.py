"""What a stack cannot do, whatever the shop: its own refusal, before anything of the call is sent."""

from __future__ import annotations

import pytest
import suds
from magento import API


@pytest.mark.parametrize("stack", [pytest.param("magento1-client", id="magento1-client V1")])
def test_magento1_client_over_soap_sends_no_lists(stack: str, shop_url: str) -> None:
    """It passes all arguments as a list, and suds refuses one where the WSDL declares anything."""
    with API(shop_url, "apiUser", "apiKey", protocol="soap") as api:
        login = str(api.client.last_sent())
        assert "login" in login
        with pytest.raises(suds.TypeNotFound, match="Type not found: 'args'"):
            api.call("sales_order_invoice.info", ["200000006"])
        assert str(api.client.last_sent()) == login
