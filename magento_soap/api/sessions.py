"""Logging in, and knowing who calls (SPEC G)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

import limits
import structlog

from .client import Client
from .faults import ACCESS_DENIED, MISSING_PARAMETER, SESSION_EXPIRED, ApiFault
from .keys import NOBODY, is_slow, verify_key
from .ports import Accounts, UserRecord
from .values import Value, text

log = structlog.get_logger(__name__)


class LoginThrottle:
    """Counts failed logins per user and address in a moving window; each worker process counts by itself.

    ``attempts`` failures within ``seconds`` close the door for the rest of the window; 0 attempts set no limit.
    """

    def __init__(self, attempts: int, seconds: int) -> None:
        self._rate = limits.RateLimitItemPerSecond(attempts, seconds) if attempts else None
        self._window = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())

    def is_open(self, username: str, address: str) -> bool:
        """Whether another attempt may be made."""
        return self._rate is None or self._window.test(self._rate, username.lower(), address)

    def failed(self, username: str, address: str) -> None:
        """Count a failed attempt."""
        if self._rate is not None:
            self._window.hit(self._rate, username.lower(), address)


class Sessions:
    """Sessions in the shop's ``api_session``; times are UTC without time zone."""

    def __init__(
        self, accounts: Accounts, now: Callable[[], datetime], throttle: LoginThrottle, touch_seconds: int
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._throttle = throttle
        self._touch_seconds = touch_seconds

    def start(self) -> str:
        """A fresh id that is stored nowhere, as Magento's ``startSession`` gives (SES-2)."""
        return self._new_id()

    def login(self, client: Client, username: Value, api_key: Value) -> str:
        """Open a session and return its id (SES-3, SES-4).

        Faults: 6 when name or key are empty, 2 for an unknown user, a wrong key, an inactive user or one without role.
        """
        user = self._authenticate(client, username, api_key)
        session_id = self._new_id()
        self._accounts.open_session(user.user_id, session_id, self._now(), self._accounts.session_timeout())
        return session_id

    def user_of(self, client: Client, session_id: Value) -> int:
        """The id of the user who calls: by session, or by HTTP Basic when no session id is sent (SES-20).

        Fault 5 for an unknown or expired session, or one of a user who has been deactivated since (BUG-15).
        """
        if session_id is None or session_id == "":
            if client.username and client.api_key:
                return self._authenticate(client, client.username, client.api_key).user_id
            raise ApiFault(SESSION_EXPIRED)
        sessid = text(session_id)
        found = self._accounts.session(sessid)
        now = self._now()
        if found is None or not found.is_active:
            raise ApiFault(SESSION_EXPIRED)
        age = (now - found.logdate).total_seconds()
        if age > self._accounts.session_timeout():  # exactly the limit is still valid (SES-10)
            raise ApiFault(SESSION_EXPIRED)
        if age >= self._touch_seconds:  # not on every call (BUG-28)
            self._accounts.touch_session(sessid, found.user_id, now)
        return found.user_id

    def end(self, session_id: Value) -> bool:
        """Forget a session; true for any id, known or not (SES-13)."""
        self._accounts.end_session(text(session_id))
        return True

    def _authenticate(self, client: Client, username: Value, api_key: Value) -> UserRecord:
        name, key = text(username), text(api_key)
        if name in ("", "0") or key in ("", "0"):
            raise ApiFault(MISSING_PARAMETER)
        if not self._throttle.is_open(name, client.address):
            log.warning("login refused: too many failures", username=name, address=client.address)
            raise ApiFault(ACCESS_DENIED)
        user = self._accounts.user(name)
        verified = user is not None and verify_key(key, user.api_key)
        if not verified and (user is None or not is_slow(user.api_key)):
            verify_key(key, NOBODY)  # so that every failure takes as long, and none tells which users there are
        if user is None or not verified or not user.is_active or not user.has_role:
            self._throttle.failed(name, client.address)
            raise ApiFault(ACCESS_DENIED)
        return user

    def _new_id(self) -> str:
        return secrets.token_hex(32 if self._accounts.session_id_length() >= 64 else 16)
