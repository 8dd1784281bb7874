"""Sends mails over SMTP and classifies the errors of the mail server."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

Security = Literal["none", "starttls", "tls"]
AUTHENTICATION_REQUIRED = 530  # not about the mail: user name and password are missing in the settings


class MailDelayed(Exception):
    """The mail may be sent later: the server replied with 4xx, or the connection broke."""


class ServerUnavailable(MailDelayed):
    """The mail server is unreachable or rejects the login. Other mails would fail, too."""


class MailRefused(Exception):
    """The mail server rejects this mail permanently (5xx)."""


@dataclass(frozen=True)
class Refusals:
    """The rejected recipients of a mail that others received, each with the server's reply."""

    delayed: Mapping[str, str]
    failed: Mapping[str, str]


class SmtpSender:
    """Sends mails through one SMTP server, each over a connection of its own.

    ``timeout`` is the maximum time for each reply of the server, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int = 25,
        *,
        security: Security = "none",
        username: str | None = None,
        password: str = "",
        timeout: float = 30,
    ) -> None:
        self.timeout = timeout
        self._host, self._port = host, port
        self._security = security
        self._username, self._password = username, password

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Refusals:
        """Pass the message to the server, which is responsible for it from then on. Returns the rejected recipients.

        Raises MailRefused, MailDelayed or ServerUnavailable if no recipient was accepted.
        """
        server = self._connect()
        try:
            rejected = server.send_message(message, message["From"].addresses[0].addr_spec, recipients)
            # The server has accepted the mail: it must not be sent again, even if QUIT fails.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            refusals = _refusals(error.recipients)
            refused = {**refusals.failed, **refusals.delayed}
            text = "; ".join(f"{address}: {reply}" for address, reply in refused.items())
            raise MailDelayed(text) if refusals.delayed else MailRefused(text) from None
        except smtplib.SMTPNotSupportedError:
            raise MailRefused("the mail server does not accept addresses with non-ASCII characters") from None
        except smtplib.SMTPResponseException as error:
            text = _reply(error.smtp_code, error.smtp_error)
            raise MailRefused(text) if _is_final(error.smtp_code) else MailDelayed(text) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailDelayed(f"the connection to {self._host}:{self._port} broke: {error}") from None
        finally:
            server.close()
        return _refusals(rejected)

    def _connect(self) -> smtplib.SMTP:
        """Connect and log in. Raises ServerUnavailable."""
        server: smtplib.SMTP | None = None
        try:
            if self._security == "tls":
                context = ssl.create_default_context()
                server = smtplib.SMTP_SSL(self._host, self._port, timeout=self.timeout, context=context)
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=self.timeout)
            if self._security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self._username is not None:
                server.login(self._username, self._password)
            server.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            if server is not None:
                server.close()
            raise ServerUnavailable(f"{self._host}:{self._port}: {_reason(error)}") from None
        return server


def _refusals(refused: Mapping[str, tuple[int, bytes]]) -> Refusals:
    replies = {address: _reply(code, text) for address, (code, text) in refused.items()}
    final = {address for address, (code, _) in refused.items() if _is_final(code)}
    return Refusals(
        delayed={address: text for address, text in replies.items() if address not in final},
        failed={address: text for address, text in replies.items() if address in final},
    )


def _is_final(code: int) -> bool:
    return 500 <= code < 600 and code != AUTHENTICATION_REQUIRED


def _reply(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {said}".split())


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, UnicodeError):  # its own message would quote the password
        return "host, user name and password must be written in ASCII"
    return str(error) or type(error).__name__
