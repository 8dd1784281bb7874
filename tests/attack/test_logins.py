"""Guessing keys: one account, many accounts, many addresses, many logins in one request, and what the time tells."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sqlite3
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xmlrpc.client import dumps, loads

import pytest

from magento_soap.api.budget import MAX_LOGINS
from magento_soap.api.keys import hash_key, verify_key
from magento_soap.api.logins import ACCOUNT_FACTOR, ADDRESS_FACTOR
from magento_soap.settings import Settings

from .target import MEGABYTE, OTHER_CLIENT, Target, target

ATTEMPTS = Settings().login_attempts
USER, KEY = "apiUser", "apiKey"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked")


@pytest.fixture(scope="module")
def shop(demo_database: Path, folder: Path) -> Iterator[Target]:
    """The server, and beside its log a user who has been disabled; each test attacks from addresses of its own."""
    with target(demo_database, folder) as running:
        with contextlib.closing(sqlite3.connect(folder / "shop.sqlite")) as database, database:
            database.execute("UPDATE api_user SET is_active = 0 WHERE username = 'readonly'")
        yield running


def logins(shop: Target, source: str, *users: tuple[str, str]) -> list[str]:
    """What comes of logins in one batch: ``in``, or the fault."""
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "login", "params": user} for user in users]
    answers = json.loads(shop.post("/api/jsonrpc", json.dumps(batch).encode(), source=source)[1])
    return ["in" if "result" in answer else answer["error"]["data"]["faultCode"] for answer in answers]


def login(shop: Target, source: str, username: str = USER, key: str = KEY) -> str:
    return logins(shop, source, (username, key))[0]


def seconds_of_a_hash() -> float:
    """How long this machine takes to verify one key: by design, no login costs less."""
    started = time.process_time()
    verify_key("wrong", hash_key("right"))
    return (time.process_time() - started) / 2  # to hash is as much work as to verify


def refusals(folder: Path, source: str) -> list[str]:
    """Why logins from an address were refused, from the log."""
    pattern = rf"login refused.* address={re.escape(source)} .*reason=.?([a-z ]+?).? username"
    return re.findall(pattern, (folder / "server.log").read_text())


def test_names_of_megabytes_are_not_kept(shop: Target) -> None:
    with shop.attacked() as cost:
        for number in range(6):
            assert login(shop, f"127.1.0.{number}", chr(97 + number) * 8_000_000, "x") == "2"
    assert cost.processor < 2
    assert cost.memory < 64 * MEGABYTE
    assert cost.left_over < 32 * MEGABYTE
    assert cost.longest_wait < 0.2


def test_a_batch_has_few_logins(shop: Target, folder: Path) -> None:
    with shop.attacked() as cost:
        answers = logins(shop, "127.1.1.1", *((f"user {number}", "x") for number in range(200)))
    assert answers == ["2"] * 200
    assert refusals(folder, "127.1.1.1") == ["unknown user"] * MAX_LOGINS
    assert cost.processor < 2
    assert cost.longest_wait < 0.2


def test_a_multicall_has_few_logins(shop: Target, folder: Path) -> None:
    calls = [{"methodName": "login", "params": [USER, f"guess {number}"]} for number in range(199)]
    calls.append({"methodName": "login", "params": [USER, KEY]})
    with shop.attacked() as cost:
        body = shop.post("/api/xmlrpc", dumps((calls,), "system.multicall").encode(), source="127.1.2.1")[1]
    (answers,) = loads(body)[0]
    assert isinstance(answers, list)
    assert [answer["faultCode"] for answer in answers] == [2] * 200
    assert refusals(folder, "127.1.2.1") == ["wrong key"] * MAX_LOGINS
    assert cost.processor < 2
    assert cost.longest_wait < 0.2


def test_calls_with_http_basic_are_no_guesses(shop: Target) -> None:
    """Name and key came once, however many calls they are for."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": [None, "sales_order_invoice.info", ["100000001"]]}
    basic = "Basic YXBpVXNlcjphcGlLZXk="
    body = shop.post("/api/jsonrpc", json.dumps([call] * 20).encode(), source="127.1.3.1", Authorization=basic)[1]
    assert ["result" in answer for answer in json.loads(body)] == [True] * 20


@pytest.mark.parametrize("fold", [str.upper, str.lower, "{}  ".format, "{} \t".format], ids=["A", "a", "_", "t"])
def test_an_account_is_one_however_it_is_spelt(shop: Target, fold: type[str]) -> None:
    source = f"127.1.4.{len(fold('x')) + ord(fold('x')[0])}"
    spellings = [USER, fold(USER), USER, fold(USER), USER]
    assert [login(shop, source, name, "wrong") for name in spellings] == ["2"] * 5
    assert login(shop, source) == "2"  # too early
    assert login(shop, "127.1.4.1") == "in"


