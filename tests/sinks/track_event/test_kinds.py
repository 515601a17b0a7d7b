"""Which events count for what, and how old each may be told."""

import pytest

from agent.config.track_event import MaxAge as Configured
from agent.sinks.track_event.kinds import Kind, MaxAge, Weight, weight


@pytest.mark.parametrize(
    ("expected", "kinds"),
    [
        (Weight.PLAY, [Kind.IMPRESSION, Kind.PLAY_REQUEST]),
        (Weight.PLAY, [Kind.BUFFER_START, Kind.BUFFER_END, Kind.PLAY]),
        (Weight.PLAY, [Kind.SEEK, Kind.PLAY_REACHED_25_PERCENT]),
        (Weight.PLAY, [Kind.ERROR]),
        (Weight.PLAY, [Kind.SHARE_CLICKED]),
        (Weight.DETAIL, [Kind.VIEW]),
        (Weight.DETAIL, [Kind.BUFFER_END, Kind.PAUSE]),
        (Weight.DETAIL, [Kind.RESUME]),
    ],
)
def test_an_event_weighs_as_much_as_its_most_important_message(expected: Weight, kinds: list[Kind]) -> None:
    """Half an event would be a play without its PLAY."""
    assert expected is weight(kinds)


@pytest.mark.parametrize(
    ("expected", "counted", "age"),
    [
        (None, Weight.DETAIL, None),
        (None, Weight.DETAIL, 300.0),
        ("too-old-detail", Weight.DETAIL, 300.1),
        (None, Weight.PLAY, 3600.0),
        ("too-old-play", Weight.PLAY, 3600.1),
        ("too-old-application", Weight.APPLICATION, 7200.0),
    ],
)
def test_an_event_beyond_its_limit_is_counted_by_its_kind(
    expected: str | None, counted: Weight, age: float | None
) -> None:
    """Whoever looks at the number wants to know what is missing from the reports."""
    assert expected == MaxAge().passed(counted, age)


def test_the_limits_are_the_settings_own_by_default() -> None:
    """Two places say them; they must say the same."""
    configured = Configured()
    assert MaxAge() == MaxAge(configured.application_s, configured.play_s, configured.detail_s)
