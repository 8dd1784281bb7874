"""Users, sessions and roles (SPEC G)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from magento_soap.storage import Database
from magento_soap.storage.accounts import Rule

NOW = datetime(2025, 6, 1, 12)
SESSION = "a1" * 32


@pytest.fixture
def user_id(database: Database) -> int:
    """A user with the role that allows everything."""
    database.accounts.add_role("Everything", {"all": True})
    user_id = database.accounts.add_user("Connector", "hash:salt", email="c@example.com")
    database.accounts.assign_role("connector", "everything")
    return user_id


def stored_user(database: Database) -> dict[str, Any]:
    return dict(database.dump(["api_user"])["api_user"][0])


@pytest.mark.parametrize("name", ["Connector", "connector", "CONNECTOR  "])
def test_ses_5_names_compare_without_case_and_trailing_blanks(database: Database, user_id: int, name: str) -> None:
    user = database.accounts.user(name)
    assert user is not None
    assert (user.user_id, user.username, user.api_key) == (user_id, "Connector", "hash:salt")
    assert user.is_active
    assert user.has_role


@pytest.mark.parametrize("name", ["", " Connector", "nobody", "x\0", "😀", "%", "x" * 10_000])
def test_unknown_users(database: Database, user_id: int, name: str) -> None:
    assert database.accounts.user(name) is None


def test_a_user_without_role(database: Database) -> None:
    database.accounts.add_user("lonely", "hash")
    user = database.accounts.user("lonely")
    assert user is not None
    assert not user.has_role


def test_ses_4_login_deletes_expired_sessions_of_that_user_only(database: Database, user_id: int) -> None:
    other = database.accounts.add_user("other", "hash")
    old = NOW - timedelta(hours=2)
    database.accounts.open_session(user_id, "old", old, 3600)
    database.accounts.open_session(user_id, "limit", NOW - timedelta(seconds=3600), 3600)
    database.accounts.open_session(other, "theirs", old, 3600)
    database.accounts.open_session(user_id, SESSION, NOW, 3600)
    sessions = database.dump(["api_session"])["api_session"]
    assert {each["sessid"] for each in sessions} == {"limit", "theirs", SESSION}
    assert stored_user(database)["lognum"] == 3


def test_ses_10_a_session_is_found_by_exactly_its_id(database: Database, user_id: int) -> None:
    database.accounts.open_session(user_id, SESSION, NOW, 3600)
    session = database.accounts.session(SESSION)
    assert session is not None
    assert (session.user_id, session.logdate, session.is_active) == (user_id, NOW, True)
    for wrong in (SESSION.upper(), SESSION + " ", SESSION[:-1], "", "\0", "😀"):
        assert database.accounts.session(wrong) is None


def test_ses_10_touching_moves_logdate_and_counts(database: Database, user_id: int) -> None:
    database.accounts.open_session(user_id, SESSION, NOW, 3600)
    later = NOW + timedelta(minutes=5)
    database.accounts.touch_session(SESSION, user_id, later)
    session = database.accounts.session(SESSION)
    assert session is not None
    assert session.logdate == later
    assert stored_user(database)["lognum"] == 2


def test_ses_10_the_counter_saturates(database: Database, user_id: int) -> None:
    table = database.tables["api_user"]
    with database.engine.begin() as connection:
        connection.execute(table.update().values(lognum=2**31 - 2))
    for _ in range(3):
        database.accounts.touch_session(SESSION, user_id, NOW)
    assert stored_user(database)["lognum"] == 2**31 - 1


def test_ses_13_every_row_of_the_session_id_goes(database: Database, user_id: int) -> None:
    for _ in range(2):
        database.accounts.open_session(user_id, SESSION, NOW, 3600)
    database.accounts.end_session(SESSION)
    database.accounts.end_session("unknown")
    assert database.dump(["api_session"])["api_session"] == []


def test_session_ids_may_be_64_characters_in_a_fresh_database(database: Database) -> None:
    assert database.accounts.session_id_length() == 64


def test_ses_10_the_timeout_is_configured(database: Database) -> None:
    assert database.accounts.session_timeout() == 3600
    path = {"config_id": 1, "scope": "default", "scope_id": 0, "path": "api/config/session_timeout"}
    for text, seconds in (("90", 90), ("0", 3600), ("soon", 3600), (None, 3600)):
        database.load({"core_config_data": [path | {"value": text}]})
        assert database.accounts.session_timeout() == seconds


def test_ses_31_the_role_attached_last_comes_first(database: Database, user_id: int) -> None:
    database.accounts.add_role("Readers", {"sales": True, "sales/order": False})
    database.accounts.assign_role("Connector", "Readers")
    assert database.accounts.roles_of(user_id) == [
        [Rule("sales", "allow", 0), Rule("sales/order", "deny", 0)],
        [Rule("all", "allow", 0)],
    ]
    assert database.accounts.roles_of(999) == []


def test_disabling_and_changing_the_key_end_sessions(database: Database, user_id: int) -> None:
    database.accounts.open_session(user_id, SESSION, NOW, 3600)
    database.accounts.disable_user("CONNECTOR")
    assert database.accounts.session(SESSION) is None
    user = database.accounts.user("Connector")
    assert user is not None
    assert not user.is_active
    database.accounts.enable_user("connector")
    database.accounts.set_key("connector", "other")
    user = database.accounts.user("Connector")
    assert user is not None
    assert user.is_active
    assert user.api_key == "other"


def test_lists_for_the_command_line(database: Database, user_id: int) -> None:
    (user,) = database.accounts.list_users()
    assert (user.username, user.roles, user.email, user.is_active) == (
        "Connector",
        ("Everything",),
        "c@example.com",
        True,
    )
    (role,) = database.accounts.list_roles()
    assert (role.name, role.resources) == ("Everything", ("all",))


def test_administration_refuses_mistakes(database: Database, user_id: int) -> None:
    with pytest.raises(ValueError, match="already"):
        database.accounts.add_user("CONNECTOR ", "hash")
    with pytest.raises(ValueError, match="1 to 40"):
        database.accounts.add_user(" ", "hash")
    with pytest.raises(ValueError, match="already"):
        database.accounts.add_role("everything", {"all": True})
    with pytest.raises(LookupError, match="no user"):
        database.accounts.disable_user("nobody")
    with pytest.raises(LookupError, match="no role"):
        database.accounts.assign_role("connector", "nothing")
