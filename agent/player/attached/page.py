"""The pages of VLC's HTTP interface: what they say, and which address is which command.

Contract: `reading_of` reads status.json, `uri_of` finds an item's address in playlist.json, `query_of` makes a
command's query, None where there is none. Pure; what is no such page is None.
Rules: VLC gives the length in whole seconds and the position as a part of it, so both are a little wrong: a length by
up to a second. The volume is 256 at 100 %, and 0 where there is no
sound output, too. Full screen can only be toggled, so it is when it is the other way.
Reasons: vlc.md section 7; Debian's share/lua/http/requests/README.txt of VLC 3.
"""

import json
import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from agent.player import wire
from agent.player.attached.state import State, Status

FULL_VOLUME = 256
_STATUSES = {"playing": Status.PLAYING, "paused": Status.PAUSED, "stopped": Status.STOPPED}


@dataclass(frozen=True, slots=True)
class Reading:
    """status.json. `place`: the item's number in VLC's list, "" for none; `state` has no item yet."""

    state: State
    place: str
    title: str | None
    length: float | None
    position: float


def reading_of(page: bytes) -> Reading | None:
    """What status.json says."""
    try:
        said = json.loads(page)
        status = _STATUSES[said["state"]]
        length, place = _number(said["length"]), said["currentplid"]
        rate, volume = _number(said["rate"]), _number(said["volume"])
        position = _number(said["position"]) * length if length > 0 else _number(said["time"])
        state = State(
            status=status,
            rate=rate if rate > 0 else 1.0,
            fullscreen=bool(said["fullscreen"]),
            volume=volume / FULL_VOLUME if volume > 0 else None,
        )
        return Reading(
            state=state,
            place=str(place) if isinstance(place, int) and place >= 0 else "",
            title=_title(said),
            length=length if length > 0 else None,
            position=max(position, 0.0),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def uri_of(page: bytes, place: str) -> str | None:
    """The address of the item `place` in playlist.json."""
    try:
        nodes = [json.loads(page)]
        while nodes:
            node = nodes.pop()
            if node.get("type") == "leaf" and str(node.get("id")) == place and isinstance(node.get("uri"), str):
                return str(node["uri"])
            nodes += node.get("children") or []
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return None


def query_of(command: wire.Command, state: State) -> str | None:
    """What is asked of a VLC that is in `state`."""
    match command:
        case wire.Pause():
            return urlencode({"command": "pl_forcepause"})
        case wire.Resume():
            return urlencode({"command": "pl_play"})  # pl_forceresume leaves a stopped one stopped.
        case wire.Stop():
            return urlencode({"command": "pl_stop"})
        case wire.Skip():
            return urlencode({"command": "pl_next"})
        case wire.Seek(to):
            return urlencode({"command": "seek", "val": round(max(to, 0.0))})
        case wire.SetRate(rate):
            return urlencode({"command": "rate", "val": rate})
        case wire.SetVolume(volume):
            return urlencode({"command": "volume", "val": round(volume * FULL_VOLUME / 100)})
        case wire.SetFullscreen(on):
            return urlencode({"command": "fullscreen"}) if on != state.fullscreen else None
        case _:
            return None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _title(said: Any) -> str | None:
    title = said.get("information", {}).get("category", {}).get("meta", {}).get("title")
    return title if isinstance(title, str) and title else None
