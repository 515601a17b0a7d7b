"""The story of a foreign player: what is said of what it shows."""

from dataclasses import replace
from typing import Any

import pytest

from agent.kernel import signals
from agent.kernel.events import Closed, Ended, Ending, Event, Opened, Progressed, Seeked, Stalled, Started
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.player.attached.observer import STOP_HELD, Observer, Told
from agent.player.attached.state import Item, State, Status
from agent.player.wire import MediumFound

A = Item("/4", "file:///a.mp4", length=8.0)
B = Item("/5", "file:///b.mp4", length=8.0)
PLAYS_A = State(Status.PLAYING, A, volume=1.0, seekable=True)
PLAYS_B = replace(PLAYS_A, item=B)


def stopped(state: State) -> State:
    return replace(state, status=Status.STOPPED)


def paused(state: State) -> State:
    return replace(state, status=Status.PAUSED)


class Watch:
    """An observer, and the clock."""

    def __init__(self) -> None:
        self.observer = Observer()
        self.now = 100.0
        self.told: list[Told] = []
        self._time = 0.0

    def see(self, state: State, after: float = 0.1) -> None:
        self.now += after
        self.told += self.observer.see(state, self.now)

    def run(self, seconds: float, *, start: float | None = None) -> None:
        """The picture runs, and is asked for its position four times a second."""
        self._time = self._time if start is None else start
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            self._time += 0.25
            self.told += self.observer.read(self._time, self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.told += self.observer.tick(self.now)

    def kinds(self) -> list[type[Any]]:
        """What was said, without the positions."""
        return [type(each) for _, each in self.told if not isinstance(each, signals.TimeChanged | signals.Sampled)]

    def events(self) -> list[Event]:
        """What the tracker makes of it, as the agent feeds it."""
        tracker, told = SessionTracker(), []
        for _, each in self.told:
            if isinstance(each, MediumFound):
                told += tracker.feed(signals.MediaChanged(each.at, Media(key=each.uri, uri=each.uri, polled=True)))
            else:
                told += tracker.feed(each)
        return told + tracker.tick(self.now)


BEGIN = [
    MediumFound,
    signals.Opening,
    signals.LengthChanged,
    signals.SeekableChanged,
    signals.VolumeChanged,
    signals.Playing,
]


def test_item_played_to_its_end_is_said_from_beginning_to_end() -> None:
    """The tracker tells the whole play of it, as it does of our own player."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(8.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    assert [*BEGIN, signals.EndReached] == watch.kinds()
    assert {1} == {token for token, _ in watch.told}
    events = watch.events()
    assert [0.25, 0.5, 0.75] == [each.fraction for each in events if isinstance(each, Progressed)]
    assert [Ending.COMPLETED] == [each.ending for each in events if isinstance(each, Closed)]
    assert [] == [each for each in events if isinstance(each, Seeked)]


def test_next_item_after_the_end_is_another_medium() -> None:
    """Its signals must not count for the one before."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(8.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    watch.see(PLAYS_B)
    watch.run(8.0, start=0.0)
    watch.see(stopped(PLAYS_B))
    assert [*BEGIN, signals.EndReached, *BEGIN, signals.EndReached] == watch.kinds()
    assert ["file:///a.mp4", "file:///b.mp4"] == [each.uri for _, each in watch.told if isinstance(each, MediumFound)]


def test_item_left_in_mid_play_is_a_skip_and_no_end() -> None:
    """VLC stops between the two: a stop that another item follows soon was none."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    watch.see(PLAYS_B)
    assert [*BEGIN, signals.Halted, *BEGIN] == watch.kinds()
    assert [Ending.SKIPPED] == [each.ending for each in watch.events() if isinstance(each, Closed)]


def test_next_item_without_a_stop_between_is_told_apart() -> None:
    """VLC may say both in one signal, and HTTP polling may miss the stop."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(7.75, start=0.0)
    watch.see(PLAYS_B)
    assert [*BEGIN, signals.EndReached, *BEGIN] == watch.kinds()


def test_stop_in_mid_play_is_said_a_little_later_with_its_own_time() -> None:
    """Until then it may be a skip."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    at = watch.now
    assert at + STOP_HELD == watch.observer.due
    watch.wait(STOP_HELD - 0.1)
    assert [*BEGIN, signals.Halted] == watch.kinds()
    watch.wait(0.2)
    assert (1, signals.Stopped(at)) == watch.told[-1]
    assert None is watch.observer.due
    assert [Ending.STOPPED] == [each.ending for each in watch.events() if isinstance(each, Closed)]


def test_stop_that_is_held_back_is_no_stall() -> None:
    """The tracker's patience is shorter than the wait: it must not send BUFFER_START for each stop."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=0.0)
    watch.see(stopped(PLAYS_A), after=0.4)
    watch.now += 60.0  # However late the reason comes.
    assert [] == [each for each in watch.events() if isinstance(each, Stalled)]


def test_same_item_again_is_another_playback() -> None:
    """A list of one that repeats itself is a play each time."""
    watch = Watch()
    for _ in range(3):
        watch.see(PLAYS_A)
        watch.run(8.0, start=0.0)
        watch.see(stopped(PLAYS_A))
    assert [1, 2, 3] == [token for token, each in watch.told if isinstance(each, MediumFound)]
    assert 3 == len([each for each in watch.events() if isinstance(each, Ended) and each.complete])


def test_pass_of_a_repeated_input_is_a_play() -> None:
    """`--input-repeat` neither stops nor changes the item: only the playhead comes back."""
    watch = Watch()
    watch.see(PLAYS_A)
    for _ in range(3):
        watch.run(7.75, start=0.0)
    events = watch.events()
    assert 3 == len([each for each in events if isinstance(each, Started)])
    assert 2 == len([each for each in events if isinstance(each, Ended)])
    assert [] == [each for each in events if isinstance(each, Seeked)]


def test_pause_and_resume_are_said_and_no_position_in_between() -> None:
    """Nothing is asked for while nothing moves."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(2.0, start=0.0)
    watch.see(paused(PLAYS_A))
    assert watch.observer.plays is False
    assert [] == watch.observer.read(2.5, watch.now)
    watch.now += 60.0
    watch.see(PLAYS_A)
    watch.run(2.0)
    assert [*BEGIN, signals.Paused, signals.Playing] == watch.kinds()


@pytest.mark.parametrize(("target", "origin"), [(6.0, 2.0), (0.75, 2.0)])
def test_seek_is_found_from_what_was_pushed(target: float, origin: float) -> None:
    """The tracker judges it, like each step of a playhead that is polled."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(2.0, start=0.0)
    watch.now += 0.1
    watch.told += watch.observer.read(target, watch.now, pushed=True)
    found = [(round(each.origin), each.target) for each in watch.events() if isinstance(each, Seeked)]
    assert [(origin, target)] == found


def test_rate_and_screen_are_said_at_once() -> None:
    """They are pushed: the next poll may be a quarter of a second away."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(2.0, start=0.0)
    watch.see(replace(PLAYS_A, rate=1.5015015602111816, fullscreen=True))
    _, said = watch.told[-1]
    assert signals.Sampled(watch.now, 2.0, 1.5, True) == said


def test_length_that_comes_late_is_said_and_one_that_goes_is_not() -> None:
    """VLC says -1 until it has opened the item; it may say so again."""
    watch = Watch()
    watch.see(replace(PLAYS_A, item=replace(A, length=None)))
    watch.see(PLAYS_A)
    watch.see(replace(PLAYS_A, item=replace(A, length=None)))
    watch.run(8.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    assert 1 == watch.kinds().count(signals.LengthChanged)
    assert signals.EndReached is watch.kinds()[-1]


def test_volume_that_is_known_late_is_no_change() -> None:
    """VLC has no volume before its sound output; nobody turned a knob."""
    watch = Watch()
    watch.see(replace(PLAYS_A, volume=None))
    watch.see(PLAYS_A)
    assert signals.VolumeChanged not in watch.kinds()
    watch.see(replace(PLAYS_A, volume=0.5))
    assert (1, signals.VolumeChanged(watch.now, 0.5)) == watch.told[-1]


def test_player_that_dies_in_mid_play_is_lost() -> None:
    """The play was interrupted, and the next VLC begins another one."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=0.0)
    watch.told += watch.observer.lose(watch.now)
    watch.see(PLAYS_A)
    assert [*BEGIN, signals.PlayerLost, *BEGIN] == watch.kinds()
    assert [Ending.INTERRUPTED] == [each.ending for each in watch.events() if isinstance(each, Closed)]


def test_player_that_ends_after_a_stop_was_stopped() -> None:
    """Somebody closed it: that interrupts nothing."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=0.0)
    watch.see(stopped(PLAYS_A))
    watch.told += watch.observer.lose(watch.now)
    assert [*BEGIN, signals.Halted, signals.Stopped] == watch.kinds()


def test_player_found_in_mid_play_is_followed_from_there() -> None:
    """The host may start long after VLC: what was played before is not known, and no milestone of it is told."""
    watch = Watch()
    watch.see(PLAYS_A)
    watch.run(3.0, start=5.0)
    watch.see(stopped(PLAYS_A))
    events = watch.events()
    assert [0.75] == [each.fraction for each in events if isinstance(each, Progressed)]
    assert 1 == len([each for each in events if isinstance(each, Started)])


def test_player_found_paused_begins_when_it_goes_on() -> None:
    """Nobody saw anything yet."""
    watch = Watch()
    watch.see(paused(PLAYS_A))
    watch.now += 30.0
    watch.see(PLAYS_A)
    watch.run(2.0, start=3.0)
    assert [*BEGIN[:-1], signals.Paused, signals.Playing] == watch.kinds()
    assert [Opened, Started] == [type(each) for each in watch.events() if isinstance(each, Opened | Started)]


def test_short_clip_that_is_left_at_once_has_not_ended() -> None:
    """The tolerance of long items would make an end of each skip of a short one."""
    watch = Watch()
    short = replace(PLAYS_A, item=replace(A, length=2.0))
    watch.see(short)
    watch.run(0.5, start=0.0)
    watch.see(stopped(short))
    watch.see(PLAYS_B)
    assert signals.EndReached not in watch.kinds()
