"""How sessions begin."""

from agent.kernel.events import Started
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.kernel.signals import (
    Buffering,
    EndReached,
    MediaChanged,
    Opening,
    Paused,
    PlaybackFailed,
    Playing,
    SeekCommanded,
    TimeChanged,
    TrackAdded,
    TrackKind,
)
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch


def started(script: Script) -> Started:
    """The Started that the script tells."""
    return next(event for event in script.told() if isinstance(event, Started))


def test_a_play_counts_only_once_the_playhead_moves() -> None:
    """Decision 11: Playing comes for a black screen as well."""
    script = Script().open().say(TimeChanged, 0.0).wait(0.3).say(TimeChanged, 0.0)
    assert mismatch("opened:A loaded", script.told()) is None
    assert mismatch("opened:A loaded playing", script.play(0.5).told()) is None


def test_position_of_what_has_not_started_is_not_carried_on() -> None:
    """A status that tells of half a second of a film nobody saw yet would be believed."""
    tracker = SessionTracker()
    script = Script().open().say(TimeChanged, 0.0)
    assert mismatch("opened:A loaded", script.told(silence=0.5, tracker=tracker)) is None
    assert (0.0, 8.0, 1.0) == tracker.motion


def test_started_is_dated_at_playing_and_told_with_its_join_time() -> None:
    """Decision 11; the first sample comes 0.4 s after the first picture, which must not count as waiting."""
    event = started(Script().open().play(0.5))
    assert (100.1, 0.1, 0.0) == (event.at, event.join_time, event.head.position)


def test_a_medium_without_streams_is_never_loaded() -> None:
    """Garbage "plays" and ends at once (vlc.md section 2)."""
    script = Script().say(MediaChanged, CLIP).say(Opening).say(Playing).say(EndReached)
    assert mismatch("opened:A error:unplayable! closed:failed", script.told()) is None


def test_a_missing_medium_fails_before_it_is_loaded() -> None:
    """Decision 11: WIDGET_LOADED and an error, never 2 or 3."""
    script = Script().say(MediaChanged, CLIP).say(Opening).say(Buffering, 0.0).say(PlaybackFailed)
    assert mismatch("opened:A error:unplayable! closed:failed", script.told()) is None


def test_a_silent_opening_times_out() -> None:
    """A server that accepts and never answers is silent for ever (http_blackhole)."""
    script = Script().say(MediaChanged, CLIP).say(Opening)
    assert mismatch("opened:A@100 error:open-timeout!@112 closed:failed@112", script.told(silence=60.0)) is None


def test_a_slow_opening_does_not_time_out_while_its_buffer_fills() -> None:
    """A slow network is no failure."""
    script = Script().say(MediaChanged, CLIP).say(Opening)
    for percent in range(10):
        script.wait(8.0).say(Buffering, float(percent))
    script.say(TrackAdded, TrackKind.VIDEO, 0).say(Playing).play(0.5)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_a_medium_that_is_only_laid_in_may_wait() -> None:
    """An observer hears of set_media, and of play() an hour later."""
    script = Script().say(MediaChanged, CLIP).wait(3600.0).say(Opening)
    assert mismatch("opened:A", script.told()) is None


def test_a_start_in_pause_waits_for_the_first_picture() -> None:
    """--start-paused: the timer stands, and the time in pause is no waiting for the picture."""
    script = Script().open().say(Paused).wait(100.0).say(Playing).play(0.5)
    assert mismatch("opened:A loaded playing@200.1", script.told()) is None
    assert 0.1 == started(script).join_time


def test_a_long_wait_for_the_first_picture_is_told_as_the_initial_stall() -> None:
    """Decision 13: trackEvent reports it, stats.collect does not; so it is marked."""
    script = Script().open().wait(3.0).play(0.5)
    story = "opened:A loaded playing@100.1 stalled:initial@100.1 recovered:initial@103.1"
    assert mismatch(story, script.told()) is None


def test_a_medium_that_is_played_in_part_starts_in_its_middle() -> None:
    """:start-time: the quartiles before it were not watched."""
    part = Media(key="A", uri="file:///srv/a.mp4", start=3.0)
    event = started(Script(part).open().play(5.0))
    assert 3.0 == event.head.position
    assert mismatch("opened:A loaded playing 50%", Script(part).open().play(5.0).told()) is None


def test_a_seek_before_the_first_picture_is_where_playing_begins() -> None:
    """Nothing was seen before it, so nothing was jumped over; VLC's echo of it is no movement."""
    script = Script(owned=True).open().say(SeekCommanded, 4.5).say(TimeChanged, 4.5)
    script.time = 4.5
    assert mismatch("opened:A loaded playing 75%", script.play(7.0).told()) is None


def test_a_live_stream_whose_clock_does_not_start_at_nought_starts_when_it_moves() -> None:
    """A stream's own clock may say anything; only its movement tells of a picture."""
    live = Media(key="A", uri="udp://", live=True)
    script = Script(live).open(length=0.0).wait(0.3).say(TimeChanged, 5000.0)
    assert mismatch("opened:A loaded", script.told()) is None
    assert mismatch("opened:A loaded playing", script.wait(0.3).say(TimeChanged, 5000.3).told()) is None
