"""Composes mails: templates, filled with the document as it is now, in the order's currency and the store's locale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone
from babel.numbers import format_currency, format_decimal
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)

from magento_soap.sales.notifications import MailContent, MailSettings, QueuedMail
from magento_soap.sales.ports import Clock

DEFAULT_LOCALE = "en_US"
DEFAULT_IDENTITY = "sales"
SUBJECT = "Subject:"
ORIGINAL = "original"  # {% extends "original/invoice.html" %}: a replacement extends our template
# Magento's default titles of its payment methods.
PAYMENT_TITLES = {
    "banktransfer": "Bank Transfer Payment",
    "cashondelivery": "Cash On Delivery",
    "ccsave": "Credit Card (saved)",
    "checkmo": "Check / Money order",
    "free": "No Payment Information Required",
    "purchaseorder": "Purchase Order",
}


class CannotCompose(Exception):
    """The configuration or a template prevents the mail; the message says what to correct."""


class PermanentFailure(CannotCompose):
    """The mail can never be composed: its document is gone, or an address is invalid."""


class Documents(Protocol):
    """Reads the documents that mails are about."""

    def document(self, entity_type: str, entity_id: int) -> MailContent | None:
        """The document with all that a mail shows of it, or None when it is gone."""


@dataclass(frozen=True)
class ComposedMail:
    """A message and all its recipients, including those of blind copies."""

    message: EmailMessage
    recipients: tuple[str, ...]


class Composer:
    """Composes the mails of the outbox. Templates in ``folder`` replace our own of the same name."""

    def __init__(self, documents: Documents, config: MailSettings, clock: Clock, folder: Path | None = None) -> None:
        self._documents = documents
        self._config = config
        self._clock = clock
        ours = PackageLoader("magento_soap.mail")
        loaders: list[BaseLoader] = [ours, PrefixLoader({ORIGINAL: ours})]
        if folder is not None:
            loaders.insert(0, FileSystemLoader(folder))
        self._templates = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            finalize=lambda value: "" if value is None else value,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=True,
        )

    def compose(self, mail: QueuedMail) -> ComposedMail:
        """The mail as it is sent. Raises CannotCompose, and Jinja2's TemplateError for a template with an error."""
        rows = self._documents.document(mail.entity_type, mail.entity_id)
        if rows is None:
            named = f"the {mail.entity_type} with the id {mail.entity_id}"
            raise PermanentFailure(f"{named}, or its order, no longer exists")
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        sender = self._sender(mail)
        message["From"] = sender
        # Copies go to the shop's staff, so only the customer's own address carries the customer's name.
        is_customer = mail.recipient == rows.order["customer_email"]
        message["To"] = recipient = _address(mail.recipient, mail.recipient_name if is_customer else "")
        subject, text, html = self._rendered(mail, rows)
        message["Subject"] = subject
        message["Date"] = format_datetime(self._clock.now().replace(tzinfo=timezone.utc))
        message["Message-ID"] = _message_id(mail, sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        recipients = (recipient, *(_address(address) for address in mail.bcc))
        return ComposedMail(message, tuple(dict.fromkeys(each.addr_spec for each in recipients)))

    def _rendered(self, mail: QueuedMail, rows: MailContent) -> tuple[str, str, str]:
        """Subject, text and HTML."""
        locale = self._locale(mail.store_id)
        name = f"{mail.kind}_guest" if rows.order["customer_is_guest"] else mail.kind
        variables = self._variables(mail, rows, locale)
        text, html = (
            self._templates.select_template([f"{locale}/{name}.{form}", f"{name}.{form}"]).render(variables)
            for form in ("txt", "html")
        )
        first, _, body = text.lstrip().partition("\n")
        if not first.startswith(SUBJECT):
            raise CannotCompose(f"the template {name}.txt does not begin with a line {SUBJECT} ...")
        return " ".join(first.removeprefix(SUBJECT).split()), body.strip() + "\n", html

    def _variables(self, mail: QueuedMail, rows: MailContent, locale: Locale) -> Mapping[str, Any]:
        """The variables of templates (docs/mail.md)."""
        currency = rows.document.get("order_currency_code") or rows.order["order_currency_code"]
        zone = self._zone(mail.store_id)

        def money(amount: Decimal | None) -> str:
            return format_currency(amount or Decimal(), currency, locale=locale) if currency else f"{amount or 0:.2f}"

        def quantity(number: Decimal | None) -> str:
            return format_decimal(number or Decimal(), locale=locale)

        def day(time: datetime | None) -> str:
            return "" if time is None else format_date(_local(time, zone), "long", locale=locale)

        def country(code: str | None) -> str:
            return str(locale.territories.get(code or "", code or ""))

        def carrier_title(track: Mapping[str, Any]) -> str:
            code = track["carrier_code"] or ""
            return str(track["title"] or self._config.value(f"carriers/{code}/title", mail.store_id) or code)

        def address_lines(address: Mapping[str, Any]) -> list[str]:
            names = ("prefix", "firstname", "middlename", "lastname", "suffix")
            lines = [
                address["company"],
                " ".join(filter(None, (address[name] for name in names))),
                *(address["street"] or "").splitlines(),
                " ".join(filter(None, (address["postcode"], address["city"]))),
                address["region"],
                country(address["country_id"]),
            ]
            return [line for line in lines if line]

        return {
            mail.entity_type: rows.document,
            "order": rows.order,
            "items": [{"row_total": None, **item} for item in rows.items],
            "tracks": rows.tracks,
            "carrier_title": carrier_title,
            "billing_address": rows.billing_address,
            "shipping_address": rows.shipping_address,
            "payment": rows.payment,
            "payment_title": self._payment_title(rows, mail.store_id),
            "status": rows.status,
            "comment": mail.comment,
            "recipient_name": mail.recipient_name,
            "store_name": self._store_name(rows, mail.store_id),
            "support_email": self._config.value("trans_email/ident_support/email", mail.store_id),
            "config": lambda path: self._config.value(path, mail.store_id),
            "money": money,
            "quantity": quantity,
            "date": day,
            "address_lines": address_lines,
        }

    def _sender(self, mail: QueuedMail) -> Address:
        """The sender: ``sales_email/<kind>/identity`` names an entry of ``trans_email`` (MAIL-1)."""
        identity = self._config.value(f"sales_email/{mail.kind}/identity", mail.store_id) or DEFAULT_IDENTITY
        path = f"trans_email/ident_{identity}"
        email = self._config.value(f"{path}/email", mail.store_id)
        if not email:
            raise CannotCompose(f"the shop's configuration has no {path}/email, which is the sender's address")
        try:
            return _address(email, self._config.value(f"{path}/name", mail.store_id) or "")
        except PermanentFailure as error:
            raise CannotCompose(f"{path}/email: {error}") from None

    def _store_name(self, rows: MailContent, store_id: int | None) -> str:
        named = self._config.value("general/store_information/name", store_id)
        return named or str(rows.order["store_name"] or "").rpartition("\n")[2].strip()

    def _payment_title(self, rows: MailContent, store_id: int | None) -> str:
        method = str(rows.payment["method"] or "") if rows.payment else ""
        if not method:
            return ""
        return self._config.value(f"payment/{method}/title", store_id) or PAYMENT_TITLES.get(method, method)

    def _locale(self, store_id: int | None) -> Locale:
        try:
            return Locale.parse(self._config.value("general/locale/code", store_id) or DEFAULT_LOCALE)
        except (UnknownLocaleError, ValueError):
            return Locale.parse(DEFAULT_LOCALE)

    def _zone(self, store_id: int | None) -> tzinfo:
        try:
            return get_timezone(self._config.value("general/locale/timezone", store_id) or "UTC")
        except LookupError:
            return timezone.utc


def _local(time: datetime, zone: tzinfo) -> date:
    return time.replace(tzinfo=timezone.utc).astimezone(zone).date()


def _address(address: str, name: str = "") -> Address:
    """Build the address for a header. Raises PermanentFailure if it is invalid."""
    local, at, domain = address.strip().rpartition("@")
    try:
        if not (local and at and domain) or any(character.isspace() for character in local + domain):
            raise ValueError
        shown, ascii_domain = " ".join(name.split()), domain.encode("idna").decode("ascii")
        if local.isascii():
            return Address(shown, addr_spec=f"{local}@{ascii_domain}")
        return Address(shown, local, ascii_domain)
    except (ValueError, IndexError, UnicodeError) as error:
        raise PermanentFailure(f"{address!r} is not an e-mail address") from error


def _message_id(mail: QueuedMail, domain: str) -> str:
    """An id that stays the same for all attempts, so that mail programs recognize a duplicate."""
    row = f"{mail.id} {mail.created_at} {mail.kind} {mail.entity_id} {mail.recipient}"
    return f"<{mail.kind}.{mail.id}.{sha256(row.encode()).hexdigest()[:20]}@{domain}>"
