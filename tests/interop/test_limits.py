"""What a stack cannot do, and how it says so before anything of the call is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
import suds
from magento import API

from .conftest import require
from .stacks import Stack
from .test_matrix import GENERATING

pytestmark = pytest.mark.interop

DOCUMENTED = Path(__file__).parents[2] / "wsdl" / "v2-wsi-documented.wsdl"


@pytest.mark.parametrize("stack", [pytest.param("magento1-client", id="magento1-client V1")])
def test_magento1_client_over_soap_sends_no_lists(stack: str, shop_url: str) -> None:
    """It passes all arguments as a list, and suds refuses one where the WSDL declares anything."""
    with API(shop_url, "apiUser", "apiKey", protocol="soap") as api:
        login = str(api.client.last_sent())
        assert "login" in login
        with pytest.raises(suds.TypeNotFound, match="Type not found: 'args'"):
            api.call("sales_order_invoice.info", ["200000006"])
        assert str(api.client.last_sent()) == login


@pytest.mark.parametrize("stack", GENERATING)
def test_sources_for_magentos_own_form_of_wsi_do_not_compile_with_the_documented_one(
    stack: Stack, tmp_path: Path
) -> None:
    """Which is why ``/api/v2_soap_wsi`` has the former."""
    require(stack)
    with pytest.raises(AssertionError, match=r"(?i)CreateRequestParam|salesOrderInvoiceCreate|invoiceIncrementId"):
        stack.clients["WS-I"].make(str(DOCUMENTED), tmp_path)
