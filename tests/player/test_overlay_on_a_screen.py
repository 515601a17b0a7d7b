"""An overlay on a real screen, drawn by real libvlc."""

import pytest

from agent.kernel import signals
from agent.player import wire
from agent.player.hostoptions import HostOptions
from tests.support import media
from tests.support.players import PATIENCE_S, Watched, load, now, ready, watched
from tests.support.screens import Screen, screen

OPTIONS = HostOptions(vlc_options=("--vout=xcb_x11", "--aout=adummy"))
# The picture's 100 x 40; a screen is never so exact at its edges.
DRAWN = 3500


def seen(player: Watched, found: Screen, *, drawn: bool) -> bool:
    """Whether the overlay comes on the screen, or goes from it, in time."""
    until = now() + PATIENCE_S
    while now() < until:
        player.wait_for(signals.Sampled)
        if found.count(red=False) > DRAWN and (found.count(red=True) > DRAWN) is drawn:
            return True
    return False


def test_overlay_is_drawn_taken_away_and_gone_with_the_next_medium(monkeypatch: pytest.MonkeyPatch) -> None:
    """An advertiser pays for what is seen; and libvlc would keep it over the next film (measured)."""
    with screen() as found:
        monkeypatch.setenv("DISPLAY", found.display)
        with watched(OPTIONS) as player:
            ready(player)
            player.supervisor.send(load(media.blue_clip(60.0), medium=1))
            player.wait_for(signals.TimeChanged)
            assert seen(player, found, drawn=False)
            player.supervisor.send(wire.Overlay(str(media.red_image())))
            assert seen(player, found, drawn=True)
            player.supervisor.send(wire.Overlay(None))
            assert seen(player, found, drawn=False)
            player.supervisor.send(wire.Overlay(str(media.red_image())))
            assert seen(player, found, drawn=True)
            player.supervisor.send(load(media.blue_clip(60.0), medium=2))
            player.wait_for(wire.MediumSet)
            assert seen(player, found, drawn=False)


def test_overlay_without_a_picture_harms_nobody() -> None:
    """A kiosk that plays sound, or a medium that has not begun."""
    with watched() as player:
        first = ready(player)
        player.supervisor.send(wire.Overlay(str(media.red_image())))
        player.supervisor.send(load(media.tone(1.0), medium=1))
        player.supervisor.send(wire.Overlay("/nowhere/at all.png"))
        player.wait_for(signals.EndReached)
        assert first.pid == player.supervisor.status.pid
