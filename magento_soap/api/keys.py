"""API keys: every form of hash that a Magento shop's ``api_user`` may hold, and the form of new ones (SES-5, SES-6)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable

import bcrypt

SALT_LENGTH = 32
MINIMUM_KEY_LENGTH = 6
LONGEST_KEY = 256  # bytes; newer shops refuse longer ones
BCRYPT_LIMIT = 72  # bytes; bcrypt ignores what follows
BCRYPT_COST = 10  # as PHP's password_hash of the time, so that a login costs what it costs there
DIGESTS = ("sha512", "sha256", "md5")

_UNMATCHABLE = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(BCRYPT_COST)).decode()
_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)


def hash_key(api_key: str) -> str:
    """The hash to store for a new key: bcrypt in PHP's spelling, or salted SHA-256 for keys too long for bcrypt."""
    data = api_key.encode()
    if len(data) <= BCRYPT_LIMIT:
        return bcrypt.hashpw(data, bcrypt.gensalt(BCRYPT_COST)).decode().replace("$2b$", "$2y$", 1)
    salt = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(SALT_LENGTH))
    return f"{hashlib.sha256(salt.encode() + data).hexdigest()}:{salt}"


def verify_key(api_key: str, stored: str) -> bool:
    """Whether the key is the one that was hashed (SES-5): bcrypt, else SHA-512, SHA-256 or MD5, salted or not."""
    data = api_key.encode()
    if len(data) > LONGEST_KEY:
        return False
    if is_slow(stored):
        try:
            return bcrypt.checkpw(data[:BCRYPT_LIMIT], stored.encode())
        except ValueError:  # a damaged hash, or a key with a NUL
            return False
    digest, _, salt = stored.partition(":")
    salted = salt.encode() + data
    # every algorithm is tried, so that the time does not reveal which one it was
    matches = [hmac.compare_digest(hashlib.new(name, salted).hexdigest().encode(), digest.encode()) for name in DIGESTS]
    return any(matches)


def is_slow(stored: str) -> bool:
    """Whether the hash is slow to verify, which is bcrypt."""
    return stored.startswith(("$2a$", "$2b$", "$2x$", "$2y$"))


def cost_of(stored: str) -> int:
    """The cost of a bcrypt hash; each step doubles the time. 0 for other hashes, which are fast."""
    found = _BCRYPT.fullmatch(stored)
    return int(found[1]) if found else 0


def unmatchable_hash(cost: int) -> str:
    """A bcrypt hash of that cost whose key is unknown."""
    return f"$2b${cost:02}{_UNMATCHABLE[6:]}"


def costs_left(cost: int, highest: int) -> Iterable[int]:
    """Costs of further hashes, so that with one of ``cost`` they take as long as one of the highest cost."""
    return range(cost, highest) if cost else [highest]  # 2^a + (2^a + ... + 2^(b-1)) = 2^b


def check_policy(api_key: str) -> None:
    """Raise ValueError, with Magento's text, for a key that Magento would refuse for a new user (SES-6)."""
    if len(api_key) < MINIMUM_KEY_LENGTH:
        raise ValueError(f"Api Key must be at least of {MINIMUM_KEY_LENGTH} characters.")
    if not any(c.isdigit() for c in api_key) or not any(c.isalpha() for c in api_key):
        raise ValueError("Api Key must include both numeric and alphabetic characters.")
