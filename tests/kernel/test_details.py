"""Rate, screen, sound, captions, renditions, and what cannot be seen."""

from agent.kernel.events import FlavorSwitched, VolumeSet
from agent.kernel.media import Media
from agent.kernel.signals import (
    MediaChanged,
    MuteChanged,
    Opening,
    Playing,
    Sampled,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackRemoved,
    TrackSelected,
    VideoOutputsChanged,
    VideoSizeRead,
    VolumeChanged,
)
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch


def test_rate_and_fullscreen_are_told_when_they_change() -> None:
    """libvlc has no event for either (R8)."""
    script = Script().open(length=60.0).play(1.0).say(Sampled, 1.0, 1.0, False).say(Sampled, 1.0, 2.0, True)
    script.say(Sampled, 1.0, 2.0, True).say(Sampled, 1.0, 2.0, False)
    assert mismatch("opened:A loaded playing rate:2 fullscreen:on fullscreen:off", script.told()) is None


def test_the_screen_from_the_start_is_no_change() -> None:
    """A kiosk is full screen all day; opening the screen with every item would be a lie."""
    script = Script().open().play(1.0).say(Sampled, 1.0, 1.0, True).open().play(1.0).say(Sampled, 1.0, 1.0, True)
    script.say(Sampled, 1.0, 1.0, False)
    story = "opened:A loaded playing closed:skipped opened:A loaded playing fullscreen:off"
    assert mismatch(story, script.told()) is None


def test_a_screen_that_changed_between_sessions_is_told_in_the_next() -> None:
    """An event belongs to a session; the change itself must not be lost."""
    script = Script().open().say(Sampled, 0.0, 1.0, False).play(1.0).open().say(Sampled, 0.0, 1.0, True).play(1.0)
    story = "opened:A loaded playing closed:skipped opened:A loaded playing fullscreen:on"
    assert mismatch(story, script.say(Sampled, 1.0, 1.0, True).told()) is None


def test_a_rate_that_makes_no_sense_is_noise() -> None:
    """A rate of 0 or NaN would stop the clock of the session."""
    script = Script().open().play(1.0).say(Sampled, 1.0, 0.0, False).say(Sampled, 1.0, float("nan"), False)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_a_slider_that_is_dragged_is_one_volume() -> None:
    """A hundred changes a second must not fill the log."""
    script = Script().open().play(1.0)
    for percent in range(50):
        script.wait(0.01).say(VolumeChanged, percent / 100)
    events = script.wait(0.1).say(MuteChanged, True).told(silence=1.2)
    told = [event for event in events if isinstance(event, VolumeSet)]
    assert [(0.49, True)] == [(event.volume, event.muted) for event in told]


def test_the_volume_from_the_start_is_no_change() -> None:
    """A real audio output says its volume with every item, and -1 at its end."""
    script = Script().say(VolumeChanged, 0.8).open().say(VolumeChanged, 0.8).play(1.0)
    script.say(VolumeChanged, 0.5).say(VolumeChanged, 0.8).say(VolumeChanged, -1.0)
    assert mismatch("opened:A loaded playing", script.told(silence=1.5)) is None


def test_captions_are_told_when_they_change() -> None:
    """The selection that a medium begins with is nobody's choice."""
    script = Script().open().say(TrackSelected, TrackKind.TEXT, 3).play(1.0)
    script.say(TrackSelected, TrackKind.TEXT, 3).say(TrackSelected, TrackKind.TEXT, None)
    assert mismatch("opened:A loaded playing captions:off", script.told()) is None


def test_another_audio_track_is_told_but_not_that_of_a_new_rendition() -> None:
    """HLS brings a new audio stream with each rendition (hls_rendition_switch)."""
    script = Script().open(length=60.0).play(2.0).say(TrackSelected, TrackKind.AUDIO, 2)
    script.say(TrackAdded, TrackKind.AUDIO, 5).say(TrackSelected, TrackKind.AUDIO, 5)
    assert mismatch("opened:A loaded playing audio:2", script.told()) is None


def test_a_rendition_is_told_with_its_size_at_the_time_of_the_change() -> None:
    """The host reads the size 0.15 s later (R7)."""
    script = Script().open(length=60.0).play(2.0).say(TrackAdded, TrackKind.VIDEO, 4)
    script.say(TrackRemoved, TrackKind.VIDEO, 0).wait(0.15).say(VideoSizeRead, 854, 480)
    event = script.told()[-1]
    assert isinstance(event, FlavorSwitched)
    assert (102.1, 854, 480) == (event.at, event.width, event.height)


def test_a_rendition_whose_size_nobody_reads_is_told_without_it() -> None:
    """An observer of a foreign player cannot read it."""
    script = Script().open(length=60.0).play(2.0).say(TrackAdded, TrackKind.VIDEO, 4)
    event = script.say(TrackRemoved, TrackKind.VIDEO, 0).told(silence=1.0)[-1]
    assert isinstance(event, FlavorSwitched)
    assert (None, None) == (event.width, event.height)


def test_a_video_that_is_never_shown_is_a_codec_fault_and_plays_on() -> None:
    """VLC plays the sound and says nothing (unsupported_video_codec)."""
    script = Script().say(MediaChanged, CLIP).say(Opening).say(TrackAdded, TrackKind.VIDEO, 0).say(Playing).play(5.0)
    assert mismatch("opened:A loaded playing error:codec@103", script.told()) is None


def test_sound_alone_is_no_fault() -> None:
    """Audio-only media work."""
    music = Media(key="A", uri="file:///srv/a.mp3")
    script = Script().say(MediaChanged, music).say(Opening).say(TrackAdded, TrackKind.AUDIO, 0).say(Playing).play(5.0)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_a_missing_display_is_told_once() -> None:
    """VLC says for every frame that there is no output (no_video_output)."""
    script = Script().open(length=60.0).play(1.0)
    for _ in range(50):
        script.say(VideoOutputsChanged, 0)
    assert mismatch("opened:A loaded playing error:no-display", script.say(TimeChanged, 1.2).told()) is None


def test_an_output_that_goes_and_comes_is_no_fault() -> None:
    """A change of rendition closes the output once."""
    script = Script().open(length=60.0).play(1.0)
    for _ in range(20):
        script.say(VideoOutputsChanged, 0).say(VideoOutputsChanged, 1)
    assert mismatch("opened:A loaded playing", script.told()) is None
