"""Counting of forwarded calls: no method is missing, no call waits for the database, nothing grows without bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import ForwardedCount
from magento_soap.sales.errors import DatabaseUnavailable
from magento_soap.upstream.usage import MAX_NAME, MAX_NAMES_PER_DAY, OTHERS, Usage

NEVER = 10_000.0


class Counts:
    """The table, which may be out of reach."""

    def __init__(self) -> None:
        self.added: list[list[ForwardedCount]] = []
        self.attempts = 0
        self.is_down = False

    def add(self, counts: Sequence[ForwardedCount]) -> bool:
        self.attempts += 1
        if self.is_down:
            raise DatabaseUnavailable
        self.added.append(list(counts))
        return True

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        calls, failures = Counter[str](), Counter[str]()
        for count in (count for counts in self.added for count in counts):
            key = f"{count.day} {count.method} {count.protocol} {count.user_id}"
            calls[key] += count.calls
            failures[key] += count.failures
        return {key: (calls[key], failures[key]) for key in calls}


class Clock:
    now = datetime(2025, 6, 1, 23, 59)

    def __call__(self) -> datetime:
        return self.now


def call(*methods: str, user_id: int = 1) -> ForwardedCall:
    return ForwardedCall(user_id, *(methods or ("a.b",)))


def test_the_first_call_of_a_method_is_stored_at_once_and_the_others_together() -> None:
    counts = Counts()
    usage = Usage(counts, Clock(), NEVER)
    for _ in range(5):
        usage.record(call(), "V1", False)
    assert counts.totals == {"2025-06-01 a.b V1 1": (1, 0)}
    usage.record(call(user_id=2), "V1", True)
    usage.record(call(), "V2", False)
    assert counts.totals == {
        "2025-06-01 a.b V1 1": (5, 0),
        "2025-06-01 a.b V1 2": (1, 1),
        "2025-06-01 a.b V2 1": (1, 0),
    }
    usage.record(call(), "V1", True)
    usage.flush()
    usage.flush()
    assert counts.totals["2025-06-01 a.b V1 1"] == (6, 1)
    assert counts.attempts == 4


def test_every_call_of_a_request_counts() -> None:
    counts = Counts()
    Usage(counts, Clock(), NEVER).record(call("a.b", "c.d", "a.b"), "V1", True)
    assert counts.totals == {"2025-06-01 a.b V1 1": (2, 2), "2025-06-01 c.d V1 1": (1, 1)}


def test_a_new_day_begins_with_a_row_of_its_own() -> None:
    counts, clock = Counts(), Clock()
    usage = Usage(counts, clock, NEVER)
    usage.record(call(), "V1", False)
    usage.record(call(), "V1", False)
    clock.now += timedelta(minutes=1)
    usage.record(call(), "V1", False)
    assert counts.totals == {"2025-06-01 a.b V1 1": (2, 0), "2025-06-02 a.b V1 1": (1, 0)}


def test_a_database_that_is_down_is_not_asked_with_every_call_and_nothing_is_lost() -> None:
    counts = Counts()
    usage = Usage(counts, Clock(), NEVER)
    counts.is_down = True
    with capture_logs() as logs:
        for _ in range(10):
            usage.record(call(), "V1", False)
        usage.flush()
    assert counts.attempts == 2
    assert [entry["log_level"] for entry in logs] == ["warning"]
    counts.is_down = False
    usage.record(call("c.d"), "V1", False)
    usage.flush()
    assert counts.totals == {"2025-06-01 a.b V1 1": (10, 0), "2025-06-01 c.d V1 1": (1, 0)}
    usage.record(call("e.f"), "V1", False)
    assert "2025-06-01 e.f V1 1" in counts.totals, "it is stored at once again"


def test_names_of_clients_are_bounded() -> None:
    counts = Counts()
    usage = Usage(counts, Clock(), NEVER)
    usage.record(call("x" * 1000, " a\n\0b "), "V1", False)
    usage.record(call(*(f"m.{number}" for number in range(2000))), "V1", False)
    names = {count.method for added in counts.added for count in added}
    assert len(names) == MAX_NAMES_PER_DAY + 1
    assert OTHERS in names
    assert max(map(len, names)) == MAX_NAME
    assert "ab" in names
    usage.record(call("m.0"), "V1", False)
    usage.flush()
    assert counts.totals["2025-06-01 m.0 V1 1"] == (2, 0), "known names keep their own count"


def test_threads_do_not_lose_calls() -> None:
    counts = Counts()
    usage = Usage(counts, Clock(), NEVER)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: usage.record(call(f"m.{number % 5}"), "V1", number % 2 == 0), range(1000)))
    usage.flush()
    assert sum(calls for calls, _ in counts.totals.values()) == 1000
    assert sum(failures for _, failures in counts.totals.values()) == 500


def test_counts_are_stored_from_time_to_time() -> None:
    counts = Counts()
    usage = Usage(counts, Clock(), 0.01)
    usage.record(call(), "V1", False)
    usage.record(call(), "V1", False)
    deadline = datetime.now() + timedelta(seconds=10)
    while counts.attempts < 2 and datetime.now() < deadline:
        pass
    assert counts.totals == {"2025-06-01 a.b V1 1": (2, 0)}
