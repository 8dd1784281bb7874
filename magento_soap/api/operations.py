"""The operations that every protocol of Magento 1 has: sessions, ``call`` and ``multiCall``, and what the API lists.

Each is declared once, in ``SESSION_OPERATIONS``: its title, its parameters, and what it calls on ``Api``. SOAP, XML-RPC
and JSON-RPC derive theirs from it; what one of them names or types differently is declared there. The methods of
resources are in the registry (``resources``), not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .client import Client
from .dispatcher import Api
from .values import Value, collected

Kind: TypeAlias = Literal["session", "string", "boolean", "array", "any"]
"""The type of a value. ``session`` is a string that a client with HTTP Basic credentials may leave null (SES-20)."""


@dataclass(frozen=True)
class OperationParameter:
    """A parameter of an operation. One that is not ``required`` may be left out, and is then ``default``."""

    name: str
    kind: Kind
    required: bool = True
    default: Value = None


@dataclass(frozen=True)
class Caller:
    """The API, and on whose behalf it is called. ``typed``: the protocol returns numbers as numbers."""

    api: Api
    client: Client
    typed: bool = False


@dataclass(frozen=True)
class SessionOperation:
    """An operation: its title, its parameters in the order in which clients send them, and the type of its result.

    ``run`` takes a ``Caller`` and the values of all parameters in order. It raises ``ApiFault``.
    """

    name: str
    title: str
    parameters: Sequence[OperationParameter]
    returns: Kind
    run: Callable[..., Any]

    @property
    def required(self) -> int:
        """How many parameters must be sent; they come first."""
        return sum(parameter.required for parameter in self.parameters)

    def completed(self, values: Sequence[Value]) -> list[Value]:
        """The values by position, with the defaults of the parameters that were not sent; surplus ones are dropped."""
        defaults = [parameter.default for parameter in self.parameters[len(values) :]]
        return [*values, *defaults][: len(self.parameters)]


_SESSION = OperationParameter("sessionId", "session")
_SESSION_IS_OPTIONAL = OperationParameter("sessionId", "session", required=False)

SESSION_OPERATIONS: Mapping[str, SessionOperation] = {
    operation.name: operation
    for operation in (
        SessionOperation(
            "startSession",
            "Start web service session",
            (),
            "string",
            lambda caller: caller.api.start_session(),
        ),
        SessionOperation(
            "endSession",
            "End web service session",
            (_SESSION,),
            "boolean",
            lambda caller, session_id: caller.api.end_session(session_id),
        ),
        SessionOperation(
            "login",
            "Login user and retrieve session id",
            (OperationParameter("username", "string"), OperationParameter("apiKey", "string", required=False)),
            "string",
            lambda caller, username, api_key: caller.api.login(caller.client, username, api_key),
        ),
        SessionOperation(
            "call",
            "Call resource functionality",
            (
                _SESSION,
                OperationParameter("resourcePath", "string"),
                OperationParameter("args", "any", required=False, default=[]),
            ),
            "any",
            lambda caller, session_id, path, args: collected(
                caller.api.call(caller.client, session_id, path, args, typed=caller.typed)
            ),
        ),
        SessionOperation(
            "multiCall",
            "Multiple calls of resource functionality",
            (
                _SESSION,
                OperationParameter("calls", "array", required=False),
                OperationParameter("options", "any", required=False),
            ),
            "array",
            lambda caller, session_id, calls, options: caller.api.multi_call(
                caller.client, session_id, calls, options, typed=caller.typed
            ),
        ),
        SessionOperation(
            "resources",
            "List of available resources",
            (_SESSION,),
            "array",
            lambda caller, session_id: caller.api.resources(caller.client, session_id),
        ),
        SessionOperation(
            "resourceFaults",
            "List of resource faults",
            (_SESSION, OperationParameter("resourceName", "string")),
            "array",
            lambda caller, session_id, name: caller.api.resource_faults(caller.client, session_id, name),
        ),
        SessionOperation(
            "globalFaults",
            "List of global faults",
            (_SESSION_IS_OPTIONAL,),
            "array",
            lambda caller, session_id: caller.api.global_faults(caller.client, session_id),
        ),
    )
}
