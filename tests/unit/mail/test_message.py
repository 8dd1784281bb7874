"""What mails say: to whom, from whom, in which language conventions, and with which templates (SPEC H)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from jinja2 import TemplateError, UndefinedError
from sqlalchemy import select

from magento_soap.demo import demo_rows
from magento_soap.mail.message import CannotCompose, ComposedMail, PermanentFailure
from magento_soap.sales.notifications import QueuedMail

from .conftest import INVOICE, INVOICE_OF_A_GUEST, MailShop


def composed(shop: MailShop, number: str = INVOICE, comment: str = "", **options: bool) -> ComposedMail:
    shop.tell(number, comment, **options)
    (mail,) = shop.database.outbox.take()
    return shop.composer().compose(mail)


def text(letter: ComposedMail) -> str:
    body = letter.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").replace("\N{NO-BREAK SPACE}", " ")


def html(letter: ComposedMail) -> str:
    body = letter.message.get_body(("html",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").replace("\N{NO-BREAK SPACE}", " ")


def issue(shop: MailShop, time: datetime | None) -> datetime | None:
    """Give the invoice another time; the one that it had."""
    invoice = shop.database.tables["sales_flat_invoice"]
    of_it = invoice.c.increment_id == INVOICE
    with shop.database.engine.connect() as connection, connection.begin():
        had = connection.scalar(select(invoice.c.created_at).where(of_it))
        connection.execute(invoice.update().where(of_it).values(created_at=time))
    assert had is None or isinstance(had, datetime)
    return had


def test_headers(shop: MailShop) -> None:
    message = composed(shop).message
    assert str(message["From"]) == "Sales <sales@example.com>"
    assert str(message["To"]) == "Mary Jane O’Neill <mary@example.ie>"
    assert str(message["Subject"]) == "Tea & Telephones: Invoice # 100000002 for Order # 100000005"
    assert str(message["Date"]) == "Sun, 01 Jun 2025 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert message.as_bytes().isascii()


def test_the_message_id_is_that_of_the_row(shop: MailShop) -> None:
    shop.tell()
    shop.tell()
    first, second = shop.database.outbox.take()
    composer = shop.composer()
    again = QueuedMail(**{**first.__dict__, "attempts": 7})
    identities = [composer.compose(mail).message["Message-ID"] for mail in (first, again, second)]
    assert identities[0] == identities[1] != identities[2]
    assert identities[0].startswith(f"<invoice.{first.id}.")
    assert identities[0].endswith("@example.com>")


def test_text_and_html_describe_the_invoice(shop: MailShop) -> None:
    letter = composed(shop)
    for part in (text(letter), html(letter)):
        for words in ("Teekanne »Grün« für Genießer", "kanne-gruen", "煎茶 八女産 100g", "$24.90", "Flat Rate - Fixed"):
            assert words in part
        for words in ("Mary Jane O’Neill", "5 Quay St", "Flat 2", "H91 Galway", "Ireland", "Check / Money order"):
            assert words in part
    (row,) = [row for row in demo_rows()["sales_flat_invoice"] if row["increment_id"] == INVOICE]
    assert f"Grand total: ${float(row['grand_total']):.2f}\n" in text(letter)
    assert "None" not in text(letter) + html(letter)


def test_parts_of_a_bundle_stand_below_it_and_variants_do_not(shop: MailShop) -> None:
    bundle = text(composed(shop, "100000006"))
    assert "1 x Tea Set, your choice (tea-set)\n    1 x Teekanne »Grün« für Genießer (kanne-gruen): $24.90\n" in bundle
    shop.database.load({"magento_soap_outbox": []})
    shirts = text(composed(shop, "100000005"))
    assert "1 x Tea Shirt (shirt-red-m): $20.00\n1 x 煎茶" in shirts
    assert "Tea Shirt, red, M" not in shirts


def test_mail_4_a_comment_is_there_when_it_is_included(shop: MailShop) -> None:
    comment = "Zweite Zeile:\n<script>alert('😀')</script> & Grüße"
    letter = composed(shop, comment=comment)
    assert f"\n\n{comment}\n\n" in text(letter)
    assert "Zweite Zeile:<br>\n&lt;script&gt;alert(&#39;😀&#39;)&lt;/script&gt; &amp; Grüße</p>" in html(letter)
    assert "<script>" not in html(letter)
    shop.database.load({"magento_soap_outbox": []})
    assert "Zeile" not in text(composed(shop))


def test_mail_6_an_update_says_how_the_order_stands(shop: MailShop) -> None:
    letter = composed(shop, comment="On its way.", update=True)
    assert str(letter.message["Subject"]) == "Tea & Telephones: Invoice # 100000002 update"
    for part in (text(letter), html(letter)):
        assert "100000005" in part
        assert "Complete" in part
        assert "On its way." in part
        assert "Teekanne" not in part


def test_a_status_has_the_name_that_the_store_gave_it(shop: MailShop) -> None:
    shop.database.load({"sales_order_status_label": [{"status": "complete", "store_id": 1, "label": "Fertig"}]})
    assert "Fertig" in text(composed(shop, update=True))
    shop.database.load({"sales_order_status_label": []})


@pytest.mark.parametrize("update", [False, True])
def test_mail_3_guests_have_no_account(shop: MailShop, update: bool) -> None:
    customers = composed(shop, update=update)
    shop.database.load({"magento_soap_outbox": []})
    guests = composed(shop, INVOICE_OF_A_GUEST, update=update)
    for form in (text, html):
        assert "in your account" in form(customers)
        assert "account" not in form(guests)
        assert "Grace Hopper" in form(guests)


@pytest.mark.parametrize(
    ("number", "locale", "expected"),
    [
        ("100000003", "en_US", ("€81.72", "January 21, 2023")),
        ("100000003", "de_DE", ("81,72 €", "21. Januar 2023", "Deutschland")),
        ("100000003", "fr_CH", ("81,72 €", "21 janvier 2023", "Allemagne")),
        ("200000004", "ja_JP", ("￥10,769", "2012年3月30日", "日本")),
        ("100000003", "xx_YY", ("€81.72", "January 21, 2023")),
    ],
)
def test_amounts_and_dates_are_written_as_the_store_writes_them(
    shop: MailShop, number: str, locale: str, expected: tuple[str, ...]
) -> None:
    shop.configure({"general/locale/code": locale})
    letter = composed(shop, number)
    for part in expected:
        assert part in text(letter)
        assert part in html(letter)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", "January 21, 2023"),
        ("Asia/Tokyo", "January 22, 2023"),
        ("America/Los_Angeles", "January 21, 2023"),
        ("Nowhere/Atall", "January 21, 2023"),
    ],
)
def test_dates_are_those_of_the_stores_time_zone(shop: MailShop, zone: str, day: str) -> None:
    had = issue(shop, datetime(2023, 1, 21, 20, 30))
    shop.configure({"general/locale/timezone": zone})
    assert f"#{INVOICE} of {day} " in text(composed(shop))
    issue(shop, had)


def test_mail_1_each_store_has_its_own_sender(shop: MailShop) -> None:
    shop.configure({"sales_email/invoice/identity": "custom1"}, "stores", 2)
    shop.configure(
        {
            "trans_email/ident_custom1/name": "Tee, international",
            "trans_email/ident_custom1/email": "tee@müller.example",
        }
    )
    shop.configure({"trans_email/ident_support/email": "help@example.com"}, "websites", 1)
    abroad = composed(shop, "200000003")
    assert str(abroad.message["From"]) == '"Tee, international" <tee@xn--mller-kva.example>'
    assert "help@example.com" in text(abroad)
    shop.database.load({"magento_soap_outbox": []})
    assert str(composed(shop).message["From"]) == "Sales <sales@example.com>"


@pytest.mark.parametrize("email", ["", "not an address"])
def test_without_a_sender_there_is_no_mail_yet(shop: MailShop, email: str) -> None:
    shop.configure({"trans_email/ident_sales/email": email})
    with pytest.raises(CannotCompose, match="trans_email/ident_sales/email") as raised:
        composed(shop)
    assert not isinstance(raised.value, PermanentFailure)


def test_payment_titles_are_the_shops(shop: MailShop) -> None:
    shop.configure({"payment/checkmo/title": "Scheck"}, "stores", 1)
    assert "Payment: Scheck" in text(composed(shop))


def test_the_stores_name_stands_in_for_one_that_was_not_given(shop: MailShop) -> None:
    shop.configure({"general/store_information/name": ""})
    assert str(composed(shop).message["Subject"]).startswith("English: Invoice")


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b c", "a\r\nBcc: x@example.com@b", "@example.com", "x@" + "a" * 70]
)
def test_what_is_no_address_is_hopeless(shop: MailShop, address: str) -> None:
    mail = QueuedMail(1, "invoice", "invoice", 1, 1, 1, address, "Name", (), "", 1, "2025-01-01 00:00:00")
    with pytest.raises(PermanentFailure):
        shop.composer().compose(mail)


def test_names_cannot_add_headers(shop: MailShop) -> None:
    shop.configure(
        {"trans_email/ident_sales/name": "Sales\r\nBcc: x@example.com", "general/store_information/name": "Te\ra"}
    )
    message = composed(shop).message
    assert message["Bcc"] is None
    assert str(message["From"]) == '"Sales Bcc: x@example.com" <sales@example.com>'
    assert b"\nBcc" not in message.as_bytes()


# -- templates ---------------------------------------------------------------------------------------------------------


def written(shop: MailShop, folder: Path, **templates: str) -> None:
    for name, content in templates.items():
        stem, _, form = name.rpartition("_")
        file = folder / f"{stem}.{form}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    shop.templates = folder


def test_a_template_of_the_shops_own(shop: MailShop, tmp_path: Path) -> None:
    written(
        shop,
        tmp_path,
        invoice_txt="Subject: Rechnung\n  {{ invoice.increment_id }}\n\nHallo {{ recipient_name }}: {{ comment }}\n",
        invoice_html="<p>Hallo {{ recipient_name }}: {{ comment }}, {{ config('general/store_information/name') }}</p>",
    )
    letter = composed(shop, comment="<b>")
    assert str(letter.message["Subject"]) == "Rechnung"
    assert text(letter) == "100000002\n\nHallo Mary Jane O’Neill: <b>\n"
    assert html(letter) == "<p>Hallo Mary Jane O’Neill: &lt;b&gt;, Tea &amp; Telephones</p>\n"


def test_a_template_can_change_a_part_of_ours(shop: MailShop, tmp_path: Path) -> None:
    block = "{% block account %}Bis bald!{% endblock %}"
    written(
        shop,
        tmp_path,
        invoice_txt='{% extends "original/invoice.txt" %}' + block,
        invoice_html='{% extends "original/invoice.html" %}' + block,
    )
    letter = composed(shop)
    for part in (text(letter), html(letter)):
        assert "Bis bald!" in part
        assert "in your account" not in part
        assert "Teekanne" in part


def test_a_locale_has_its_own_templates(shop: MailShop, tmp_path: Path) -> None:
    (tmp_path / "de_DE").mkdir()
    (tmp_path / "de_DE" / "invoice.txt").write_text("Subject: Rechnung\n\nGuten Tag\n", encoding="utf-8")
    shop.templates = tmp_path
    assert str(composed(shop).message["Subject"]).startswith("Tea & Telephones")
    shop.database.load({"magento_soap_outbox": []})
    shop.configure({"general/locale/code": "de_DE"})
    assert str(composed(shop).message["Subject"]) == "Rechnung"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("Hallo\n", CannotCompose),
        ("Subject: {{ invoice.numbr }}\n", UndefinedError),
        ("Subject: {% if %}\n", TemplateError),
    ],
)
def test_a_template_that_does_not_work_delays_the_mail(
    shop: MailShop, tmp_path: Path, template: str, error: type[Exception]
) -> None:
    written(shop, tmp_path, invoice_txt=template)
    with pytest.raises(error):
        composed(shop)
    shop.clock.time = datetime(2025, 6, 2)
    report = shop.worker().send_due()
    assert (report.delayed, report.sent) == (1, 0)
    written(shop, tmp_path, invoice_txt="Subject: Mended\n")
    shop.clock.time = datetime(2025, 6, 3)
    assert shop.worker().send_due().sent == 1
    assert str(shop.server.mails[0].message["Subject"]) == "Mended"
