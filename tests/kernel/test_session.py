"""The tracker as a whole: what must hold whatever a player says. The stories of real VLC are in test_tapes.py."""

import typing

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.activity import Activity
from agent.kernel.codec import KINDS
from agent.kernel.events import (
    Closed,
    Event,
    Opened,
    Progressed,
    Recovered,
    Stalled,
    Watched,
)
from agent.kernel.motion import LEAP
from agent.kernel.phases import Phase, follow
from agent.kernel.session import SessionTracker
from agent.kernel.signals import PlayCommanded, Signal
from tests.support.script import CLIP
from tests.support.soup import RATES, makers, soups


def tell(signals: list[Signal], tracker: SessionTracker | None = None) -> list[Event]:
    """What a tracker says of `signals`, with the silence after them."""
    tracker = SessionTracker() if tracker is None else tracker
    events = [event for signal in signals for event in tracker.feed(signal)]
    return events + tracker.tick((signals[-1].at if signals else 0.0) + 30.0)


def by_session(events: list[Event]) -> dict[int, list[Event]]:
    """The events of each session, in order."""
    told: dict[int, list[Event]] = {}
    for event in events:
        told.setdefault(event.session, []).append(event)
    return told


@given(soups())
@settings(max_examples=150, deadline=None)
def test_any_soup_of_signals_tells_wellformed_sessions(signals: list[Signal]) -> None:
    """A destination relies on the order without checking it: Opened first, Closed last, nothing out of turn."""
    for events in by_session(tell(signals)).values():
        phase: Phase | None = Phase.IDLE
        for event in events:
            assert phase is not None
            phase = follow(phase, event)
        assert phase is not None
        assert isinstance(events[0], Opened)
        assert Closed not in [type(event) for event in events[:-1]]


@given(soups())
@settings(max_examples=150, deadline=None)
def test_any_soup_of_signals_tells_time_and_sessions_forwards(signals: list[Signal]) -> None:
    """Decision 7: a log whose times go back cannot be sent as it is, and an ordinal used twice mixes two plays."""
    events = tell(signals)
    assert sorted(event.at for event in events) == [event.at for event in events]
    assert sorted(event.session for event in events) == [event.session for event in events]
    opened = [event.session for event in events if isinstance(event, Opened)]
    assert list(range(1, len(opened) + 1)) == opened


@given(soups())
@settings(max_examples=150, deadline=None)
def test_any_soup_of_signals_tells_each_milestone_once_and_where_it_was_played(signals: list[Signal]) -> None:
    """A quartile counted twice, or one that a seek jumped over, spoils a report for good."""
    for events in by_session(tell(signals)).values():
        reached = [event for event in events if isinstance(event, Progressed)]
        assert len({event.fraction for event in reached}) == len(reached)
        for event in reached:
            assert event.head.duration is not None
            point = event.fraction * event.head.duration
            assert any(low - 0.001 <= point <= high + 0.001 for low, high in event.head.segments)


@given(soups())
@settings(max_examples=150, deadline=None)
def test_any_soup_of_signals_never_plays_more_than_there_was_time_for(signals: list[Signal]) -> None:
    """Watched time is what a contract is paid by."""
    for events in by_session(tell(signals)).values():
        for event in events:
            elapsed = event.at - events[0].at
            assert event.head.played <= elapsed * max(RATES) + LEAP + 0.001
            assert event.head.buffered <= elapsed + 0.001


@given(soups())
@settings(max_examples=150, deadline=None)
def test_any_soup_of_signals_alternates_stalled_and_recovered(signals: list[Signal]) -> None:
    """Two starts in a row would leave a buffering open for ever at the server."""
    for events in by_session(tell(signals)).values():
        pairs = [type(event) for event in events if isinstance(event, Stalled | Recovered)]
        assert [Stalled, Recovered] * (len(pairs) // 2) + [Stalled] * (len(pairs) % 2) == pairs


@given(soups(), st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_a_restart_at_any_point_changes_nothing(signals: list[Signal], cut: int) -> None:
    """Rule 9: the checkpoint commits with the events, so a crash neither loses nor doubles a milestone."""
    whole = tell(signals)
    before = SessionTracker()
    events = [event for signal in signals[:cut] for event in before.feed(signal)]
    after = SessionTracker.restore(before.checkpoint())
    events += [event for signal in signals[cut:] for event in after.feed(signal)]
    assert whole == events + after.tick((signals[-1].at if signals else 0.0) + 30.0)
    assert before.deadline == SessionTracker.restore(before.checkpoint()).deadline


@given(soups())
@settings(max_examples=150, deadline=None)
def test_a_tick_at_each_deadline_changes_nothing(signals: list[Signal]) -> None:
    """The loop may sleep until the deadline or wake every 100 ms: the story is the same."""
    lazy = tell(signals)
    tracker, eager = SessionTracker(), []
    for signal in signals:
        while tracker.deadline is not None and tracker.deadline <= signal.at:
            eager += tracker.tick(tracker.deadline)
        eager += tracker.tick(signal.at)
        eager += tracker.feed(signal)
    eager += tracker.tick((signals[-1].at if signals else 0.0) + 30.0)
    assert lazy == eager


@given(st.lists(st.tuples(makers, st.floats()), max_size=30))
@settings(max_examples=150, deadline=None)
def test_clocks_that_say_nonsense_do_no_harm(soup: list[tuple[object, float]]) -> None:
    """A NaN in the checkpoint would stop the device at its next start."""
    tracker = SessionTracker()
    for make, at in soup:
        tracker.feed(make(at))  # type: ignore[operator]
        tracker.tick(at)
    assert tracker.checkpoint() == SessionTracker.restore(tracker.checkpoint()).checkpoint()
    assert "NaN" not in tracker.checkpoint() and "Infinity" not in tracker.checkpoint()


def test_the_soup_reaches_every_kind_of_event() -> None:
    """A guard for the properties above: a soup in which nothing ever plays would prove nothing."""
    found: set[type[Event]] = set()

    @given(soups())
    @settings(max_examples=600, deadline=None, database=None, derandomize=True)
    def look(signals: list[Signal]) -> None:
        found.update(type(event) for event in tell(signals))

    look()
    elsewhere = {Watched, *typing.get_args(Activity)}  # asked for, of another source
    assert {kind.__name__ for kind in KINDS.keys() - elsewhere} - {kind.__name__ for kind in found} == set()


def test_head_of_an_open_session_is_what_an_event_of_it_would_say() -> None:
    """A visitor's click on a running film is reported with where the film stood."""
    tracker = SessionTracker()
    assert tracker.head(1.0) is None
    (opened,) = tracker.feed(PlayCommanded(1.0, CLIP))
    assert opened.head == tracker.head(2.0)
