"""How much a client may take of the server: bytes, seconds and connections."""

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
    """How long request line and headers may take."""
    transfer_timeout: float = 10
    """How long a body or a response may take, plus a second for every ``min_bytes_per_second`` that got through."""
    min_bytes_per_second: int = 1024
    keep_alive: float = 15
    """How long a connection may wait for the next request."""
    max_unsent_bytes: int = 64 * 1024 * 1024
    """Responses that clients have not taken yet, together."""
    max_head_bytes: int = 64 * 1024
    """Request line and headers together."""
    max_headers: int = 100
    unlimited_addresses: Sequence[IPv4Network | IPv6Network] = ()
    """Proxies, whose one address stands for many clients."""

    def deadline(self, started: float, transferred: int) -> float:
        """Until when the transfer that began at ``started`` may go on."""
        return started + self.transfer_timeout + transferred / self.min_bytes_per_second

    def is_limited(self, address: str) -> bool:
        """Whether connections of this address are counted."""
        try:
            parsed = ip_address(address)
        except ValueError:  # a Unix socket has no address
            return False
        return not any(parsed in network for network in self.unlimited_addresses)
