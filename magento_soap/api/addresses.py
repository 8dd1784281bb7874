"""The addresses of clients, as limits count them."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address


def address_group(address: str) -> str:
    """The address that a client is counted by: one with IPv6 has a whole /64 to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((int(parsed) >> 64 << 64, 64)))
    return address
