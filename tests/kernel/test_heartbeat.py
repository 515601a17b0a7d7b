"""The heartbeat: the cadence of the recorded player, and a log that is not filled for nothing."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from agent.kernel.events import Event, Started, Watched
from agent.kernel.heartbeat import EVERY, FIRST, IDLE, ticks
from agent.kernel.session import SessionTracker
from agent.kernel.signals import MuteChanged, Paused, Playing, Sampled, VolumeChanged
from tests.support.script import Script
from tests.support.soup import soups


def told(script: Script, *, silence: float = 0.0) -> list[Event]:
    """What a tracker with a heartbeat tells."""
    return script.told(silence=silence, tracker=SessionTracker(heartbeat=True))


def beats(events: Sequence[Event]) -> list[float]:
    """When it beat, in seconds since playback began."""
    (began,) = [event.at for event in events if isinstance(event, Started)]
    return [round(event.at - began, 3) for event in events if isinstance(event, Watched)]


def test_a_tracker_that_is_not_asked_tells_no_beat() -> None:
    """360 facts an hour are flash that only one destination needs."""
    events = Script().open(length=60.0).play(40.0).told()
    assert [] == [event for event in events if isinstance(event, Watched)]


def test_beats_come_with_the_first_picture_at_the_11th_second_and_then_every_ten() -> None:
    """The recorded cadence (play_600s): 0, 11, 21, 31 …"""
    assert [0.0, 11.0, 21.0, 31.0] == beats(told(Script().open(length=60.0).play(40.0)))


def test_the_first_beat_stands_right_behind_the_beginning() -> None:
    """The recorded player sends PLAY and VIEW in one breath, whatever else happened at that moment."""
    events = told(Script().open(length=60.0).wait(3.0).play(1.0))
    place = next(index for index, event in enumerate(events) if isinstance(event, Started))
    assert isinstance(events[place + 1], Watched)
    assert (events[place].at, events[place].head) == (events[place + 1].at, events[place + 1].head)


def test_paused_seconds_do_not_count() -> None:
    """pause_short: 11 s before, 2 s and a bit of pause, and the next beat comes as much later."""
    script = Script().open(length=60.0).play(12.5).say(Paused).wait(2.25).say(Playing).play(40.0)
    assert [0.0, 11.0, 23.0, 33.0] == beats(told(script))


def test_a_pause_of_31_ticks_begins_the_count_anew() -> None:
    """pause_31s: resumed at 43.75 s, the next beat is 11 ticks later."""
    script = Script().open(length=60.0).play(12.5).say(Paused).wait(31.25).say(Playing).play(40.0)
    assert [0.0, 11.0, 54.0, 64.0] == beats(told(script))


def test_a_stall_counts_but_tells_one_beat_only() -> None:
    """stall_25s: the beat in it tells of what was played before; the next one has nothing new to tell."""
    events = told(Script().open(length=60.0).play(15.5).wait(24.6).play(40.0))
    assert [0.0, 11.0, 21.0, 41.0, 51.0, 61.0] == beats(events)


def test_a_night_of_stall_tells_next_to_nothing() -> None:
    """A network that is down all night must not write 360 facts an hour."""
    script = Script().open(length=60.0).play(15.5)
    assert [0.0, 11.0, 21.0] == beats(told(script, silence=40_000.0))


def test_a_beat_knows_what_was_watched_and_heard() -> None:
    """VIEW has sums and modes; they must be of the moment."""
    script = Script().say(VolumeChanged, 0.8).open(length=60.0).say(Sampled, 0.0, 1.0, False).play(10.5)
    script.say(MuteChanged, True).say(Sampled, 10.5, 1.0, True).play(21.5)
    events = [event for event in told(script) if isinstance(event, Watched)]
    assert [(True, False), (False, True), (False, True)] == [(event.sound, event.fullscreen) for event in events]
    assert [0.0, 10.5, 20.5] == [event.head.played for event in events]


def test_what_nobody_knows_is_not_claimed() -> None:
    """Before the player has said anything of its sound and screen, a beat says nothing of them."""
    (event,) = (event for event in told(Script().open(length=60.0).play(1.0)) if isinstance(event, Watched))
    assert (None, None) == (event.sound, event.fullscreen)


def test_a_restart_keeps_the_beat() -> None:
    """The checkpoint commits with the events, so a crash neither loses nor doubles a beat (house rule 9)."""
    script = Script().open(length=60.0).play(40.0)
    tracker, events = SessionTracker(heartbeat=True), []
    for signal in script.signals:
        tracker = SessionTracker.restore(tracker.checkpoint(), heartbeat=True)
        events += tracker.feed(signal)
    assert [0.0, 11.0, 21.0, 31.0] == beats(events)


def test_a_heartbeat_that_is_switched_on_in_mid_play_waits_for_the_next() -> None:
    """A setting was changed and the agent restarted: there is no beginning to count from."""
    script = Script().open(length=60.0).play(20.0)
    tracker = SessionTracker()
    for signal in script.signals:
        tracker.feed(signal)
    tracker = SessionTracker.restore(tracker.checkpoint(), heartbeat=True)
    assert [] == [event for event in tracker.tick(script.at + 1.0) if isinstance(event, Watched)]


def test_each_session_has_a_beat_of_its_own() -> None:
    """A list of short clips: each begins at its own zero."""
    script = Script().open(length=12.0).play(12.0).end().open(length=60.0).play(12.0)
    events = told(script)
    began = {event.session: event.at for event in events if isinstance(event, Started)}
    found = [(event.session, round(event.at - began[event.session])) for event in events if isinstance(event, Watched)]
    assert [(1, 0), (1, 11), (2, 0), (2, 11)] == found


def test_the_beat_is_what_the_deadline_waits_for() -> None:
    """The loop sleeps until the deadline: without it the beat would come with the next signal."""
    tracker = SessionTracker(heartbeat=True)
    for signal in Script().open(length=60.0).play(10.9).signals:
        tracker.feed(signal)
    assert tracker.deadline == pytest.approx(100.1 + FIRST)


@pytest.mark.parametrize(("expected", "since", "at"), [(0, None, 5.0), (0, 1.0, 1.999), (1, 1.0, 2.0), (15, 1.1, 16.1)])
def test_ticks_are_whole_seconds(expected: int, since: float | None, at: float) -> None:
    """16.1 - 1.1 is a little less than 15 in binary; a tick must not be lost by it."""
    assert expected == ticks(since, at)


@settings(deadline=None, max_examples=200)
@given(soups())
def test_any_soup_beats_at_most_every_ten_seconds(soup: Sequence[object]) -> None:
    """Whatever a player says, the log grows by no more than a beat each ten seconds, and times only rise."""
    tracker = SessionTracker(heartbeat=True)
    events = [event for signal in soup for event in tracker.feed(signal)]  # type: ignore[arg-type]
    assert [event.at for event in events] == sorted(event.at for event in events)
    for session in {event.session for event in events}:
        mine = [event for event in events if isinstance(event, Watched) and event.session == session]
        if len(mine) > 1:
            assert len(mine) - 1 <= (mine[-1].at - mine[0].at) / EVERY + 1e-6
        assert sorted({event.head.played for event in mine}) == [event.head.played for event in mine]
    assert IDLE > 3 * EVERY
