"""The client of a request."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .budget import Budget
from .ports import Shop


@dataclass(frozen=True)
class ServedCall:
    """A call that was run here: the path of its method, and whether that changes anything."""

    path: str
    changes: bool


@dataclass(frozen=True)
class Client:
    """The address, for throttling, and name and key when they were sent as HTTP Basic (SES-20).

    ``idempotency_key`` names the request, so that the client can repeat it safely. ``is_message_id``: the key is the
    MessageID of WS-Addressing, which some stacks send with every call. A client that ``speaks_v1``, over SOAP or
    XML-RPC, may omit parameters that only newer documents require. ``shop`` is the one behind this server, if any.
    All calls of a request share ``budget``, the limits that remain, ``user_ids``, the user of name and key once they
    have been verified, and ``served``, the calls that were run here so far.
    """

    address: str = ""
    username: str | None = None
    api_key: str | None = None
    idempotency_key: str | None = None
    is_message_id: bool = False
    speaks_v1: bool = False
    shop: Shop | None = field(default=None, compare=False, repr=False)
    budget: Budget = field(default_factory=Budget, compare=False, repr=False)
    user_ids: list[int] = field(default_factory=list, compare=False, repr=False)
    served: list[ServedCall] = field(default_factory=list, compare=False, repr=False)

    def for_part(self, number: int) -> Client:
        """The client of one of several calls that came as one request."""
        if self.idempotency_key is None:
            return self
        return replace(self, idempotency_key=f"{self.idempotency_key}#{number}")
