"""Any soup of signals: what a broken, racing or malicious player could say, for property tests."""

from collections.abc import Callable
from itertools import accumulate

from hypothesis import strategies as st

from agent.kernel.media import Media, Role
from agent.kernel.signals import (
    Buffering,
    ContentCommanded,
    EndReached,
    Halted,
    LengthChanged,
    MediaChanged,
    MuteChanged,
    Opening,
    OverlayHidden,
    OverlayShown,
    Paused,
    PlaybackFailed,
    PlayCommanded,
    PlayerLost,
    Playing,
    ProgramCommanded,
    ProgramOver,
    Sampled,
    SeekableChanged,
    SeekCommanded,
    Signal,
    SkipCommanded,
    SpotCommanded,
    SpotMissed,
    StopCommanded,
    Stopped,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackRemoved,
    TrackSelected,
    VideoOutputsChanged,
    VideoSizeRead,
    VolumeChanged,
)

RATES = (0.5, 1.0, 2.0, 4.0)
Maker = Callable[[float], Signal]

medias = st.builds(
    Media,
    key=st.sampled_from("AB"),
    uri=st.just("file:///x"),
    live=st.sampled_from([False, False, False, True]),
    adaptive=st.booleans(),
    estimated_length=st.booleans(),
    start=st.sampled_from([None, None, 2.0]),
    stop=st.sampled_from([None, None, 6.0]),
    holds_last_frame=st.booleans(),
    polled=st.sampled_from([False, False, True]),
    repeats=st.sampled_from([False, False, True]),
)
spots = st.builds(
    Media,
    key=st.sampled_from("ST"),
    uri=st.just("file:///s"),
    role=st.sampled_from([role for role in Role if role not in (Role.CONTENT, Role.OVERLAY)]),
)
overlays = st.just(Media(key="O", uri="file:///o", role=Role.OVERLAY))
times = st.one_of(st.floats(0, 12, allow_nan=False), st.sampled_from([0.0, 0.4, 5.0, 7.9, 60.0]))
tracks = st.sampled_from(list(TrackKind))
numbers = st.integers(-1, 4)


def _of(kind: Callable[..., Signal], *parts: st.SearchStrategy[object]) -> st.SearchStrategy[Maker]:
    return st.tuples(*parts).map(lambda values: lambda at: kind(at, *values))


makers: st.SearchStrategy[Maker] = st.one_of(
    _of(TimeChanged, times),
    _of(TimeChanged, times),
    _of(Playing),
    _of(Paused),
    _of(Opening),
    _of(MediaChanged, medias),
    _of(PlayCommanded, medias, st.booleans()),
    _of(TrackAdded, tracks, numbers),
    _of(TrackRemoved, tracks, numbers),
    _of(TrackSelected, tracks, st.one_of(st.none(), numbers)),
    _of(LengthChanged, st.sampled_from([0.0, 1.0, 8.0, 8.1, 60.0])),
    _of(Buffering, st.sampled_from([0.0, 50.0, 100.0])),
    _of(EndReached),
    _of(Stopped),
    _of(Halted),
    _of(PlaybackFailed),
    _of(SeekCommanded, times),
    _of(SkipCommanded),
    _of(StopCommanded),
    _of(PlayerLost),
    _of(ProgramCommanded, medias, st.booleans()),
    _of(ContentCommanded),
    _of(SpotCommanded, spots),
    _of(SpotMissed, spots),
    _of(OverlayShown, overlays),
    _of(OverlayHidden),
    _of(ProgramOver),
    _of(MediaChanged, spots),
    _of(SeekableChanged, st.booleans()),
    _of(VideoOutputsChanged, st.integers(0, 2)),
    _of(VideoSizeRead, st.integers(0, 2000), st.integers(0, 2000)),
    _of(VolumeChanged, st.sampled_from([-1.0, 0.0, 0.5, 1.0])),
    _of(MuteChanged, st.booleans()),
    _of(Sampled, times, st.sampled_from(RATES), st.booleans()),
)

_media = Media(key="A", uri="file:///a", entry_id="0_a")
_gaps = st.sampled_from([0.0, 0.01, 0.25, 0.25, 0.5, 1.0, 2.0, 5.0, 20.0])
Block = list[tuple[float, Maker]]
"""Signals with the seconds before each."""


