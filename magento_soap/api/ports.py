"""The ports of the API: to storage, for users, sessions and roles (SPEC G), and to the shop behind this server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from .forwarding import ForwardedCall
from .values import Value


class UserRecord(Protocol):
    """A row of ``api_user``, and whether any role is attached to it (SES-30)."""

    @property
    def user_id(self) -> int:
        """Primary key."""

    @property
    def username(self) -> str:
        """The name as stored."""

    @property
    def api_key(self) -> str:
        """The stored hash."""

    @property
    def is_active(self) -> bool:
        """Whether the account is active."""

    @property
    def has_role(self) -> bool:
        """Whether any role is attached."""


class SessionRecord(Protocol):
    """A row of ``api_session`` joined with its user; ``logdate`` is UTC without time zone."""

    @property
    def user_id(self) -> int:
        """The user of the session."""

    @property
    def logdate(self) -> datetime:
        """The last use, UTC without time zone."""

    @property
    def is_active(self) -> bool:
        """Whether the user is active now."""


class RuleRecord(Protocol):
    """A row of ``api_rule``: ``api_permission`` is allow or deny; ``assert_id`` other than 0 makes it conditional."""

    @property
    def resource_id(self) -> str:
        """The resource, or ``all``."""

    @property
    def api_permission(self) -> str:
        """allow or deny."""

    @property
    def assert_id(self) -> int:
        """0, or the assertion it depends on."""


class Accounts(Protocol):
    """Users, sessions and roles, each call a transaction of its own."""

    def user(self, username: str) -> UserRecord | None:
        """The user of that name; case and trailing blanks do not count, as in Magento's collation (SES-5)."""

    def open_session(self, user_id: int, session_id: str, now: datetime, timeout: int) -> None:
        """Delete the user's sessions older than ``timeout`` seconds, count the login, insert the session (SES-4)."""

    def session(self, session_id: str) -> SessionRecord | None:
        """The session of exactly that id, or None (SES-10)."""

    def touch_session(self, session_id: str, user_id: int, now: datetime) -> None:
        """Move the session's ``logdate`` to ``now`` and count the call in ``lognum``, which saturates (SES-10)."""

    def end_session(self, session_id: str) -> None:
        """Delete every row of that session id (SES-13)."""

    def session_timeout(self) -> int:
        """Config ``api/config/session_timeout`` in seconds, 3600 by default."""

    def session_id_length(self) -> int:
        """How many characters of a session id the database keeps: 32 or 40 in old shops, 64 in new ones."""

    def roles_of(self, user_id: int) -> Sequence[Sequence[RuleRecord]]:
        """The rules of each role of the user, the role attached last first (SES-31)."""


class LoginRecord(Protocol):
    """Failed logins in a row, and the last failure and success; times are UTC without time zone."""

    @property
    def failures(self) -> int:
        """How many there were since the last success."""

    @property
    def failed_at(self) -> datetime | None:
        """The last failure."""

    @property
    def succeeded_at(self) -> datetime | None:
        """The last success."""


class LoginRecords(Protocol):
    """The store of failed and successful logins, by ids of 64 characters. Each call is a transaction of its own."""

    def find(self, ids: Sequence[str]) -> Mapping[str, LoginRecord]:
        """The records of those ids that exist."""

    def count_failure(self, ids: Sequence[str], now: datetime, window: timedelta) -> None:
        """Count a failure for each; a count whose last failure is older than the window begins anew."""

    def succeeded(self, id_: str, now: datetime) -> None:
        """Remember a success, and forget the failures."""


class Shop(Protocol):
    """The shop's own PHP, asked in the protocol of the request that is being answered."""

    def run(self, call: ForwardedCall, name: str, params: Sequence[Value]) -> Value:
        """The result of an operation such as ``multiCall``, with its parameters in order.

        Raises ApiFault: the shop's own fault, or fault 1 when the shop gives no answer that can be used.
        """


@dataclass(frozen=True)
class ForwardedCount:
    """How often a user's calls of a method were forwarded on one day (UTC), and how many of them failed.

    ``protocol`` is V1, V2, WS-I, XML-RPC or JSON-RPC; ``last_at`` is UTC without time zone.
    """

    day: date
    method: str
    protocol: str
    user_id: int
    calls: int
    failures: int
    last_at: datetime


class ForwardedCounts(Protocol):
    """The store of what was forwarded, of all servers of a shop. Each call is a transaction of its own."""

    def add(self, counts: Sequence[ForwardedCount]) -> bool:
        """Add calls and failures to what is stored for the same day, method, protocol and user.

        Returns whether they are stored: an attached shop need not have a table for them.
        """


class WsdlRecord(Protocol):
    """A WSDL as the shop served it, and when (UTC without time zone)."""

    @property
    def document(self) -> bytes:
        """The bytes."""

    @property
    def fetched_at(self) -> datetime:
        """UTC without time zone."""


@dataclass(frozen=True)
class WsdlCopy:
    """A WSDL as the shop served it, and when (UTC without time zone)."""

    document: bytes
    fetched_at: datetime


class WsdlCopies(Protocol):
    """The store of the shop's last good WSDLs, by name. Each call is a transaction of its own."""

    def find(self, name: str) -> WsdlRecord | None:
        """The copy of that name, if there is one."""

    def save(self, name: str, copy: WsdlRecord) -> None:
        """Replace the copy of that name, unless a later one is stored."""
