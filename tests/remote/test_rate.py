"""A bound on what may pass: so many at once, so many a second."""

from agent.remote.rate import A_SECOND, BURST, Allowance


def test_a_burst_passes_and_then_so_many_a_second() -> None:
    """What an operator does passes; a publisher that runs wild does not."""
    allowance = Allowance()
    assert BURST == sum(allowance.passes(100.0) for _ in range(1000))
    assert A_SECOND == sum(allowance.passes(101.0) for _ in range(1000))


def test_a_clock_that_stands_gives_nothing_and_takes_nothing() -> None:
    """Readings may be equal, or cross between threads."""
    allowance = Allowance()
    assert BURST == sum(allowance.passes(100.0) for _ in range(BURST))
    assert not allowance.passes(99.0)
    assert allowance.passes(100.0)
