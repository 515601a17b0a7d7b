"""What the end of the input means."""

import pytest

from agent.kernel.endings import Finish, Ground, judge
from agent.kernel.media import Media

CLIP = Media("A", "u")


@pytest.mark.parametrize(
    ("duration", "position", "finish"),
    [
        (8.0, 7.9, Finish.COMPLETE),
        (8.072, 6.95, Finish.COMPLETE),  # The null audio sink is not drained (audio_only_mp3).
        (8.0, 4.0, Finish.EARLY),
        (3600.0, 3180.0, Finish.EARLY),
        (None, 100.0, Finish.PARTIAL),
    ],
)
def test_the_place_decides(duration: float | None, position: float, finish: Finish) -> None:
    """EndReached comes for everything (vlc.md section 0)."""
    assert finish is judge(Ground(CLIP, duration), position)


def test_an_estimated_length_is_judged_by_parts() -> None:
    """Decision 16."""
    guessed = Ground(Media("A", "u", estimated_length=True), 100.0)
    assert Finish.COMPLETE is judge(guessed, 89.0)
    assert Finish.EARLY is judge(guessed, 87.0)


def test_the_end_of_a_part_is_not_the_contents_end() -> None:
    """:stop-time=6 of 8 s was played as asked, but 100 % was not reached."""
    part = Ground(Media("A", "u", stop=6.0), 8.0)
    assert Finish.PARTIAL is judge(part, 5.9)
    assert Finish.EARLY is judge(part, 3.0)
    assert Finish.COMPLETE is judge(Ground(Media("A", "u", stop=60.0), 8.0), 7.9)
