"""Waiting: the guide's quick tries, then apart from each other, and never without a bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.backoff import SEND_PACE, Pace, delay, spread


def test_first_three_failures_wait_as_the_guide_says() -> None:
    """The guide's 11.3 names 1, 2 and 4 s; whoever reads it expects exactly these, without jitter."""
    waits = [delay(SEND_PACE, failures=n, previous=0.0, jitter=0.99) for n in (1, 2, 3)]
    assert waits == [1.0, 2.0, 4.0]


def test_two_devices_with_other_chances_drift_apart() -> None:
    """A fleet that lost the same server must not come back in the same second."""
    assert delay(SEND_PACE, failures=4, previous=4.0, jitter=0.1) != delay(
        SEND_PACE, failures=4, previous=4.0, jitter=0.9
    )


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=200))
def test_any_chances_stay_within_the_bounds(chances: list[float]) -> None:
    """A week of failures must neither hammer the server nor overflow a float."""
    wait = 0.0
    for failures, jitter in enumerate(chances, start=1):
        wait = delay(SEND_PACE, failures=failures, previous=wait, jitter=jitter)
        assert 1.0 <= wait <= SEND_PACE.ceiling


def test_a_pace_without_quick_tries_begins_at_its_base() -> None:
    """The pace serves restarts too, which have no quick tries."""
    assert delay(Pace((), 1.0, 60.0), failures=1, previous=0.0, jitter=0.5) == 1.0


@settings(deadline=None)
@given(st.floats(0.0, 1.0, exclude_max=True))
def test_a_spread_stays_around_its_middle(jitter: float) -> None:
    """Slow retries of many devices must not fall on the same moment, nor far from what is promised."""
    assert 240.0 <= spread(300.0, part=0.2, jitter=jitter) <= 360.0
