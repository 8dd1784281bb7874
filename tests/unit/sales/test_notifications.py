"""Who receives which mail about a document (MAIL-1, MAIL-2)."""

from __future__ import annotations

from magento_soap.sales.notifications import Notification, Notifications
from magento_soap.sales.order import Order
from magento_soap.sales.subject import Subject

ORDER = Order(entity_id=2, increment_id="100000002", state="processing", store_id=1, customer_email="jane@example.com")
SHIPMENT = Subject("shipment", 7)


class Settings:
    def __init__(self, **values: str) -> None:
        self.values = {f"sales_email/{path.replace('__', '/')}": value for path, value in values.items()}

    def value(self, path: str, store_id: int | None = None) -> str | None:
        return self.values.get(path)

    def flag(self, path: str, store_id: int | None = None, default: bool = False) -> bool:
        value = self.value(path, store_id)
        return default if value is None else value == "1"


class Queue:
    def __init__(self, *, is_kept: bool = True) -> None:
        self.is_kept = is_kept
        self.added: list[Notification] = []

    def add(self, notification: Notification) -> None:
        self.added.append(notification)


def test_a_document_of_any_type_has_mails_with_settings_of_its_own() -> None:
    queue = Queue()
    settings = Settings(shipment__copy_to="a@x.org", shipment_comment__copy_to="b@x.org", invoice__enabled="0")
    notifications = Notifications(queue, settings)
    assert notifications.created(ORDER, SHIPMENT, "On its way", True)
    assert notifications.commented(ORDER, SHIPMENT, "", False)
    assert not notifications.created(ORDER, Subject("invoice", 1), "", True)
    assert [(mail.kind, mail.subject, mail.recipient, mail.bcc, mail.comment) for mail in queue.added] == [
        ("shipment", SHIPMENT, "jane@example.com", ("a@x.org",), "On its way"),
        ("shipment_comment", SHIPMENT, "b@x.org", (), ""),
    ]
    assert {(mail.order_id, mail.store_id, mail.recipient_name) for mail in queue.added} == {(2, 1, "Guest")}


def test_nothing_is_queued_where_no_mails_are_kept() -> None:
    queue = Queue(is_kept=False)
    assert not Notifications(queue, Settings()).created(ORDER, SHIPMENT, "", True)
    assert queue.added == []
