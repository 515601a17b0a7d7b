"""What the tracker remembers."""

from agent.kernel.media import Media
from agent.kernel.playback import Playback


def test_a_live_medium_has_no_duration() -> None:
    """hls_live says 5 s, which is the window (R9)."""
    assert Playback(Media("A", "u", live=True), length=5.0).duration is None
    assert Playback(Media("A", "u"), length=5.0).duration == 5.0
