"""What single signals mean, and that noise means nothing."""

import pytest

from agent.kernel.listening import sound
from agent.kernel.signals import (
    EndReached,
    LengthChanged,
    Paused,
    Playing,
    SeekCommanded,
    Stopped,
    TimeChanged,
    TrackKind,
    TrackRemoved,
    VolumeChanged,
)
from tests.support.script import Script
from tests.support.stories import mismatch


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_numbers_that_nothing_can_say_are_passed_over(number: float) -> None:
    """One NaN in the memory would make every later comparison false."""
    assert not sound(number)
    script = Script(owned=True).open(length=60.0).play(1.0)
    script.say(TimeChanged, number).say(LengthChanged, number).say(SeekCommanded, number).say(VolumeChanged, number)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_pause_and_resume_are_told_once_each() -> None:
    """pause() twice sends Paused once, but nobody promises it."""
    script = Script().open(length=60.0).play(1.0).say(Paused).say(Paused).wait(1.0).say(Playing).say(Playing)
    assert mismatch("opened:A loaded playing paused resumed", script.told()) is None


def test_the_tail_of_a_closed_playback_is_not_listened_to() -> None:
    """VLC takes its streams away after the end, which is no choice of captions."""
    script = Script().open().play(8.0).end().say(TrackRemoved, TrackKind.VIDEO, 0).say(EndReached).say(Stopped)
    script.say(TimeChanged, 3.0).say(Playing)
    story = "opened:A loaded playing 25% 50% 75% ended closed:completed"
    assert mismatch(story, script.told(silence=60.0)) is None


def test_signals_before_any_medium_are_not_listened_to() -> None:
    """Somebody attaches in mid-play: what is not known cannot be told."""
    script = Script().say(Playing).say(TimeChanged, 3.0).say(EndReached).say(Stopped)
    assert mismatch("", script.told(silence=60.0)) is None
