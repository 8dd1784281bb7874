"""Mails recorded for the worker (SPEC H)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from magento_soap.sales.ports import UnitOfWork
from magento_soap.sales.subject import subject_of
from magento_soap.storage import Database

from .conftest import FixedClock
from .shop_rows import INVOICE, small_shop


def configure(database: Database, scope: str = "default", scope_id: int = 0, **values: str) -> None:
    rows = [
        {"scope": scope, "scope_id": scope_id, "path": f"sales_email/invoice/{name}", "value": value}
        for name, value in values.items()
    ]
    database.load({"core_config_data": rows})


def create(database: Database, comment: str = "", notify: bool = True) -> bool:
    def work(unit: UnitOfWork) -> bool:
        found = unit.orders.lock_for_invoice(INVOICE)
        assert found is not None
        order, invoice = found
        return unit.notifier.created(order, subject_of("invoice", invoice.entity_id), comment, notify)

    return database.transactions.run(work)


def mails(database: Database) -> list[dict[str, Any]]:
    return list(database.dump(["magento_soap_outbox"])["magento_soap_outbox"])


def recipients(database: Database) -> list[tuple[str, str]]:
    return [(mail["recipient"], mail["bcc"]) for mail in mails(database)]


def test_mail_2_the_customer_gets_a_mail(database: Database) -> None:
    assert create(database, "Thank you 😀") is True
    (mail,) = mails(database)
    assert mail["kind"] == "invoice"
    assert (mail["entity_type"], mail["entity_id"], mail["order_id"], mail["store_id"]) == ("invoice", 1, 2, 1)
    assert (mail["recipient"], mail["recipient_name"]) == ("customer2@example.com", "Jane Roe")
    assert mail["comment"] == "Thank you 😀"
    assert mail["status"] == "queued"
    assert mail["created_at"] == "2025-06-01 12:00:00"


def test_mail_2_nobody_is_told_without_notify_and_copies(database: Database) -> None:
    assert create(database, notify=False) is False
    assert mails(database) == []


def test_mail_1_disabled_mails_are_not_recorded(database: Database) -> None:
    configure(database, enabled="0", copy_to="boss@example.com")
    assert create(database) is False
    assert mails(database) == []


def test_mail_1_the_store_overrides_the_website_and_that_the_default(database: Database) -> None:
    path = "sales_email/invoice/enabled"
    rows = [
        {"scope": "default", "scope_id": 0, "path": path, "value": "0"},
        {"scope": "websites", "scope_id": 1, "path": path, "value": "1"},
    ]
    database.load({"core_config_data": rows})
    assert create(database) is True
    database.load({"core_config_data": [*rows, {"scope": "stores", "scope_id": 1, "path": path, "value": "0"}]})
    assert create(database) is False


@pytest.mark.parametrize(
    ("method", "notify", "expected"),
    [
        ("bcc", True, [("customer2@example.com", "a@x.org,b@x.org")]),
        ("copy", True, [("customer2@example.com", ""), ("a@x.org", ""), ("b@x.org", "")]),
        ("bcc", False, [("a@x.org", ""), ("b@x.org", "")]),
        ("copy", False, [("a@x.org", ""), ("b@x.org", "")]),
    ],
)
def test_mail_2_copies(database: Database, method: str, notify: bool, expected: list[tuple[str, str]]) -> None:
    configure(database, copy_to="a@x.org, b@x.org,", copy_method=method)
    assert create(database, notify=notify) is True
    assert recipients(database) == expected


def test_mail_1_copies_are_the_stores_own(database: Database) -> None:
    path = "sales_email/invoice"
    everywhere = {"copy_to": "all@x.org", "copy_method": "bcc"}
    here = {"copy_to": "store@x.org", "copy_method": "copy"}
    rows: list[dict[str, Any]] = [{"path": f"{path}/{name}", "value": value} for name, value in everywhere.items()]
    rows += [
        {"scope": "stores", "scope_id": 1, "path": f"{path}/{name}", "value": value} for name, value in here.items()
    ]
    database.load({"core_config_data": rows})
    assert create(database) is True
    assert recipients(database) == [("customer2@example.com", ""), ("store@x.org", "")]


def test_mail_3_a_guest_has_the_billing_name(database: Database) -> None:
    rows = small_shop()
    rows["sales_flat_order"][1] |= {"customer_is_guest": 1, "customer_firstname": None}
    rows["sales_flat_order_address"][2] |= {"firstname": "Gina", "lastname": "Guest", "prefix": "Dr."}
    database.load(rows)
    create(database)
    assert mails(database)[0]["recipient_name"] == "Gina Guest"


def test_a_rolled_back_unit_queues_nothing(database: Database) -> None:
    def work(unit: UnitOfWork) -> None:
        found = unit.orders.lock_for_invoice(INVOICE)
        assert found is not None
        order, invoice = found
        unit.notifier.commented(order, subject_of("invoice", invoice.entity_id), "", True)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transactions.run(work)
    assert mails(database) == []


def test_without_the_table_the_call_works_and_queues_nothing(database_url: str) -> None:
    database = Database(database_url)
    database.tables.metadata.create_all(database.engine)
    database.load({name: rows for name, rows in small_shop().items() if name != "magento_soap_outbox"})
    assert create(database) is False
    assert database.outbox.take() == []
    assert database.outbox.count() == 0
    database.close()


def test_a_mail_is_taken_by_one_worker_until_its_lease_ends(database: Database, clock: FixedClock) -> None:
    create(database)
    (mail,) = database.outbox.take(lease=timedelta(minutes=5))
    assert (mail.recipient, mail.bcc, mail.attempts) == ("customer2@example.com", (), 1)
    assert database.outbox.take() == []
    clock.time += timedelta(minutes=5)
    (again,) = database.outbox.take()
    assert again.attempts == 2
    database.outbox.retry(again, "mail server down", after=timedelta(minutes=10))
    assert database.outbox.take() == []
    clock.time += timedelta(minutes=10)
    (last,) = database.outbox.take()
    database.outbox.sent(last)
    assert database.outbox.count() == 0
    assert database.outbox.count("sent") == 1


def test_a_hopeless_mail_is_kept_as_failed(database: Database) -> None:
    create(database)
    (mail,) = database.outbox.take()
    database.outbox.give_up(mail, "no such mailbox")
    assert database.outbox.count("failed") == 1
    assert mails(database)[0]["error"] == "no such mailbox"
