"""What the API layer needs of storage: users, sessions, roles (SPEC G)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class UserRecord(Protocol):
    """A row of ``api_user``, and whether any role is attached to it (SES-30)."""

    user_id: int
    username: str
    api_key: str
    is_active: bool
    has_role: bool


class SessionRecord(Protocol):
    """A row of ``api_session`` joined with its user; ``logdate`` is UTC without time zone."""

    user_id: int
    logdate: datetime
    is_active: bool


class RuleRecord(Protocol):
    """A row of ``api_rule``: ``api_permission`` is allow or deny; ``assert_id`` other than 0 makes it conditional."""

    resource_id: str
    api_permission: str
    assert_id: int


class Accounts(Protocol):
    """Users, sessions and roles, each call a transaction of its own."""

    def user(self, username: str) -> UserRecord | None:
        """The user of that name, compared as Magento's collation does: case and trailing blanks do not count (SES-5)."""

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
