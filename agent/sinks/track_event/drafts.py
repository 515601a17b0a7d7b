"""What a fact of a session is to the service: the messages in the making, each with the fields of its kind.

Contract: pure. `drafts` gives the messages of a fact, quartiles left out, given what was remembered before it and what
is now; `screen` the one of a change of the screen.
Rules: as agent.sinks.track_event.player. What nobody knows is not claimed: no language of captions, no bitrate, no
sound and no screen before the player has said something of them.
Reasons: kaltura.md section 3; the player plugin's published page of parameters (errorCode is a whole number).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Event,
    Failed,
    Fault,
    FlavorSwitched,
    FullscreenChanged,
    PausedEvent,
    RateChanged,
    Resumed,
    Seeked,
    Stalled,
    Started,
    Watched,
)
from agent.sinks.track_event.encode import number
from agent.sinks.track_event.kinds import Kind
from agent.sinks.track_event.memory import Memory

NOTICED: Final = 1.0
"""A first picture that takes so long (s) was waited for: a local file takes 0.1 to 0.4 s, VLC's network cache 1 s."""

_CODES: Final[Mapping[Fault, int]] = {
    Fault.OPEN_TIMEOUT: 1003,
    Fault.UNPLAYABLE: 3016,
    Fault.ENDED_EARLY: 3016,
    Fault.CODEC: 3016,
    Fault.NO_DISPLAY: 3016,
}
"""errorCode is a whole number of the web player's own list: TIMEOUT, and VIDEO_ERROR for what only VLC knows."""

_MID_STREAM: Final = 2
_BEFORE_PLAY: Final = 3
"""errorPosition as recorded (error_mid_stream, error_before_play)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in the making: `fields` are those that only its kind has. `position`: where not the playhead's."""

    kind: Kind
    fields: Mapping[str, str] = field(default_factory=dict)
    position: float | None = None


def drafts(before: Memory, after: Memory, event: Event) -> Iterator[Draft]:
    """The messages of `event`, quartiles left out."""
    if before.in_pair and after.stalled_at is None:
        yield Draft(Kind.BUFFER_END)
    match event:
        case Started():
            yield from _started(after, event)
        case Watched() if not (after.is_replay and event.at == after.began_at) and after.play_time != after.viewed:
            yield Draft(Kind.VIEW, dict(_view(after, event)))
        case PausedEvent():
            yield Draft(Kind.PAUSE)
        case Resumed():
            yield Draft(Kind.RESUME, _buffer(after, event.at))
        case Seeked():
            yield Draft(Kind.SEEK, {"targetPosition": number(event.target)}, position=event.target)
        case Stalled(initial=False) if after.stalled_at is not None:
            yield Draft(Kind.BUFFER_START)
        case RateChanged():
            yield Draft(Kind.SPEED)
        case CaptionsChanged():
            yield Draft(Kind.CAPTIONS)
        case AudioTrackChanged():
            yield Draft(Kind.AUDIO_SELECTED)
        case FlavorSwitched():
            yield Draft(Kind.FLAVOR_SWITCH)
        case FullscreenChanged() if before.fullscreen is not event.fullscreen:  # The application may have told it.
            yield screen(event.fullscreen)
        case Failed(fatal=True):
            yield Draft(Kind.ERROR, _error(after, event.fault))
        case _:
            return


def _started(memory: Memory, event: Started) -> Iterator[Draft]:
    if event.join_time >= NOTICED:
        yield Draft(Kind.BUFFER_START)
        yield Draft(Kind.BUFFER_END)
    if memory.is_replay:
        yield Draft(Kind.REPLAY)
        return
    times = {"joinTime": number(event.join_time)}
    if memory.can_play is not None:
        times["canPlay"] = number(memory.can_play)
    yield Draft(Kind.PLAY, {**_buffer(memory, event.at), **times})


def _view(memory: Memory, event: Watched) -> Iterator[tuple[str, str]]:
    yield "playTimeSum", number(memory.play_time)
    yield from _buffer(memory, event.at).items()
    if event.sound is not None:
        yield "soundMode", "2" if event.sound else "1"
    if memory.fullscreen is not None:
        yield "screenMode", _mode(memory.fullscreen)


def _buffer(memory: Memory, at: float) -> dict[str, str]:
    return {"bufferTime": number(memory.buffer_time(at)), "bufferTimeSum": number(memory.buffer_sum(at))}


def _error(memory: Memory, fault: Fault) -> dict[str, str]:
    position = _BEFORE_PLAY if memory.began_at is None else _MID_STREAM
    return {"errorCode": str(_CODES[fault]), "errorDetails": fault.value, "errorPosition": str(position)}


def _mode(fullscreen: bool) -> str:
    return "2" if fullscreen else "1"


def screen(fullscreen: bool) -> Draft:
    """The screen is full now, or no longer."""
    kind = Kind.ENTER_FULLSCREEN if fullscreen else Kind.EXIT_FULLSCREEN
    return Draft(kind, {"screenMode": _mode(fullscreen)})
