"""Seeks, as owner and as observer, and what they do to the milestones."""

from agent.kernel.events import Seeked
from agent.kernel.media import Media
from agent.kernel.signals import (
    Buffering,
    Paused,
    Sampled,
    SeekableChanged,
    SeekCommanded,
    StopCommanded,
    TimeChanged,
)
from tests.support.script import Script
from tests.support.stories import mismatch


def test_a_quartile_that_a_seek_jumped_over_stays_silent() -> None:
    """Guide 4.2: seek 0 to 40 % and watch on: 25 never fires, 50 does."""
    script = Script(owned=True).open(length=60.0).play(1.0).seek(24.0).play(31.0)
    assert mismatch("opened:A loaded playing seeked:1>24 50%", script.told()) is None


def test_a_quartile_fires_when_playback_comes_back_to_it() -> None:
    """Guide 4.2: seek 0 to 40 %, back to 10 %, watch on: 25 fires on passing."""
    script = Script(owned=True).open(length=60.0).play(1.0).seek(24.0).play(26.0).seek(6.0).play(16.0)
    assert mismatch("opened:A loaded playing seeked:1>24 seeked:26>6 25%", script.told()) is None


def test_a_quartile_fires_once_however_often_it_is_passed() -> None:
    """A viewer who goes back sees the point again; the report counts it once."""
    script = Script(owned=True).open(length=60.0).play(16.0).seek(10.0).play(20.0)
    assert mismatch("opened:A loaded playing 25% seeked:16>10", script.told()) is None


def test_scrubbing_is_one_seek() -> None:
    """A dragged slider seeks every 80 ms; the first origin and the last target count."""
    script = Script(owned=True).open(length=60.0).play(2.0)
    for to in range(10, 25):
        script.wait(0.08).seek(float(to))
    script.play(27.0)
    assert mismatch("opened:A loaded playing seeked:2>24", script.told()) is None


def test_two_seeks_that_are_apart_are_two() -> None:
    """Coalescing must not swallow what somebody meant."""
    script = Script(owned=True).open(length=60.0).play(2.0).seek(20.0).play(21.0).seek(40.0).play(41.0)
    assert mismatch("opened:A loaded playing seeked:2>20 seeked:21>40", script.told()) is None


def test_a_seek_in_pause_is_told_without_waiting_for_playback() -> None:
    """VLC sends no sample in pause (seek_while_paused)."""
    script = Script(owned=True).open(length=60.0).play(2.0).say(Paused).wait(1.0).say(SeekCommanded, 30.0)
    script.wait(0.2).say(Sampled, 30.0, 1.0, False)
    assert (
        mismatch("opened:A loaded playing paused@104 seeked:2>30@103.6", script.told(silence=5.0), tolerance=2) is None
    )


def test_a_seek_whose_data_do_not_come_is_told_before_the_stall() -> None:
    """The order in which it happened: somebody seeked, then the picture stood still."""
    script = Script(owned=True).open(length=60.0).play(2.0).seek(40.0)
    assert mismatch("opened:A loaded playing seeked:2>40 stalled", script.told(silence=5.0)) is None


def test_a_seek_that_lands_elsewhere_tells_where() -> None:
    """A player that only knows key frames goes on from one of them."""
    script = Script(owned=True).open(length=60.0).play(2.0).say(SeekCommanded, 40.0).pulse()
    script.wait(0.6).say(TimeChanged, 30.0).wait(1.1).say(TimeChanged, 31.0)
    seek = next(event for event in script.told() if isinstance(event, Seeked))
    assert (2.0, 30.0) == (seek.origin, seek.target)


def test_a_command_that_the_player_is_slow_to_obey_still_lands() -> None:
    """A busy Pi plays on for a moment; its samples from the old place are not where the seek led."""
    script = Script(owned=True).open(length=60.0).play(2.0).say(SeekCommanded, 40.0)
    script.wait(0.3).say(TimeChanged, 2.3).wait(0.5).say(TimeChanged, 2.8).pulse().wait(0.4).say(TimeChanged, 40.3)
    events = script.told()
    assert mismatch("opened:A loaded playing seeked:2>40", events) is None


def test_a_rebuffering_is_no_seek_to_an_observer() -> None:
    """A pulse alone proves nothing; the time that passed does (R2)."""
    script = Script().open(length=60.0).play(4.0).wait(0.3).pulse().play(6.0)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_a_jump_without_a_pulse_is_no_seek() -> None:
    """HLS goes back by up to 4.2 s without anybody having touched it."""
    hls = Media(key="A", uri="http://x.m3u8", adaptive=True)
    script = Script(hls).open(length=60.0).play(20.0).wait(0.3).say(TimeChanged, 16.0)
    script.time = 16.0
    assert mismatch("opened:A loaded playing 25%", script.play(22.0).told()) is None


def test_a_clock_that_starts_again_is_no_seek_where_nobody_can_seek() -> None:
    """A live stream that comes back counts from 0 (udp_sender_dies)."""
    live = Media(key="A", uri="udp://", live=True)
    script = Script(live).open(length=0.0).say(SeekableChanged, False).play(20.0).pulse()
    script.time = 0.0
    assert mismatch("opened:A loaded playing", script.play(3.0).told()) is None


def test_a_jump_from_the_end_to_the_start_is_another_pass() -> None:
    """:input-repeat sends nothing but a pulse and the new time; each pass is a session, none a replay (decision 12)."""
    script = Script(owned=True).open(length=3.0).play(2.9)
    for _ in range(2):
        script.say(Buffering, 0.0).say(Buffering, 100.0)
        script.time = 0.0
        script.play(2.9)
    one = "opened:A loaded playing 25% 50% 75%"
    assert mismatch(f"{one} ended closed:completed {one} ended closed:completed {one}", script.told()) is None


def test_what_was_watched_is_told_in_stretches() -> None:
    """xAPI asks for them; what a seek jumped over is not in them."""
    script = Script(owned=True).open(length=60.0).play(5.0).seek(20.0).play(25.0).seek(3.0).play(8.0).say(Paused)
    head = script.told()[-1].head
    assert ((20.0, 25.0), (0.0, 8.0)) == head.segments
    assert 15.0 == head.played
    assert head.seeked


def test_a_pending_seek_is_told_before_the_session_closes() -> None:
    """The operator stopped right after it."""
    script = Script(owned=True).open(length=60.0).play(5.0).seek(20.0).say(StopCommanded)
    assert mismatch("opened:A loaded playing seeked:5>20 closed:stopped", script.told()) is None
