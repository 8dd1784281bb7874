"""The limits for clients: bytes, seconds and connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True)
class Limits:
    """The limits of one worker process. Times are in seconds."""

    max_body_bytes: int
    max_connections: int = 1000
    max_connections_per_address: int = 200
    header_timeout: float = 10
    """The time for the request line and the headers."""
    transfer_timeout: float = 10
    """The time for a body or a response, plus a second for every ``min_bytes_per_second`` transferred."""
    min_bytes_per_second: int = 1024
    keep_alive: float = 15
    """How long an idle connection stays open."""
    max_unsent_bytes: int = 64 * 1024 * 1024
    """The total size of responses that clients have not received yet."""
    max_head_bytes: int = 64 * 1024
    """The size of the request line and the headers together."""
    max_headers: int = 100
    unlimited_addresses: Sequence[IPv4Network | IPv6Network] = ()
    """Proxies: many clients share their addresses."""

    def deadline(self, started: float, transferred: int) -> float:
        """The time at which a transfer that began at ``started`` must be complete."""
        return started + self.transfer_timeout + transferred / self.min_bytes_per_second

    def is_limited(self, address: str) -> bool:
        """Whether the limit per address applies to this address."""
        try:
            parsed = ip_address(address)
        except ValueError:  # a Unix socket has no address
            return False
        return not any(parsed in network for network in self.unlimited_addresses)
