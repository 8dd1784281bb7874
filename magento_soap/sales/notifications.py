"""Decides who receives which mail about an order's documents (SPEC H, MAIL-1..6).

``Notifications`` is the ``Notifier`` of a unit of work. It reads the shop's ``sales_email/...`` settings through
``MailSettings``, and hands each mail to a ``NotificationQueue``, which stores it with the rows it is about::

    service -> Notifications.created -> notifications -> NotificationQueue.add
                                            |
                                       MailSettings
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from .order import Address, Order
from .subject import Subject

Row: TypeAlias = Mapping[str, Any]
"""A row by column."""


@dataclass(frozen=True)
class Notification:
    """One mail to queue. ``bcc`` get a blind copy of it; ``comment`` is "" when the mail does not show one."""

    kind: str
    subject: Subject
    order_id: int
    store_id: int | None
    recipient: str
    recipient_name: str
    bcc: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class QueuedMail:
    """One mail to send.

    ``kind`` names its template and the section of ``sales_email`` (MAIL-1); ``entity_type`` and ``entity_id`` the
    document that it is about.
    """

    id: int
    kind: str
    entity_type: str
    entity_id: int
    order_id: int
    store_id: int | None
    recipient: str
    recipient_name: str
    bcc: tuple[str, ...]
    comment: str
    attempts: int
    created_at: str


@dataclass(frozen=True)
class MailContent:
    """A document and its order, as a mail shows them: rows by column, amounts as Decimal, times as UTC.

    An item has ``is_part`` when it belongs to a bundle whose item comes before it. ``status`` is the label of the
    order's status in the store. Shipments have ``tracks``.
    """

    document: Row
    order: Row
    items: Sequence[Row]
    billing_address: Row | None
    shipping_address: Row | None
    payment: Row | None
    status: str
    tracks: Sequence[Row] = ()


class MailSettings(Protocol):
    """The shop's configuration, by path and store."""

    def value(self, path: str, store_id: int | None = None) -> str | None:
        """The value of that path, or None."""

    def flag(self, path: str, store_id: int | None = None, default: bool = False) -> bool:
        """The value of that path as a flag."""


class NotificationQueue(Protocol):
    """Stores mails for a worker, in the transaction of the rows they are about."""

    @property
    def is_kept(self) -> bool:
        """Whether this database has a place for mails; an attached shop has one on request only."""

    def add(self, notification: Notification) -> None:
        """Queue a mail."""


class Notifications:
    """ports.Notifier on a queue."""

    def __init__(self, queue: NotificationQueue, settings: MailSettings) -> None:
        self._queue = queue
        self._settings = settings

    def created(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        """Queue the mails of a new document. Returns whether any was queued."""
        return self._queue_all(subject.kind(is_comment=False), order, subject, comment, notify_customer)

    def commented(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        """Queue the mails of a comment on a document. Returns whether any was queued."""
        return self._queue_all(subject.kind(is_comment=True), order, subject, comment, notify_customer)

    def _queue_all(self, kind: str, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        if not self._queue.is_kept:
            return False
        found = notifications(kind, order, subject, self._settings, comment=comment, notify_customer=notify_customer)
        for notification in found:
            self._queue.add(notification)
        return bool(found)


def notifications(
    kind: str, order: Order, subject: Subject, settings: MailSettings, *, comment: str, notify_customer: bool
) -> list[Notification]:
    """The mails that the shop's settings ask for.

    Copies are sent even when the customer gets no mail; they are blind copies of the customer's mail, or mails of their
    own (MAIL-2).
    """
    section = f"sales_email/{kind}"
    if not settings.flag(f"{section}/enabled", order.store_id, default=True):
        return []
    listed = (settings.value(f"{section}/copy_to", order.store_id) or "").split(",")
    copies = tuple(address for address in (part.strip() for part in listed) if address)
    are_separate = (settings.value(f"{section}/copy_method", order.store_id) or "bcc") == "copy"
    recipients: list[tuple[str, tuple[str, ...]]] = []
    if notify_customer and order.customer_email:
        recipients.append((order.customer_email, () if are_separate else copies))
    if are_separate or not notify_customer:
        recipients += [(address, ()) for address in copies]
    name = _recipient_name(order, settings) if recipients else ""
    return [
        Notification(
            kind=kind,
            subject=subject,
            order_id=order.entity_id,
            store_id=order.store_id,
            recipient=recipient,
            recipient_name=name,
            bcc=bcc,
            comment=comment,
        )
        for recipient, bcc in recipients
    ]


def _recipient_name(order: Order, settings: MailSettings) -> str:
    """The billing name of a guest, the customer's name otherwise (MAIL-3)."""
    if order.customer_is_guest:
        address = order.billing_address or Address(0)
        parts = (address.prefix, address.firstname, address.middlename, address.lastname, address.suffix)
    elif order.customer_firstname:
        parts = (
            order.customer_prefix,
            order.customer_firstname,
            order.customer_middlename,
            order.customer_lastname,
            order.customer_suffix,
        )
    else:
        return "Guest"
    prefix, middlename, suffix = (
        settings.flag(f"customer/address/{part}_show", default=part == "middlename")
        for part in ("prefix", "middlename", "suffix")
    )
    visible = (prefix, True, middlename, True, suffix)
    return " ".join(part for part, is_visible in zip(parts, visible, strict=True) if part and is_visible)
