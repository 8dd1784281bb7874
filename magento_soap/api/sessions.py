"""Logs users in, and identifies the caller of a request (SPEC G)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from magento_soap.sales.errors import excerpt

from .client import Client
from .faults import ACCESS_DENIED, MISSING_PARAMETER, SESSION_EXPIRED, ApiFault
from .keys import BCRYPT_COST, cost_of, costs_left, unmatchable_hash, verify_key
from .logins import LONGEST_NAME, LoginThrottle, folded
from .ports import Accounts, UserRecord
from .values import Value, text

log = structlog.get_logger(__name__)


LONGEST_KEY = 1024
"""Characters of a key that are looked at; no key is longer than 256 bytes."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clocks of two servers may be apart: a session from the future beyond that is none."""


class Sessions:
    """Sessions in the shop's ``api_session``; times are UTC without time zone."""

    def __init__(
        self, accounts: Accounts, now: Callable[[], datetime], throttle: LoginThrottle, touch_seconds: int
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._throttle = throttle
        self._touch_seconds = touch_seconds
        self._highest_cost = BCRYPT_COST

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
        """The id of the calling user: by session, or by HTTP Basic when no session id is sent (SES-20).

        Fault 5 for an unknown or expired session, or one of a user who has been deactivated since (BUG-15).
        """
        if session_id is None or session_id == "":
            if client.username and client.api_key:
                if not client.user_ids:
                    client.user_ids.append(self._authenticate(client, client.username, client.api_key).user_id)
                return client.user_ids[0]
            raise ApiFault(SESSION_EXPIRED)
        sessid = text(session_id)
        found = self._accounts.session(sessid)
        now = self._now()
        if found is None or not found.is_active:
            raise ApiFault(SESSION_EXPIRED)
        age = (now - found.logdate).total_seconds()
        # Exactly the limit is still valid (SES-10). A time in the future would never expire.
        if age > self._accounts.session_timeout() or -age > CLOCK_TOLERANCE.total_seconds():
            raise ApiFault(SESSION_EXPIRED)
        if age >= self._touch_seconds or age < 0:  # not on every call (BUG-28)
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
        client.budget.spend_login()
        user = self._accounts.user(name) if len(name) <= LONGEST_NAME else None
        attempt = self._throttle.admit(f"user {user.user_id}" if user else folded(name), client.address)
        if attempt is None:
            self._refuse(client, name, "too many failures")
        cost = cost_of(user.api_key) if user else 0
        self._highest_cost = max(self._highest_cost, cost)
        verified = user is not None and len(key) <= LONGEST_KEY and verify_key(key, user.api_key)
        if user is None:
            reason: str | None = "unknown user"
        elif not verified:
            reason = "wrong key"
        elif not user.is_active:
            reason = "inactive user"
        else:
            reason = None if user.has_role else "no role"
        if user is None or reason:
            # Every refusal takes the same time, or the time would reveal which users exist.
            for more in costs_left(cost, self._highest_cost):
                verify_key(key[:LONGEST_KEY], unmatchable_hash(more))
            self._throttle.failed(attempt)
            self._refuse(client, name, reason)
        self._throttle.succeeded(attempt)
        return user

    def _refuse(self, client: Client, name: str, reason: str | None) -> NoReturn:
        log.warning("login refused", reason=reason, username=excerpt(name), address=client.address)
        raise ApiFault(ACCESS_DENIED)

    def _new_id(self) -> str:
        return secrets.token_hex(32 if self._accounts.session_id_length() >= 64 else 16)
