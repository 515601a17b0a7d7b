"""Player events: from the facts of a session to what Kaltura's own web player would send.

Contract: pure. `happened` says what a fact changes and which messages it is; `sent` what telling a message changes.
They are two, for a message that is too old, or not wanted by the service, is `dropped` and must not be counted as
told.
Rules: the numbers, the cadence and the counters of the reference player (decision 20), its accidents left out;
README.md beside this file has each difference. A replay goes on in the session that it repeats. Spots are nobody's
business here.
Reasons: kaltura.md section 3, tests/vectors/players.jsonl; decisions 12, 17, 20.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from agent.kernel.activity import Deed, Engaged
from agent.kernel.attribution import session_id
from agent.kernel.events import (
    CaptionsChanged,
    Closed,
    Ended,
    Event,
    Failed,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Progressed,
    Recovered,
    Resumed,
    Seeked,
    SpotEnded,
    Stalled,
    Started,
    Watched,
)
from agent.kernel.media import Media
from agent.kernel.records import StoredEvent
from agent.sinks.track_event.drafts import NOTICED, Draft, drafts, screen
from agent.sinks.track_event.kinds import Kind
from agent.sinks.track_event.memory import Memory

_OVER: Final = 1e-9

QUARTILES: Final[tuple[tuple[float, Kind], ...]] = (
    (0.245 + _OVER, Kind.PLAY_REACHED_25_PERCENT),
    (0.495 + _OVER, Kind.PLAY_REACHED_50_PERCENT),
    (0.745 + _OVER, Kind.PLAY_REACHED_75_PERCENT),
    (0.895, Kind.PLAY_REACHED_90_PERCENT),
    (0.995 + _OVER, Kind.PLAY_REACHED_100_PERCENT),
)
"""Where the recorded player fires: when the played part, rounded to two decimals, reaches the mark.

Binary fractions round down at 24.5 % and up at 89.5 %: 147 of 600 s are not yet 25 %, 537 are 90 % (play_600s).
"""

MILESTONES: Final = tuple(fraction for fraction, _ in QUARTILES)
"""The fractions of a playback that this destination needs a `Progressed` for."""

BARELY: Final = 0.5
"""So little (s) played since a seek is none: the wait is still the seek's."""

_DEEDS: Final[Mapping[Deed, Kind]] = {
    Deed.SHARE_OPENED: Kind.SHARE_CLICKED,
    Deed.DOWNLOAD_OPENED: Kind.DOWNLOAD,
    Deed.RELATED_CLICKED: Kind.RELATED_SELECTED,
    Deed.FULLSCREEN_OPENED: Kind.ENTER_FULLSCREEN,
    Deed.FULLSCREEN_CLOSED: Kind.EXIT_FULLSCREEN,
}


def happened(memory: Memory, stored: StoredEvent, event: Event | Engaged) -> tuple[Memory, list[Draft]]:
    """What `event`, which is `stored` decoded, changes, and what it is to the service."""
    if isinstance(event, Opened):
        return _opened(memory, stored, event)
    if memory.idles(event.at):
        memory = replace(
            memory, expired=True, index=0, base=memory.played, viewed=None, buffered=0.0, told_buffered=0.0
        )
    if isinstance(event, Engaged):
        return _engaged(memory, event)
    memory = replace(memory, played=event.head.played)
    after = _moved(memory, event)
    quartiles = _reached(after, event) if after.began_at is not None else after.fired
    told = [*drafts(memory, after, event), *(Draft(kind) for _, kind in QUARTILES[after.fired : quartiles])]
    return replace(after, fired=max(after.fired, quartiles)), told


def sent(memory: Memory, draft: Draft, at: float) -> Memory:
    """What telling `draft`, of an event at `at`, changes."""
    memory = replace(memory, index=memory.index + 1)
    match draft.kind:
        case Kind.VIEW:
            return replace(memory, viewed=memory.play_time, told_buffered=memory.buffer_sum(at))
        case Kind.BUFFER_START:
            return replace(memory, in_pair=True)
        case Kind.BUFFER_END:
            return replace(memory, in_pair=False)
        case _:
            return memory


