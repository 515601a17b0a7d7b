"""libvlc's bytes: the layouts that python-vlc gets wrong (vlc.md section 5)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel import signals
from agent.kernel.signals import Signal, TrackKind
from agent.player.raw import UNION_BYTES, EventNumber, signal_of
from agent.player.wire import MediumSet

_NOISE = 0x5562


@pytest.mark.parametrize(
    ("number", "union", "expected"),
    [
        (EventNumber.MEDIA_CHANGED, bytes(8), MediumSet(1.0)),
        (EventNumber.OPENING, bytes(8), signals.Opening(1.0)),
        (EventNumber.BUFFERING, struct.pack("=fi", 50.0, _NOISE), signals.Buffering(1.0, 50.0)),
        (EventNumber.PLAYING, bytes(8), signals.Playing(1.0)),
        (EventNumber.PAUSED, bytes(8), signals.Paused(1.0)),
        (EventNumber.STOPPED, bytes(8), signals.Stopped(1.0)),
        (EventNumber.END_REACHED, bytes(8), signals.EndReached(1.0)),
        (EventNumber.ENCOUNTERED_ERROR, bytes(8), signals.PlaybackFailed(1.0)),
        (EventNumber.TIME_CHANGED, struct.pack("=q", 7902), signals.TimeChanged(1.0, 7.902)),
        (EventNumber.LENGTH_CHANGED, struct.pack("=q", -1), signals.LengthChanged(1.0, 0.0)),
        (EventNumber.SEEKABLE_CHANGED, struct.pack("=ii", 0, _NOISE), signals.SeekableChanged(1.0, False)),
        (EventNumber.VOUT, struct.pack("=ii", 1, _NOISE), signals.VideoOutputsChanged(1.0, 1)),
        (EventNumber.MUTED, bytes(8), signals.MuteChanged(1.0, True)),
        (EventNumber.UNMUTED, bytes(8), signals.MuteChanged(1.0, False)),
        (EventNumber.AUDIO_VOLUME, struct.pack("=fi", 0.5, _NOISE), signals.VolumeChanged(1.0, 0.5)),
        (EventNumber.AUDIO_VOLUME, struct.pack("=fi", -1.0, _NOISE), None),
        (EventNumber.ES_ADDED, struct.pack("=ii", 1, 3), signals.TrackAdded(1.0, TrackKind.VIDEO, 3)),
        (EventNumber.ES_DELETED, struct.pack("=ii", 0, 2), signals.TrackRemoved(1.0, TrackKind.AUDIO, 2)),
        (EventNumber.ES_DELETED, struct.pack("=ii", 0, -1), None),
        (EventNumber.ES_SELECTED, struct.pack("=ii", 2, -1), signals.TrackSelected(1.0, TrackKind.TEXT, None)),
        (EventNumber.ES_SELECTED, struct.pack("=ii", 2, 4), signals.TrackSelected(1.0, TrackKind.TEXT, 4)),
        (EventNumber.ES_ADDED, struct.pack("=ii", -1, 4), None),
    ],
)
def test_event_becomes_its_signal(number: int, union: bytes, expected: Signal | MediumSet | None) -> None:
    """C ints fill half of what python-vlc reads, and an ES event is two of them."""
    assert signal_of(1.0, number, union) == expected


@given(st.integers(0, 0x700), st.binary(min_size=UNION_BYTES, max_size=UNION_BYTES))
def test_any_event_is_a_signal_or_nothing(number: int, union: bytes) -> None:
    """An event of a later libvlc, or a torn one, must not end the host."""
    signal_of(0.0, number, union)
