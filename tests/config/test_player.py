"""The [player] table."""

from datetime import date

from agent.config.check import check
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


def test_image_too_short_to_be_counted_is_refused() -> None:
    """The player may say nothing of a flash: better told in the file than missed in the figures."""
    found = check({"kaltura": {"enabled": False}, "player": {"playlist": [{"uri": "a.png", "duration_s": 0.1}]}})
    assert isinstance(found, tuple)
    assert [("player", "playlist", 0, "duration_s")] == [problem.place for problem in found]