def dropped(memory: Memory, draft: Draft) -> Memory:
    """What it changes that `draft` is not told: half of a pair is none."""
    return replace(memory, in_pair=False) if draft.kind in (Kind.BUFFER_START, Kind.BUFFER_END) else memory


def delivery(media: Media) -> str:
    """deliveryType: hls, dash or url."""
    path = urlsplit(media.uri).path.lower()
    if path.endswith(".mpd") or "/format/mpegdash" in path:
        return "dash"
    return "hls" if media.adaptive or path.endswith(".m3u8") else "url"


def _opened(memory: Memory, stored: StoredEvent, event: Opened) -> tuple[Memory, list[Draft]]:
    own = stored.attribution.session_id
    repeats = event.replays is not None and memory.own == session_id(stored.identity.generation, event.replays)
    if repeats and memory.began_at is not None:
        memory = replace(memory, own=own, is_replay=True, opened_at=event.at, can_play=None, began_at=None)
        memory = replace(memory, paused_at=None, expired=False, stalled_at=None, in_pair=False)
        return replace(memory, base=memory.base - memory.played, played=0.0, sought=-1.0), []
    live, way = event.media.live, delivery(event.media)
    fresh = Memory(own=own, wire=own, live=live, delivery=way, opened_at=event.at, fullscreen=memory.fullscreen)
    return fresh, [Draft(Kind.IMPRESSION), Draft(Kind.PLAY_REQUEST)]


def _engaged(memory: Memory, event: Engaged) -> tuple[Memory, list[Draft]]:
    kind = _DEEDS.get(event.deed)
    match kind:
        case None:
            return memory, []
        case Kind.ENTER_FULLSCREEN | Kind.EXIT_FULLSCREEN:
            fullscreen = kind is Kind.ENTER_FULLSCREEN
            return replace(memory, fullscreen=fullscreen), [screen(fullscreen)]
        case _:
            return memory, [Draft(kind)]


def _moved(memory: Memory, event: Event) -> Memory:
    """What the playback has come to with `event`."""
    match event:
        case SpotEnded() if memory.can_play is None:
            return replace(memory, opened_at=event.at)  # An advertisement before the content is no loading of it.
        case Loaded():
            return replace(memory, can_play=round(event.at - memory.opened_at, 3))
        case Started():
            waited = event.join_time if event.join_time >= NOTICED else 0.0
            return replace(memory, began_at=event.at, buffered=memory.buffered + waited)
        case PausedEvent():
            return replace(memory, paused_at=event.at)
        case Resumed():
            return replace(memory, paused_at=None, expired=False)
        case Seeked():
            return replace(memory, sought=event.head.played)
        case Stalled(initial=False) if event.head.played - memory.sought >= BARELY:
            return replace(memory, stalled_at=event.at)
        case Recovered(initial=False) | Ended() | Failed(fatal=True) | Closed():
            return replace(memory, buffered=memory.buffer_sum(event.at), stalled_at=None)
        case CaptionsChanged():
            return replace(memory, captions_off=event.track is None)
        case FullscreenChanged():
            return replace(memory, fullscreen=event.fullscreen)
        case Watched(fullscreen=bool(fullscreen)) if memory.fullscreen is None:
            return replace(memory, fullscreen=fullscreen)
        case _:
            return memory


def _reached(memory: Memory, event: Event) -> int:
    """How many quartiles are behind the playhead, by playing, by a jump or by where playback began."""
    match event:
        case Ended(complete=True):
            return len(QUARTILES)
        case Progressed(fraction=fraction):
            pass
        case Started() | Seeked() | Ended() if not memory.live:
            fraction = 0.0
        case _:
            return memory.fired
    head = event.head
    if head.position is not None and head.duration:
        fraction = max(fraction, head.position / head.duration)
    return sum(fraction >= mark for mark, _ in QUARTILES)
