"""The circuit breaker: closed, open, probing."""

from gateway.breaker import CircuitBreaker


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(failures=2, pause_s=5.0, clock=clock)
    breaker.failed()
    breaker.failed()
    return breaker


def test_it_opens_only_after_failures_in_a_row() -> None:
    breaker = CircuitBreaker(failures=2, clock=Clock())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allow()
    assert not breaker.is_open


def test_while_open_it_refuses_and_says_for_how_long() -> None:
    breaker = opened(Clock())
    assert not breaker.allow()
    assert breaker.retry_after_s == 5.0


def test_after_the_pause_one_asker_probes_and_the_others_wait() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    assert [breaker.allow(), breaker.allow(), breaker.allow()] == [True, False, False]


def test_a_probe_that_fails_opens_it_again() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    breaker.allow()
    breaker.failed()
    clock.now += 4.9
    assert not breaker.allow()


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    breaker.allow()
    breaker.succeeded()
    assert breaker.allow()
    assert breaker.allow()
    assert breaker.retry_after_s == 0.0
