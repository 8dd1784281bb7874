"""Sessions and logging in (SPEC G), on accounts kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import structlog

from magento_soap.api import sessions
from magento_soap.api.budget import MAX_LOGINS
from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault
from magento_soap.api.keys import cost_of, hash_key, is_slow, unmatchable_hash, verify_key
from magento_soap.api.logins import LoginThrottle
from magento_soap.api.sessions import CLOCK_TOLERANCE, Sessions
from magento_soap.storage.logins import LoginsInMemory

START = datetime(2024, 1, 1, 12)
KEY_HASH = hash_key("apiKey")


def here() -> Client:
    """Who calls, in a request of its own."""
    return Client(address="192.0.2.1")


@dataclass
class User:
    user_id: int
    username: str
    api_key: str = KEY_HASH
    is_active: bool = True
    has_role: bool = True


@dataclass
class Session:
    user_id: int
    logdate: datetime
    is_active: bool


@dataclass
class AccountsInMemory:
    """The port ``api.ports.Accounts``."""

    users: dict[str, User]
    sessions: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    touched: int = 0
    id_length: int = 64

    def user(self, username: str) -> User | None:
        return self.users.get(username.lower().rstrip())

    def open_session(self, user_id: int, session_id: str, now: datetime, timeout: int) -> None:
        valid_since = now - timedelta(seconds=timeout)
        self.sessions = {id_: session for id_, session in self.sessions.items() if session[1] >= valid_since}
        self.sessions[session_id] = (user_id, now)

    def session(self, session_id: str) -> Session | None:
        if session_id not in self.sessions:
            return None
        user_id, logdate = self.sessions[session_id]
        user = next(u for u in self.users.values() if u.user_id == user_id)
        return Session(user_id, logdate, user.is_active)

    def touch_session(self, session_id: str, user_id: int, now: datetime) -> None:
        self.sessions[session_id] = (user_id, now)
        self.touched += 1

    def end_session(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)

    def session_timeout(self) -> int:
        return 3600

    def session_id_length(self) -> int:
        return self.id_length

    def roles_of(self, user_id: int) -> Sequence[Sequence[Any]]:
        return []


class Shop:
    def __init__(self, attempts: int = 100, touch_seconds: int = 60) -> None:
        self.now = START
        self.accounts = AccountsInMemory({"apiuser": User(1, "apiUser"), "idle": User(2, "idle", is_active=False)})
        self.accounts.users["norole"] = User(3, "norole", has_role=False)
        throttle = LoginThrottle(LoginsInMemory(), attempts, 60, lambda: self.now)
        self.sessions = Sessions(self.accounts, lambda: self.now, throttle, touch_seconds)

    def login(self, username: Any = "apiUser", api_key: Any = "apiKey") -> str:
        return self.sessions.login(here(), username, api_key)

    def fault(self, call: Any) -> str:
        with pytest.raises(ApiFault) as caught:
            call()
        return caught.value.code


def test_a_session_is_that_of_the_user_who_logged_in() -> None:
    shop = Shop()
    assert shop.sessions.user_of(here(), shop.login()) == 1


def test_each_login_opens_a_session_of_its_own() -> None:
    shop = Shop()
    first, second = shop.login(), shop.login("APIUSER ")
    assert first != second
    assert {shop.sessions.user_of(here(), s) for s in (first, second)} == {1}


@pytest.mark.parametrize(("length", "expected"), [(64, 64), (40, 32), (32, 32)])
def test_ids_fit_the_column(length: int, expected: int) -> None:
    shop = Shop()
    shop.accounts.id_length = length
    assert len(shop.login()) == expected


@pytest.mark.parametrize("empty", ["", "0", None, 0, False, [], {}])
def test_a_missing_name_or_key_is_fault_6(empty: Any) -> None:
    shop = Shop()
    assert shop.fault(lambda: shop.login(empty)) == "6"
    assert shop.fault(lambda: shop.login("apiUser", empty)) == "6"


@pytest.mark.parametrize("name", ["apiUser", "nobody", "idle", "norole"])
def test_a_refused_login_is_fault_2_and_leaves_no_session(name: str) -> None:
    shop = Shop()  # BUG-14: the inactive user with the right key, too
    assert shop.fault(lambda: shop.login(name, "wrong" if name == "apiUser" else "apiKey")) == "2"
    assert shop.accounts.sessions == {}


def test_a_session_from_the_future_is_none() -> None:
    """It would not expire before the future has passed."""
    shop = Shop()
    session = shop.login()
    shop.now -= CLOCK_TOLERANCE
    assert shop.sessions.user_of(here(), session) == 1  # the clocks of two servers differ a little
    assert shop.accounts.sessions[session][1] == shop.now  # and from now on it counts by ours
    shop.now -= CLOCK_TOLERANCE + timedelta(seconds=1)
    assert shop.fault(lambda: shop.sessions.user_of(here(), session)) == "5"


@pytest.mark.parametrize(("name", "key"), [("x" * 300, "apiKey"), ("apiUser", "apiKey" + "x" * 2000)])
def test_names_and_keys_that_are_too_long_are_refused(name: str, key: str) -> None:
    shop = Shop()
    shop.accounts.users["x" * 300] = User(9, "x" * 300)
    shop.accounts.users["apiuser"].api_key = hashlib.md5(key.encode()).hexdigest()
    assert shop.fault(lambda: shop.login(name, key)) == "2"


@pytest.mark.parametrize("stored", [KEY_HASH, hashlib.md5(b"apiKey").hexdigest()], ids=["slow", "fast"])
@pytest.mark.parametrize("name", ["nobody", "idle", "norole", "apiUser"])
def test_every_refusal_costs_one_slow_hash(name: str, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time would tell which users there are, and which of them are inactive."""
    slow: list[str] = []

    def verify(key: str, hashed: str) -> bool:
        slow.extend([hashed] if is_slow(hashed) else [])
        return verify_key(key, hashed)

    monkeypatch.setattr(sessions, "verify_key", verify)
    shop = Shop()
    for user in shop.accounts.users.values():
        user.api_key = stored
    assert shop.fault(lambda: shop.login(name, "wrong" if name == "apiUser" else "apiKey")) == "2"
    assert len(slow) == 1


