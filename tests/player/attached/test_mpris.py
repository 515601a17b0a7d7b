"""VLC's properties on the session bus, and the calls that are its commands."""

from typing import Any

import pytest

from agent.player import wire
from agent.player.attached import mpris
from agent.player.attached.state import Item, State, Status

PLACE = "/org/videolan/vlc/playlist/4"
# As cvlc 3.0.24 says it.
RECORDED: dict[str, Any] = {
    "Metadata": (
        "a{sv}",
        {
            "mpris:trackid": ("o", PLACE),
            "xesam:url": ("s", "file:///a.mp4"),
            "vlc:time": ("u", 3),
            "mpris:length": ("x", 3000000),
            "vlc:length": ("x", 3000),
            "vlc:publisher": ("i", 5),
        },
    ),
    "PlaybackStatus": ("s", "Playing"),
    "CanPause": ("b", True),
    "CanSeek": ("b", True),
    "Rate": ("d", 1.5015015602111816),
    "Volume": ("d", 1.0),
}


def test_recorded_properties_are_read() -> None:
    """This is what a real VLC says."""
    state = State(**mpris.player_fields(RECORDED), **mpris.screen_fields({"Fullscreen": ("b", True)}))
    item = Item(PLACE, "file:///a.mp4", None, 3.0)
    assert State(Status.PLAYING, item, 1.5015015602111816, True, 1.0, True) == state


def test_item_that_is_not_open_yet_has_no_length() -> None:
    """VLC says -1, and 0 for a live stream: neither is a length."""
    for said in (-1, 0):
        metadata = {**RECORDED["Metadata"][1], "mpris:length": ("x", said), "xesam:title": ("s", "A")}
        assert {"item": Item(PLACE, "file:///a.mp4", "A", None)} == mpris.player_fields(
            {"Metadata": ("a{sv}", metadata)}
        )


def test_empty_metadata_is_no_item() -> None:
    """After the last one."""
    assert {"item": None} == mpris.player_fields({"Metadata": ("a{sv}", {})})


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"PlaybackStatus": ("s", "Dreaming"), "Rate": ("d", 0.0), "Volume": ("d", -1.0)},
        {"PlaybackStatus": 3, "Rate": ("s", "fast"), "Metadata": ("s", "none"), "CanSeek": ("i", 1)},
        {"PlaybackStatus": ("s",), "Rate": ("b", True)},
    ],
)
def test_what_is_no_property_changes_nothing(properties: dict[str, Any]) -> None:
    """Another player, or a later VLC, may say anything."""
    assert {} == mpris.player_fields(properties)
    assert {} == mpris.screen_fields(properties)


def test_positions_are_seconds() -> None:
    """VLC counts microseconds; anything else is no position."""
    assert [2.602055, 0.0, None, None, None] == [mpris.seconds(each) for each in (2602055, 0, -1, "1", True)]


@pytest.mark.parametrize(
    ("command", "member", "body"),
    [
        (wire.Pause(), "Pause", ()),
        (wire.Resume(), "Play", ()),
        (wire.Stop(), "Stop", ()),
        (wire.Skip(), "Next", ()),
        (wire.Seek(2.5), "SetPosition", (PLACE, 2500000)),
        (wire.SetRate(1.5), "Set", (mpris.PLAYER, "Rate", ("d", 1.5))),
        (wire.SetVolume(50), "Set", (mpris.PLAYER, "Volume", ("d", 0.5))),
        (wire.SetFullscreen(True), "Set", (mpris.ROOT, "Fullscreen", ("b", True))),
    ],
)
def test_command_is_a_call(command: wire.Command, member: str, body: tuple[Any, ...]) -> None:
    """What an operator orders reaches a VLC that is not ours."""
    call = mpris.call_of(command, State(Status.PLAYING, Item(PLACE, "file:///a.mp4")))
    assert call is not None
    assert (member, body) == (call.member, call.body)


def test_what_a_player_with_a_list_of_its_own_cannot_be_told_is_no_call() -> None:
    """Its list is its owner's; and where nothing lies in it, there is nowhere to seek to."""
    load = wire.Load(1, "file:///b.mp4", (), None, None, 0, False)
    assert [None] * 3 == [mpris.call_of(each, State()) for each in (load, wire.Overlay(None), wire.Seek(1.0))]
