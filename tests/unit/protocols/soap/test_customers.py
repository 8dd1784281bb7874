"""Customers and store views on the wire of V1, V2 and WS-I (A2, E1, E2, L1)."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.api.client import Client
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.contracts import Style

from .wire import RecordingApi, envelope

SESSION = "<sessionId>s</sessionId>"
CUSTOMER = {
    "customer_id": "1",
    "email": "john.doe@example.com",
    "created_at": "2026-11-22T03:20:28+00:00",
    "prefix": None,
    "confirmation": "02a44712",
    "default_billing": "1",
}
V2_CUSTOMER = (
    '<customer_id xsi:type="xsd:int">1</customer_id>'
    '<created_at xsi:type="xsd:string">2026-11-22T03:20:28+00:00</created_at>'
    '<email xsi:type="xsd:string">john.doe@example.com</email>'
    '<confirmation xsi:type="xsd:boolean">true</confirmation>'
)
STORE = {"store_id": "1", "code": "default", "website_id": "1", "group_id": "1", "name": "Default Store View"} | {
    "sort_order": "0",
    "is_active": "1",
}
ADDRESS = {"customer_address_id": "1", "region_id": "12", "is_default_billing": True, "is_default_shipping": False}


def ask(style: Style, call: str, answer: Any = True) -> tuple[str, RecordingApi]:
    """The answer to a call, and the API that was asked."""
    api = RecordingApi(answer)
    return SoapEndpoint(api, style=style).answer(envelope(call), Client()).body.decode(), api


@pytest.mark.parametrize(
    ("call", "path", "arguments"),
    [
        ("<ns1:storeList>{}</ns1:storeList>", "core_store.list", []),
        ("<ns1:storeInfo>{}<storeId>de</storeId></ns1:storeInfo>", "core_store.info", {"storeId": "de"}),
        ("<ns1:customerGroupList>{}</ns1:customerGroupList>", "customer_group.list", []),
        (
            "<ns1:customerAddressList>{}<customerId>1</customerId></ns1:customerAddressList>",
            "customer_address.list",
            {"customerId": 1},
        ),
        (
            "<ns1:customerAddressInfo>{}<addressId>7</addressId></ns1:customerAddressInfo>",
            "customer_address.info",
            {"addressId": 7},
        ),
        ("<ns1:customerCustomerList>{}</ns1:customerCustomerList>", "customer.list", {"filters": None}),
        (
            "<ns1:customerCustomerInfo>{}<customerId>1</customerId>"
            '<attributes xsi:type="ns1:ArrayOfString" SOAP-ENC:arrayType="xsd:string[2]"><item>email</item>'
            "<item>dob</item></attributes></ns1:customerCustomerInfo>",
            "customer.info",
            {"customerId": 1, "attributes": ["email", "dob"]},
        ),
    ],
)
def test_v2_operations_call_their_methods(call: str, path: str, arguments: Any) -> None:
    _, api = ask("v2", call.format(SESSION), [] if "list" in path else {})
    assert api.asked == [("call", "s", path, arguments)]


@pytest.mark.parametrize(
    ("call", "answer", "part"),
    [
        (
            "customerCustomerList",
            [CUSTOMER],
            '<storeView SOAP-ENC:arrayType="ns1:customerCustomerEntity[1]" xsi:type="ns1:customerCustomerEntityArray">'
            f'<item xsi:type="ns1:customerCustomerEntity">{V2_CUSTOMER}</item></storeView>',
        ),
        (
            "customerCustomerInfo",
            CUSTOMER,
            f'<customerInfo xsi:type="ns1:customerCustomerEntity">{V2_CUSTOMER}</customerInfo>',
        ),
        (
            "storeList",
            [],
            '<stores SOAP-ENC:arrayType="ns1:storeEntity[0]" xsi:type="ns1:storeEntityArray"/>',
        ),
        (
            "customerAddressInfo",
            ADDRESS,
            '<info xsi:type="ns1:customerAddressEntityItem">'
            '<customer_address_id xsi:type="xsd:int">1</customer_address_id>'
            '<region_id xsi:type="xsd:int">12</region_id>'
            '<is_default_billing xsi:type="xsd:boolean">true</is_default_billing>'
            '<is_default_shipping xsi:type="xsd:boolean">false</is_default_shipping></info>',
        ),
    ],
)
def test_v2_results_have_magentos_parts_and_types(call: str, answer: Any, part: str) -> None:
    body, _ = ask("v2", f"<ns1:{call}>{SESSION}</ns1:{call}>", answer)
    assert f"<ns1:{call}Response>{part}</ns1:{call}Response>" in body.replace("\n", "")


def test_e2_store_views_have_integers() -> None:
    body, _ = ask("v2", f"<ns1:storeInfo>{SESSION}</ns1:storeInfo>", STORE)
    for member in ("store_id", "website_id", "group_id", "sort_order", "is_active"):
        assert f'<{member} xsi:type="xsd:int">' in body
    assert '<code xsi:type="xsd:string">default</code>' in body


@pytest.mark.parametrize("style", ["v2", "wsi"])
def test_e1_structs_know_magentos_versions_only(style: Style) -> None:
    name = "magentoInfo" if style == "v2" else "magentoInfoRequestParam"
    info = {"magento_edition": "Community", "magento_version": "1.9.4.5", "openmage_version": "20.0.20"}
    body, _ = ask(style, f"<ns1:{name}>{SESSION}</ns1:{name}>", info)
    assert body.index("1.9.4.5") < body.index("Community")
    assert "openmage" not in body


def test_wsi_has_its_own_form() -> None:
    body, api = ask(
        "wsi",
        f"<ns1:customerCustomerInfoRequestParam>{SESSION}<customerId>1</customerId><attributes>"
        "<complexObjectArray>email</complexObjectArray></attributes></ns1:customerCustomerInfoRequestParam>",
        CUSTOMER,
    )
    assert api.asked == [("call", "s", "customer.info", {"customerId": 1, "attributes": ["email"]})]
    assert "<result><customer_id>1</customer_id>" in body.replace("\n", "")
    assert "<confirmation>true</confirmation>" in body


def test_a4_only_wsi_wants_filters() -> None:
    body, api = ask("wsi", f"<ns1:customerCustomerListRequestParam>{SESSION}</ns1:customerCustomerListRequestParam>")
    assert "<faultcode>6</faultcode>" in body
    assert api.asked == []
    listed = f"<ns1:customerCustomerListRequestParam>{SESSION}<filters/></ns1:customerCustomerListRequestParam>"
    _, api = ask("wsi", listed, [])
    assert api.asked == [("call", "s", "customer.list", {"filters": {}})]
