"""Spots, whatever a player says and wherever they are put."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import (
    Event,
    Opened,
    PausedEvent,
    Progressed,
    Resumed,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
)
from agent.kernel.media import Role
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from tests.support.programs import Program
from tests.support.script import CLIP, Script
from tests.support.soup import soups
from tests.support.stories import words

NOT_OF_THE_CONTENT = (SpotStarted, SpotProgressed, SpotEnded, PausedEvent, Resumed)


def content_of(events: list[Event]) -> list[Event]:
    """What was told of the content, without the pauses that midrolls make."""
    return [event for event in events if not isinstance(event, NOT_OF_THE_CONTENT)]


@given(st.lists(st.integers(1, 7), max_size=4, unique=True), st.lists(st.sampled_from([-0.4, 0.0, 0.4]), min_size=4))
@settings(max_examples=100, deadline=None)
def test_content_is_told_as_if_it_had_no_spots(moments: list[int], landings: list[float]) -> None:
    """Whatever is put before, into and after it, the film's own numbers are the film's."""
    program = Program().whole_spot(Role.PREROLL).content()
    for moment, off in zip(sorted(moments), landings, strict=False):
        program.play(moment).whole_spot(Role.MIDROLL).content(off=off)
    told = program.play(8.0).end().whole_spot(Role.POSTROLL).over().told()
    alone = Script(CLIP, owned=True).open().play(8.0).end().told()
    assert words(alone) == words(content_of(told))
    assert [e.fraction for e in alone if isinstance(e, Progressed)] == [
        e.fraction for e in told if isinstance(e, Progressed)
    ]
    assert not told[-1].head.seeked
    pauses = [type(event) for event in told if isinstance(event, PausedEvent | Resumed)]
    assert [PausedEvent, Resumed] * len(moments) == pauses


@given(soups())
@settings(max_examples=200, deadline=None)
def test_any_soup_tells_each_point_of_a_spot_once_and_ends_what_it_starts(signals: list[Signal]) -> None:
    """An advertiser pays for each of these numbers."""
    tracker = SessionTracker()
    events = [event for signal in signals for event in tracker.feed(signal)]
    events += tracker.interrupt((signals[-1].at if signals else 0.0) + 30.0)
    reached: dict[Role, set[float]] = {}
    running: dict[bool, Role] = {}
    for event in events:
        if isinstance(event, SpotStarted):
            running[event.role is Role.OVERLAY] = event.role
            reached[event.role] = set()
        elif isinstance(event, SpotProgressed):
            assert event.fraction not in reached[event.role]
            reached[event.role].add(event.fraction)
        elif isinstance(event, SpotEnded):
            running.pop(event.role is Role.OVERLAY, None)
    assert running == {}
    assert not any(isinstance(event, Opened) and event.media.role is not Role.CONTENT for event in events)
