"""What happened, in our own vocabulary: the tracker's output and the log's content.

Contract: an event is a fact about one session (one playback of one content item), never a destination's word for it.
Each sink projects these into its own vocabulary, thresholds and counters (decision 1).
Rules: `at` is a boot-time second and never earlier than the predecessor's (decision 7). `session` is an ordinal that
rises by one a session and lives in the tracker's checkpoint; the shell makes the session's UUID from it and the
store's generation, for the kernel has no random (decision 3). Every session begins with `Opened` and ends with
exactly one `Closed`; nothing follows `Closed`.
Reasons: decisions 1, 2, 11 to 16.
"""

from dataclasses import dataclass
from enum import Enum

from agent.kernel.media import Media, Role


class Ending(Enum):
    """How a session can end."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Fault(Enum):
    """What can go wrong with a playback (vlc.md R5, R6)."""

    UNPLAYABLE = "unplayable"
    ENDED_EARLY = "ended-early"
    OPEN_TIMEOUT = "open-timeout"
    CODEC = "codec"
    NO_DISPLAY = "no-display"


@dataclass(frozen=True, slots=True)
class Playhead:
    """Where a session stood when the event happened. All times in seconds.

    `position`: media time, None before the first sample. `duration`: None while unknown and for live media.
    `played`: media seconds watched so far. `seeked`: the session has ever seen a seek (sticky, as the server means it).
    `buffered`: time spent stalled so far, as `Recovered` told it. `segments`: stretches of the
    medium that were watched, as (from, to), merged, sorted by when they were watched and bounded in number.
    """

    position: float | None = None
    duration: float | None = None
    rate: float = 1.0
    played: float = 0.0
    seeked: bool = False
    buffered: float = 0.0
    segments: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What all events have."""

    at: float
    session: int
    head: Playhead


@dataclass(frozen=True, slots=True)
class Opened(Fact):
    """A session begins: the player is ready and has been given its medium.

    `replays`: the ordinal of the session that this one repeats; a `Replayed` with the same ordinal follows `Loaded`.
    It stands here too because a destination that keeps the old session's id must know before its first message.
    """

    media: Media
    replays: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded(Fact):
    """The medium's metadata is there and it can be played. Never sent for a missing or unplayable item."""


@dataclass(frozen=True, slots=True)
class Started(Fact):
    """Playback began: dated at the player's Playing, decided when the playhead first moved (decision 11).

    `join_time`: seconds from the request to the first picture.
    """

    join_time: float


@dataclass(frozen=True, slots=True)
class Progressed(Fact):
    """Natural forward playback reached `fraction` (0..1) of the content, for the first time in this session."""

    fraction: float


@dataclass(frozen=True, slots=True)
class PausedEvent(Fact):
    pass


@dataclass(frozen=True, slots=True)
class Resumed(Fact):
    pass


@dataclass(frozen=True, slots=True)
class Seeked(Fact):
    """A jump, scrubbing coalesced. `origin` and `target` in media seconds; `target` is where playback went on."""

    origin: float
    target: float


@dataclass(frozen=True, slots=True)
class Stalled(Fact):
    """The picture stood still for lack of data, for 1.6 s at least.

    `initial`: the wait between Playing and the first picture (decision 13); it is told after `Started`, which is dated
    at Playing. The whole wait since the request is `Started.join_time`, however short.
    """

    initial: bool


@dataclass(frozen=True, slots=True)
class Recovered(Fact):
    """The stall is over after `waited` seconds. A session that is closed or fails in a stall has none."""

    initial: bool
    waited: float


@dataclass(frozen=True, slots=True)
class Ended(Fact):
    """The natural end.

    `complete`: the content's end was reached by playing, so 100 % counts. False after a seek past the end, at the end
    of a medium that is played in part, and for live media.
    """

    complete: bool


@dataclass(frozen=True, slots=True)
class Replayed(Fact):
    """This session repeats the one before it by command, or by a seek to 0 after the end (decision 12).

    `previous` is that session's ordinal.
    """

    previous: int


@dataclass(frozen=True, slots=True)
class RateChanged(Fact):
    """The new rate stands in `head.rate`."""


@dataclass(frozen=True, slots=True)
class VolumeSet(Fact):
    volume: float
    muted: bool


@dataclass(frozen=True, slots=True)
class CaptionsChanged(Fact):
    """`track` None: captions were switched off."""

    track: int | None


@dataclass(frozen=True, slots=True)
class AudioTrackChanged(Fact):
    track: int | None


@dataclass(frozen=True, slots=True)
class SourceSelected(Fact):
    uri: str


@dataclass(frozen=True, slots=True)
class FlavorSwitched(Fact):
    """Another rendition; the size is None where the host could not read it."""

    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class FullscreenChanged(Fact):
    fullscreen: bool


@dataclass(frozen=True, slots=True)
class Failed(Fact):
    """Something went wrong; `fatal` says whether the playback ends with it."""

    fault: Fault
    fatal: bool


@dataclass(frozen=True, slots=True)
class Watched(Fact):
    """A heartbeat: the session has been watched for another stretch of unpaused time (kaltura.md section 3).

    Told only where a destination asks for it; the first one comes with `Started`. What was watched stands in `head`.
    `sound`: whether there is any; `fullscreen`: whether the screen is full; None where nobody knows.
    """

    sound: bool | None = None
    fullscreen: bool | None = None


@dataclass(frozen=True, slots=True)
class SpotStarted(Fact):
    """An advertisement or bumper began that belongs to this session; `head` is the content's, which it never moves.

    `uri`: the spot's own medium, without password.
    """

    role: Role
    uri: str = ""


@dataclass(frozen=True, slots=True)
class SpotProgressed(Fact):
    """Natural forward playback of the spot reached `fraction` (0.25, 0.5, 0.75) of it."""

    role: Role
    fraction: float


@dataclass(frozen=True, slots=True)
class SpotEnded(Fact):
    """The spot is over; FAILED also where it never started."""

    role: Role
    ending: Ending


@dataclass(frozen=True, slots=True)
class Closed(Fact):
    """The session is over; `head.position` is its last known position."""

    ending: Ending


Event = (
    Opened
    | Loaded
    | Started
    | Progressed
    | PausedEvent
    | Resumed
    | Seeked
    | Stalled
    | Recovered
    | Ended
    | Replayed
    | RateChanged
    | VolumeSet
    | CaptionsChanged
    | AudioTrackChanged
    | SourceSelected
    | FlavorSwitched
    | FullscreenChanged
    | Failed
    | Watched
    | SpotStarted
    | SpotProgressed
    | SpotEnded
    | Closed
)