def _opening(*, owned: bool, replay: bool, length: float, count: int) -> Block:
    start: list[Maker] = [
        lambda at: MediaChanged(at, _media),
        Opening,
        lambda at: TrackAdded(at, TrackKind.VIDEO, 0),
        lambda at: LengthChanged(at, length),
        Playing,
    ]
    command: list[Maker] = [lambda at: PlayCommanded(at, _media, replay)] if owned else []
    return [(0.01, make) for make in command + start] + _steady(0.0, count)


def _loaded(command: Maker, media: Media, length: float, count: int) -> Block:
    rest: list[Maker] = [
        lambda at: MediaChanged(at, media),
        Opening,
        lambda at: TrackAdded(at, TrackKind.VIDEO, 0),
        lambda at: LengthChanged(at, length),
        Playing,
    ]
    return [(0.01, make) for make in [command, *rest]] + _steady(0.0, count)


def _spot(media: Media, count: int) -> Block:
    end: Block = [(0.1, EndReached), (0.0, Stopped)] if count >= 8 else []
    return _loaded(lambda at: SpotCommanded(at, media), media, 4.0, min(count, 8)) + end


def _content(count: int) -> Block:
    return _loaded(ContentCommanded, _media, 8.0, count)


def _program(before: list[Media], count: int) -> Block:
    start: Block = [(0.1, lambda at: ProgramCommanded(at, _media))]
    return start + [step for media in before for step in _spot(media, 8)] + _content(count)


def _steady(start: float, count: int) -> Block:
    def sample(number: int) -> Maker:
        return lambda at: TimeChanged(at, start + number * 0.5)

    return [(0.5, sample(number)) for number in range(1, count + 1)]


def _pulse(to: float | None) -> Block:
    command: list[Maker] = [] if to is None else [lambda at: SeekCommanded(at, to), lambda at: TimeChanged(at, to)]
    return [(0.001, make) for make in [*command, lambda at: Buffering(at, 0.0), lambda at: Buffering(at, 100.0)]]


blocks: st.SearchStrategy[Block] = st.one_of(
    st.tuples(_gaps, makers).map(lambda pair: [pair]),
    st.tuples(_gaps, makers).map(lambda pair: [pair]),
    st.builds(
        _opening,
        owned=st.booleans(),
        replay=st.booleans(),
        length=st.sampled_from([1.0, 8.0, 60.0]),
        count=st.integers(0, 16),
    ),
    st.builds(_steady, times, st.integers(1, 16)),
    st.builds(_steady, st.just(0.0), st.integers(1, 16)),
    st.builds(_pulse, st.one_of(st.none(), times)),
    st.just([(0.1, EndReached), (0.0, Stopped)]),
    st.builds(_program, st.lists(spots, max_size=2), st.integers(0, 16)),
    st.builds(_spot, spots, st.integers(0, 16)),
    st.builds(_content, st.integers(0, 16)),
    st.just(
        [(0.1, lambda at: OverlayShown(at, Media(key="O", uri="file:///o", role=Role.OVERLAY))), (1.0, OverlayHidden)]
    ),
    st.just([(0.3, Paused), (2.0, Playing)]),
    st.just([(0.1, lambda at: Sampled(at, 0.0, 1.0, False)), (0.25, lambda at: Sampled(at, 0.0, 2.0, True))]),
    st.just(
        [
            (1.5, lambda at: TrackAdded(at, TrackKind.VIDEO, 7)),
            (0.0, lambda at: TrackRemoved(at, TrackKind.VIDEO, 0)),
            (0.1, lambda at: TrackSelected(at, TrackKind.TEXT, 3)),
            (0.1, lambda at: TrackSelected(at, TrackKind.AUDIO, 2)),
        ]
    ),
)


@st.composite
def soups(draw: st.DrawFn) -> list[Signal]:
    """Signals at rising times: noise, and stretches of sense, without which nothing would ever play."""
    steps = [step for block in draw(st.lists(blocks, max_size=16)) for step in block]
    moments = accumulate((gap for gap, _ in steps), initial=10.0)
    next(moments)
    return [make(at) for (_, make), at in zip(steps, moments, strict=True)]
