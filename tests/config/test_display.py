"""The `[display]` table."""

from pathlib import Path

import pytest

from agent.config.display import ConnectorName, DarkPlays, Device, Display
from agent.config.kinds import MisfitError
from tests.support.configuration import SMALLEST, loaded


def test_dark_plays_are_marked_and_no_television_is_asked_by_default() -> None:
    """The guide counts every play; and nobody wants programs run that he did not ask for."""
    found = Display()
    assert (True, None, (), DarkPlays.MARK, False) == (
        found.enabled,
        found.connector,
        found.hours,
        found.dark_plays,
        found.cec,
    )


@pytest.mark.parametrize("name", ["HDMI-A-1", "card1-HDMI-A-2", "eDP-1", "DP-3", "VGA-1", "DVI-I-1", "DSI-1"])
def test_names_of_the_kernel_are_taken(name: str) -> None:
    """As `ls /sys/class/drm` shows them."""
    assert name == ConnectorName().read(name)


@pytest.mark.parametrize("name", ["HDMI", "../card0", "card0", "HDMI-A-1/status", "", 1, "HDMI-A-1\n", "x" * 60 + "-1"])
def test_what_is_no_connector_is_refused(name: object) -> None:
    """A typing error would make the screen unknown for ever."""
    with pytest.raises(MisfitError, match="found"):
        ConnectorName().read(name)


@pytest.mark.parametrize("path", ["/dev/../etc/passwd", "cec0", "/dev/", "/etc/shadow", "/dev/cec0 -x", 0])
def test_what_is_no_device_is_refused(path: object) -> None:
    """It stands on a program's command line."""
    with pytest.raises(MisfitError):
        Device().read(path)
    assert "/dev/cec0" == Device().read("/dev/cec0")


def test_table_is_read_from_a_file(tmp_path: Path) -> None:
    """Hours as they are written for an item of the list."""
    text = SMALLEST + '[display]\nconnector = "HDMI-A-1"\nhours = "Mon-Sat 08:00-20:00"\ndark_plays = "leave-out"\n'
    found = loaded(tmp_path, text).settings.display
    assert ("HDMI-A-1", DarkPlays.LEAVE_OUT) == (found.connector, found.dark_plays)
    assert ["Mon-Sat 08:00-20:00"] == [str(each) for each in found.window.openings]
