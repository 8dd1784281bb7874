"""An in-process WS-I client of a demo shop: every operation called once, and the faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from lxml import etree
from werkzeug.test import Client, TestResponse

from magento_soap.app import create_app
from magento_soap.settings import Settings
from magento_soap.storage import Database

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
PATH = "/api/v2_soap_wsi/"
NO_SUCH_STATE = (
    "<filters><filter><complexObjectArray><key>state</key><value>9</value></complexObjectArray></filter></filters>"
)
ONE_OF_ITEM_50 = (
    "<itemsQty><complexObjectArray><order_item_id>50</order_item_id><qty>1</qty></complexObjectArray></itemsQty>"
)


class WsiClient:
    """Sends document/literal requests and returns the HTTP responses."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.session = str(body_of(self.call("loginParam", username="apiUser", apiKey="apiKey")).findtext("result"))

    def post(self, body: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send what stands in the Body."""
        envelope = f'<e:Envelope xmlns:e="{SOAP[1:-1]}" xmlns:m="urn:Magento"><e:Body>{body}</e:Body></e:Envelope>'
        return self.send(envelope.encode(), {"SOAPAction": '""', **(headers or {})})

    def send(self, request: bytes, headers: Mapping[str, str]) -> TestResponse:
        """Send any bytes."""
        return self._client.post(PATH, data=request, content_type="text/xml; charset=utf-8", headers=dict(headers))

    def call(self, name: str, markup: str = "", **children: str) -> TestResponse:
        """Call an operation: texts by name, and markup as it stands."""
        texts = "".join(f"<{child}>{escape(text)}</{child}>" for child, text in children.items())
        return self.post(f"<m:{name}>{texts}{markup}</m:{name}>")

    def ask(self, name: str, markup: str = "", **children: str) -> TestResponse:
        """Call an operation within the session."""
        return self.call(name, markup, sessionId=self.session, **children)

    def answers(self) -> Iterator[tuple[str, TestResponse]]:
        """Every operation, with the name of the element that answers it: a session, and the life of two invoices."""
        yield "loginResponseParam", self.call("loginParam", username="apiUser", apiKey="apiKey")
        yield "startSessionResponseParam", self.post("")  # a message without parts is an empty Body
        yield "resourcesResponseParam", self.ask("resourcesRequestParam")
        yield "globalFaultsResponseParam", self.ask("globalFaultsParam")
        yield "resourceFaultsResponseParam", self.ask("resourceFaultsParam", resourceName="sales_order_invoice")
        yield "magentoInfoResponseParam", self.ask("magentoInfoRequestParam")
        yield "storeListResponseParam", self.ask("storeListRequestParam")
        yield "storeInfoResponseParam", self.ask("storeInfoRequestParam", storeId="default")
        yield "customerGroupListResponseParam", self.ask("customerGroupListRequestParam")
        yield "customerCustomerListResponseParam", self.ask("customerCustomerListRequestParam", "<filters/>")
        yield "customerCustomerInfoResponseParam", self.ask("customerCustomerInfoRequestParam", customerId="1")
        yield "customerAddressListResponseParam", self.ask("customerAddressListRequestParam", customerId="1")
        yield "customerAddressInfoResponseParam", self.ask("customerAddressInfoRequestParam", addressId="1")
        for markup in ("", NO_SUCH_STATE):
            yield "salesOrderInvoiceListResponseParam", self.ask("salesOrderInvoiceListRequestParam", markup)
        for order, items, methods in (
            ("100000016", "<itemsQty/>", ("AddComment", "Info", "Cancel")),
            ("100000028", ONE_OF_ITEM_50, ("Capture", "Void", "Info")),
        ):
            created = self.ask("salesOrderInvoiceCreateRequestParam", items, invoiceIncrementId=order)
            yield "salesOrderInvoiceCreateResponseParam", created
            number = str(body_of(created).findtext("result"))
            for method in methods:
                comment = "<comment>Grüße ☃ &lt;b&gt;&amp;</comment>" if method == "AddComment" else ""
                answer = self.ask(f"salesOrderInvoice{method}RequestParam", comment, invoiceIncrementId=number)
                yield f"salesOrderInvoice{method}ResponseParam", answer
        yield from self._answers_about_orders()
        yield "endSessionResponseParam", self.call("endSessionParam", sessionId=self.session)

    def _answers_about_orders(self) -> Iterator[tuple[str, TestResponse]]:
        """The life of an order that is paid: on hold and released, shipped, tracked, refunded."""

        def asked(operation: str, markup: str = "", **children: str) -> tuple[str, TestResponse]:
            name = f"salesOrder{operation}"
            return f"{name}ResponseParam", self.ask(f"{name}RequestParam", markup, **children)

        order = {"orderIncrementId": "100000001"}
        yield asked("List", "<filters/>")
        yield asked("Info", **order)
        yield asked("AddComment", **order, status="processing", comment="Grüße", notify="0")
        yield asked("Hold", **order)
        yield asked("Unhold", **order)
        yield asked("Cancel", orderIncrementId="100000002")
        yield asked("ShipmentGetCarriers", **order)
        created = asked("ShipmentCreate", "<itemsQty/>", **order, email="0", includeComment="0")
        yield created
        shipment = {"shipmentIncrementId": str(body_of(created[1]).findtext("result"))}
        tracked = asked("ShipmentAddTrack", **shipment, carrier="ups", title="UPS", trackNumber="1Z")
        yield tracked
        yield asked("ShipmentInfo", **shipment)
        yield asked("ShipmentRemoveTrack", **shipment, trackId=str(body_of(tracked[1]).findtext("result")))
        yield asked("ShipmentAddComment", **shipment, comment="On its way", email="0", includeInEmail="0")
        yield asked("ShipmentSendInfo", **shipment)
        yield asked("ShipmentList")
        refunded = asked("CreditmemoCreate", **order)
        yield refunded
        creditmemo = {"creditmemoIncrementId": str(body_of(refunded[1]).findtext("result"))}
        yield asked("CreditmemoAddComment", **creditmemo, comment="Sorry")
        yield asked("CreditmemoInfo", **creditmemo)
        yield asked("CreditmemoList")

    def faults(self) -> Iterator[tuple[str, TestResponse]]:
        """One fault of each kind: of the API, and of the SOAP layer."""
        yield "100", self.ask("salesOrderInvoiceInfoRequestParam", invoiceIncrementId="nope")
        yield "2", self.call("loginParam", username="apiUser", apiKey="wrong")
        yield "5", self.call("salesOrderInvoiceListRequestParam", sessionId="nope")
        yield "Server", self.call("nopeParam")
        yield "Client", self.send(f'<e:Envelope xmlns:e="{SOAP[1:-1]}"/>'.encode(), {})
        yield "Sender", self.send(b"<no xml", {})


def body_of(answer: TestResponse) -> etree._Element:
    """The child of the answer's Body."""
    body = etree.fromstring(answer.data).find(f"{SOAP}Body")
    assert body is not None, answer.text
    return body[0]


@contextmanager
def demo_client(
    database: Path, wsi_fault_status: Literal["magento", "basic-profile"] = "magento"
) -> Iterator[WsiClient]:
    """A client of the shop in that file."""
    url = f"sqlite:///{database}"
    shop = Database(url)
    try:
        settings = Settings(
            database_url=url,
            payment_methods={"demopay": "magento_soap.demo.gateway:DemoPay"},
            wsi_fault_status=wsi_fault_status,
        )
        yield WsiClient(Client(create_app(settings, shop)))
    finally:
        shop.close()
