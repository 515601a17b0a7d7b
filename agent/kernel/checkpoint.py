"""The tracker's memory as text.

Contract: `dump` and `load` are inverse. The text is compact JSON of a few hundred bytes and holds only what differs
from the defaults, so a later version reads an earlier one's, and an unknown field is passed over.
Raises: `CheckpointError` where the text is no checkpoint. Whoever gets it must still never reuse a session's ordinal.
"""

import json
from dataclasses import MISSING, fields
from enum import Enum
from math import isfinite
from typing import Any, get_args, get_type_hints

from agent.kernel.events import Ending
from agent.kernel.jumps import Jump
from agent.kernel.media import Media, Role
from agent.kernel.motion import Motion
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback, Spot, Tracks

_NESTED: dict[str, type] = {
    "inside": Media,
    "media": Media,
    "open": Playback,
    "motion": Motion,
    "tracks": Tracks,
    "jump": Jump,
    "spot": Spot,
    "memory": Memory,
    "overlay": Media,
}
"""Fields that are values of their own, by name: the names are unique over all that is remembered."""

_ENUMS: dict[str, type[Enum]] = {"phase": Phase, "ended": Ending, "role": Role}


_SHAPES: dict[type, list[tuple[str, Any]]] = {
    kind: [(field.name, None if field.default is MISSING else field.default) for field in fields(kind)]
    for kind in (Memory, Playback, Spot, Motion, Tracks, Jump, Media)
}
"""Names and defaults, looked up once: a checkpoint is made with every event."""


class CheckpointError(ValueError):
    """The text is not a checkpoint."""


def dump(memory: Memory) -> str:
    """The memory as compact JSON."""
    return json.dumps(_plain(memory), separators=(",", ":"))


def load(text: str) -> Memory:
    """The memory that `text` holds. Raises CheckpointError."""
    try:
        memory = _build(Memory, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"not a checkpoint of the tracker: {error}") from error
    assert isinstance(memory, Memory)
    return memory


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    shape = _SHAPES.get(type(value))
    if shape is None:
        return value
    kept = {}
    for name, default in shape:
        item = getattr(value, name)
        if item is default or (name not in _NESTED and item == default):
            continue
        plain = _plain(item)
        if plain or name not in _NESTED:
            kept[name] = plain
    return kept


def _build(kind: type, plain: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{name: _value(name, item, hints[name]) for name, item in plain.items() if name in hints})


def _value(name: str, item: Any, hint: Any) -> Any:
    if name in _NESTED:
        return _build(_NESTED[name], item)
    if name in _ENUMS:
        return _ENUMS[name](item)
    if name == "watched":
        return tuple((float(low), float(high)) for low, high in item)
    if name in ("told", "marks", "next_marks"):
        return tuple(float(fraction) for fraction in item)
    if not any(_is_a(item, kind) for kind in get_args(hint) or (hint,)):
        raise ValueError(f"{name} cannot be {item!r}")
    return item


def _is_a(item: Any, kind: type) -> bool:
    """Whether a damaged file's value may stand where `kind` belongs: it would otherwise raise much later."""
    if kind is float:
        return isinstance(item, int | float) and not isinstance(item, bool) and isfinite(item)
    return type(item) is kind
