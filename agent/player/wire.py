"""The link's language: what the agent and the player host say to each other, one JSON object a line.

Contract: `encode` makes one line of a message; `decode` makes the message of a line, or None of a bad one; neither
does I/O nor raises.
Rules: the host opens with `Hello` (protocol version, its pid, its run), the agent answers with `Welcome` (the last
signal it has of that run). Signals are numbered from 1 within a run and acknowledged; whatever was not is said again
on the next connection. Unknown keys are ignored, so that either side may be the newer one.
Reasons: decision 32; JSON lines can be read by a person, typed into a socket, and kept as a test's fixture.
"""

import json
import math
import types
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from agent.kernel import signals
from agent.kernel.signals import Signal, TrackKind

PROTOCOL = 1
# The longest honest line is a Load with an address and some options; more is a mistake or an attack.
MAX_LINE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class MediumSet:
    """libvlc's MediaPlayerMediaChanged: from here on all signals are of the medium that `Said` names."""

    at: float


@dataclass(frozen=True, slots=True)
class Hello:
    """The host is ready. `run`: its generation, a number that no other life of a host has. `medium`: what it has
    loaded (0: nothing). `refused`: VLC options it dropped, since libvlc does not start with them. `lost`: edges that
    its bounded ring gave up."""

    protocol: int
    pid: int
    run: int
    libvlc: str
    medium: int
    refused: tuple[str, ...]
    lost: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The owner thread of libvlc is alive; a hung call shows as silence. `time`: the playhead in seconds."""

    at: float
    medium: int
    time: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """A signal of the player, the `number`-th of this run, about the medium whose token is `medium`."""

    number: int
    medium: int
    signal: "Signal | MediumSet"


@dataclass(frozen=True, slots=True)
class Welcome:
    protocol: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """All signals up to `number` are durable with the agent."""

    number: int


@dataclass(frozen=True, slots=True)
class Load:
    """Open and play. `medium`: the token that signals of it will carry. `options`: libvlc media options (":name=…").

    `volume` in percent; None, and an `audio_device` of None, leave things as they are. `rotation` in degrees clockwise.
    """

    medium: int
    uri: str
    options: tuple[str, ...]
    volume: int | None
    audio_device: str | None
    rotation: int
    fullscreen: bool


@dataclass(frozen=True, slots=True)
class Pause:
    pass


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Seek:
    """`to` in media seconds."""

    to: float


@dataclass(frozen=True, slots=True)
class SetRate:
    rate: float


@dataclass(frozen=True, slots=True)
class SetFullscreen:
    on: bool


@dataclass(frozen=True, slots=True)
class SetVolume:
    """In percent; above 100 amplifies."""

    volume: int


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave. A host that does not within a moment is killed."""


FromHost = Hello | Beat | Said
Command = Load | Pause | Resume | Seek | SetRate | SetFullscreen | SetVolume | Stop | Quit
ToHost = Welcome | Acknowledge | Command
Message = FromHost | ToHost

_MESSAGES: dict[str, type[Any]] = {
    "hello": Hello,
    "beat": Beat,
    "welcome": Welcome,
    "acknowledge": Acknowledge,
    "load": Load,
    "pause": Pause,
    "resume": Resume,
    "seek": Seek,
    "rate": SetRate,
    "fullscreen": SetFullscreen,
    "volume": SetVolume,
    "stop": Stop,
    "quit": Quit,
}
_SIGNALS: dict[str, type[Any]] = {
    "medium-set": MediumSet,
    "opening": signals.Opening,
    "buffering": signals.Buffering,
    "playing": signals.Playing,
    "paused": signals.Paused,
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
