"""What a player can say, and what we ourselves told it: the tracker's input.

Contract: each carries `at`, the boot-time second (CLOCK_BOOTTIME) at which it happened. Media times are seconds.
Rules: signals are raw. No meaning is added here: `EndReached` is not "played to the end" (vlc.md section 0), and a
`Buffering` pulse is not a stall. Commands of ours are signals too (the tracker need not guess what we did ourselves);
an observer of a foreign player simply never sends those.
Reasons: vlc.md sections 2 and 3.
"""

from dataclasses import dataclass
from enum import Enum

from agent.kernel.media import Media


class TrackKind(Enum):
    """The kinds of elementary stream that libvlc tells of."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """The player has been given another medium (libvlc MediaPlayerMediaChanged)."""

    at: float
    media: Media


@dataclass(frozen=True, slots=True)
class Opening:
    at: float


@dataclass(frozen=True, slots=True)
class Buffering:
    """`percent` 0..100, of the buffer that must fill before playing goes on."""

    at: float
    percent: float


@dataclass(frozen=True, slots=True)
class Playing:
    at: float


@dataclass(frozen=True, slots=True)
class Paused:
    at: float


@dataclass(frozen=True, slots=True)
class Halted:
    """The picture is gone, nobody knows yet why: `Stopped` follows, or another medium. Only attached hosts say it."""

    at: float


@dataclass(frozen=True, slots=True)
class Stopped:
    at: float


@dataclass(frozen=True, slots=True)
class EndReached:
    at: float


@dataclass(frozen=True, slots=True)
class PlaybackFailed:
    """libvlc EncounteredError: the medium could not be opened."""

    at: float


@dataclass(frozen=True, slots=True)
class TimeChanged:
    """The playhead, in media seconds."""

    at: float
    time: float


@dataclass(frozen=True, slots=True)
class LengthChanged:
    """The length in seconds as the player now believes it; 0 means unknown."""

    at: float
    length: float


@dataclass(frozen=True, slots=True)
class SeekableChanged:
    at: float
    seekable: bool


@dataclass(frozen=True, slots=True)
class TrackAdded:
    at: float
    track: TrackKind
    number: int


@dataclass(frozen=True, slots=True)
class TrackRemoved:
    at: float
    track: TrackKind
    number: int


@dataclass(frozen=True, slots=True)
class TrackSelected:
    """`number` None: no track of this kind is shown any more (libvlc's -1)."""

    at: float
    track: TrackKind
    number: int | None


@dataclass(frozen=True, slots=True)
class VideoOutputsChanged:
    at: float
    count: int


@dataclass(frozen=True, slots=True)
class VideoSizeRead:
    """The picture's size, read by the host after a change of the video track (vlc.md R7)."""

    at: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class VolumeChanged:
    """`volume` 0..1 (above 1 where the player amplifies)."""

    at: float
    volume: float


@dataclass(frozen=True, slots=True)
class MuteChanged:
    at: float
    muted: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the host polls every 250 ms, since libvlc sends no event for it (vlc.md R8). `time` in media seconds."""

    at: float
    time: float
    rate: float
    fullscreen: bool


@dataclass(frozen=True, slots=True)
class PlayCommanded:
    """We asked the player to open and play `media`; a `MediaChanged` follows.

    `replay`: the same item is started again by command (decision 12), not by the list's loop.
    """

    at: float
    media: Media
    replay: bool = False


@dataclass(frozen=True, slots=True)
class SeekCommanded:
    """We asked for a jump to `to` (media seconds)."""

    at: float
    to: float


@dataclass(frozen=True, slots=True)
class SkipCommanded:
    """We gave this medium up to go on with the next one."""

    at: float


@dataclass(frozen=True, slots=True)
class StopCommanded:
    """We stopped playback for good."""

    at: float


@dataclass(frozen=True, slots=True)
class ProgramCommanded:
    """A program begins: `media` is its content, which spots may precede, interrupt and follow.

    `ContentCommanded` comes with the content's turn, `ProgramOver` when all was shown. `replay`: as in `PlayCommanded`.
    """

    at: float
    media: Media
    replay: bool = False


@dataclass(frozen=True, slots=True)
class ContentCommanded:
    """We asked the player to open the program's content: for the first time, or again where a spot interrupted it."""

    at: float


@dataclass(frozen=True, slots=True)
class SpotCommanded:
    """We asked for `media`, a spot of the open program: until we ask for another medium, all that is said is of it."""

    at: float
    media: Media


@dataclass(frozen=True, slots=True)
class SpotMissed:
    """`media`, a spot whose turn had come, could not be given to the player at all."""

    at: float
    media: Media


@dataclass(frozen=True, slots=True)
class OverlayShown:
    """We had `media` drawn over the running content."""

    at: float
    media: Media


@dataclass(frozen=True, slots=True)
class OverlayHidden:
    """We took the overlay away."""

    at: float


@dataclass(frozen=True, slots=True)
class ProgramOver:
    """The content came to its end, and so did the spots after it."""

    at: float


@dataclass(frozen=True, slots=True)
class PlayerLost:
    """The player's process died, hung or was cut off; nothing more will be heard of this playback."""

    at: float


ProgramSignal = ContentCommanded | SpotCommanded | SpotMissed | OverlayShown | OverlayHidden
"""What happens in a program between its beginning and its end."""

SessionSignal = (
    VolumeChanged
    | MuteChanged
    | PlayCommanded
    | SkipCommanded
    | StopCommanded
    | PlayerLost
    | ProgramCommanded
    | ProgramSignal
    | ProgramOver
)
"""What concerns the session as a whole, whatever medium is in the player."""

Signal = (
    MediaChanged
    | Opening
    | Buffering
    | Playing
    | Paused
    | Halted
    | Stopped
    | EndReached
    | PlaybackFailed
    | TimeChanged
    | LengthChanged
    | SeekableChanged
    | TrackAdded
    | TrackRemoved
    | TrackSelected
    | VideoOutputsChanged
    | VideoSizeRead
    | Sampled
    | SeekCommanded
    | SessionSignal
)
