"""The [player] table."""

from datetime import date

from agent.config.hours import Window, opening
from agent.config.player import Headless, Player, PlaylistItem, Rotation, Source


def test_defaults_are_those_of_a_kiosk() -> None:
    """One list, for ever, on the whole screen."""
    player = Player()
    assert (Source.VLC, Headless.AUTO, Rotation.NONE) == (player.source, player.headless, player.rotation)
    assert (True, False, True, 100) == (player.loop, player.shuffle, player.fullscreen, player.volume)
    assert () == player.playlist


def test_window_of_an_item_is_all_that_limits_it() -> None:
    """The player asks one question: may it be shown now?"""
    hours = (opening("08:00-20:00"),)
    item = PlaylistItem(uri="a", hours=hours, valid_from=date(2026, 12, 1))
    assert Window(hours, date(2026, 12, 1), None) == item.window
    assert Window() == PlaylistItem(uri="a").window
