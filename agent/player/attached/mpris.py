"""VLC's words on the session bus: what its properties mean, and which call is which command.

Contract: `player_fields` and `screen_fields` read properties as D-Bus brings them ({name: (signature, value)}) into
fields of a `State`; `call_of` makes the call of a command, None where there is none. Pure; nothing raised.
Rules: VLC counts microseconds, says a length of -1 while it does not know it, and has the item's place in its object
path. What is missing or of another type is left out: other versions say more and less.
Reasons: the MPRIS2 specification (D-Bus interfaces org.mpris.MediaPlayer2 and .Player); vlc.md section 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.player import wire
from agent.player.attached.state import Item, State, Status

PATH = "/org/mpris/MediaPlayer2"
ROOT = "org.mpris.MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
PROPERTIES = "org.freedesktop.DBus.Properties"
MICROSECOND = 1e-6

_STATUSES = {"Playing": Status.PLAYING, "Paused": Status.PAUSED, "Stopped": Status.STOPPED}


@dataclass(frozen=True, slots=True)
class Call:
    """A method of VLC's object. `signature`: the D-Bus types of `body`."""

    interface: str
    member: str
    signature: str | None = None
    body: tuple[Any, ...] = ()


GET_PLAYER = Call(PROPERTIES, "GetAll", "s", (PLAYER,))
GET_SCREEN = Call(PROPERTIES, "GetAll", "s", (ROOT,))
GET_POSITION = Call(PROPERTIES, "Get", "ss", (PLAYER, "Position"))
GET_ITEM = Call(PROPERTIES, "Get", "ss", (PLAYER, "Metadata"))


def player_fields(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What the player's interface says, as fields of a State."""
    found: dict[str, Any] = {}
    status = _STATUSES.get(_text(properties, "PlaybackStatus") or "")
    if status is not None:
        found["status"] = status
    if (metadata := _value(properties, "Metadata")) is not None and isinstance(metadata, dict):
        found["item"] = item_of(metadata)
    if (rate := _number(properties, "Rate")) is not None and rate > 0.0:
        found["rate"] = rate
    if (volume := _number(properties, "Volume")) is not None and volume >= 0.0:
        found["volume"] = volume
    if isinstance(seekable := _value(properties, "CanSeek"), bool):
        found["seekable"] = seekable
    return found


def screen_fields(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What the root interface says."""
    fullscreen = _value(properties, "Fullscreen")
    return {"fullscreen": fullscreen} if isinstance(fullscreen, bool) else {}


def seconds(microseconds: object) -> float | None:
    """A position or length of VLC's; None where it is none."""
    if isinstance(microseconds, bool) or not isinstance(microseconds, int | float):
        return None
    return round(microseconds * MICROSECOND, 6) if microseconds >= 0 else None


def call_of(command: wire.Command, state: State) -> Call | None:
    """What is asked of a VLC that is in `state`; None where a player with a list of its own cannot be told."""
    match command:
        case wire.Pause():
            return Call(PLAYER, "Pause")
        case wire.Resume():
            return Call(PLAYER, "Play")
        case wire.Stop():
            return Call(PLAYER, "Stop")
        case wire.Skip():
            return Call(PLAYER, "Next")
        case wire.Seek(to) if state.item is not None:
            return Call(PLAYER, "SetPosition", "ox", (state.item.place, round(max(to, 0.0) / MICROSECOND)))
        case wire.SetRate(rate):
            return _set(PLAYER, "Rate", "d", rate)
        case wire.SetVolume(volume):
            return _set(PLAYER, "Volume", "d", volume / 100)
        case wire.SetFullscreen(on):
            return _set(ROOT, "Fullscreen", "b", on)
        case _:
            return None


def _set(interface: str, name: str, signature: str, value: float | bool) -> Call:
    return Call(PROPERTIES, "Set", "ssv", (interface, name, (signature, value)))


def item_of(metadata: Mapping[str, Any]) -> Item | None:
    """What lies in the player, by its Metadata."""
    uri, place = _text(metadata, "xesam:url"), _text(metadata, "mpris:trackid")
    if not uri or not place:
        return None
    length = seconds(_value(metadata, "mpris:length"))
    return Item(place, uri, title=_text(metadata, "xesam:title") or None, length=length or None)


def _value(properties: Mapping[str, Any], name: str) -> Any:
    variant = properties.get(name)
    return variant[1] if isinstance(variant, tuple) and len(variant) == 2 else None


def _text(properties: Mapping[str, Any], name: str) -> str | None:
    value = _value(properties, name)
    return value if isinstance(value, str) else None


def _number(properties: Mapping[str, Any], name: str) -> float | None:
    value = _value(properties, name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
