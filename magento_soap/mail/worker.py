"""The worker: sends due mails, retries failed ones, and deletes expired rows.

A mail is taken under a lease, sent, and recorded as sent. If a worker is killed between the last two steps, another
worker takes the mail after the lease has ended. The customer then receives it twice, with the same Message-ID, which is
better than never.
"""

from __future__ import annotations

import logging
import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from jinja2 import TemplateError

from magento_soap.sales.notifications import QueuedMail
from magento_soap.sales.ports import Clock

from .message import CannotCompose, ComposedMail, PermanentFailure
from .sender import MailDelayed, MailRefused, Refusals, ServerUnavailable

BATCH = 100
POLL_SECONDS = 5.0
TIDY_EVERY = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
HIDDEN = "***"
ANSWERS_PER_MAIL = 20  # the maximum number of SMTP replies, from the greeting to QUIT

_ADDRESS = re.compile(r"[^\s<>()\[\],:;\"']+@[^\s<>()\[\],:;\"']+")
_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """The queue of mails, shared by all workers."""

    def take(self, limit: int = 10, lease: timedelta = ...) -> list[QueuedMail]:
        """Take due mails; no other worker gets them before the lease ends. Each counts as an attempt."""

    def sent(
        self,
        mail: QueuedMail,
        *,
        delayed: Mapping[str, str] | None = None,
        failed: Mapping[str, str] | None = None,
        after: timedelta = ...,
    ) -> None:
        """Record that a mail was sent, and queue it again for recipients that were refused for now."""

    def retry(self, mail: QueuedMail, error: str, after: timedelta) -> None:
        """Postpone a mail that could not be sent."""

    def give_up(self, mail: QueuedMail, error: str) -> None:
        """Mark a mail as failed for good."""


class Composer(Protocol):
    """Composes the mail of a row of the outbox."""

    def compose(self, mail: QueuedMail) -> ComposedMail:
        """The mail as it is sent. Raises CannotCompose or TemplateError."""


class Sender(Protocol):
    """Hands mails to a mail server."""

    timeout: float

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Refusals:
        """Send the message. Raises MailRefused or MailDelayed."""


@dataclass
class Report:
    """How many mails were sent, delayed and given up."""

    sent: int = 0
    delayed: int = 0
    failed: int = 0

    @property
    def taken(self) -> int:
        """The number of mails taken from the outbox."""
        return self.sent + self.delayed + self.failed


class MailWorker:
    """Sends the mails of an outbox. Any number of workers may share it."""

    def __init__(
        self,
        outbox: Outbox,
        composer: Composer,
        sender: Sender,
        attempts: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._composer = composer
        self._sender = sender
        self._attempts = attempts
        self._chance = chance
        # Longer than sending can take, so that no other worker takes a mail that is being sent.
        self._lease = timedelta(seconds=60 + ANSWERS_PER_MAIL * sender.timeout)

    def send_due(self, limit: int = BATCH, stopping: threading.Event | None = None) -> Report:
        """Send up to ``limit`` due mails. Stops early if the mail server is unavailable."""
        report = Report()
        while report.taken < limit and not (stopping and stopping.is_set()):
            taken = self._outbox.take(limit=1, lease=self._lease)
            if not taken or not self._deliver(taken[0], report):
                break
        return report

    def _deliver(self, mail: QueuedMail, report: Report) -> bool:
        """Send one mail and record the outcome. Returns whether to try the next one."""
        if mail.attempts > self._attempts:  # taken but never recorded: it kills its workers
            self._give_up(mail, report, f"{mail.attempts - 1} workers died while sending it")
            return True
        try:
            composed = self._composer.compose(mail)
            refusals = self._sender.send(composed.message, composed.recipients)
        except (PermanentFailure, MailRefused) as error:
            self._give_up(mail, report, str(error))
        except MailDelayed as error:
            self._delay(mail, report, str(error))
            return not isinstance(error, ServerUnavailable)
        except CannotCompose as error:
            self._delay(mail, report, str(error))
        except Exception as error:
            if not isinstance(error, TemplateError):  # an error in the shop's templates needs no trace
                _log.exception("mail %s could not be sent", mail.id)
            self._delay(mail, report, f"{type(error).__name__}: {error}")
        else:
            self._record(mail, report, refusals)
        return True

    def _record(self, mail: QueuedMail, report: Report, refusals: Refusals) -> None:
        delayed, failed = dict(refusals.delayed), dict(refusals.failed)
        if mail.attempts >= self._attempts:
            delayed, failed = {}, failed | delayed
        self._outbox.sent(mail, delayed=delayed, failed=failed, after=self._pause(mail))
        report.sent += 1
        _log.info("mail %s (%s, %s %s) sent", mail.id, mail.kind, mail.entity_type, mail.entity_id)
        for error in (delayed | failed).values():
            _log.warning("mail %s was rejected for one of its recipients: %s", mail.id, _without_addresses(mail, error))

    def _delay(self, mail: QueuedMail, report: Report, error: str) -> None:
        if mail.attempts >= self._attempts:
            self._give_up(mail, report, error)
            return
        pause = self._pause(mail)
        self._outbox.retry(mail, error, pause)
        report.delayed += 1
        pause = timedelta(seconds=int(pause.total_seconds()))
        _log.warning("mail %s will be retried in %s: %s", mail.id, pause, _without_addresses(mail, error))

    def _give_up(self, mail: QueuedMail, report: Report, error: str) -> None:
        self._outbox.give_up(mail, error)
        report.failed += 1
        _log.error("mail %s is given up, see magento-soap mail list: %s", mail.id, _without_addresses(mail, error))

    def _pause(self, mail: QueuedMail) -> timedelta:
        """One minute, two, four ... up to six hours, each plus or minus up to 25 percent."""
        doublings = min(mail.attempts - 1, 16)
        return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE) * (0.75 + self._chance() / 2)


def _without_addresses(mail: QueuedMail, error: str) -> str:
    """Hide addresses in an error, because they do not belong in the log. The outbox keeps the full text."""
    for address in (mail.recipient, *mail.bcc):
        error = error.replace(address, HIDDEN)
    return _ADDRESS.sub(HIDDEN, error)


class Worker:
    """Runs beside the server: sends mails as they become due, and calls ``tidy`` once an hour."""

    def __init__(self, mails: MailWorker, tidy: Callable[[], None], clock: Clock) -> None:
        self._mails = mails
        self._tidy = tidy
        self._clock = clock
        self._tidied: datetime | None = None

    def once(self) -> Report:
        """Send all due mails, and tidy up."""
        total = Report()
        while True:
            report = self._mails.send_due()
            total.sent += report.sent
            total.delayed += report.delayed
            total.failed += report.failed
            if report.taken < BATCH:
                break
        self._tidy()
        return total

    def run(self, stopping: threading.Event) -> None:
        """Work until ``stopping`` is set; a mail that is being sent is finished first. Errors are logged."""
        while not stopping.is_set():
            try:
                if self._tidied is None or self._clock.now() - self._tidied >= TIDY_EVERY:
                    self._tidied = self._clock.now()
                    self._tidy()
                if self._mails.send_due(stopping=stopping).taken == BATCH:
                    continue
            except Exception:
                _log.exception("the worker continues after an error")
            stopping.wait(POLL_SECONDS)
