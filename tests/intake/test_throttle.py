"""The bound on how much applications may tell."""

from hypothesis import given
from hypothesis import strategies as st

from agent.intake.throttle import Throttle


def test_burst_is_taken_at_once_and_the_next_is_told_when() -> None:
    """A page with many buttons is no flood; an application that runs wild learns when to try again."""
    throttle = Throttle(4.0, 3, now=100.0)
    assert [0.0, 0.0, 0.0, 0.25] == [throttle.wait(100.0) for _ in range(4)]
    assert 0.0 == throttle.wait(100.25)


def test_what_is_refused_takes_nothing() -> None:
    """Otherwise who asks often would wait for ever."""
    throttle = Throttle(1.0, 1, now=0.0)
    assert 0.0 == throttle.wait(0.0)
    for _ in range(100):
        assert 0.5 == throttle.wait(0.5)
    assert 0.0 == throttle.wait(1.0)


@given(
    st.floats(0.1, 100.0),
    st.integers(1, 50),
    st.lists(st.floats(0.0, 5.0), min_size=1, max_size=200),
)
def test_no_more_pass_than_burst_and_rate_allow(rate: float, burst: int, gaps: list[float]) -> None:
    """Over any stretch, from any number of applications."""
    throttle, now, passed = Throttle(rate, burst, now=0.0), 0.0, 0
    for gap in gaps:
        now += gap
        passed += throttle.wait(now) == 0.0
        assert passed <= burst + now * rate + 1e-6


def test_readings_that_cross_take_nothing_away() -> None:
    """Two threads read the clock and then take turns."""
    throttle = Throttle(1.0, 1, now=10.0)
    assert 0.0 == throttle.wait(11.0)
    assert 1.0 == throttle.wait(9.0)
    assert 0.0 == throttle.wait(12.0)
