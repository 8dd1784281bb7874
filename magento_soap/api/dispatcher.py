"""The one door behind all doors: every protocol calls the methods of ``Dispatcher``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .values import Value


@dataclass(frozen=True)
class Client:
    """Who is calling: the address for throttling, and HTTP Basic credentials when they were sent (SES-20)."""

    address: str = ""
    username: str | None = None
    api_key: str | None = None


class Api(Protocol):
    """What a protocol may ask for. All methods raise ``faults.ApiFault``; session ids may be anything a client sends."""

    def login(self, client: Client, username: Value, api_key: Value) -> str: ...

    def start_session(self) -> str: ...

    def end_session(self, session_id: Value) -> bool: ...

    def call(self, client: Client, session_id: Value, path: Value, args: Value) -> Value:
        """Call ``resource.method``; ``args`` as the client shaped them: list, map of names, mixed map or scalar."""

    def resources(self, client: Client, session_id: Value) -> list[Value]: ...

    def global_faults(self) -> list[Value]: ...

    def resource_faults(self, client: Client, session_id: Value, resource_name: Value) -> list[Value]: ...

    def magento_info(self, client: Client, session_id: Value) -> Value: ...
