"""API users, their sessions and roles (``api_user``, ``api_session``, ``api_role``, ``api_rule``; SPEC G)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Connection, Engine, bindparam, case, exists, inspect, select
from sqlalchemy.types import TypeEngine

from magento_soap.sales.errors import OutcomeUnknown, TryAgainLater
from magento_soap.sales.ports import Clock
from magento_soap.storage.connection.transactions import read, transact
from magento_soap.storage.reading.expressions import same_text, searchable
from magento_soap.storage.sales.inserting import insert
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import stored

from .store_config import StoreConfig

DEFAULT_TIMEOUT = 3600
_USERNAME_LENGTH = 40
_SMALLINT = 65535
_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class User:
    """A row of ``api_user``; ``has_role``: any role is attached (SES-30)."""

    user_id: int
    username: str
    api_key: str
    is_active: bool
    has_role: bool


@dataclass(frozen=True)
class Session:
    """A session and whether its user is active; ``logdate`` is UTC."""

    user_id: int
    logdate: datetime
    is_active: bool


@dataclass(frozen=True)
class Rule:
    """A row of ``api_rule``."""

    resource_id: str
    api_permission: str
    assert_id: int


@dataclass(frozen=True)
class UserEntry:
    """A user as the command line lists it, with the names of its roles."""

    user_id: int
    username: str
    is_active: bool
    email: str | None
    roles: tuple[str, ...]


@dataclass(frozen=True)
class RoleEntry:
    """A role as the command line lists it, with the resources it allows."""

    role_id: int
    name: str
    resources: tuple[str, ...]


class Accounts:
    """api.ports.Accounts, and the administration of users and roles. Each call is a transaction of its own."""

    def __init__(self, engine: Engine, reads: Engine, tables: Tables, config: StoreConfig, clock: Clock) -> None:
        self._engine = engine
        self._reads = reads
        self._users = tables["api_user"]
        self._sessions = tables["api_session"]
        self._roles = tables["api_role"]
        self._rules = tables["api_rule"]
        self._config = config
        self._clock = clock
        sessions, users = self._sessions, self._users
        self._session_query = (  # asked for on every call of every client
            select(sessions.c.sessid, sessions.c.user_id, sessions.c.logdate, users.c.is_active)
            .join(users, users.c.user_id == sessions.c.user_id)
            .where(sessions.c.sessid == bindparam("sessid"))
        )

    # The port of the API

    def user(self, username: str) -> User | None:
        """The user of that name; case and trailing blanks do not count, as in Magento's collation (SES-5)."""
        if not searchable(username):
            return None
        users, roles = self._users, self._roles
        has_role = exists().where(roles.c.user_id == users.c.user_id, roles.c.role_type == "U", roles.c.parent_id > 0)
        query = (
            select(users.c.user_id, users.c.username, users.c.api_key, users.c.is_active, has_role.label("has_role"))
            .where(same_text(users.c.username, username))
            .order_by(users.c.user_id)
            .limit(1)
        )
        row = read(self._reads, lambda connection: connection.execute(query).first())
        if row is None:
            return None
        return User(row.user_id, row.username, row.api_key or "", row.is_active == 1, bool(row.has_role))

    def open_session(self, user_id: int, session_id: str, now: datetime, timeout: int) -> None:
        """Delete the user's sessions older than ``timeout`` seconds, count the login, insert the session (SES-4)."""
        sessions = self._sessions
        expired = (sessions.c.user_id == user_id) & (sessions.c.logdate < now - timedelta(seconds=timeout))

        def work(connection: Connection) -> None:
            connection.execute(sessions.delete().where(expired))
            self._count(connection, user_id)
            connection.execute(sessions.insert().values(user_id=user_id, logdate=now, sessid=session_id))

        transact(self._engine, work)

    def session(self, session_id: str) -> Session | None:
        """The session of exactly that id, or None (SES-10)."""
        if not searchable(session_id):
            return None
        asked = {"sessid": session_id}
        rows = read(self._reads, lambda connection: connection.execute(self._session_query, asked).all())
        for row in rows:
            if row.sessid == session_id and row.logdate is not None:
                return Session(row.user_id, row.logdate, row.is_active == 1)
        return None

    def touch_session(self, session_id: str, user_id: int, now: datetime) -> None:
        """Move the session's ``logdate`` to ``now`` and count the call in ``lognum``, which saturates (SES-10)."""
        sessions = self._sessions
        key = (sessions.c.sessid == session_id) & (sessions.c.user_id == user_id)

        def work(connection: Connection) -> None:
            connection.execute(sessions.update().where(key).values(logdate=now))
            self._count(connection, user_id)

        # A call must not fail because of this; the next one touches the session again.
        with suppress(TryAgainLater, OutcomeUnknown):
            transact(self._engine, work, may_wait=False)

    def end_session(self, session_id: str) -> None:
        """Delete every row of that session id (SES-13)."""
        if searchable(session_id):
            statement = self._sessions.delete().where(self._sessions.c.sessid == session_id)
            transact(self._engine, lambda connection: connection.execute(statement))

    def session_timeout(self) -> int:
        """Config ``api/config/session_timeout`` in seconds, 3600 by default."""
        text = (self._config.value("api/config/session_timeout") or "").strip()
        return int(text) if text.isdecimal() and int(text) > 0 else DEFAULT_TIMEOUT

    def session_id_length(self) -> int:
        """How many characters of a session id the database keeps: 32 or 40 in old shops, 64 in new ones."""
        return self._session_id_length

    def roles_of(self, user_id: int) -> Sequence[Sequence[Rule]]:
        """The rules of each role of the user, the role attached last first (SES-31)."""
        attached = self._roles.alias("attached")
        rules = self._rules
        query = (
            select(attached.c.role_id, rules.c.resource_id, rules.c.api_permission, rules.c.assert_id)
            .outerjoin(rules, (rules.c.role_id == attached.c.parent_id) & (rules.c.role_type == "G"))
            .where(attached.c.user_id == user_id, attached.c.role_type == "U", attached.c.parent_id > 0)
            .order_by(attached.c.tree_level.desc(), attached.c.role_id.desc(), rules.c.rule_id)
        )
        roles: dict[int, list[Rule]] = {}
        for row in read(self._reads, lambda connection: connection.execute(query).all()):
            role = roles.setdefault(row.role_id, [])
            if row.resource_id is not None:
                role.append(Rule(row.resource_id, row.api_permission or "", row.assert_id or 0))
        return list(roles.values())

    # Administration

    def add_user(self, username: str, api_key: str, *, firstname: str = "", lastname: str = "", email: str = "") -> int:
        """Add an active user with that key hash; its id. Raises ValueError for a name that is unfit or taken."""
        users = self._users
        if not searchable(username.strip()) or len(username) > _USERNAME_LENGTH:
            raise ValueError("a user name has 1 to 40 characters")
        now = self._clock.now()
        given = {"username": username, "api_key": api_key, "firstname": firstname, "lastname": lastname, "email": email}
        row = {name: stored(users.c[name], value) for name, value in given.items()}
        row |= {"created": now, "modified": now, "lognum": 0, "reload_acl_flag": 0, "is_active": 1}

        def work(connection: Connection) -> int:
            if connection.execute(select(users.c.user_id).where(same_text(users.c.username, username))).first():
                raise ValueError(f"there is a user {username!r} already")
            return insert(connection, users, row)

        return transact(self._engine, work)

    def list_users(self) -> list[UserEntry]:
        """All users, by id."""
        users, attached, role = self._users, self._roles.alias("attached"), self._roles.alias("role")
        query = (
            select(users.c.user_id, users.c.username, users.c.is_active, users.c.email, role.c.role_name)
            .outerjoin(attached, (attached.c.user_id == users.c.user_id) & (attached.c.role_type == "U"))
            .outerjoin(role, (role.c.role_id == attached.c.parent_id) & (role.c.role_type == "G"))
            .order_by(users.c.user_id, attached.c.role_id)
        )
        entries: dict[int, UserEntry] = {}
        for row in read(self._reads, lambda connection: connection.execute(query).all()):
            known = entries.get(row.user_id)
            roles = (known.roles if known else ()) + ((row.role_name,) if row.role_name else ())
            entries[row.user_id] = UserEntry(row.user_id, row.username or "", row.is_active == 1, row.email, roles)
        return list(entries.values())

    def set_key(self, username: str, api_key: str) -> None:
        """Store another key hash and end the user's sessions. Raises LookupError for an unknown user."""
        self._change_user(username, api_key=api_key)

    def disable_user(self, username: str) -> None:
        """Deactivate the user and end its sessions. Raises LookupError for an unknown user."""
        self._change_user(username, is_active=0)

    def enable_user(self, username: str) -> None:
        """Activate the user again. Raises LookupError for an unknown user."""
        self._change_user(username, is_active=1)

    def add_role(self, name: str, rules: Mapping[str, bool]) -> int:
        """Add a role with those rules: whether to allow ``all``, ``sales/order/invoice/info`` ...; returns its id."""
        if not name or not any(rules.values()):
            raise ValueError("a role has a name and at least one resource")
        roles, table = self._roles, self._rules
        row: dict[str, object] = {"parent_id": 0, "tree_level": 1, "sort_order": 0, "role_type": "G", "user_id": 0}
        rule = {"role_type": "G", "assert_id": 0}

        def work(connection: Connection) -> int:
            if self._role_id(connection, name) is not None:
                raise ValueError(f"there is a role {name!r} already")
            role_name = stored(roles.c.role_name, name)
            role_id = insert(connection, roles, row | {"role_name": role_name})
            each = [
                {"resource_id": stored(table.c.resource_id, resource), "api_permission": "allow" if allows else "deny"}
                for resource, allows in rules.items()
            ]
            connection.execute(table.insert(), [rule | {"role_id": role_id} | values for values in each])
            return role_id

        return transact(self._engine, work)

    def list_roles(self) -> list[RoleEntry]:
        """All roles, by id."""
        roles, rules = self._roles, self._rules
        allowed = (rules.c.role_id == roles.c.role_id) & (rules.c.api_permission == "allow")
        query = (
            select(roles.c.role_id, roles.c.role_name, rules.c.resource_id)
            .outerjoin(rules, allowed)
            .where(roles.c.role_type == "G")
            .order_by(roles.c.role_id, rules.c.rule_id)
        )
        entries: dict[int, RoleEntry] = {}
        for row in read(self._reads, lambda connection: connection.execute(query).all()):
            known = entries.get(row.role_id)
            resources = (known.resources if known else ()) + ((row.resource_id,) if row.resource_id else ())
            entries[row.role_id] = RoleEntry(row.role_id, row.role_name or "", resources)
        return list(entries.values())

    def assign_role(self, username: str, role_name: str) -> None:
        """Attach the role to the user, once. Raises LookupError for an unknown user or role."""
        roles = self._roles

        def work(connection: Connection) -> None:
            user_id = self._user_id(connection, username)
            role_id = self._role_id(connection, role_name)
            if role_id is None:
                raise LookupError(f"there is no role {role_name!r}")
            membership = {"parent_id": role_id, "user_id": user_id, "role_type": "U"}
            conditions = [roles.c[column] == value for column, value in membership.items()]
            if connection.execute(select(roles.c.role_id).where(*conditions)).first() is None:
                more = {"tree_level": 2, "sort_order": 0, "role_name": stored(roles.c.role_name, username)}
                connection.execute(roles.insert().values(membership | more))

        transact(self._engine, work)

    def _change_user(self, username: str, **changes: object) -> None:
        users, sessions = self._users, self._sessions

        def work(connection: Connection) -> None:
            user_id = self._user_id(connection, username)
            values = changes | {"modified": self._clock.now()}
            connection.execute(users.update().where(users.c.user_id == user_id).values(values))
            connection.execute(sessions.delete().where(sessions.c.user_id == user_id))

        transact(self._engine, work)

    def _user_id(self, connection: Connection, username: str) -> int:
        users = self._users
        if searchable(username):
            found = connection.scalar(select(users.c.user_id).where(same_text(users.c.username, username)).limit(1))
            if found is not None:
                return int(found)
        raise LookupError(f"there is no user {username!r}")

    def _role_id(self, connection: Connection, name: str) -> int | None:
        roles = self._roles
        condition = (roles.c.role_type == "G") & same_text(roles.c.role_name, name)
        return connection.scalar(select(roles.c.role_id).where(condition).order_by(roles.c.role_id).limit(1))

    def _count(self, connection: Connection, user_id: int) -> None:
        users = self._users
        lognum = users.c.lognum
        counted = case((lognum < self._highest_lognum, lognum + 1), else_=lognum)
        connection.execute(users.update().where(users.c.user_id == user_id).values(lognum=counted))

    @cached_property
    def _session_id_length(self) -> int:
        return int(getattr(self._existing(self._sessions.c.sessid), "length", None) or 64)

    @cached_property
    def _highest_lognum(self) -> int:
        """Old shops count in a smallint (SES-10)."""
        kind = type(self._existing(self._users.c.lognum)).__name__
        return _SMALLINT if kind == "SMALLINT" else _INTEGER

    def _existing(self, column: Column[Any]) -> TypeEngine[Any]:
        """The type that the column really has in this database."""
        columns = read(self._reads, lambda connection: inspect(connection).get_columns(column.table.name))
        return next(each["type"] for each in columns if each["name"] == column.name)
