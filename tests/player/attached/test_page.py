"""The pages of VLC's HTTP interface, as cvlc 3.0.24 writes them."""

import json
from typing import Any

import pytest

from agent.player import wire
from agent.player.attached.page import query_of, reading_of, uri_of
from agent.player.attached.state import State, Status

STATUS: dict[str, Any] = {
    "fullscreen": False,
    "version": "3.0.24 Vetinari",
    "volume": 128,
    "state": "playing",
    "position": 0.5,
    "length": 30,
    "information": {"category": {"meta": {"filename": "a.mp4", "title": "A"}}},
    "currentplid": 4,
    "time": 14,
    "rate": 1.5,
}
PLAYLIST = {
    "type": "node",
    "id": "0",
    "children": [
        {
            "type": "node",
            "id": "1",
            "children": [
                {"type": "leaf", "id": "4", "name": "a.mp4", "uri": "file:///a.mp4", "current": "current"},
                {"type": "leaf", "id": "3", "name": "b.mp4", "uri": "file:///b.mp4"},
            ],
        },
        {"type": "node", "id": "2", "children": []},
    ],
}


def page(**changed: Any) -> bytes:
    return json.dumps({**STATUS, **changed}).encode()


def test_recorded_status_is_read() -> None:
    """The position is a part of the length, which VLC gives in whole seconds."""
    reading = reading_of(page())
    assert reading is not None
    assert State(Status.PLAYING, None, 1.5, False, 0.5) == reading.state
    assert ("4", "A", 30.0, 15.0) == (reading.place, reading.title, reading.length, reading.position)


def test_live_stream_has_a_time_and_no_length() -> None:
    """There the position is always 0."""
    reading = reading_of(page(length=0, position=0, time=42))
    assert reading is not None
    assert (None, 42.0) == (reading.length, reading.position)


def test_stopped_vlc_has_no_item() -> None:
    """As recorded after the end of the list."""
    reading = reading_of(page(state="stopped", currentplid=-1, length=0, time=0, position=0, volume=0, information={}))
    assert reading is not None
    assert (Status.STOPPED, "", None, None) == (
        reading.state.status,
        reading.place,
        reading.title,
        reading.state.volume,
    )


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"<html>", b"[]", b"{}", b"\xff", page(state="dreaming"), page(length="long"), b"[" * 100_000),
        *(page(position=float("nan")), page(length=float("inf")), page(rate=10**400), page(information=[])),
    ],
)
def test_what_is_no_status_is_none(said: bytes) -> None:
    """The address may lead to another program."""
    assert None is reading_of(said)
    assert None is uri_of(said, "4")


def test_address_of_an_item_is_found_in_the_list() -> None:
    """status.json has a file's name only, which says nothing of where it lies."""
    found = [uri_of(json.dumps(PLAYLIST).encode(), place) for place in ("4", "3", "1", "9")]
    assert ["file:///a.mp4", "file:///b.mp4", None, None] == found


@pytest.mark.parametrize(
    ("command", "query"),
    [
        (wire.Pause(), "command=pl_forcepause"),
        (wire.Resume(), "command=pl_play"),
        (wire.Stop(), "command=pl_stop"),
        (wire.Skip(), "command=pl_next"),
        (wire.Seek(14.6), "command=seek&val=15"),
        (wire.SetRate(1.5), "command=rate&val=1.5"),
        (wire.SetVolume(50), "command=volume&val=128"),
        (wire.SetFullscreen(True), "command=fullscreen"),
        (wire.SetFullscreen(False), None),
        (wire.Overlay(None), None),
    ],
)
def test_command_is_a_query(command: wire.Command, query: str | None) -> None:
    """Full screen can only be toggled: it is where it is the other way."""
    assert query == query_of(command, State(Status.PLAYING, fullscreen=False))
