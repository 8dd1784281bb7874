"""Mail servers that want encryption and a name, and what is said of those that do not let us in."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
import trustme

from magento_soap.mail.sender import MailDelayed, Security, ServerUnavailable, SmtpSender
from tests.mail_server import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # implicit TLS is not seen
LOGIN = ("shop", "s3cret-pass")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the server's certificate."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture(params=["starttls", "tls"])
def secured(request: pytest.FixtureRequest, tls: ssl.SSLContext) -> Iterator[tuple[MailServer, Security]]:
    """A server that demands encryption and a login, and how it is encrypted."""
    security: Security = request.param
    with MailServer(tls, starttls=security == "starttls", login=LOGIN) as server:
        yield server, security


def message() -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"], mail["To"], mail["Subject"] = "sales@example.com", "anna@example.de", "Grüße"
    mail.set_content("Schöne Grüße\n.\nund mehr\n")
    return mail


def send(port: int, security: Security = "none", login: tuple[str, str] | None = None) -> None:
    username, password = login or (None, "")
    sender = SmtpSender("127.0.0.1", port, security=security, username=username, password=password, timeout=10)
    refusals = sender.send(message(), ["anna@example.de"])
    assert (refusals.delayed, refusals.failed) == ({}, {})


@pytest.mark.usefixtures("trusted")
def test_encryption_and_login(secured: tuple[MailServer, Security]) -> None:
    server, security = secured
    send(server.port, security, LOGIN)
    (mail,) = server.mails
    assert mail.part("plain") == "Schöne Grüße\n.\nund mehr\n"


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_not_revealed(secured: tuple[MailServer, Security]) -> None:
    server, security = secured
    with pytest.raises(ServerUnavailable, match="535") as raised:
        send(server.port, security, ("shop", "wr0ng-pass"))
    assert "wr0ng-pass" not in str(raised.value)
    assert server.mails == []


@pytest.mark.usefixtures("trusted")
def test_a_server_that_wants_a_login_is_not_a_refusal_of_the_mail(secured: tuple[MailServer, Security]) -> None:
    server, security = secured
    with pytest.raises(MailDelayed, match="530"):
        send(server.port, security)


def test_a_certificate_that_is_not_trusted_ends_it(secured: tuple[MailServer, Security]) -> None:
    server, security = secured
    with pytest.raises(ServerUnavailable, match="certificate verify failed"):
        send(server.port, security, LOGIN)
    assert server.mails == []


def test_encryption_is_not_left_out_where_the_server_has_none() -> None:
    with MailServer() as server, pytest.raises(ServerUnavailable, match="STARTTLS"):
        send(server.port, "starttls")
    assert server.mails == []


def test_a_password_that_cannot_be_sent_is_not_revealed(tls: ssl.SSLContext) -> None:
    with MailServer() as server, pytest.raises(ServerUnavailable) as raised:
        send(server.port, login=("shop", "pässwort"))
    assert "pässwort" not in str(raised.value)
    assert server.mails == []


def test_a_server_that_is_silent_is_waited_for_a_bounded_time() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = SmtpSender("127.0.0.1", silent.getsockname()[1], timeout=0.2)
        with pytest.raises(ServerUnavailable, match="timed out"):
            sender.send(message(), ["anna@example.de"])
