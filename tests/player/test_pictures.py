"""What the host says of the pictures that are shown."""

from agent.player.pictures import DISPLAY_EVERY_S, Counts, Pictures
from agent.player.wire import Pictures as Said


class Counting:
    """libvlc, as far as it counts."""

    def __init__(self, *counts: Counts | None) -> None:
        self._counts = list(counts)

    def read_pictures(self) -> Counts | None:
        return self._counts.pop(0)


def test_counts_are_said_with_the_medium_that_they_are_of() -> None:
    """Counts of the film before, taken for this one's, would look like frames that stopped."""
    pictures = Pictures(Counting(Counts(5, 4, has_video=True), None), display=None)
    assert Said(1.0, 7, 5, 4, True, None) == pictures.look(1.0, 7)
    assert pictures.look(2.0, 7) is None


def test_screen_is_asked_now_and_then_only() -> None:
    """A kiosk knocks at its X server for years."""
    asked: list[bool] = []

    def display() -> bool:
        asked.append(True)
        return len(asked) == 1

    pictures = Pictures(Counting(*[Counts(1, 1, has_video=True)] * 3), display)
    said = [pictures.look(at, 1) for at in (10.0, 11.0, 10.0 + DISPLAY_EVERY_S)]
    assert [True, True, False] == [each.display for each in said if each]
    assert 2 == len(asked)
