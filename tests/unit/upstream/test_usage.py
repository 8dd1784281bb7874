"""Counting forwarded calls: what is stored when, and what happens without a database."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import ForwardedCount, ForwardedCounts
from magento_soap.storage import Database
from magento_soap.upstream.usage import OTHERS, UsageCounter, _storable

NEVER = 3600.0
"""Seconds between two writes, so that only first calls and ``close`` write."""
SOON = 0.01
DEADLINE_SECONDS = 20.0

Sums = dict[tuple[str, str, int], tuple[int, int]]


class FakeClock:
    def __init__(self) -> None:
        self.time = datetime(2025, 6, 1, 23, 59, 58)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A shop of our own tables only."""
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database.create_own_tables()
    yield database
    database.close()


def stored(database: Database) -> Sums:
    rows = database.dump(["magento_soap_forwarded"])["magento_soap_forwarded"]
    return {(row["day"], row["method"], row["user_id"]): (row["calls"], row["failures"]) for row in rows}


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Stored:
    """api.ports.ForwardedCounts that fails, lacks its table or hangs when told to, and adds up otherwise."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.exists = True
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.attempts = 0
        self.most_at_once = 0
        self.sums: Sums = {}

    def add(self, counts: Sequence[ForwardedCount]) -> bool:
        self.attempts += 1
        self.most_at_once = max(self.most_at_once, len(counts))
        assert self.may_go_on.wait(DEADLINE_SECONDS)
        if self.error is not None:
            raise self.error
        if self.exists:
            for count in counts:
                key = (str(count.day), count.method, count.user_id)
                calls, failures = self.sums.get(key, (0, 0))
                self.sums[key] = (calls + count.calls, failures + count.failures)
        return self.exists


def counter(counts: ForwardedCounts, clock: FakeClock, **options: Any) -> UsageCounter:
    """One that writes first calls and nothing else, whatever the machine does meanwhile."""
    return UsageCounter(
        counts, clock.now, **{"write_seconds": NEVER, "first_write_seconds": DEADLINE_SECONDS} | options
    )


def test_the_first_call_of_a_method_is_stored_before_record_returns(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock)
    expected: Sums = {}
    for call, protocol in (
        (ForwardedCall(7, "catalog_product.list"), "V1"),
        (ForwardedCall(7, "catalog_product.info"), "V1"),
        (ForwardedCall(8, "catalog_product.info"), "V1"),
    ):
        usage.record(call, protocol, failed=False)
        expected["2025-06-01", call.methods[0], call.user_id] = (1, 0)
        assert stored(database) == expected
    usage.close()


def test_later_calls_are_stored_together(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock)
    for number in range(10):
        usage.record(ForwardedCall(7, "ol_websites.list"), "V1", failed=number in (0, 4, 5))
    assert stored(database) == {("2025-06-01", "ol_websites.list", 7): (1, 1)}
    usage.close(DEADLINE_SECONDS)
    assert stored(database) == {("2025-06-01", "ol_websites.list", 7): (10, 3)}


def test_later_calls_are_stored_from_time_to_time(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock, write_seconds=SOON)
    for _ in range(5):
        usage.record(ForwardedCall(7, "ol_websites.list"), "V1", failed=False)
    eventually(lambda: stored(database) == {("2025-06-01", "ol_websites.list", 7): (5, 0)})
    usage.close()


def test_all_methods_of_a_request_count(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock)
    usage.record(ForwardedCall(7, "a.b", "a.c", "a.b"), "V1", failed=True)
    assert stored(database) == {("2025-06-01", "a.b", 7): (2, 2), ("2025-06-01", "a.c", 7): (1, 1)}
    usage.close()


def test_protocols_are_counted_separately(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock)
    for protocol in ("V1", "XML-RPC"):
        usage.record(ForwardedCall(7, "a.b"), protocol, failed=False)
    rows = database.dump(["magento_soap_forwarded"])["magento_soap_forwarded"]
    assert sorted(row["protocol"] for row in rows) == ["V1", "XML-RPC"]
    usage.close()


def test_a_new_day_begins_at_midnight_utc(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock, max_methods=1)
    usage.record(ForwardedCall(7, "a.b"), "V1", failed=False)
    usage.record(ForwardedCall(7, "a.b"), "V1", failed=False)
    clock.time += timedelta(seconds=2)
    usage.record(ForwardedCall(7, "a.c"), "V1", failed=False)  # the limit of methods begins anew
    assert stored(database) == {("2025-06-01", "a.b", 7): (2, 0), ("2025-06-02", "a.c", 7): (1, 0)}
    usage.close()


def test_threads_lose_nothing(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock, write_seconds=SOON)

    def record(number: int) -> None:
        usage.record(ForwardedCall(7, f"method.{number % 3}"), "V1", failed=number % 2 == 0)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(record, range(600)))
    usage.close(DEADLINE_SECONDS)
    assert stored(database) == {("2025-06-01", f"method.{number}", 7): (200, 100) for number in range(3)}


def test_a_database_that_is_down_costs_nothing_but_one_line(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    counts = Stored()
    counts.error = ConnectionError("gone")
    usage = UsageCounter(counts, clock.now, write_seconds=SOON)
    for number in range(50):
        usage.record(ForwardedCall(7, f"method.{number}"), "V1", failed=False)
    attempts = counts.attempts
    eventually(lambda: counts.attempts > attempts + 3)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "forwarded calls are counted in memory until they can be stored: gone"
    ]
    counts.error = None
    eventually(lambda: len(counts.sums) == 50)
    assert set(counts.sums.values()) == {(1, 0)}
    usage.close()


def test_calls_do_not_wait_for_a_locked_database(database: Database, clock: FakeClock) -> None:
    usage = UsageCounter(database.forwarded_counts, clock.now, write_seconds=SOON)
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    for number in range(40):
        usage.record(ForwardedCall(7, f"method.{number}"), "V1", failed=False)
    assert time.monotonic() - started < 2  # 4 seconds, if each of them waited
    assert stored(database) == {}
    other.execute("ROLLBACK")
    other.close()
    eventually(lambda: len(stored(database)) == 40)
    usage.close()


def test_calls_do_not_wait_for_a_database_that_is_known_to_be_down(clock: FakeClock) -> None:
    counts = Stored()
    counts.error = ConnectionError("gone")
    usage = counter(counts, clock)
    for number in range(50):
        usage.record(ForwardedCall(7, f"method.{number}"), "V1", failed=False)
    assert counts.attempts == 1
    usage.close()


def test_a_database_that_hangs_delays_one_call_for_a_moment(clock: FakeClock) -> None:
    counts = Stored()
    counts.may_go_on.clear()
    usage = UsageCounter(counts, clock.now, write_seconds=NEVER)
    started = time.monotonic()
    for number in range(1000):
        usage.record(ForwardedCall(7, f"method.{number}"), "V1", failed=False)
    assert time.monotonic() - started < 5  # 100 seconds, if each of them waited
    usage.close(0)  # nor does the process wait for it
    assert counts.sums == {}
    counts.may_go_on.set()
    eventually(lambda: len(counts.sums) == 1000)


def test_calls_that_are_counted_while_others_are_stored_are_stored_next(clock: FakeClock) -> None:
    counts = Stored()
    counts.may_go_on.clear()
    usage = UsageCounter(counts, clock.now, write_seconds=NEVER)
    usage.record(ForwardedCall(7, "a.b"), "V1", failed=False)
    eventually(lambda: counts.attempts == 1)
    for _ in range(2):
        usage.record(ForwardedCall(7, "a.b"), "V1", failed=True)
    counts.may_go_on.set()
    eventually(lambda: counts.sums == {("2025-06-01", "a.b", 7): (1, 0)})
    usage.close(DEADLINE_SECONDS)
    assert counts.sums == {("2025-06-01", "a.b", 7): (3, 2)}


def test_counts_are_kept_until_the_table_is_created(tmp_path: Path, clock: FakeClock) -> None:
    database = Database(f"sqlite:///{tmp_path / 'attached.sqlite'}")
    usage = counter(database.forwarded_counts, clock, write_seconds=SOON)
    for _ in range(3):
        usage.record(ForwardedCall(7, "a.b"), "V1", failed=False)
    database.create_own_tables()
    eventually(lambda: stored(database) == {("2025-06-01", "a.b", 7): (3, 0)})
    usage.close()
    database.close()


def test_memory_is_bounded_while_nothing_can_be_stored(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    counts = Stored()
    counts.exists = False
    usage = UsageCounter(counts, clock.now, write_seconds=SOON, max_counts=20)
    for user_id in range(100):
        usage.record(ForwardedCall(user_id, "a.b"), "V1", failed=False)
    usage.record(ForwardedCall(0, "a.b"), "V1", failed=True)  # one of those that have a place
    eventually(lambda: counts.most_at_once == 20)
    full = [record for record in caplog.records if "others are not counted" in record.message]
    assert len(full) == 1
    counts.exists = True
    eventually(lambda: len(counts.sums) == 20)
    assert counts.sums["2025-06-01", "a.b", 0] == (2, 1)
    usage.record(ForwardedCall(99, "a.b"), "V1", failed=False)  # there is space again
    eventually(lambda: len(counts.sums) == 21)
    usage.close()


def test_a_client_cannot_fill_the_table(database: Database, clock: FakeClock) -> None:
    usage = counter(database.forwarded_counts, clock, max_methods=10)
    usage.record(ForwardedCall(8, "a.b"), "V1", failed=False)
    for number in range(100):
        usage.record(ForwardedCall(7, f"nonsense.{number}"), "V1", failed=True)
    usage.record(ForwardedCall(7, "nonsense.0"), "V1", failed=True)
    usage.record(ForwardedCall(8, "a.c"), "V1", failed=False)  # the limit is that of a user
    usage.close(DEADLINE_SECONDS)
    found = stored(database)
    assert len(found) == 13
    assert found["2025-06-01", OTHERS, 7] == (90, 90)
    assert found["2025-06-01", "nonsense.0", 7] == (2, 2)
    assert found["2025-06-01", "a.c", 8] == (1, 0)


def test_many_counts_are_stored_in_several_transactions(clock: FakeClock) -> None:
    counts = Stored()
    counts.exists = False
    usage = UsageCounter(counts, clock.now, write_seconds=SOON, max_methods=2000)
    usage.record(ForwardedCall(7, *(f"method.{number}" for number in range(1201))), "V1", failed=False)
    counts.exists = True
    eventually(lambda: len(counts.sums) == 1201)
    assert counts.most_at_once <= 500
    usage.close()


@given(st.text(max_size=600))
def test_names_are_short_and_printable(name: str) -> None:
    found = _storable(name)
    assert len(found) <= 255
    assert found.isascii()
    assert not found or found.isprintable()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("catalog_product.list", "catalog_product.list"),
        ("a\nb\0c", "a b c"),
        ("größe.list", "gr\\xf6\\xdfe.list"),
        ("\ud800.list", "\\ud800.list"),
        (" a.b ", "a.b"),
        ("x" * 256, "x" * 252 + "..."),
    ],
)
def test_names_as_they_are_stored(name: str, expected: str) -> None:
    assert _storable(name) == expected


def test_a_process_that_is_killed_has_stored_each_method(database: Database) -> None:
    code = (
        "import sys\n"
        "from magento_soap.api.forwarding import ForwardedCall\n"
        "from magento_soap.storage import Database\n"
        "from magento_soap.upstream.usage import UsageCounter\n"
        "database = Database(sys.argv[1])\n"
        "usage = UsageCounter(database.forwarded_counts, database.clock.now, first_write_seconds=20)\n"
        "for method in ('a.b', 'a.c'):\n"
        "    usage.record(ForwardedCall(7, method), 'V1', failed=False)\n"
        "print('recorded', flush=True)\n"
        "sys.stdin.read()\n"
    )
    url = database.engine.url.render_as_string()
    command = [sys.executable, "-c", code, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"recorded\n"
        os.kill(process.pid, signal.SIGKILL)
    assert sorted(method for _, method, _ in stored(database)) == ["a.b", "a.c"]
