"""A shop that is down is left alone, and asked again from time to time."""

from __future__ import annotations

from structlog.testing import capture_logs

from magento_soap.upstream.circuit_breaker import CircuitBreaker, CircuitOpen


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(3, 10, clock)


def allows(circuit: CircuitBreaker) -> bool:
    try:
        circuit.check()
    except CircuitOpen:
        return False
    return True


def test_it_opens_after_failures_in_a_row_only() -> None:
    circuit = breaker(Clock())
    for _ in range(5):
        circuit.failed()
        circuit.failed()
        circuit.succeeded()
    assert allows(circuit)
    for _ in range(3):
        assert allows(circuit)
        circuit.failed()
    assert circuit.is_open
    assert not allows(circuit)


def test_one_call_in_ten_seconds_tries_again_whatever_the_number_of_callers() -> None:
    clock = Clock()
    circuit = breaker(clock)
    for _ in range(3):
        circuit.failed()
    clock.now += 9.9
    assert not allows(circuit)
    clock.now += 0.1
    assert [allows(circuit) for _ in range(5)] == [True, False, False, False, False]
    clock.now += 10
    assert allows(circuit), "an attempt whose outcome nobody learns must not block for ever"
    circuit.failed()
    clock.now += 9.9
    assert not allows(circuit), "a failed attempt begins a new pause"


def test_the_first_success_closes_it() -> None:
    clock = Clock()
    circuit = breaker(clock)
    with capture_logs() as logs:
        for _ in range(6):
            circuit.failed()
        clock.now += 10
        assert allows(circuit)
        circuit.succeeded()
        circuit.succeeded()
    assert all(allows(circuit) for _ in range(5))
    assert [entry["event"] for entry in logs] == [
        "the shop does not answer; calls are not forwarded for now",
        "the shop answers again; calls are forwarded",
    ]
    circuit.failed()
    assert allows(circuit), "failures are counted from the beginning"
