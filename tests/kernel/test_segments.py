"""The stretches that were watched."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.segments import MOST, TOUCH, Segments, add

stretches = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), max_size=80)


def test_stretches_that_touch_become_one_and_the_latest() -> None:
    """Watched twice is watched; the order tells where the viewer went last."""
    assert ((20.0, 30.0), (0.0, 12.0)) == add(((0.0, 10.0), (20.0, 30.0)), 8.0, 12.0)
    assert ((0.0, 20.0),) == add(((0.0, 10.0),), 10.0 + TOUCH, 20.0)


def test_an_empty_stretch_changes_nothing() -> None:
    """A seek right after a seek watched nothing."""
    assert ((0.0, 1.0),) == add(((0.0, 1.0),), 5.0, 5.0)


@given(stretches)
def test_stretches_stay_apart_and_few(parts: list[tuple[float, float]]) -> None:
    """An hour of scrubbing must not fill the database, and no second counts twice."""
    segments: Segments = ()
    for start, end in parts:
        segments = add(segments, start, end)
    assert len(segments) <= MOST
    ordered = sorted(segments)
    assert all(low[1] < high[0] for low, high in pairwise(ordered))


def test_beyond_the_bound_the_shortest_goes() -> None:
    """What is dropped was hardly watched."""
    segments: Segments = ()
    for number in range(MOST):
        segments = add(segments, number * 10.0, number * 10.0 + (1.0 if number == 5 else 5.0))
    assert (50.0, 51.0) not in add(segments, 900.0, 905.0)
    assert MOST == len(add(segments, 900.0, 905.0))
