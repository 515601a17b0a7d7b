"""The link's lines: what goes in comes out, and nothing that comes in raises."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel import signals
from agent.kernel.signals import TrackKind
from agent.player import wire
from agent.player.codec import MAX_LINE_BYTES, LineBuffer, decode, encode

_second = st.floats(allow_nan=False, allow_infinity=False)
_whole = st.integers(min_value=0, max_value=2**53)
_texts = st.lists(st.text(), max_size=3).map(tuple)
_track = st.sampled_from(TrackKind)


def _signals() -> st.SearchStrategy[Any]:
    only_at = (wire.MediumSet, signals.Opening, signals.Playing, signals.Paused, signals.Stopped, signals.Halted)
    return st.one_of(
        *(st.builds(kind, _second) for kind in (*only_at, signals.EndReached, signals.PlaybackFailed)),
        *(
            st.builds(kind, _second, _second)
            for kind in (signals.Buffering, signals.TimeChanged, signals.LengthChanged)
        ),
        *(st.builds(kind, _second, _track, st.integers()) for kind in (signals.TrackAdded, signals.TrackRemoved)),
        *(st.builds(kind, _second, st.booleans()) for kind in (signals.SeekableChanged, signals.MuteChanged)),
        st.builds(signals.TrackSelected, _second, _track, st.none() | st.integers()),
        st.builds(signals.VideoOutputsChanged, _second, st.integers()),
        st.builds(signals.VideoSizeRead, _second, st.integers(), st.integers()),
        st.builds(signals.VolumeChanged, _second, _second),
        st.builds(signals.Sampled, _second, _second, _second, st.booleans()),
        st.builds(wire.MediumFound, _second, st.text(), st.none() | st.text(), st.text()),
    )


_volume = st.none() | st.integers(0, 200)
_MESSAGES = st.one_of(
    st.builds(wire.Said, _whole, _whole, _signals()),
    st.builds(wire.Hello, _whole, _whole, _whole, st.text(), _whole, _texts, _whole),
    st.builds(wire.Beat, _second, _whole, st.none() | _second),
    st.builds(wire.Pictures, _second, _whole, _whole, _whole, st.booleans(), st.none() | st.booleans()),
    st.builds(wire.Attached, _second, st.text(), st.none() | st.text(), _texts, st.none() | st.text()),
    st.builds(wire.Welcome, _whole, _whole),
    st.builds(wire.Acknowledge, _whole),
    st.builds(wire.Load, _whole, st.text(), _texts, _volume, st.none() | st.text(), _whole, st.booleans()),
    st.builds(wire.Seek, _second),
    st.builds(wire.SetRate, _second),
    st.builds(wire.SetFullscreen, st.booleans()),
    st.builds(wire.SetVolume, st.integers()),
    st.builds(wire.Overlay, st.none() | st.text()),
    st.sampled_from([wire.Pause(), wire.Resume(), wire.Stop(), wire.Skip()]),
)


@given(_MESSAGES)
def test_any_message_survives_its_line(message: wire.Message) -> None:
    """What the host says is what the agent hears, whatever characters a path has."""
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line[:-1]) == message


@given(st.binary())
def test_any_bytes_are_a_message_or_none(line: bytes) -> None:
    """A broken host must not break the agent."""
    decode(line)


@given(_MESSAGES, st.data())
def test_message_with_a_damaged_value_is_none_or_sound(message: wire.Message, data: st.DataObject) -> None:
    """A line of the right shape with a wrong type in it must not bring that type into the tracker."""
    line = bytearray(encode(message)[:-1])
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(32, 126))
    decoded = decode(bytes(line))
    assert decoded is None or decode(encode(decoded)[:-1]) == decoded


def test_lines_that_are_no_message_are_none() -> None:
    """The known ways to be wrong: no JSON, unknown kind, a missing, foreign or endless value, deep nesting."""
    wrong = [
        b"",
        b"null",
        b"[]",
        b"7",
        b'{"do":"dance"}',
        b'{"do":"seek"}',
        b'{"do":"seek","to":"1"}',
        b'{"do":"seek","to":true}',
        b'{"do":"seek","to":NaN}',
        b'{"do":"seek","to":1e999}',
        b'{"do":["seek"],"to":1}',
        b'{"do":"load","medium":1,"uri":"x","options":"abc","volume":null,"audio_device":null,"rotation":0,"fullscreen":true}',
        b'{"say":"opening","n":-1,"m":1,"at":1.0}',
        b'{"say":"track-added","n":1,"m":1,"at":1.0,"track":"smell","number":1}',
        b"[" * 60_000,
    ]
    assert [decode(line) for line in wrong] == [None] * len(wrong)


def test_unknown_keys_are_ignored() -> None:
    """Agent and host may be of different versions for a while."""
    assert decode(b'{"do":"seek","to":3,"colour":"blue"}') == wire.Seek(3.0)


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)), st.data())
def test_stream_cut_anywhere_gives_the_same_lines(lines: list[bytes], data: st.DataObject) -> None:
    """A socket cuts where it likes."""
    stream, buffer, found = b"".join(line + b"\n" for line in lines), LineBuffer(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += buffer.feed(stream[:size])
        stream = stream[size:]
    assert found == lines


def test_endless_line_is_left_out_and_counted() -> None:
    """A line without an end would fill the memory."""
    buffer = LineBuffer()
    assert buffer.feed(b"x" * (MAX_LINE_BYTES + 1)) == []
    assert buffer.feed(b"y" * (MAX_LINE_BYTES + 1)) == []
    assert buffer.feed(b"tail\nnext\n") == [b"next"]
    assert buffer.skipped == 1
    assert buffer.feed(b"z" * (MAX_LINE_BYTES + 1) + b"\nlast\n") == [b"last"]
    assert buffer.skipped == 2
