"""A single clip that its player repeats by itself, without a word between the passes (tapes: input_repeat_*)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import Closed, Ending, Event, Opened, Progressed, Replayed, Seeked, Started
from agent.kernel.media import Media
from agent.kernel.passes import comes_back
from agent.kernel.signals import (
    Paused,
    PlayerLost,
    Playing,
    Sampled,
    SkipCommanded,
    StopCommanded,
    TimeChanged,
)
from tests.support.script import Script
from tests.support.stories import mismatch

CLIP = Media(key="A", uri="file:///srv/a.mp4", entry_id="0_aaaa", repeats=True)
PASS = "opened:A loaded playing 25% 50% 75% ended closed:completed"
LENGTH = 3.0


def begun(media: Media = CLIP, *, length: float = LENGTH) -> Script:
    """It plays, and is ours."""
    return Script(media, owned=True).open(length=length)


def played(script: Script, length: float = LENGTH) -> Script:
    """To the last sample of a pass, as VLC says it: 0.2 s before the end."""
    return script.play(length - 0.2)


def wrapped(script: Script) -> Script:
    """The wrap: the pulse 0.2 s behind the last sample, and 0.4 s later a sample of the next pass."""
    script.wait(0.2).pulse().wait(0.4).say(TimeChanged, 0.4)
    script.time = 0.4
    return script


def closings(events: list[Event]) -> list[Ending]:
    return [event.ending for event in events if isinstance(event, Closed)]


def test_each_pass_is_a_session_and_the_last_ends_by_the_players_word() -> None:
    """Three passes are three plays: 1, 2, 3, 4 … each, no replay and no seek (decision 12)."""
    script = wrapped(played(wrapped(played(begun()))))
    told = played(script).end().told()
    assert mismatch(" ".join([PASS] * 3), told) is None
    assert not [event for event in told if isinstance(event, Seeked | Replayed)]
    assert [1, 2, 3] == [event.session for event in told if isinstance(event, Opened)]


def test_pass_ends_where_the_next_one_begins() -> None:
    """The viewer sees no gap, so the times have none: both are dated at the wrap."""
    script = played(begun())
    wrap = script.at + 0.2
    told = wrapped(script).told()
    closed = next(event for event in told if isinstance(event, Closed))
    assert [wrap, wrap] == pytest.approx([closed.at, [e for e in told if isinstance(e, Started)][1].at])
    assert pytest.approx(LENGTH) == closed.head.played


def test_medium_that_repeats_by_nobodys_order_is_told_as_before() -> None:
    """Who never set input-repeat has a player whose times mean what they meant."""
    told = wrapped(played(begun(Media(key="A", uri="file:///srv/a.mp4")))).told()
    closed = next(event for event in told if isinstance(event, Closed))
    assert pytest.approx(told[-1].at, abs=0.01) == closed.at


def test_seek_by_the_operator_in_mid_pass_is_a_seek() -> None:
    """To the beginning as well: the clip was not over (decision 12)."""
    told = begun().play(1.5).seek(0.0).wait(0.3).say(TimeChanged, 0.3).wait(0.5).say(TimeChanged, 0.8).told()
    assert mismatch("opened:A loaded playing 25% 50% seeked:1.5>0", told) is None


def test_seek_in_the_moment_of_the_wrap_is_the_next_passs() -> None:
    """The clip had come to its end before anybody touched it; its 100 % must not be lost to the operator's hand."""
    script = played(begun()).wait(0.2).pulse().wait(0.2).seek(1.0)
    told = script.wait(0.3).say(TimeChanged, 1.3).wait(0.5).say(TimeChanged, 1.8).told()
    assert mismatch(f"{PASS} opened:A loaded playing 50%", told) is None


def test_seek_to_shortly_before_the_end_is_told_and_the_next_pass_found() -> None:
    """The wrap comes before the seek has been told."""
    script = begun(length=60.0).play(5.0).seek(59.5).wait(0.5).pulse().wait(0.4).say(TimeChanged, 0.4)
    script.time = 0.4
    told = script.play(3.0).told()
    assert (
        mismatch("opened:A loaded playing seeked:5>59.5 ended closed:completed opened:A loaded playing", told) is None
    )


def test_pause_over_the_wrap_belongs_to_the_next_pass() -> None:
    """Nothing of it was seen yet, so it is no pause that anybody noticed."""
    script = played(begun()).wait(0.2).pulse().wait(0.1).say(Paused).wait(60.0).say(Playing).wait(0.3)
    script.say(TimeChanged, 0.4)
    script.time = 0.4
    assert mismatch(f"{PASS} opened:A loaded playing 25%", script.play(1.0).told()) is None


@pytest.mark.parametrize("word", [SkipCommanded, StopCommanded, PlayerLost])
def test_end_of_all_in_the_moment_of_the_wrap_finds_a_whole_pass(
    word: type[SkipCommanded | StopCommanded | PlayerLost],
) -> None:
    """What ends the loop a moment after a pass does not take that pass's 100 % with it, and no other pass was seen."""
    told = played(begun()).wait(0.2).pulse().wait(0.1).say(word).told()
    assert mismatch(PASS, told) is None


