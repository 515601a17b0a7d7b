"""libvlc 3's events as bytes, and the signals they stand for.

Contract: `signal_of` maps an event number and the first eight bytes of its union to a signal, or None for an event
that says nothing new. Pure; imports no libvlc.
Rules: the numbers and the layout are libvlc 3's ABI (include/vlc/libvlc_events.h); times come in milliseconds, C ints
fill only the low 32 bits, and an ES event is two ints, type and id.
Reasons: python-vlc reads C ints as 64 bits and has no ES fields in its compatible union (vlc.md section 5).
"""

import struct
from enum import IntEnum

from agent.kernel import signals
from agent.kernel.signals import Signal, TrackKind
from agent.player.wire import MediumSet


class EventNumber(IntEnum):
    """libvlc_event_e: the events that the host attaches to."""

    MEDIA_CHANGED = 0x100
    OPENING = 0x102
    BUFFERING = 0x103
    PLAYING = 0x104
    PAUSED = 0x105
    STOPPED = 0x106
    END_REACHED = 0x109
    ENCOUNTERED_ERROR = 0x10A
    TIME_CHANGED = 0x10B
    SEEKABLE_CHANGED = 0x10D
    LENGTH_CHANGED = 0x111
    VOUT = 0x112
    ES_ADDED = 0x114
    ES_DELETED = 0x115
    ES_SELECTED = 0x116
    MUTED = 0x119
    UNMUTED = 0x11A
    AUDIO_VOLUME = 0x11B


UNION_BYTES = 8
_TRACKS = {0: TrackKind.AUDIO, 1: TrackKind.VIDEO, 2: TrackKind.TEXT}


def signal_of(at: float, number: int, union: bytes) -> Signal | MediumSet | None:
    """The signal of an event that happened `at` (boot-time seconds); None where there is nothing to tell."""
    match number:
        case EventNumber.MEDIA_CHANGED:
            return MediumSet(at)
        case EventNumber.OPENING:
            return signals.Opening(at)
        case EventNumber.BUFFERING:
            return signals.Buffering(at, _float(union))
        case EventNumber.PLAYING:
            return signals.Playing(at)
        case EventNumber.PAUSED:
            return signals.Paused(at)
        case EventNumber.STOPPED:
            return signals.Stopped(at)
        case EventNumber.END_REACHED:
            return signals.EndReached(at)
        case EventNumber.ENCOUNTERED_ERROR:
            return signals.PlaybackFailed(at)
        case EventNumber.TIME_CHANGED:
            return signals.TimeChanged(at, _seconds(union))
        case EventNumber.SEEKABLE_CHANGED:
            return signals.SeekableChanged(at, _int(union) != 0)
        case EventNumber.LENGTH_CHANGED:
            return signals.LengthChanged(at, max(0.0, _seconds(union)))
        case EventNumber.VOUT:
            return signals.VideoOutputsChanged(at, _int(union))
        case EventNumber.MUTED | EventNumber.UNMUTED:
            return signals.MuteChanged(at, number == EventNumber.MUTED)
        case EventNumber.AUDIO_VOLUME:
            # libvlc says -1 when the output goes away, which is no volume.
            volume = _float(union)
            return signals.VolumeChanged(at, volume) if volume >= 0 else None
        case _:
            return _track_signal(at, number, union)


def _track_signal(at: float, number: int, union: bytes) -> Signal | None:
    kind, track = struct.unpack_from("=ii", union)
    if kind not in _TRACKS:
        return None
    match number:
        case EventNumber.ES_SELECTED:
            return signals.TrackSelected(at, _TRACKS[kind], track if track >= 0 else None)
        case EventNumber.ES_ADDED if track >= 0:
            return signals.TrackAdded(at, _TRACKS[kind], track)
        case EventNumber.ES_DELETED if track >= 0:
            return signals.TrackRemoved(at, _TRACKS[kind], track)
        case _:
            return None


def _seconds(union: bytes) -> float:
    milliseconds: int = struct.unpack_from("=q", union)[0]
    return milliseconds / 1000


def _int(union: bytes) -> int:
    value: int = struct.unpack_from("=i", union)[0]
    return value


def _float(union: bytes) -> float:
    """A float that is not a number (seen from a half-set output) becomes 0: the link carries only finite numbers."""
    value: float = struct.unpack_from("=f", union)[0]
    return value if abs(value) < 1e6 else 0.0
