"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """The address, for throttling, and name and key when they were sent as HTTP Basic (SES-20)."""

    address: str = ""
    username: str | None = None
    api_key: str | None = None
