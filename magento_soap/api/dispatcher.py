"""The one door behind all doors: every protocol calls the methods of ``Dispatcher``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from .arguments import bind
from .faults import ACCESS_DENIED, GLOBAL_FAULTS, INTERNAL, INVALID_PATH, ApiFault
from .values import Value

if TYPE_CHECKING:
    from .acl import Acl
    from .resources import Method, Registry, Resource
    from .sessions import Sessions

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Client:
    """Who is calling: the address for throttling, and HTTP Basic credentials when they were sent (SES-20)."""

    address: str = ""
    username: str | None = None
    api_key: str | None = None


class Api(Protocol):
    """What a protocol may ask for. All methods raise ``faults.ApiFault``; session ids may be anything that was sent."""

    def login(self, client: Client, username: Value, api_key: Value) -> str:
        """Open a session (SES-3)."""

    def start_session(self) -> str:
        """An id that is not logged in (SES-2)."""

    def end_session(self, session_id: Value) -> bool:
        """Forget a session (SES-13)."""

    def call(self, client: Client, session_id: Value, path: Value, args: Value) -> Any:
        """Call ``resource.method``; ``args`` as the client shaped them: list, map of names, mixed map or scalar."""

    def resources(self, client: Client, session_id: Value) -> list[Any]:
        """What the user may call (API-63)."""

    def global_faults(self) -> list[Any]:
        """The faults that any call may have (API-6)."""

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> list[Any]:
        """The faults of a resource (API-5)."""


class Dispatcher:
    """Checks in Magento's order: session, path, access, arguments, existence (API-61); then runs the method."""

    def __init__(self, sessions: Sessions, acl: Acl, registry: Registry) -> None:
        self._sessions = sessions
        self._acl = acl
        self._registry = registry

    def login(self, client: Client, username: Value, api_key: Value) -> str:
        """Open a session (SES-3); faults 2, 6."""
        with _reported("login"):
            return self._sessions.login(client, username, api_key)

    def start_session(self) -> str:
        """An id that is not logged in (SES-2)."""
        with _reported("startSession"):
            return self._sessions.start()

    def end_session(self, session_id: Value) -> bool:
        """Forget a session (SES-13)."""
        with _reported("endSession"):
            return self._sessions.end(session_id)

    def call(self, client: Client, session_id: Value, path: Value, args: Value) -> Any:
        """Run one method; faults 5, 3, 2, 6 in this order, then the method's own.

        The result of a list may be an iterator of rows.
        """
        with _reported(path):
            user_id = self._sessions.user_of(client, session_id)
            found = self._registry.method(path) if isinstance(path, str) else None
            if found is None:
                raise ApiFault(INVALID_PATH)
            resource, method = found
            if not self._may(user_id, resource, method):
                raise ApiFault(ACCESS_DENIED)
            return method.handler(**bind(method.parameters, args))

    def resources(self, client: Client, session_id: Value) -> list[Any]:
        """What the user may call (API-63); fault 5."""
        with _reported("resources"):
            user_id = self._sessions.user_of(client, session_id)
            described = [resource.describe(partial(self._may, user_id, resource)) for resource in self._registry]
            return [resource for resource in described if resource]

    def global_faults(self) -> list[Any]:
        """The faults that any call may have (API-6)."""
        return GLOBAL_FAULTS.listing()

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> list[Any]:
        """The faults of a resource (API-5); faults 5, 3.

        The documents declare the two parameters in one order and Magento takes them in the other (API-60), so whichever
        is a session is the session.
        """
        with _reported("resourceFaults"):
            try:
                self._sessions.user_of(client, session_id)
            except ApiFault:
                session_id, resource_name = resource_name, session_id
                self._sessions.user_of(client, session_id)
            resource = self._registry.resource(resource_name) if isinstance(resource_name, str) else None
            if resource is None:
                raise ApiFault(INVALID_PATH)
            return list(resource.faults.listing())

    def _may(self, user_id: int, resource: Resource, method: Method) -> bool:
        return self._acl.allows(user_id, resource.acl_of(method))


@contextmanager
def _reported(what: Value) -> Iterator[None]:
    """Turn what nobody foresaw into fault 1, whose text carries only a reference to the log (BUG-6)."""
    try:
        yield
    except ApiFault:
        raise
    except Exception as error:
        reference = secrets.token_hex(4)
        log.exception("unexpected error", call=what, reference=reference)
        raise ApiFault(INTERNAL, f"{INTERNAL.message} (reference {reference})") from error
