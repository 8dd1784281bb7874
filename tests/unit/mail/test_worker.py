"""Each mail arrives once where the mail server said yes, later where it said later, and is kept where it said no."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from magento_soap.mail.sender import SmtpSender
from magento_soap.mail.worker import Report, Worker
from magento_soap.storage import Database
from tests.mail_server import MailServer

from .conftest import ATTEMPTS, MailShop

CUSTOMER = "mary@example.ie"
MINUTE = timedelta(minutes=1)


def test_a_mail_is_sent_once(shop: MailShop) -> None:
    shop.tell()
    assert shop.worker().send_due() == Report(sent=1)
    assert shop.worker().send_due() == Report()
    (mail,) = shop.server.mails
    assert (mail.sender, mail.recipients) == ("sales@example.com", [CUSTOMER])
    assert shop.statuses() == [(CUSTOMER, "sent")]
    assert shop.rows()[0]["sent_at"] == "2025-06-01 12:00:00"


def test_mail_2_blind_copies_are_in_no_header(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/copy_to": "boss@example.com,books@example.com"})
    shop.tell()
    shop.worker().send_due()
    (mail,) = shop.server.mails
    assert mail.recipients == [CUSTOMER, "boss@example.com", "books@example.com"]
    assert "boss" not in str(mail.message)
    assert mail.message["Bcc"] is None


def test_mail_2_copies_of_their_own(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/copy_to": "boss@example.com", "sales_email/invoice/copy_method": "copy"})
    shop.tell()
    assert shop.worker().send_due() == Report(sent=2)
    customers, copy = shop.server.mails
    assert str(customers.message["To"]) == "Mary Jane O’Neill <mary@example.ie>"
    assert str(copy.message["To"]) == "boss@example.com"
    assert customers.part("plain") == copy.part("plain")
    assert customers.message["Message-ID"] != copy.message["Message-ID"]


@pytest.mark.parametrize("method", ["bcc", "copy"])
def test_mail_2_copies_without_the_customer_are_not_in_his_name(shop: MailShop, method: str) -> None:
    shop.configure({"sales_email/invoice/copy_to": "boss@example.com", "sales_email/invoice/copy_method": method})
    shop.tell(notify=False)
    assert shop.worker().send_due() == Report(sent=1)
    (copy,) = shop.server.mails
    assert str(copy.message["To"]) == "boss@example.com"
    assert "Mary Jane O’Neill" in copy.part("plain")


def test_a_refused_mail_is_kept_and_can_be_sent_again(shop: MailShop) -> None:
    shop.server.recipient_answers[CUSTOMER].append("550 5.1.1 no such mailbox")
    shop.tell()
    assert shop.worker().send_due() == Report(failed=1)
    assert shop.server.mails == []
    (row,) = shop.rows()
    assert (row["status"], row["error"]) == ("failed", f"{CUSTOMER}: 550 5.1.1 no such mailbox")
    shop.after(timedelta(days=9))
    assert shop.worker().send_due() == Report()
    assert shop.database.outbox.requeue([row["id"] + 1]) == []
    assert shop.database.outbox.requeue([row["id"]]) == [row["id"]]
    assert shop.worker().send_due() == Report(sent=1)
    assert shop.database.outbox.requeue() == []


def test_a_greylisted_mail_comes_later(shop: MailShop) -> None:
    shop.server.recipient_answers[CUSTOMER].extend(["451 4.7.1 greylisted, come again"] * 2)
    shop.tell()
    assert shop.worker().send_due() == Report(delayed=1)
    shop.after(MINUTE - timedelta(seconds=1))
    assert shop.worker().send_due() == Report()
    shop.after(timedelta(seconds=1))
    assert shop.worker().send_due() == Report(delayed=1)
    shop.after(2 * MINUTE)
    assert shop.worker().send_due() == Report(sent=1)
    assert len(shop.server.mails) == 1
    assert shop.rows()[0]["error"] is None


def test_the_log_names_no_customer(shop: MailShop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    never, copies = "not an address", "boss@example.com"
    shop.configure({"sales_email/invoice/copy_to": copies})
    answers = shop.server.recipient_answers
    answers[CUSTOMER].append(f"451 4.7.1 <{CUSTOMER}>: greylisted")  # the copy goes out, the customer's comes later
    shop.tell()
    shop.worker().send_due()
    answers[CUSTOMER].append(f"550 5.1.1 <{CUSTOMER}>: unknown")
    shop.after(timedelta(hours=1))
    shop.worker().send_due()
    answers[copies].append("451 later")
    shop.configure({"sales_email/invoice/copy_to": f"{never},{copies}"})
    shop.tell(notify=False)
    shop.worker().send_due()
    logged = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("magento_soap"))
    assert "greylisted" in logged
    assert "unknown" in logged
    for secret in ("Mary", "O’Neill", CUSTOMER, copies, never):
        assert secret not in logged
    assert f"<{CUSTOMER}>: unknown" in str([row["error"] for row in shop.rows()])  # `mail list` shows it all


def test_pauses_double_up_to_a_limit_and_vary(shop: MailShop) -> None:
    shop.tell()
    (mail,) = shop.database.outbox.take()
    for attempts, pause in ((1, MINUTE), (2, 2 * MINUTE), (9, 256 * MINUTE), (10, 360 * MINUTE), (99, 360 * MINUTE)):
        object.__setattr__(mail, "attempts", attempts)
        assert shop.worker()._pause(mail) == pause


def test_after_the_last_attempt_a_mail_is_given_up(shop: MailShop) -> None:
    shop.server.data_answers.extend(["452 disk full"] * ATTEMPTS)
    shop.tell()
    for _ in range(ATTEMPTS - 1):
        assert shop.worker().send_due() == Report(delayed=1)
        shop.after(timedelta(hours=6))
    assert shop.worker().send_due() == Report(failed=1)
    assert shop.rows()[0]["error"] == "452 disk full"


@pytest.mark.parametrize(("answer", "report"), [("554 spam", Report(failed=1)), ("451 later", Report(delayed=1))])
def test_the_message_itself_can_be_refused(shop: MailShop, answer: str, report: Report) -> None:
    shop.server.data_answers.append(answer)
    shop.tell()
    assert shop.worker().send_due() == report
    assert shop.server.mails == []


@pytest.mark.parametrize(
    ("answer", "report"),
    [
        ("553 not your address", Report(failed=1)),
        ("450 slowly", Report(delayed=1)),
        ("530 authentication required", Report(delayed=1)),
    ],
)
def test_the_sender_can_be_refused(shop: MailShop, answer: str, report: Report) -> None:
    shop.server.sender_answers.append(answer)
    shop.tell()
    assert shop.worker().send_due() == report


def test_a_connection_that_breaks_in_the_message_is_tried_again(shop: MailShop) -> None:
    shop.server.break_offs.append("during data")
    shop.tell()
    assert shop.worker().send_due() == Report(delayed=1)
    assert "broke" in shop.rows()[0]["error"]
    shop.after(MINUTE)
    assert shop.worker().send_due() == Report(sent=1)
    assert len(shop.server.mails) == 1


def test_an_answer_that_is_lost_brings_the_same_message_again(shop: MailShop) -> None:
    """At least once: nobody can know whether the server took it."""
    shop.server.break_offs.append("after data")
    shop.tell()
    assert shop.worker().send_due() == Report(delayed=1)
    shop.after(MINUTE)
    assert shop.worker().send_due() == Report(sent=1)
    first, second = shop.server.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_one_recipient_who_is_refused_gets_a_mail_of_his_own(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/copy_to": "late@example.com,never@example.com"})
    shop.server.recipient_answers["late@example.com"].append("450 busy")
    shop.server.recipient_answers["never@example.com"].append("550 no")
    shop.tell()
    assert shop.worker().send_due() == Report(sent=1)
    assert shop.server.mails[0].recipients == [CUSTOMER]
    assert shop.statuses() == [(CUSTOMER, "sent"), ("late@example.com", "queued"), ("never@example.com", "failed")]
    assert shop.worker().send_due() == Report()
    shop.after(MINUTE)
    assert shop.worker().send_due() == Report(sent=1)
    assert shop.server.mails[1].recipients == ["late@example.com"]
    assert shop.server.mails[1].part("plain") == shop.server.mails[0].part("plain")


def test_a_server_that_is_not_there_costs_one_attempt_of_one_mail(shop: MailShop) -> None:
    shop.tell()
    shop.tell()
    shop.server.close()
    assert shop.worker(SmtpSender("127.0.0.1", 1, timeout=10)).send_due() == Report(delayed=1)
    first, second = shop.rows()
    assert first["error"].startswith("127.0.0.1:1: ")
    assert (first["attempts"], second["attempts"]) == (1, 0)


def test_a_broken_mail_holds_up_no_other(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/copy_to": "nobody,boss@example.com"})
    shop.tell(notify=False)
    assert shop.worker().send_due() == Report(sent=1, failed=1)
    assert shop.statuses() == [("nobody", "failed"), ("boss@example.com", "sent")]
    assert "no e-mail address" in shop.rows()[0]["error"]


def test_a_mail_that_ends_its_workers_is_given_up(shop: MailShop) -> None:
    shop.tell()
    for _ in range(ATTEMPTS):
        assert shop.database.outbox.take(lease=MINUTE)
        shop.after(MINUTE)
    assert shop.worker().send_due() == Report(failed=1)
    assert shop.server.mails == []


def test_a_mail_of_an_invoice_that_is_gone_is_given_up(shop: MailShop) -> None:
    shop.tell()
    rows = shop.rows()
    shop.database.load({"magento_soap_outbox": [rows[0] | {"entity_id": 9999}]})
    assert shop.worker().send_due() == Report(failed=1)
    assert "no longer exists" in shop.rows()[0]["error"]


def test_two_workers_send_no_mail_twice(shop: MailShop, mail_shop_url: str) -> None:
    mails = 24
    for number in range(mails):
        shop.tell(comment=f"comment {number:02}")
    other = Database(mail_shop_url, clock=shop.clock)
    shops = [shop, MailShop(other, shop.server, shop.clock)]
    together = threading.Barrier(len(shops))

    def work(shop: MailShop) -> int:
        together.wait()
        return sum(shop.worker().send_due(limit=3).sent for _ in range(mails))

    with ThreadPoolExecutor(len(shops)) as pool:
        assert sum(pool.map(work, shops)) == mails
    other.close()
    identities = {mail.message["Message-ID"] for mail in shop.server.mails}
    assert (len(shop.server.mails), len(identities)) == (mails, mails)


def test_a_lease_that_ended_changes_nothing_of_what_another_did(shop: MailShop) -> None:
    shop.tell()
    (slow,) = shop.database.outbox.take(lease=MINUTE)
    shop.after(MINUTE)
    assert shop.worker().send_due() == Report(sent=1)
    shop.database.outbox.give_up(slow, "too late")
    shop.database.outbox.retry(slow, "too late", MINUTE)
    shop.database.outbox.sent(slow, failed={CUSTOMER: "too late"})
    assert shop.statuses() == [(CUSTOMER, "sent")]
    assert shop.rows()[0]["error"] is None


def test_a_batch_is_bounded_and_ends_when_told(shop: MailShop) -> None:
    for _ in range(3):
        shop.tell()
    assert shop.worker().send_due(limit=2) == Report(sent=2)
    stopping = threading.Event()
    stopping.set()
    assert shop.worker().send_due(stopping=stopping) == Report()


def test_a_worker_goes_on_after_errors_and_tidies_once_an_hour(shop: MailShop) -> None:
    tidied, stopping = [], threading.Event()

    def tidy() -> None:
        tidied.append(shop.clock.now())
        if len(tidied) == 1:
            raise RuntimeError("the database is away")

    shop.tell()
    worker = Worker(shop.worker(), tidy, shop.clock)
    shop.server.on_mail = lambda _mail: stopping.set()

    class Passing(threading.Event):
        """Time passes while the worker waits."""

        def is_set(self) -> bool:
            return stopping.is_set()

        def wait(self, timeout: float | None = None) -> bool:
            shop.after(timedelta(minutes=61))
            return stopping.is_set()

    worker.run(Passing())
    assert len(shop.server.mails) == 1
    assert len(tidied) == 2
    assert worker.once() == Report()
    assert len(tidied) == 3


def test_sent_mails_are_forgotten_and_others_kept(shop: MailShop) -> None:
    shop.tell()
    shop.worker().send_due()
    shop.tell()
    assert shop.database.outbox.forget_sent(shop.clock.now()) == 0
    shop.after(MINUTE)
    assert shop.database.outbox.forget_sent(shop.clock.now()) == 1
    assert shop.statuses() == [(CUSTOMER, "queued")]


def test_letters_beyond_ascii_in_addresses(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/copy_to": "jürgen@example.com,info@müller.example"})
    shop.tell(notify=False)
    assert shop.worker().send_due() == Report(sent=1, failed=1)
    assert shop.server.mails[0].recipients == ["info@xn--mller-kva.example"]
    with MailServer(smtputf8=True) as modern:
        shop.database.outbox.requeue()
        assert shop.worker(SmtpSender("127.0.0.1", modern.port, timeout=10)).send_due() == Report(sent=1)
        assert modern.mails[0].recipients == ["jürgen@example.com"]
