"""What is being played."""

from agent.kernel.media import Media


def test_a_plain_medium_is_an_ordinary_file() -> None:
    """The defaults must be the harmless ones: exact length, quartiles, no part, no held frame."""
    media = Media(key="A", uri="file:///srv/a.mp4")
    assert not (media.live or media.adaptive or media.estimated_length or media.holds_last_frame)
    assert (None, None, None) == (media.entry_id, media.start, media.stop)
