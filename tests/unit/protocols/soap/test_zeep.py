"""zeep reads the generated WSDL and talks to the endpoint, all in one process."""

from __future__ import annotations

from typing import Any

import pytest
import zeep
from zeep.transports import Transport

from magento_soap.api.client import Client
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.contracts import Style

from .wire import RecordingApi, api_fault

# What zeep needs of http://schemas.xmlsoap.org/soap/encoding/, which it fetches whatever the WSDL says.
ENCODING_SCHEMA = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:tns="http://schemas.xmlsoap.org/soap/encoding/">
  <attribute name="arrayType" type="string"/>
  <complexType name="Array">
    <sequence><any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence>
    <attribute ref="tns:arrayType"/>
  </complexType>
</schema>"""


class InProcess(Transport):
    """Fetches and posts by calling the endpoint."""

    def __init__(self, endpoint: SoapEndpoint) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.endpoint = endpoint

    def load(self, url: str) -> bytes:
        return ENCODING_SCHEMA if "encoding" in url else self.endpoint.wsdl("http://magentohost/api/v2_soap/")

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        class Response:
            def __init__(self, answer: Any) -> None:
                self.status_code = int(answer.status[:3])
                self.headers = {"Content-Type": answer.content_type}
                self.content = answer.body
                self.encoding = "utf-8"

        return Response(self.endpoint.answer(message, Client()))


def client(answer: Any, style: Style = "v2") -> tuple[Any, RecordingApi]:
    api = RecordingApi(answer)
    return zeep.Client("http://magentohost/?wsdl", transport=InProcess(SoapEndpoint(api, style=style))), api


def item(magento: Any, type_name: str, **members: Any) -> Any:
    """An item of an encoded array, which zeep knows as an element of any kind."""
    of = magento.get_type(f"ns0:{type_name}")
    return zeep.xsd.AnyObject(zeep.xsd.Element("item", of), of(**members))


def test_login() -> None:
    magento, _ = client("0123abcd")
    assert magento.service.login("u", "k") == "0123abcd"


def test_info_with_its_items() -> None:
    magento, _ = client({"increment_id": "100000001", "grand_total": "5.0000", "items": [{"sku": "a"}, {"sku": "b"}]})
    invoice = magento.service.salesOrderInvoiceInfo("s", "100000001")
    assert (invoice["increment_id"], invoice["grand_total"], invoice["state"]) == ("100000001", "5.0000", None)
    assert [item["sku"] for item in invoice["items"]] == ["a", "b"]


def test_create_with_quantities() -> None:
    magento, api = client("100000018")
    items = magento.get_type("ns0:orderItemIdQtyArray")([item(magento, "orderItemIdQty", order_item_id=15, qty=1)])
    assert magento.service.salesOrderInvoiceCreate("s", "7", items, "c", "1", "0") == "100000018"
    assert api.asked[0][-1] == {
        "orderIncrementId": "7",
        "itemsQty": [{"order_item_id": 15, "qty": 1.0}],
        "comment": "c",
        "email": "1",
        "includeComment": "0",
    }


def test_list_with_a_filter() -> None:
    magento, api = client([{"increment_id": "1"}])
    pairs = magento.get_type("ns0:associativeArray")([item(magento, "associativeEntity", key="state", value="3")])
    rows = magento.service.salesOrderInvoiceList("s", {"filter": pairs})
    assert [row["increment_id"] for row in rows] == ["1"]
    assert api.asked[0][-1] == {"filters": {"filter": [{"key": "state", "value": "3"}]}}


def test_faults() -> None:
    magento, _ = client(api_fault("100", "Requested invoice does not exist."))
    with pytest.raises(zeep.exceptions.Fault) as raised:
        magento.service.salesOrderInvoiceInfo("s", "x")
    assert (raised.value.code, raised.value.message) == ("100", "Requested invoice does not exist.")


def plain(value: Any) -> Any:
    """What zeep makes of Apache's Map and of arrays, as dicts and lists; a whole answer it unwraps."""
    if hasattr(value, "arrayType"):
        value = value["_value_1"] or []
    if hasattr(value, "item"):
        value = value["item"]
    if isinstance(value, list) and value and hasattr(value[0], "key"):
        return {pair["key"]: plain(pair["value"]) for pair in value}
    return [plain(each) for each in value] if isinstance(value, list) else value


def test_v1_call_with_a_scalar_answers_a_map() -> None:
    """The WSDL declares the Map: without it zeep could not read any invoice."""
    row = {"increment_id": "1", "email_sent": None, "items": [{"sku": "a"}, {"sku": "b"}], "comments": []}
    magento, api = client(row, "v1")
    answer = magento.service.call("s", "sales_order_invoice.info", "1")
    assert api.asked == [("call", "s", "sales_order_invoice.info", "1")]
    assert plain(answer) == row


def test_v1_lists_are_arrays_of_maps() -> None:
    rows = [{"increment_id": "1", "invoice_id": None}, {"increment_id": "2", "invoice_id": "5"}]
    magento, _ = client(rows, "v1")
    assert plain(magento.service.call("s", "sales_order_invoice.list", "")) == rows
    assert plain(magento.service.globalFaults("s")) == rows


def test_v1_arguments_as_a_map() -> None:
    magento, api = client(True, "v1")
    map_type = magento.get_type("{http://xml.apache.org/xml-soap}Map")
    pairs = [{"key": "invoiceIncrementId", "value": "1"}, {"key": "comment", "value": "c"}]
    args = zeep.xsd.AnyObject(map_type, map_type(item=pairs))
    assert magento.service.call("s", "sales_order_invoice.addComment", args) is True
    assert api.asked[0][-1] == {"invoiceIncrementId": "1", "comment": "c"}
