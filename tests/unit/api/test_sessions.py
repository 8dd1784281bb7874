"""Sessions and logging in (SPEC G), on accounts kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault
from magento_soap.api.keys import hash_key
from magento_soap.api.sessions import LoginThrottle, Sessions

START = datetime(2024, 1, 1, 12)
KEY_HASH = hash_key("apiKey")
HERE = Client(address="192.0.2.1")


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
        self.sessions = Sessions(self.accounts, lambda: self.now, LoginThrottle(attempts, 60), touch_seconds)

    def login(self, username: Any = "apiUser", api_key: Any = "apiKey") -> str:
        return self.sessions.login(HERE, username, api_key)

    def fault(self, call: Any) -> str:
        with pytest.raises(ApiFault) as caught:
            call()
        return caught.value.code


def test_a_session_is_that_of_the_user_who_logged_in() -> None:
    shop = Shop()
    assert shop.sessions.user_of(HERE, shop.login()) == 1


def test_each_login_opens_a_session_of_its_own() -> None:
    shop = Shop()
    first, second = shop.login(), shop.login("APIUSER ")
    assert first != second
    assert {shop.sessions.user_of(HERE, s) for s in (first, second)} == {1}


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


def test_too_many_failures_close_the_door_for_that_user_and_address_only() -> None:
    shop = Shop(attempts=2)
    for _ in range(2):
        assert shop.fault(lambda: shop.login(api_key="wrong")) == "2"
    assert shop.fault(shop.login) == "2"
    assert shop.sessions.login(Client(address="192.0.2.2"), "apiUser", "apiKey")


def test_the_door_opens_again_when_the_window_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 1000.0
    monkeypatch.setattr("time.time", lambda: seconds)
    shop = Shop(attempts=1)
    assert shop.fault(lambda: shop.login(api_key="wrong")) == "2"
    seconds += 59
    assert shop.fault(shop.login) == "2"
    seconds += 2
    assert shop.login()


@pytest.mark.parametrize(
    ("name", "key", "stored"),
    [
        ("apiUser", "wrong", KEY_HASH),
        ("apiUser", "wrong", "md5"),
        ("apiUser", "wrong", ""),
        ("nobody", "apiKey", KEY_HASH),
        ("idle", "apiKey", KEY_HASH),
        ("norole", "apiKey", KEY_HASH),
        ("apiUser", "apiKey", KEY_HASH),
    ],
    ids=["wrong", "wrong, fast hash", "wrong, no hash", "unknown", "inactive", "without a role", "right"],
)
def test_no_failure_is_faster_than_another(name: str, key: str, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every attempt costs one bcrypt, so that its time does not tell which users there are."""
    shop = Shop()
    shop.accounts.users["apiuser"].api_key = stored
    checked = []

    def checkpw(data: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return data == b"apiKey" and hashed == KEY_HASH.encode()

    monkeypatch.setattr("bcrypt.checkpw", checkpw)
    with suppress(ApiFault):
        shop.login(name, key)
    assert len(checked) == 1


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


def test_no_limit() -> None:
    shop = Shop(attempts=0)
    for _ in range(3):
        assert shop.fault(lambda: shop.login(api_key="wrong")) == "2"
    assert shop.login()


def test_a_session_slides_and_ends_after_the_timeout() -> None:
    shop = Shop()
    session = shop.login()
    for _ in range(3):
        shop.now += timedelta(seconds=3600)  # exactly the limit is valid (SES-10)
        assert shop.sessions.user_of(HERE, session) == 1
    shop.now += timedelta(seconds=3601)
    assert shop.fault(lambda: shop.sessions.user_of(HERE, session)) == "5"


def test_not_every_call_writes() -> None:
    shop = Shop(touch_seconds=60)  # BUG-28
    session = shop.login()
    for _ in range(5):
        shop.now += timedelta(seconds=20)
        shop.sessions.user_of(HERE, session)
    assert shop.accounts.touched == 1


def test_a_session_is_kept_alive_from_the_second_on_at_which_it_may_be() -> None:
    shop = Shop(touch_seconds=60)
    session = shop.login()
    shop.now += timedelta(seconds=59)
    shop.sessions.user_of(HERE, session)
    assert shop.accounts.touched == 0
    shop.now += timedelta(seconds=1)
    shop.sessions.user_of(HERE, session)
    assert shop.accounts.touched == 1


def test_a_user_who_is_deactivated_is_out_at_once() -> None:
    shop = Shop()
    session = shop.login()
    shop.accounts.users["apiuser"].is_active = False  # BUG-15
    assert shop.fault(lambda: shop.sessions.user_of(HERE, session)) == "5"


@pytest.mark.parametrize("session", ["garbage", "", None, 0, True, [], {"gt": "0"}])
def test_what_is_no_session_is_fault_5(session: Any) -> None:
    shop = Shop()
    shop.login()
    assert shop.fault(lambda: shop.sessions.user_of(HERE, session)) == "5"


def test_ending_a_session() -> None:
    shop = Shop()
    session = shop.login()
    assert shop.sessions.end(session) is True
    assert shop.sessions.end(session) is True
    assert shop.fault(lambda: shop.sessions.user_of(HERE, session)) == "5"


def test_a_started_session_is_not_logged_in() -> None:
    shop = Shop()
    assert shop.fault(lambda: shop.sessions.user_of(HERE, shop.sessions.start())) == "5"


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
