"""Key hashes of every age (SES-5) and the policy for new keys (SES-6)."""

from __future__ import annotations

import hashlib
import re

import bcrypt
import pytest

from magento_soap.api.keys import check_policy, hash_key, is_slow, verify_key

SALT = "yNJe6xR2BB6r0vRp9vZa3Ors3apXQmGy"


@pytest.mark.parametrize("name", ["md5", "sha256", "sha512"])
@pytest.mark.parametrize("salt", ["", "ab", SALT])
def test_digests_salted_or_not(name: str, salt: str) -> None:
    digest = hashlib.new(name, (salt + "apiKey").encode()).hexdigest()
    stored = f"{digest}:{salt}" if salt else digest
    assert verify_key("apiKey", stored)
    assert not verify_key("apikey", stored)
    assert not verify_key("", stored)


def test_a_recorded_hash() -> None:
    stored = "991acf65da4b5be2b1dccd64d2a0aeab1e36718277ae8d13413f10f754f69aa1:" + SALT
    assert verify_key("apiKey", stored)


def test_new_keys_are_bcrypt_as_php_spells_it() -> None:
    stored = hash_key("sécret9")
    assert stored.startswith("$2y$")
    assert verify_key("sécret9", stored)
    assert not verify_key("secret9", stored)


@pytest.mark.parametrize("spelling", ["$2a$", "$2b$", "$2x$", "$2y$"])
def test_bcrypt_in_every_spelling(spelling: str) -> None:
    stored = bcrypt.hashpw(b"apiKey", bcrypt.gensalt(4)).decode().replace("$2b$", spelling, 1)
    assert is_slow(stored)
    assert verify_key("apiKey", stored)
    assert not verify_key("apikey", stored)


def test_the_longest_key_for_bcrypt() -> None:
    stored = hash_key("k" * 72)
    assert stored.startswith("$2y$")
    assert verify_key("k" * 72, stored)
    assert not verify_key("k" * 71, stored)


def test_keys_too_long_for_bcrypt_are_salted_sha256() -> None:
    stored = hash_key("k1" * 40)
    digest, _, salt = stored.partition(":")
    assert len(digest) == 64
    assert len(salt) == 32
    assert verify_key("k1" * 40, stored)
    assert not verify_key("k1" * 36, stored)


@pytest.mark.parametrize(("length", "is_verified"), [(256, True), (257, False), (300, False)])
def test_absurdly_long_keys_are_refused(length: int, is_verified: bool) -> None:
    stored = hashlib.md5(b"k" * length, usedforsecurity=False).hexdigest()
    assert verify_key("k" * length, stored) is is_verified


@pytest.mark.parametrize("stored", ["", ":", "x", "$2y$", "$2y$10$short"])
def test_a_broken_hash_verifies_nothing(stored: str) -> None:
    assert not verify_key("apiKey", stored)


TOO_SHORT = "Api Key must be at least of 6 characters."
TOO_PLAIN = "Api Key must include both numeric and alphabetic characters."


@pytest.mark.parametrize(
    ("key", "reason"),
    [("ab1", TOO_SHORT), ("abcd1", TOO_SHORT), ("abcdefgh", TOO_PLAIN), ("12345678", TOO_PLAIN)],
)
def test_policy(key: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        check_policy(key)


@pytest.mark.parametrize("key", ["abcde1", "secret9"])
def test_policy_accepts(key: str) -> None:
    check_policy(key)
