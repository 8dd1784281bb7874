"""The API that every protocol calls: ``Api`` is its interface, ``Dispatcher`` implements it on the registry.

The operations that clients see on top of it are declared in ``operations``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from .acl import Acl
from .arguments import bind
from .client import Client, ServedCall
from .faults import ACCESS_DENIED, GLOBAL_FAULTS, INVALID_PATH, ApiFault, Fault, unexpected
from .forwarding import ForwardedCall, ForwardingRules
from .idempotency import idempotency_key_of
from .listings import merged_faults, merged_resources
from .ports import Shop
from .resources import Method, Registry, Resource
from .sessions import Sessions
from .values import Value, as_list, collected


class Api(Protocol):
    """What protocols call. All methods raise ``faults.ApiFault``; a session id may be any value that was sent."""

    def login(self, client: Client, username: Value, api_key: Value) -> str:
        """Open a session (SES-3)."""

    def start_session(self) -> str:
        """An id that is not logged in (SES-2)."""

    def end_session(self, session_id: Value) -> bool:
        """Forget a session (SES-13)."""

    def call(self, client: Client, session_id: Value, path: Value, args: Value, *, typed: bool = False) -> Any:
        """Call ``resource.method``; ``args`` as the client shaped them: list, map of names, mixed map or scalar.

        ``typed`` asks for numbers as numbers, and for every field of a row.
        """

    def multi_call(
        self, client: Client, session_id: Value, calls: Value, options: Value, *, typed: bool = False
    ) -> list[Any]:
        """Several calls, faults among the results (API-62)."""

    def resources(self, client: Client, session_id: Value) -> list[Any]:
        """What the user may call (API-63)."""

    def global_faults(self, client: Client, session_id: Value) -> list[Any]:
        """The faults that any call may have (API-6)."""

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> list[Any]:
        """The faults of a resource (API-5)."""

    def unserved(self, client: Client, session_id: Value, operation: str) -> ForwardedCall | None:
        """The call of a V2 operation that only the shop may know, or None where that is not forwarded."""


class Dispatcher:
    """Checks in Magento's order: session, path, access, arguments, existence (API-61); then runs the method.

    With ``forwarding`` rules there is a shop behind this server. Every method but ``login``, ``start_session`` and
    ``end_session`` may then raise ``ForwardedCall`` for a request that is the shop's as a whole. Access to the shop's
    methods is the shop's to check.
    """

    def __init__(
        self, sessions: Sessions, acl: Acl, registry: Registry, forwarding: ForwardingRules | None = None
    ) -> None:
        self._sessions = sessions
        self._acl = acl
        self._registry = registry
        self._forwarding = forwarding

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

    def call(self, client: Client, session_id: Value, path: Value, args: Value, *, typed: bool = False) -> Any:
        """Run one method; faults 5, 3, 2, 6 in this order, then the method's own.

        The result of a list may be an iterator of rows. ``typed`` prefers the method's typed answer.
        """
        with _reported(path):
            user_id = self._sessions.user_of(client, session_id)
            if self.is_forwarded(path):
                client.budget.spend_call()
                raise ForwardedCall(user_id, str(path))
            return self._call(client, user_id, path, args, typed)

    def multi_call(
        self, client: Client, session_id: Value, calls: Value, options: Value, *, typed: bool = False
    ) -> list[Any]:
        """The results of several calls, each ``[path, args]``, a fault in the place of its result (API-62).

        With the option ``break`` nothing is called after a fault. Each call is a transaction of its own. Fault 5 when
        there is no session, 6 when there are too many calls. Calls after results that are too large are not made; each
        is fault 6.
        """
        with _reported("multiCall"):
            user_id = self._sessions.user_of(client, session_id)
        wanted = [(entry, *_path_and_args(entry)) for entry in as_list(calls)]
        client.budget.check_calls(len(wanted))
        if wanted and all(self.is_forwarded(path) for _, path, _ in wanted):
            raise ForwardedCall(user_id, *(str(path) for _, path, _ in wanted))
        stop = isinstance(options, dict) and options.get("break") in (1, "1", True)
        results: list[Any] = []
        for number, (entry, path, args) in enumerate(wanted):
            try:
                with _reported(path):
                    if self.is_forwarded(path):
                        client.budget.spend_call()
                        result = run_by_shop(client, ForwardedCall(user_id, str(path)), session_id, entry)
                        results.append(client.budget.spend_result(result))
                    else:
                        results.append(collected(self._call(client.for_part(number), user_id, path, args, typed)))
            except ApiFault as fault:
                results.append({"isFault": True, "faultCode": fault.code, "faultMessage": fault.message})
                if stop:
                    break
        return results

    def _call(self, client: Client, user_id: int, path: Value, args: Value, typed: bool) -> Any:
        client.budget.spend_call()
        found = self._registry.method(path) if isinstance(path, str) else None
        if found is None:
            raise ApiFault(INVALID_PATH)
        resource, method = found
        if not self._may(user_id, resource, method):
            raise ApiFault(ACCESS_DENIED)
        client.served.append(ServedCall(f"{resource.name}.{method.name}", method.changes))
        handler = method.typed_handler if typed and method.typed_handler else method.handler
        bound = bind(method.parameters, args, v1=client.speaks_v1)
        if method.changes:
            return handler(**bound, key=idempotency_key_of(client, user_id, f"{resource.name}.{method.name}", bound))
        if method.filters:
            return client.budget.spend_result(handler(**bound, budget=client.budget))
        return client.budget.spend_result(handler(**bound))

    def resources(self, client: Client, session_id: Value) -> list[Any]:
        """What the user may call (API-63), of the shop as well where there is one; faults 5, 6, and the shop's."""
        with _reported("resources"):
            user_id = self._sessions.user_of(client, session_id)
            client.budget.spend_call()

            def listed(resource: Resource, method: Method) -> bool:
                return self._is_served(f"{resource.name}.{method.name}") and self._may(user_id, resource, method)

            described = [resource.describe(partial(listed, resource)) for resource in self._registry]
            ours = [resource for resource in described if resource]
            if client.shop is None:
                return list(client.budget.spend_result(ours))
            theirs = client.shop.run(ForwardedCall(user_id, "resources"), "resources", [session_id])
            return list(client.budget.spend_result(merged_resources(theirs, ours, self._is_served, self.is_forwarded)))

    def global_faults(self, client: Client, session_id: Value) -> list[Any]:
        """The faults that any call may have (API-6), of the shop as well where there is one.

        The shop is asked only by those who have a session, which is not required (SES-14).
        """
        ours = GLOBAL_FAULTS.listing()
        if client.shop is None:
            return ours
        with _reported("globalFaults"):
            try:
                user_id = self._sessions.user_of(client, session_id)
            except ApiFault:
                return ours
            client.budget.spend_call()
            return merged_faults(
                client.shop.run(ForwardedCall(user_id, "globalFaults"), "globalFaults", [session_id]), ours
            )

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> list[Any]:
        """The faults of a resource (API-5); faults 5, 3. Those of the shop's resources are the shop's to list.

        The documents declare the two parameters in one order and Magento takes them in the other (API-60), so whichever
        is a session is the session.
        """
        with _reported("resourceFaults"):
            try:
                user_id = self._sessions.user_of(client, session_id)
            except ApiFault:
                session_id, resource_name = resource_name, session_id
                user_id = self._sessions.user_of(client, session_id)
            resource = self._registry.resource(resource_name) if isinstance(resource_name, str) else None
            if self._forwards_faults(resource_name, resource):
                client.budget.spend_call()
                raise ForwardedCall(user_id, "resourceFaults")
            if resource is None:
                raise ApiFault(INVALID_PATH)
            return list(resource.faults.listing())

    def unserved(self, client: Client, session_id: Value, operation: str) -> ForwardedCall | None:
        """The call of a V2 operation that only the shop may know, or None where that is not forwarded; faults 5, 6."""
        if self._forwarding is None:
            return None
        with _reported(operation):
            user_id = self._sessions.user_of(client, session_id)
            client.budget.spend_call()
        return ForwardedCall(user_id, operation) if self._forwarding.forwards_operation(operation) else None

    def is_forwarded(self, path: Value) -> bool:
        """Whether the shop answers the calls of a path. What has no method in it is no path to anybody."""
        if self._forwarding is None or not isinstance(path, str) or "." not in path:
            return False
        found = self._registry.method(path)
        names = [".".join(path.split(".")[:2])]
        if found:
            resource, method = found
            names += [f"{name}.{method.name}" for name in (resource.name, *resource.aliases)]
        return self._forwarding.forwards_path(names, served=found is not None)

    def _is_served(self, path: str) -> bool:
        return self._registry.method(path) is not None and not self.is_forwarded(path)

    def _forwards_faults(self, name: Value, resource: Resource | None) -> bool:
        """Whether the faults of a resource are the shop's to list: none of its methods is served here."""
        if self._forwarding is None or not isinstance(name, str):
            return False
        if resource is None:
            return self._forwarding.forwards_path([f"{name}."], served=False)
        return not any(self._is_served(f"{resource.name}.{method}") for method in resource.methods)

    def _may(self, user_id: int, resource: Resource, method: Method) -> bool:
        return self._acl.allows(user_id, resource.acl_of(method))


