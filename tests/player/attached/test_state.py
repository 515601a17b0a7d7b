"""What makes two items the same."""

import pytest

from agent.player.attached.state import Item

PLAYS = Item("/4", "file:///a.mp4")


@pytest.mark.parametrize(
    ("other", "is_the_same"),
    [
        (Item("/4", "file:///a.mp4", title="A", length=8.0), True),
        (Item("/5", "file:///a.mp4"), False),
        (Item("/4", "file:///b.mp4"), False),
    ],
)
def test_item_is_known_by_its_place_and_address(other: Item, is_the_same: bool) -> None:
    """A title that comes late must not make a second play of one; the same film twice in a list is two items."""
    assert is_the_same == PLAYS.is_the_same(other)
