"""What the kernel says of connectors, in files that may be missing or lie."""

import os
from pathlib import Path

import pytest

from agent.display.drm import MOST, Connector, Link, Power, connectors
from tests.support.connectors import connector


def test_raspberry_pi_with_one_monitor_is_read(tmp_path: Path) -> None:
    """The usual kiosk: two sockets, one cable, a card without connectors beside them, and the writeback engine."""
    (tmp_path / "version").write_text("drm 1.1.0 20060810\n")
    (tmp_path / "card0").mkdir()
    connector(tmp_path, "HDMI-A-1", card=1)
    connector(tmp_path, "HDMI-A-2", card=1, status="disconnected", enabled="disabled", dpms="Off")
    connector(tmp_path, "Writeback-1", card=1, status="unknown", enabled="disabled")
    assert (
        Connector("card1", "HDMI-A-1", Link.CONNECTED, True, Power.ON, "vc4-drm"),
        Connector("card1", "HDMI-A-2", Link.DISCONNECTED, False, Power.OFF, "vc4-drm"),
        Connector("card1", "Writeback-1", Link.UNKNOWN, False, Power.ON, "vc4-drm"),
    ) == connectors(tmp_path)


def test_machine_without_graphics_has_no_connectors(tmp_path: Path) -> None:
    """A server in a rack, a container: nothing is known there, and nothing breaks."""
    assert () == connectors(tmp_path / "drm")
    (tmp_path / "file").write_text("")
    assert () == connectors(tmp_path / "file")


@pytest.mark.parametrize("word", ["Standby", "Suspend", "Off"])
def test_stages_of_off_are_off(word: str, tmp_path: Path) -> None:
    """xset dpms force standby makes a screen as dark as force off."""
    connector(tmp_path, dpms=word)
    assert [Power.OFF] == [each.power for each in connectors(tmp_path)]


def test_missing_empty_and_strange_files_say_nothing(tmp_path: Path) -> None:
    """Drivers differ, and a kernel of tomorrow has other words: never off by a misunderstanding."""
    connector(tmp_path, "DP-1", status=None, enabled=None, dpms=None, driver=None)
    connector(tmp_path, "DP-2", status="", enabled="perhaps", dpms="Dim")
    odd = connector(tmp_path, "DP-3")
    for name in ("status", "enabled", "dpms"):
        (odd / name).unlink()
    (odd / "status").write_bytes(b"\xff\xfe\x00")
    (odd / "enabled").mkdir()
    os.mkfifo(odd / "dpms")
    (tmp_path / "card1-HDMI-A-1").write_text("not a folder")
    (tmp_path / "card2-DP-1").symlink_to(tmp_path / "nowhere")
    found = connectors(tmp_path)
    assert 5 == len(found)
    assert {(Link.UNKNOWN, None, Power.UNKNOWN)} == {(each.link, each.is_enabled, each.power) for each in found}


def test_folder_of_very_many_is_read_to_a_bound(tmp_path: Path) -> None:
    """A step of the main loop stays short whatever a driver does."""
    for number in range(MOST + 5):
        connector(tmp_path, f"DP-{number}")
    assert MOST == len(connectors(tmp_path))


def test_connector_is_called_by_name_or_with_its_card() -> None:
    """Two cards may have an HDMI-A-1 each."""
    found = Connector("card1", "HDMI-A-1")
    assert found.is_called("HDMI-A-1")
    assert found.is_called("card1-HDMI-A-1")
    assert not found.is_called("card0-HDMI-A-1")
    assert not found.is_called("HDMI-A")
