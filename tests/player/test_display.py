"""Is there a screen?"""

import socket
from pathlib import Path

from agent.player.display import answers, has_display


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


def test_x_server_answers_while_it_lives(tmp_path: Path) -> None:
    """libvlc says nothing when the X server under it has gone."""
    folder = tmp_path / "x"
    folder.mkdir()
    assert answers({"DISPLAY": ":5"}, x_sockets=folder) is False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(folder / "X5"))
        assert answers({"DISPLAY": ":5"}, x_sockets=folder) is False
        server.listen(1)
        assert answers({"DISPLAY": "unix:5.0"}, x_sockets=folder) is True
        assert answers({"DISPLAY": ":6"}, x_sockets=folder) is False
    assert answers({"DISPLAY": ":5"}, x_sockets=folder) is False


def test_x_server_that_is_busy_is_there(tmp_path: Path) -> None:
    """One that draws a large picture takes no connections meanwhile; nothing is wrong with the screen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "X5"))
        server.listen(0)
        lines = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
        for line in lines:
            line.setblocking(False)
            line.connect_ex(str(tmp_path / "X5"))
        assert answers({"DISPLAY": ":5"}, x_sockets=tmp_path) is True
        for line in lines:
            line.close()


def test_compositor_answers_at_its_socket(tmp_path: Path) -> None:
    """As for X."""
    environment = {"WAYLAND_DISPLAY": "wayland-3", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":5"}
    assert answers(environment) is False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "wayland-3"))
        server.listen(1)
        assert answers(environment) is True


def test_screen_elsewhere_is_not_judged(tmp_path: Path) -> None:
    """A wrong no would keep the watchdog from helping."""
    assert answers({"DISPLAY": "there:0"}, tmp_path) is None
    assert answers({}, tmp_path) is None


def test_console_answers_by_its_connectors(tmp_path: Path) -> None:
    """Of two connectors one is enough."""
    for name, state in (("card1-HDMI-A-1", "disconnected"), ("card1-HDMI-A-2", "disconnected")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(state + "\n")
    assert answers({}, tmp_path) is False
    (tmp_path / "card1-HDMI-A-2" / "status").write_text("connected\n")
    assert answers({}, tmp_path) is True
