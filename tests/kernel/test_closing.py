"""How sessions end, judged by where the playhead stood."""

from agent.kernel.events import Progressed
from agent.kernel.media import Media
from agent.kernel.signals import EndReached, LengthChanged, Paused, PlaybackFailed, TimeChanged
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch

FILM = Media(key="A", uri="file:///srv/film.mp4")
LIVE = Media(key="A", uri="http://live", live=True)


def test_a_short_clip_reaches_every_quartile_before_its_end() -> None:
    """Decision 15: a 1 s clip has one or two samples, and still was watched whole."""
    script = Script().open(length=1.0).play(0.5).wait(0.4).say(EndReached)
    events = script.told()
    assert mismatch("opened:A loaded playing 25% 50% 75% ended closed:completed", events) is None
    assert [0.25, 0.5, 0.75] == [event.fraction for event in events if isinstance(event, Progressed)]


def test_a_film_that_drops_at_53_of_60_minutes_ended_early() -> None:
    """Decision 16: 12 % of an hour are seven minutes; only an estimated length may be that wrong."""
    script = Script(FILM).open(length=3600.0).play(3180.0).end()
    story = "opened:A loaded playing 25% 50% 75% error:ended-early! closed:failed"
    assert mismatch(story, script.told()) is None


def test_an_estimated_length_may_be_an_eighth_off() -> None:
    """VLC's length of a TS file is a guess (vlc.md section 2)."""
    guessed = Media(key="A", uri="file:///srv/a.ts", estimated_length=True)
    story = "opened:A loaded playing 25% 50% 75% ended closed:completed"
    assert mismatch(story, Script(guessed).open(length=100.0).play(90.0).end().told()) is None


def test_a_connection_that_drops_after_a_long_stall_ended_early() -> None:
    """The clock ran on through the stall, the playhead did not."""
    script = Script(FILM).open(length=60.0).play(30.0).wait(40.0).say(EndReached)
    story = "opened:A loaded playing 25% 50% stalled error:ended-early! closed:failed"
    assert mismatch(story, script.told()) is None


def test_an_error_in_mid_play_ended_early() -> None:
    """A live stream that fails says EncounteredError, not EndReached."""
    script = Script(LIVE).open(length=0.0).play(5.0).say(PlaybackFailed)
    assert mismatch("opened:A loaded playing error:ended-early! closed:failed", script.told()) is None


def test_a_medium_that_never_moves_is_unplayable() -> None:
    """VLC "plays" a file without a single frame and says EndReached (R5)."""
    script = Script().open().say(TimeChanged, 0.0).say(EndReached)
    assert mismatch("opened:A loaded error:unplayable! closed:failed", script.told()) is None


def test_a_live_stream_has_no_hundred_percent() -> None:
    """Its length is only the window (R9)."""
    script = Script(LIVE).open(length=5.0).play(20.0).end()
    assert mismatch("opened:A loaded playing ended:short closed:completed", script.told()) is None


def test_an_image_with_a_duration_counts_like_a_clip() -> None:
    """Decision 15."""
    image = Media(key="A", uri="file:///srv/slide.png")
    story = "opened:A loaded playing 25% 50% 75% ended closed:completed"
    assert mismatch(story, Script(image).open(length=10.0).play(9.9).end().told()) is None


def test_a_seek_of_ours_past_the_end_is_an_end_without_hundred_percent() -> None:
    """Nothing was played after it (R5)."""
    script = Script(owned=True).open(length=60.0).play(2.0).seek(60.0).end()
    assert mismatch("opened:A loaded playing seeked:2>60 ended:short closed:completed", script.told()) is None


def test_a_seek_of_ours_shortly_before_the_end_reaches_it_by_playing() -> None:
    """The last half second was watched, so the content's end was reached by playing."""
    script = Script(owned=True).open(length=60.0).play(2.0).seek(59.4).wait(0.6).say(EndReached)
    assert mismatch("opened:A loaded playing seeked:2>59.4 ended closed:completed", script.told()) is None


def test_a_seek_of_ours_into_a_broken_part_ended_early() -> None:
    """The place that we asked for lies in the middle; the input was over before it could be shown."""
    script = Script(owned=True).open(length=60.0).play(2.0).seek(30.0).wait(0.3).say(EndReached)
    story = "opened:A loaded playing seeked:2>30 error:ended-early! closed:failed"
    assert mismatch(story, script.told()) is None


def test_a_pause_before_the_end_of_a_held_clip_is_a_pause() -> None:
    """--play-and-pause ends in a pause, but not every pause is the end."""
    held = Media(key="A", uri="file:///srv/a.mp4", holds_last_frame=True)
    script = Script(held).open().play(5.0).say(Paused)
    assert mismatch("opened:A loaded playing 25% 50% paused", script.told()) is None


def test_a_length_known_late_still_reaches_what_was_played() -> None:
    """HLS tells its length after 0.7 s; a quartile may lie before that."""
    script = Script(CLIP).open(length=0.0).play(3.0).say(LengthChanged, 8.0)
    assert mismatch("opened:A loaded playing 25%", script.told()) is None