def test_unknown_names_are_folded_too(shop: Target, folder: Path) -> None:
    source = "127.1.5.1"
    for name in ("nobody", "NOBODY ", "nöbödy", "No\u0301body", "nobody" + " " * 200, "NOBODY"):
        assert login(shop, source, name) == "2"
    assert refusals(folder, source) == ["unknown user"] * 5 + ["too many failures"]


def test_an_address_that_tries_many_names_is_stopped(shop: Target, folder: Path) -> None:
    source, number = "127.1.6.1", ADDRESS_FACTOR * ATTEMPTS
    assert login(shop, source, USER) == "in"
    with shop.attacked() as cost:
        for each in range(2 * number):
            assert login(shop, source, f"sprayed {each}") == "2"
    reasons = refusals(folder, source)
    assert reasons.count("unknown user") < number  # each from the half on had to wait
    assert len(reasons) == 2 * number
    assert cost.processor < number * seconds_of_a_hash() + 1
    assert cost.longest_wait < 0.2
    assert login(shop, source, USER) == "in"  # who has logged in from there before is not concerned
    assert login(shop, "127.1.6.2", USER) == "in"


def test_failures_are_known_to_workers_that_did_not_see_them(shop: Target) -> None:
    source = "127.1.7.1"
    first, second = shop.workers()
    first.suspend()
    try:
        assert logins(shop, source, *[(USER, "wrong")] * 5) == ["2"] * 5
        second.suspend()
        first.resume()
        assert login(shop, source) == "2"
        assert login(shop, "127.1.7.2") == "in"
    finally:
        first.resume()
        second.resume()


def test_nobody_is_locked_out_of_an_account_that_many_addresses_attack(shop: Target, folder: Path) -> None:
    assert login(shop, OTHER_CLIENT) == "in"
    with shop.attacked() as cost:
        for each in range(10):
            assert login(shop, f"127.1.8.{each}", USER, "wrong") == "2"
    assert cost.longest_wait < 0.2
    with contextlib.closing(sqlite3.connect(folder / "shop.sqlite")) as database, database:
        account = hashlib.sha256(b"account\0user 1").hexdigest()
        change = "UPDATE magento_soap_login SET failures = ? WHERE id = ? AND failures >= 10"
        changed = database.execute(change, (ACCOUNT_FACTOR * ATTEMPTS, account))  # as many more addresses would do
        assert changed.rowcount == 1
    assert login(shop, "127.1.9.1", USER, "wrong") == "2"
    assert login(shop, "127.1.9.1", USER, KEY) == "2"  # a stranger has one attempt now
    assert refusals(folder, "127.1.9.1") == ["wrong key", "too many failures"]
    assert login(shop, OTHER_CLIENT, USER, "wrong") == "2"
    assert login(shop, OTHER_CLIENT) == "in"
    assert login(shop, "127.1.9.2") == "in"


def test_a_burst_from_one_address_is_counted(shop: Target, folder: Path) -> None:
    """Attempts that run at once cannot see each other's failures, but no more run at once than there are threads."""
    source = "127.1.10.1"
    with shop.attacked() as cost, ThreadPoolExecutor(50) as attackers:
        list(attackers.map(lambda each: login(shop, source, USER, f"guess {each}"), range(100)))
    made = refusals(folder, source).count("wrong key")
    assert made < ATTEMPTS + 2 * Settings().threads
    assert cost.longest_wait < 0.2
    assert cost.processor < 2


def test_the_time_tells_nothing(shop: Target) -> None:
    """Unknown, disabled, wrong key: each takes as long as the others."""
    kinds = {"unknown": ("nobody", KEY), "disabled": ("readonly", KEY), "wrong": (USER, "wrong")}
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(7):
        for kind, user in kinds.items():
            started = time.perf_counter()
            assert login(shop, f"127.1.{11 + number}.{len(kind)}", *user) == "2"
            taken[kind].append(time.perf_counter() - started)
    medians = [statistics.median(times) for times in taken.values()]
    assert max(medians) < 1.3 * min(medians), taken


def test_a_name_cannot_write_lines_into_the_log(shop: Target, folder: Path) -> None:
    assert login(shop, "127.1.30.1", "x\n2024-01-01T00:00:00Z [info] login\x1b[2J\r forged\u2028forged\x00") == "2"
    log = (folder / "server.log").read_text()
    (line,) = (line for line in log.splitlines() if "127.1.30.1" in line)
    assert "forged" in line
    assert "\x1b" not in log
    assert "\x00" not in log
