"""What an event is to a Learning Record Store: the statements in the making, each a name and what it has to say.

Contract: pure. `said` gives the statements of an event, in order, each with some of the values named in `VALUES`. Which
of them are sent, and with which words, is the templates' matter.
Rules: `kaltura` speaks of a play as the guide's table does: progress at its marks, play (started or resumed), pause,
seek, change of speed. `video` speaks as the xAPI Video Profile 1.0.3 does: initialized, played, paused, seeked,
interacted, completed, terminated. What the kiosk's application tells is the same in both.
Reasons: xapi-guide, "xAPI events sent by Kaltura"; kaltura.md section 6; decisions 12 and 15.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.kernel.activity import Activity, PortalDeed, PortalUsed
from agent.kernel.events import (
    CaptionsChanged,
    Closed,
    Ended,
    Event,
    FullscreenChanged,
    Loaded,
    PausedEvent,
    Playhead,
    Progressed,
    RateChanged,
    Resumed,
    Seeked,
    Started,
    VolumeSet,
)

Value = str | int | float | bool | None
"""What a template may be filled with."""


class Profile(Enum):
    """Whose vocabulary; the words are the configuration's."""

    KALTURA = "kaltura"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in the making. `name`: its template; `values`: those of `VALUES` that it has."""

    name: str
    values: Mapping[str, Value]


PORTAL: Final = tuple(deed.value for deed in PortalDeed)
"""What only the kiosk's application knows: the guide's events of a portal."""

NAMES: Final[Mapping[Profile, tuple[str, ...]]] = {
    Profile.KALTURA: ("playProgress", "play", "pause", "seek", "playbackRateChange", *PORTAL),
    Profile.VIDEO: ("initialized", "played", "paused", "seeked", "interacted", "completed", "terminated", *PORTAL),
}
"""The templates of each vocabulary."""

OWNED: Final = (
    *("entry_id", "session_id", "visit_id", "partner_id", "portal_url", "portal_name", "entry_url", "category_url"),
    *("media_uri", "client_version", "given_up"),
)
"""What every statement can say of where it comes from, where that is known.

`given_up`: how many events since the last statement were given up on the device, for want of room or for their age.
"""

PLAYED: Final = (
    *("position", "duration", "percent", "progress", "segments", "rate", "speed", "origin", "target", "watched"),
    *("iso_watched", "volume", "muted", "fullscreen", "captions"),
)
"""Seconds of the medium, but `percent` (0..100), `progress` (0..1), `volume` (0..1); `speed` is "1.5x"."""

TOLD: Final = ("user_id", "category_id", "category_name", "entry_name", "comment", "collaborator")

VALUES: Final = (*OWNED, *PLAYED, *TOLD)
"""Every name that a template may use."""


COMPLETION: Final = 0.95
"""So much of a medium must have been watched for `completed`; `completion-threshold` in the template says the same."""


def said(profile: Profile, event: Event | Activity, marks: Sequence[float]) -> Iterator[Said]:
    """The statements of `event`. `marks`: the fractions (0..1) at which progress is told."""
    if isinstance(event, PortalUsed):
        yield Said(event.portal_deed.value, _told(event))
    elif isinstance(event, Event):
        told = _kaltura(event, marks) if profile is Profile.KALTURA else _video(event)
        yield from (Said(name, {**_played(event.head), **more}) for name, more in told)


def _kaltura(event: Event, marks: Sequence[float]) -> Iterator[tuple[str, dict[str, Value]]]:
    match event:
        case Started():
            yield "play", {}
            yield "playProgress", {"percent": 0, "progress": 0.0}
        case Resumed():
            yield "play", {}
        case Progressed(fraction=fraction) if fraction in marks:
            yield "playProgress", {"percent": round(fraction * 100), "progress": fraction}
        case Ended(complete=True):
            yield "playProgress", {"percent": 100, "progress": 1.0}
        case PausedEvent():
            yield "pause", {}
        case Seeked(origin=origin, target=target):
            yield "seek", {"origin": _seconds(origin), "target": _seconds(target)}
        case RateChanged():
            yield "playbackRateChange", {}
        case _:
            return


def _video(event: Event) -> Iterator[tuple[str, dict[str, Value]]]:
    match event:
        case Loaded():
            yield "initialized", {}
        case Started() | Resumed():
            yield "played", {}
        case PausedEvent():
            yield "paused", {}
        case Seeked(origin=origin, target=target):
            yield "seeked", {"origin": _seconds(origin), "target": _seconds(target)}
        case Ended(complete=True) if _is_watched(event.head):
            yield "completed", {}
        case Closed():
            yield "terminated", {}
        case RateChanged():
            yield "interacted", {"speed": f"{event.head.rate:g}x"}
        case VolumeSet(volume=volume, muted=muted):
            yield "interacted", {"volume": 0.0 if muted else round(volume, 3), "muted": muted}
        case FullscreenChanged(fullscreen=fullscreen):
            yield "interacted", {"fullscreen": fullscreen}
        case CaptionsChanged(track=track):
            yield "interacted", {"captions": track is not None}
        case _:
            return


def _played(head: Playhead) -> dict[str, Value]:
    progress = _progress(head)
    return {
        "position": _seconds(head.position or 0.0),
        "duration": None if head.duration is None else _seconds(head.duration),
        "progress": progress,
        "percent": None if progress is None else round(progress * 100),
        "segments": segments(head.segments),
        "rate": round(head.rate, 3),
        "watched": _seconds(head.played),
        "iso_watched": f"PT{_seconds(head.played):g}S",
    }


def _is_watched(head: Playhead) -> bool:
    """Whether `completed` is honest: who skips to the end has not. Without a length nobody could have skipped."""
    progress = _progress(head)
    return progress is None or progress >= COMPLETION


def _progress(head: Playhead) -> float | None:
    """How much of the medium was watched, each second once: the profile's `progress`, three decimals."""
    if not head.duration:
        return None
    return round(min(sum(end - start for start, end in _merged(head.segments)) / head.duration, 1.0), 3)


def _merged(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def segments(stretches: Sequence[tuple[float, float]]) -> str:
    """Stretches as the profile writes them: `0[.]12.5[,]20[.]30`."""
    return "[,]".join(f"{_seconds(start):g}[.]{_seconds(end):g}" for start, end in stretches)


def _seconds(value: float) -> float:
    return round(value, 3)


def _told(event: PortalUsed) -> dict[str, Value]:
    return {
        "category_id": event.category_id,
        "category_name": event.category_name,
        "entry_name": event.entry_name,
        "comment": event.comment,
        "collaborator": event.collaborator,
    }