def test_crash_in_the_third_pass_closes_that_one_alone() -> None:
    """Two plays count as whole, one as cut off; and the fourth is never born."""
    told = wrapped(played(wrapped(played(begun())))).play(1.6).say(PlayerLost).told()
    assert mismatch(f"{PASS} {PASS} opened:A loaded playing 25% 50% closed:interrupted", told) is None


def test_truncated_file_fails_in_each_pass() -> None:
    """VLC repeats half a film as happily as a whole one; nobody saw its end."""
    told = wrapped(begun(length=60.0).play(20.0)).told()
    assert (
        mismatch("opened:A loaded playing 25% error:ended-early! closed:failed opened:A loaded playing", told) is None
    )


def test_rebuffering_is_no_pass() -> None:
    """At the start of a clip from the network, and in the middle: the playhead goes on from where it was."""
    script = begun(length=20.0).play(1.0).wait(0.4).pulse().wait(2.0).say(TimeChanged, 1.1)
    script.time = 1.1
    script.play(6.0).wait(0.3).pulse().wait(1.0).say(TimeChanged, 6.0)
    assert [] == closings(script.told())


def test_stream_of_segments_that_goes_back_is_no_pass() -> None:
    """HLS jumps back by up to 4.2 s after a starvation (recorded); near its start that is no wrap."""
    media = Media(key="A", uri="https://a.test/a.m3u8", adaptive=True, repeats=True)
    told = begun(media, length=40.0).play(4.0).wait(0.3).pulse().wait(0.4).say(TimeChanged, 0.5).told()
    assert [] == closings(told)


def test_sound_that_ends_early_is_whole() -> None:
    """The null sink is not drained: MP3 wraps 1.1 s before its length (measured)."""
    media = Media(key="A", uri="file:///srv/a.mp3", estimated_length=True, repeats=True)
    script = begun(media, length=3.06).play(1.95).pulse().wait(0.27).say(TimeChanged, 0.28)
    script.time = 0.28
    assert mismatch(f"{PASS} opened:A loaded playing 25%", script.play(1.0).told()) is None


def test_part_of_a_clip_wraps_to_where_it_starts() -> None:
    """`:start-time` and `:stop-time` hold in each pass (measured)."""
    media = Media(key="A", uri="file:///srv/a.mp4", start=1.0, stop=2.5, repeats=True)
    script = Script(media, owned=True).open(length=3.0).play(2.3).wait(0.2).pulse().wait(0.4).say(TimeChanged, 1.4)
    assert [Ending.COMPLETED] == closings(script.told())


def test_wrap_without_a_pulse_is_found_from_the_playhead_alone() -> None:
    """One lost line of the link does not make two plays one."""
    script = played(begun()).wait(0.6).say(TimeChanged, 0.4)
    script.time = 0.4
    assert mismatch(f"{PASS} {PASS}", played(script).end().told()) is None


@settings(deadline=None, max_examples=200)
@given(
    length=st.floats(1.0, 40.0),
    passes=st.integers(1, 6),
    steps=st.lists(st.floats(0.2, 0.5), min_size=1, max_size=7),
    landing=st.floats(0.25, 0.6),
    rate=st.sampled_from([1.0, 1.0, 0.5, 2.0]),
    pulse=st.booleans(),
    paused=st.lists(st.integers(0, 60), max_size=3),
)
def test_any_clip_of_a_second_or_more_is_counted_right(
    *, length: float, passes: int, steps: list[float], landing: float, rate: float, pulse: bool, paused: list[int]
) -> None:
    """As many sessions as passes, each with each milestone once, whatever moments the samples fall on."""
    pace = rate if length >= 4.0 else 1.0
    pulse = pulse or length < 4.0  # Of a short clip the playhead alone does not tell.
    script, count = begun(length=length).say(Sampled, 0.0, pace, False), 0
    for number in range(passes):
        if number:
            script.wait(landing)
            script.time = landing * pace
            script.say(TimeChanged, round(script.time, 3))
        while script.time + steps[count % len(steps)] * pace < length - 0.05:
            step = steps[count % len(steps)]
            script.wait(step).say(TimeChanged, round(script.time + step * pace, 3))
            script.time += step * pace
            count += 1
            if count in paused:
                script.say(Paused).wait(7.0).say(Playing)
        script.wait((length - script.time) / pace)
        if number < passes - 1 and pulse:
            script.pulse()
    told = script.end().told()
    assert [Ending.COMPLETED] * passes == closings(told)
    for session in range(1, passes + 1):
        marks = [event.fraction for event in told if isinstance(event, Progressed) and event.session == session]
        assert [0.25, 0.5, 0.75] == marks
    assert not [event for event in told if isinstance(event, Seeked)]


def test_who_ends_a_medium_with_its_pass_asks_the_playhead() -> None:
    """Back to the start, and not by the jitter of a sample."""
    assert comes_back(0.4, 2.8, 0.0)
    assert not comes_back(2.79, 2.8, 0.0)
    assert not comes_back(1.5, 2.8, 0.0)
    assert comes_back(5.3, 9.0, 5.0)
