"""A play that goes on while the agent is away, as text for the agent's next process.

Contract: `write` makes JSON of what is being played, `read` gives it back to a process with the list of now, or None;
`taken` is the last signal that was taken in with it. Pure.
Rules: only what was loaded counts. An item that has left the list, or has other spots now, is not gone on with. Spots
are told by their places among their item's. A process that was cut short with the item counts as one of the item's cuts
(agent.kernel.rotation), one that ended in good order does not. Whatever the text holds, nothing is raised.
Reasons: decision 32; the tracker's checkpoint, which commits in the same transaction, is about the same moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from agent.kernel.rotation import Rotation, Take
from agent.player.items import Item, Spot
from agent.player.program import Program
from agent.player.turn import Turn

_FLAGS = ("playing", "paused", "told_to_pause", "moved")
_MOMENTS = ("length", "moved_at")
_MOMENTS_OR_NONE = ("time", "heard_at", "limit_due", "hours_due", "resume_at")


@dataclass(frozen=True, slots=True)
class Going:
    """What a host plays, and where the list stands with it."""

    rotation: Rotation
    program: Program
    turn: Turn


def taken(state: Mapping[str, Any] | None) -> tuple[int, int]:
    """(run, number) of the last signal that went into `state`, the director's; (0, 0) where there is none."""
    host = (state or {}).get("host")
    found = (host.get("run"), host.get("number")) if isinstance(host, Mapping) else (None, None)
    return (found[0], found[1]) if type(found[0]) is int and type(found[1]) is int else (0, 0)


def write(program: Program, turn: Turn, rotation: Rotation) -> dict[str, Any]:
    """The play as JSON."""
    item = program.item
    return {
        "rotation": rotation.state(),
        "spots": [spot.item.media.key for spot in item.spots],
        "queue": [program.place(spot) for spot in program.queue],
        "coming": [program.place(spot) for spot in program.coming],
        "overlay": None if program.overlay is None else program.place(program.overlay),
        "time": program.time,
        "content_over": program.content_over,
        "token": turn.token,
        "began": turn.began,
        "spot": next((place for place, spot in enumerate(item.spots, 1) if spot.item is turn.item), None),
        "turn": {name: getattr(turn, name) for name in (*_FLAGS, *_MOMENTS, *_MOMENTS_OR_NONE)},
        "repeats": turn.item.media.repeats,
        "last_pass": turn.last_pass,
    }


def read(written: Any, items: Mapping[str, Item], rotation: Rotation, *, orderly: bool) -> Going | None:
    """The inverse of `write`, for the list of now; None where that cannot be gone on with.

    `rotation` has the list's keys and rules; `orderly`: the process that wrote it was asked to end.
    """
    try:
        carried = _carried_on(written["rotation"], rotation, orderly=orderly)
        item = items[carried.playing or ""] if carried is not None else None
        if carried is None or item is None or [spot.item.media.key for spot in item.spots] != written["spots"]:
            return None
        return Going(carried, _program(written, item), _turn(written, item))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _carried_on(state: Mapping[str, Any], rotation: Rotation, *, orderly: bool) -> Rotation | None:
    """The list with the item of `state` still playing."""
    cuts, last = int(state["cuts"]), state["last"]
    before = rotation.resumed({**state, "cuts": 0 if orderly else cuts}, same_boot=True)
    after, choice = before.choose(lambda key: key == last)
    if state["playing"] is not True or choice != Take(last) or after.lap != state["lap"]:
        return None
    return replace(after, cuts=cuts) if orderly else after


def _program(written: Mapping[str, Any], item: Item) -> Program:
    program = Program(item)
    program.queue, program.coming = _spots(written["queue"], item), _spots(written["coming"], item)
    program.overlay = None if written["overlay"] is None else _spots([written["overlay"]], item)[0]
    program.time = _moment_or_none(written["time"])
    program.content_over = _flag(written["content_over"])
    return program


def _turn(written: Mapping[str, Any], item: Item) -> Turn:
    medium = item if written["spot"] is None else _spots([written["spot"]], item)[0].item
    token, turn = written["token"], written["turn"]
    if type(token) is not int:
        raise ValueError(token)
    found = Turn(token, medium, began=_moment(written["began"]))
    for name in _FLAGS:
        setattr(found, name, _flag(turn[name]))
    for name in _MOMENTS:
        setattr(found, name, _moment(turn[name]))
    for name in _MOMENTS_OR_NONE:
        setattr(found, name, _moment_or_none(turn[name]))
    # An earlier version's player repeats nothing. What is to be played once now was begun as what VLC repeats.
    was_repeating = written.get("repeats") is True
    found.last_pass = was_repeating and (written.get("last_pass") is True or not medium.media.repeats)
    return found


def _spots(places: Sequence[Any], item: Item) -> list[Spot]:
    if any(type(place) is not int or place < 1 for place in places):
        raise ValueError(places)
    return [item.spots[place - 1] for place in places]


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _moment(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(value)
    return float(value)


def _moment_or_none(value: Any) -> float | None:
    return None if value is None else _moment(value)