def test_unknown_users_cost_what_the_slowest_hash_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PHP 8.4 hashes with cost 12; a quarter of that time would tell who is no user."""
    taken: list[int] = []
    monkeypatch.setattr(sessions, "verify_key", lambda key, hashed: taken.append(1 << cost_of(hashed)))
    shop = Shop()
    shop.accounts.users["apiuser"].api_key = unmatchable_hash(12)
    shop.accounts.users["idle"].api_key = unmatchable_hash(10)
    shop.accounts.users["norole"].api_key = "md5"
    for name in ("apiUser", "nobody", "idle", "norole"):
        taken.clear()
        assert shop.fault(partial(shop.login, name, "wrong")) == "2"
        assert sum(taken) in (1 << 12, (1 << 12) + 1)


def test_name_and_key_are_verified_once_in_a_request() -> None:
    shop = Shop()
    client = Client(username="apiUser", api_key="apiKey")
    for number in range(3 * MAX_LOGINS):
        assert shop.sessions.user_of(client.for_part(number), None) == 1
    wrong = Client(username="apiUser", api_key="wrong")
    for _ in range(3 * MAX_LOGINS):
        assert shop.fault(lambda: shop.sessions.user_of(wrong, None)) == "2"


def test_a_request_has_few_logins() -> None:
    shop = Shop()
    client = Client(address="192.0.2.1")
    for _ in range(MAX_LOGINS):
        assert shop.sessions.login(client.for_part(3), "apiUser", "apiKey")
    assert shop.fault(lambda: shop.sessions.login(client, "apiUser", "apiKey")) == "2"
    assert shop.login()  # another request


@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("nobody", "apiKey", "unknown user"),
        ("apiUser", "wrong", "wrong key"),
        ("idle", "apiKey", "inactive user"),
        ("norole", "apiKey", "no role"),
    ],
)
def test_every_failure_is_logged_with_its_reason(name: str, key: str, reason: str) -> None:
    shop = Shop()
    with structlog.testing.capture_logs() as entries:
        shop.fault(lambda: shop.login(name, key))
    assert entries == [
        {
            "event": "login refused",
            "log_level": "warning",
            "reason": reason,
            "username": name,
            "address": here().address,
        }
    ]


def test_a_good_key_of_an_old_shop_costs_nothing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    shop.accounts.users["apiuser"].api_key = hashlib.md5(b"apiKey", usedforsecurity=False).hexdigest()
    monkeypatch.setattr("bcrypt.checkpw", None)
    assert shop.login()


def test_a_login_forgets_sessions_that_have_ended() -> None:
    shop = Shop()
    ended = shop.login()
    shop.now += timedelta(seconds=1800)
    valid = shop.login()
    shop.now += timedelta(seconds=1801)
    new = shop.login()
    assert shop.accounts.sessions.keys() == {valid, new}
    assert ended not in shop.accounts.sessions


def test_a_session_slides_and_ends_after_the_timeout() -> None:
    shop = Shop()
    session = shop.login()
    for _ in range(3):
        shop.now += timedelta(seconds=3600)  # exactly the limit is valid (SES-10)
        assert shop.sessions.user_of(here(), session) == 1
    shop.now += timedelta(seconds=3601)
    assert shop.fault(lambda: shop.sessions.user_of(here(), session)) == "5"


def test_not_every_call_writes() -> None:
    shop = Shop(touch_seconds=60)  # BUG-28
    session = shop.login()
    for _ in range(5):
        shop.now += timedelta(seconds=20)
        shop.sessions.user_of(here(), session)
    assert shop.accounts.touched == 1


def test_a_session_is_kept_alive_from_the_second_on_at_which_it_may_be() -> None:
    shop = Shop(touch_seconds=60)
    session = shop.login()
    shop.now += timedelta(seconds=59)
    shop.sessions.user_of(here(), session)
    assert shop.accounts.touched == 0
    shop.now += timedelta(seconds=1)
    shop.sessions.user_of(here(), session)
    assert shop.accounts.touched == 1


def test_a_user_who_is_deactivated_is_out_at_once() -> None:
    shop = Shop()
    session = shop.login()
    shop.accounts.users["apiuser"].is_active = False  # BUG-15
    assert shop.fault(lambda: shop.sessions.user_of(here(), session)) == "5"


@pytest.mark.parametrize("session", ["garbage", "", None, 0, True, [], {"gt": "0"}])
def test_what_is_no_session_is_fault_5(session: Any) -> None:
    shop = Shop()
    shop.login()
    assert shop.fault(lambda: shop.sessions.user_of(here(), session)) == "5"


def test_ending_a_session() -> None:
    shop = Shop()
    session = shop.login()
    assert shop.sessions.end(session) is True
    assert shop.sessions.end(session) is True
    assert shop.fault(lambda: shop.sessions.user_of(here(), session)) == "5"


def test_a_started_session_is_not_logged_in() -> None:
    shop = Shop()
    assert shop.fault(lambda: shop.sessions.user_of(here(), shop.sessions.start())) == "5"


@pytest.mark.parametrize("no_session", [None, ""])
def test_http_basic_stands_in_for_a_missing_session(no_session: Any) -> None:
    shop = Shop()  # SES-20
    assert shop.sessions.user_of(Client(username="apiUser", api_key="apiKey"), no_session) == 1
    assert shop.accounts.sessions == {}
    assert shop.fault(lambda: shop.sessions.user_of(Client(username="apiUser", api_key="x"), no_session)) == "2"


@pytest.mark.parametrize(
    "half", [Client(username="apiUser"), Client(api_key="apiKey"), Client(username="apiUser", api_key="")]
)
def test_half_of_http_basic_is_no_session(half: Client) -> None:
    shop = Shop()
    assert shop.fault(lambda: shop.sessions.user_of(half, None)) == "5"


def test_http_basic_does_not_stand_in_for_a_wrong_session() -> None:
    shop = Shop()
    client = Client(username="apiUser", api_key="apiKey")
    assert shop.fault(lambda: shop.sessions.user_of(client, "garbage")) == "5"