def _path_and_args(entry: Value) -> tuple[Value, Value]:
    """Path and arguments of a call in ``multi_call``, under the keys 0 and 1; other values have no path."""
    parts = dict(enumerate(entry)) if isinstance(entry, list) else entry if isinstance(entry, dict) else {}
    halves = {str(key): half for key, half in parts.items()}
    args = halves.get("1")
    return halves.get("0"), [] if args is None else args


def _shop(client: Client) -> Shop:
    """The shop behind this server. Every endpoint with ``multiCall`` passes it on where calls are forwarded."""
    if client.shop is None:
        raise ValueError("there are rules for forwarding, and no shop to forward to")
    return client.shop


def run_by_shop(client: Client, call: ForwardedCall, session_id: Value, entry: Value) -> Any:
    """The shop's result of one call among several, ``entry`` being path and arguments as they were sent.

    It is a ``multiCall`` of one: that takes arguments of any form, and has the number of a fault in every protocol.
    Raises ApiFault.
    """
    results = as_list(_shop(client).run(call, "multiCall", [session_id, [entry]]))
    if len(results) != 1:
        raise ValueError(f"the shop's multiCall of one call has {len(results)} results")
    (result,) = results
    if isinstance(result, dict) and result.get("isFault"):
        raise ApiFault(Fault(str(result.get("faultCode")), "", str(result.get("faultMessage"))))
    return result


@contextmanager
def _reported(what: Value) -> Iterator[None]:
    """Turn an unexpected error into fault 1, whose text has only a reference to the log (BUG-6)."""
    try:
        yield
    except (ApiFault, ForwardedCall):
        raise
    except Exception as error:
        raise unexpected(error, call=what) from error
