"""From the settings to the player's parts."""

from pathlib import Path

from agent.config.player import Headless, Player, Restart
from agent.config.player import Rotation as Turned
from agent.kernel.rotation import Rotation
from agent.player.hostoptions import HostOptions
from agent.player.items import Screen
from agent.player.supervisor import RestartRules
from agent.player.wishes import has_display, host_options, restart_rules, rotation, screen


def test_headless_by_itself_only_without_a_display() -> None:
    """A kiosk that plays into nothing because of a guess is a black screen; the settings' word is final."""
    assert host_options(Player(), display=False) == HostOptions(headless=True)
    assert host_options(Player(), display=True) == HostOptions(headless=False)
    assert host_options(Player(headless=Headless.ALWAYS), display=True).headless
    assert not host_options(Player(headless=Headless.NEVER), display=False).headless
    assert host_options(Player(vlc_options=("--a",)), display=True).vlc_options == ("--a",)


def test_display_is_a_session_or_a_connected_monitor(tmp_path: Path) -> None:
    """A console kiosk has no DISPLAY, and its monitor is one all the same."""
    assert not has_display({}, tmp_path)
    assert has_display({"DISPLAY": ":0"}, tmp_path)
    assert has_display({"WAYLAND_DISPLAY": "wayland-1"}, tmp_path)
    connector = tmp_path / "card1-HDMI-A-1" / "status"
    connector.parent.mkdir()
    connector.write_text("disconnected\n")
    assert not has_display({}, tmp_path)
    connector.write_text("connected\n")
    assert has_display({}, tmp_path)


def test_settings_reach_their_parts() -> None:
    """A setting that nobody reads is a lie in the documentation."""
    restart = Restart(hang_after_s=7.0, first_delay_s=2.0, longest_delay_s=9.0)
    assert restart_rules(Player(restart=restart)) == RestartRules(silence=7.0, first=2.0, longest=9.0)
    player = Player(volume=40, audio_device="hdmi", rotation=Turned.RIGHT, fullscreen=False, loop=False, shuffle=True)
    assert screen(player) == Screen(40, "hdmi", 90, False)
    assert rotation(player, "device-1") == Rotation((), loop=False, shuffle=True, seed="device-1")
