"""Mails about orders, shipments and credit memos (H5, J10, J11, K18, K19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

import pytest

from magento_soap.demo import demo_rows
from magento_soap.mail.message import PermanentFailure
from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.notifications import QueuedMail
from magento_soap.sales.ordering.commands import AddOrderComment
from magento_soap.sales.refunding.commands import AddCreditMemoComment, CreateCreditMemo
from magento_soap.sales.services import SalesServices
from magento_soap.sales.shipping.commands import AddShipmentComment, CreateShipment, NewTrack, SendShipment
from magento_soap.storage import Database
from magento_soap.storage.schema.reference_rows import Rows

from .conftest import MailShop

PAID = "100000001"
GUESTS = "100000004"


DOCUMENTS = (
    *(f"sales_flat_shipment{part}" for part in ("", "_item", "_comment", "_grid", "_track")),
    *(f"sales_flat_creditmemo{part}" for part in ("", "_item", "_comment", "_grid")),
)


def restore(database: Database) -> None:
    """The demo shop without the documents of a test."""
    empty: Rows = {name: [] for name in DOCUMENTS}
    database.load(empty | demo_rows())


@pytest.fixture
def sales(shop: MailShop) -> Iterator[SalesServices]:
    """The services on the demo shop, whose orders every test finds as they were."""
    restore(shop.database)
    yield SalesServices(shop.database.transactions, PaymentMethods(), shop.database.shop, shop.clock)
    restore(shop.database)


def sent(shop: MailShop) -> tuple[str, str, str]:
    """Subject, text and HTML of the last mail that was queued."""
    row = shop.rows()[-1]
    known = {field.name: row[field.name] for field in fields(QueuedMail)}
    mail = QueuedMail(**known | {"bcc": (), "comment": row["comment"] or ""})
    message = shop.composer().compose(mail).message
    text, html = (message.get_body((form,)) for form in ("plain", "html"))
    assert text is not None
    assert html is not None
    return str(message["Subject"]), text.get_content(), html.get_content()


def test_a_comment_on_an_order_h5(shop: MailShop, sales: SalesServices) -> None:
    sales.orders.add_comment(AddOrderComment(PAID, "complete", comment="Almost <done>", notify=True))
    subject, text, html = sent(shop)
    assert subject.endswith(f": Order # {PAID} update")
    assert "It is now: Complete" in text
    assert "Almost <done>" in text
    assert "Almost &lt;done&gt;" in html


def test_a_shipment_j10(shop: MailShop, sales: SalesServices) -> None:
    track = NewTrack("ups", "", "1Z999")
    shipment = sales.shipments.create(
        CreateShipment(PAID, comment="Handle with care", notify=True, include_comment=True, tracks=(track,))
    )
    subject, text, html = sent(shop)
    assert subject.endswith(f": Shipment # {shipment.increment_id} for Order # {PAID}")
    for part in (text, html):
        assert "Handle with care" in part
        assert "ups: 1Z999" in part
        assert "Grand total" not in part
    assert [line.name for line in shipment.lines if str(line.name) not in text] == []


def test_updates_of_a_shipment_j11_j15(shop: MailShop, sales: SalesServices) -> None:
    number = sales.shipments.create(CreateShipment(PAID)).increment_id or ""
    assert shop.rows() == []
    sales.shipments.add_comment(AddShipmentComment(number, "On its way", notify=True, include_comment=True))
    subject, text, _ = sent(shop)
    assert subject.endswith(f": Shipment # {number} update")
    assert "On its way" in text
    sales.shipments.send(SendShipment(number, "Once more"))
    subject, text, _ = sent(shop)
    assert subject.endswith(f": Shipment # {number} for Order # {PAID}")
    assert "Once more" in text


def test_a_credit_memo_k18(shop: MailShop, sales: SalesServices) -> None:
    command = CreateCreditMemo(
        PAID,
        base_adjustment_positive=Decimal(2),
        base_adjustment_negative=Decimal(3),
        notify=True,
        comment="Kept to ourselves",
    )
    creditmemo = sales.creditmemos.create(command)
    subject, text, html = sent(shop)
    assert subject.endswith(f": Credit Memo # {creditmemo.increment_id} for Order # {PAID}")
    assert creditmemo.grand_total is not None
    for part in (text, html):
        assert f"${creditmemo.grand_total.order:.2f}" in part
        assert "Kept to ourselves" not in part
    assert "Adjustment refund: $2.00" in text
    assert "Adjustment fee: -$3.00" in text
    assert creditmemo.email_sent == 1


def test_a_comment_on_a_credit_memo_k19(shop: MailShop, sales: SalesServices) -> None:
    number = sales.creditmemos.create(CreateCreditMemo(PAID)).increment_id or ""
    sales.creditmemos.add_comment(AddCreditMemoComment(number, "Sorry", notify=True))
    subject, text, _ = sent(shop)
    assert subject.endswith(f": Credit Memo # {number} update")
    assert "Sorry" not in text


def test_guests_have_no_account(shop: MailShop, sales: SalesServices) -> None:
    sales.orders.add_comment(AddOrderComment(GUESTS, comment="Thanks", notify=True))
    _, text, html = sent(shop)
    is_guest = shop.database.dump(["sales_flat_order"])["sales_flat_order"]
    (order,) = [row for row in is_guest if row["increment_id"] == GUESTS]
    assert ("account" in text) is ("account" in html) is (not order["customer_is_guest"])


def test_the_document_may_be_gone(shop: MailShop, sales: SalesServices) -> None:
    sales.shipments.create(CreateShipment(PAID, notify=True))
    restore(shop.database)
    with pytest.raises(PermanentFailure):
        sent(shop)
