"""What the tracker remembers."""

from agent.kernel.media import Media
from agent.kernel.playback import Playback
from tests.support.script import Script
from tests.support.stories import mismatch


def test_a_live_medium_has_no_duration() -> None:
    """hls_live says 5 s, which is the window (R9)."""
    assert Playback(Media("A", "u", live=True), length=5.0).duration is None
    assert 5.0 == Playback(Media("A", "u"), length=5.0).duration


def test_a_playhead_beyond_the_length_shows_a_live_window() -> None:
    """A live stream that the playlist does not name as such would end at 300 % of itself (R9)."""
    script = Script().open(length=5.0).play(20.0).end()
    assert mismatch("opened:A loaded playing 25% 50% 75% ended:short closed:completed", script.told()) is None
