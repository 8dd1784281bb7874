"""Key hashes of every age (SES-5) and the policy for new keys (SES-6)."""

from __future__ import annotations

import hashlib

import pytest

from magento_soap.api.keys import check_policy, hash_key, verify_key

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


def test_keys_too_long_for_bcrypt_are_salted_sha256() -> None:
    stored = hash_key("k1" * 40)
    digest, _, salt = stored.partition(":")
    assert len(digest) == 64
    assert len(salt) == 32
    assert verify_key("k1" * 40, stored)
    assert not verify_key("k1" * 36, stored)


def test_absurdly_long_keys_are_refused() -> None:
    assert not verify_key("k" * 300, hashlib.md5(b"k" * 300, usedforsecurity=False).hexdigest())


@pytest.mark.parametrize("stored", ["", ":", "x", "$2y$", "$2y$10$short"])
def test_a_broken_hash_verifies_nothing(stored: str) -> None:
    assert not verify_key("apiKey", stored)


@pytest.mark.parametrize(("key", "reason"), [("ab1", "at least"), ("abcdefgh", "numeric"), ("12345678", "alphabetic")])
def test_policy(key: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_policy(key)


def test_policy_accepts() -> None:
    check_policy("secret9")
