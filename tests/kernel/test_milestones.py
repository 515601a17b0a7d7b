"""Which points a stretch of playback has reached."""

from agent.kernel.milestones import QUARTILES, reached


def test_points_in_the_stretch_are_reached_in_order() -> None:
    """Two quartiles between two samples of a short clip come in order (decision 15)."""
    assert [0.25, 0.5] == reached((0.5, 0.25, 0.75), (), start=0.0, front=5.0, duration=8.0)


def test_a_point_where_the_stretch_begins_was_not_reached_by_playing() -> None:
    """A seek to exactly 50 % lands on it."""
    assert [] == reached(QUARTILES, (), start=4.0, front=5.0, duration=8.0)
    assert [0.5] == reached(QUARTILES, (), start=3.999, front=4.0, duration=8.0)


def test_a_point_counts_once() -> None:
    """Guide 4.2."""
    assert [0.5] == reached(QUARTILES, (0.25,), start=0.0, front=4.0, duration=8.0)


def test_nothing_is_reached_without_a_duration() -> None:
    """Live media have no quartiles (R9)."""
    assert [] == reached(QUARTILES, (), start=0.0, front=4.0, duration=None)
