"""A mail server that stores mails, and rejects, delays or disconnects on request."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ANSWERING_SECONDS = 30


@dataclass(frozen=True)
class Received:
    """A mail that the server took."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    def part(self, form: str) -> str:
        """Its text, ``plain`` or ``html``."""
        body = self.message.get_body((form,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


class MailServer:
    """An SMTP server on a free port of 127.0.0.1, in a thread; a context manager.

    ``mails`` holds what it took. ``sender_answers`` and ``data_answers`` are given once each before it takes mails;
    ``recipient_answers`` likewise for each address. ``break_offs`` says when to drop connections: ``"during data"``, or
    ``"after data"``, the mail being taken and the answer lost. ``on_mail`` is called when a mail has come, before the
    answer.
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        starttls: bool = False,
        login: tuple[str, str] | None = None,
        smtputf8: bool = False,
    ) -> None:
        self.mails: list[Received] = []
        self.sender_answers: deque[str] = deque()
        self.recipient_answers: defaultdict[str, deque[str]] = defaultdict(deque)
        self.data_answers: deque[str] = deque()
        self.break_offs: deque[str] = deque()
        self.on_mail: Callable[[Received], None] = lambda mail: None
        self.connections = 0
        self.port = 0
        self._ssl = None if starttls else tls
        self._options: dict[str, Any] = {"enable_SMTPUTF8": smtputf8, "hostname": "mail.test"}
        if starttls:
            self._options |= {"tls_context": tls, "require_starttls": True}
        if login:
            self._options |= {"auth_required": True, "authenticator": _only(*login)}
            self._options["auth_require_tls"] = starttls
        self._arrival = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> MailServer:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(ANSWERING_SECONDS)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        self.close()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(ANSWERING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWERING_SECONDS)
        self._loop.close()

    def close(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._server.close)

    def wait_for(self, count: int) -> None:
        """Return when so many mails have come; fails when they do not."""
        with self._arrival:
            assert self._arrival.wait_for(lambda: len(self.mails) >= count, ANSWERING_SECONDS), self.mails

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to MAIL FROM."""
        if self.sender_answers:
            return self.sender_answers.popleft()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to RCPT TO."""
        if self.recipient_answers[address]:
            return self.recipient_answers[address].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Answer to the end of the message."""
        if self.data_answers:
            return self.data_answers.popleft()
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        mail = Received(envelope.mail_from or "", list(envelope.rcpt_tos), message)
        with self._arrival:
            self.mails.append(mail)
            self._arrival.notify_all()
        self.on_mail(mail)
        if self.break_offs and self.break_offs[0] == "after data":
            self.break_offs.popleft()
            _abort(server)
        return "250 taken"

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._connection, "127.0.0.1", 0, ssl=self._ssl)

    async def _end(self) -> None:
        """Let the connections end; they are tasks of the loop."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _connection(self) -> SMTP:
        self.connections += 1
        return _Connection(self, self.break_offs, loop=self._loop, **self._options)


class _Connection(SMTP):
    """One conversation."""

    def __init__(self, handler: MailServer, break_offs: deque[str], **options: Any) -> None:
        super().__init__(handler, **options)
        self._break_offs = break_offs

    async def smtp_DATA(self, arg: str) -> None:
        """The message, or the end in the middle of it."""
        if self._break_offs and self._break_offs[0] == "during data":
            self._break_offs.popleft()
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            _abort(self)
            return
        await super().smtp_DATA(arg)


def _abort(connection: SMTP) -> None:
    assert isinstance(connection.transport, asyncio.WriteTransport)
    connection.transport.abort()


def _only(username: str, password: str) -> Callable[..., AuthResult]:
    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _method: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data == LoginPassword(username.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return authenticate
