"""The link's messages as lines: one JSON object each.

Contract: `encode` makes one line of a message; `decode` makes the message of a line, or None of a bad one, and never
raises; `LineBuffer` cuts a stream into lines. Pure.
Rules: unknown keys are ignored, so that either side may be the newer one. Numbers are finite.
Reasons: JSON lines can be read by a person, typed into a socket, and kept as a test's fixture (decision 32).
"""

import json
import math
import types
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from agent.kernel import signals
from agent.kernel.signals import TrackKind
from agent.player.wire import (
    Acknowledge,
    Attached,
    Beat,
    Hello,
    Load,
    MediumFound,
    MediumSet,
    Message,
    Overlay,
    Pause,
    Pictures,
    Quit,
    Resume,
    Said,
    Seek,
    SetFullscreen,
    SetRate,
    SetVolume,
    Skip,
    Stop,
    Welcome,
)

# The longest honest line is a Load with an address and some options; more is a mistake or an attack.
MAX_LINE_BYTES = 1 << 16

_MESSAGES: dict[str, type[Any]] = {
    "hello": Hello,
    "beat": Beat,
    "pictures": Pictures,
    "attached": Attached,
    "welcome": Welcome,
    "acknowledge": Acknowledge,
    "quit": Quit,
    "load": Load,
    "pause": Pause,
    "resume": Resume,
    "seek": Seek,
    "rate": SetRate,
    "fullscreen": SetFullscreen,
    "volume": SetVolume,
    "overlay": Overlay,
    "stop": Stop,
    "skip": Skip,
}
_SIGNALS: dict[str, type[Any]] = {
    "medium-set": MediumSet,
    "medium-found": MediumFound,
    "opening": signals.Opening,
    "buffering": signals.Buffering,
    "playing": signals.Playing,
    "paused": signals.Paused,
    "halted": signals.Halted,
    "stopped": signals.Stopped,
    "end-reached": signals.EndReached,
    "failed": signals.PlaybackFailed,
    "time": signals.TimeChanged,
    "length": signals.LengthChanged,
    "seekable": signals.SeekableChanged,
    "track-added": signals.TrackAdded,
    "track-removed": signals.TrackRemoved,
    "track-selected": signals.TrackSelected,
    "video-outputs": signals.VideoOutputsChanged,
    "video-size": signals.VideoSizeRead,
    "volume-changed": signals.VolumeChanged,
    "mute": signals.MuteChanged,
    "sampled": signals.Sampled,
    "player-lost": signals.PlayerLost,
}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _exactly(kind: type) -> Callable[[object], object]:
    def check(value: object) -> object:
        if type(value) is not kind:
            raise ValueError(value)
        return value

    return check


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(value)
    return tuple(value)


def _check(hint: Any) -> Callable[[object], object]:
    """The function that turns a JSON value into one of type `hint`, or raises ValueError."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = _check(next(part for part in get_args(hint) if part is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if hint is float:
        return _number
    if hint is TrackKind:
        return TrackKind
    return _texts if get_origin(hint) is tuple else _exactly(hint)


def _checks(kind: type[Any]) -> tuple[tuple[str, Callable[[object], object]], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, _check(hints[field.name])) for field in fields(kind))


_CHECKS = {kind: _checks(kind) for kind in (*_MESSAGES.values(), *_SIGNALS.values())}
_NAMES = {kind: name for table in (_MESSAGES, _SIGNALS) for name, kind in table.items()}


def _plain(value: object) -> object:
    return value.value if isinstance(value, TrackKind) else value


def encode(message: Message) -> bytes:
    """One line, with its newline. Numbers must be finite (a caller's mistake raises ValueError)."""
    if isinstance(message, Said):
        head: dict[str, object] = {"say": _NAMES[type(message.signal)], "n": message.number, "m": message.medium}
        body: Any = message.signal
    else:
        head, body = {"do": _NAMES[type(message)]}, message
    for field in fields(body):
        head[field.name] = _plain(getattr(body, field.name))
    return json.dumps(head, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> Message | None:
    """The message of one line, or None where it is not one: counted by the caller, never raised."""
    try:
        row = json.loads(line)
        if "say" in row:
            signal = _build(_SIGNALS[row["say"]], row)
            return Said(number=_natural(row["n"]), medium=_natural(row["m"]), signal=signal)
        message: Message = _build(_MESSAGES[row["do"]], row)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return message


def _natural(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _build(kind: type[Any], row: dict[str, object]) -> Any:
    return kind(**{name: check(row[name]) for name, check in _CHECKS[kind]})


class LineBuffer:
    """Cuts a byte stream into lines. `skipped` counts lines longer than `MAX_LINE_BYTES`, which are left out."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self.skipped = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their newlines."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        if lines and self._skipping:
            del lines[0]
            self._skipping = False
        whole = [line for line in lines if len(line) <= MAX_LINE_BYTES]
        self.skipped += len(lines) - len(whole)
        if len(rest) > MAX_LINE_BYTES:
            self.skipped += not self._skipping
            self._skipping, rest = True, b""
        self._rest = rest
        return whole
