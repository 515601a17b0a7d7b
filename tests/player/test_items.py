"""Items of the list."""

from agent.config.hours import is_open
from agent.kernel.media import Media
from agent.player.items import Item


def test_item_without_hours_may_always_be_shown() -> None:
    """Most items have none."""
    assert is_open(Item(Media("a", "file:///a.mp4")).window, 1_795_000_000.0)
