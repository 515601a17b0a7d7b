"""Is there a screen?"""

from pathlib import Path

from agent.player.display import has_display


def test_display_is_a_session_or_a_connected_monitor(tmp_path: Path) -> None:
    """A wrong yes plays into the void with errors for each frame; a wrong no is a black kiosk."""
    assert not has_display({}, tmp_path)
    assert has_display({"DISPLAY": ":0"}, tmp_path)
    assert has_display({"WAYLAND_DISPLAY": "wayland-1"}, tmp_path)
    connector = tmp_path / "card1-HDMI-A-1" / "status"
    connector.parent.mkdir()
    connector.write_text("disconnected\n")
    assert not has_display({}, tmp_path)
    connector.write_text("connected\n")
    assert has_display({}, tmp_path)


def test_connector_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """A monitor unplugged while we look must not end the start."""
    (tmp_path / "card0-DP-1" / "status").mkdir(parents=True)
    assert not has_display({}, tmp_path)
