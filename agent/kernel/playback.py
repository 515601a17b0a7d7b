"""What the tracker remembers: of the open session, and from one session to the next.

Contract: plain state, changed only by the tracker's own modules. Every field is in the checkpoint where it differs from
its default, so a field's default must mean "not yet".
Reasons: house rule 9: the checkpoint commits with the events, so all that decides later events stands here.
"""

from dataclasses import dataclass, field

from agent.kernel.events import Ending
from agent.kernel.jumps import Jump
from agent.kernel.media import Media
from agent.kernel.motion import Motion
from agent.kernel.phases import RUNNING, Phase

OVERRUN = 2.0
"""A playhead this far (s) beyond the length shows that the length is none: a live window that nobody named (R9)."""


@dataclass(slots=True)
class Tracks:
    """What is known of the medium's streams. `fresh_*_at`: when the latest one was added (boot-time s)."""

    any_known: bool = False
    has_video: bool = False
    video_selected: bool = False
    outputs_seen: bool = False
    dark_outputs: int = 0
    fresh_video_at: float | None = None
    fresh_audio: int | None = None
    fresh_audio_at: float = 0.0
    captions: int | None = None
    audio: int | None = None
    no_display_told: bool = False
    codec_judged: bool = False
    flavor_at: float | None = None


@dataclass(slots=True)
class Playback:
    """One open session. Times in boot-time seconds, media times in seconds.

    `owned`: we commanded it, so its seeks are known to us. `awaiting`: commanded, but the player still speaks of the
    medium before. `requested_at`: when it was asked for. `alive_at`: its last sign of life before the first picture.
    `playing_at`: the Playing that led to the first picture. `held_back_at`: paused before the first picture.
    `baseline`: the media time that the first picture has, None where any may come (live).
    `windowed`: found to be live, though nobody said so. `replays`: see events.Opened. `beats_from`, `ticks`,
    `ticks_left`, `beat_played`: the heartbeat counts its ticks from here, has counted so many, waits for so many more,
    and last told of so much. `halted_at`: when the player let its picture go, and has not said why.

    `program`: it has spots, so it is over when we say so. `offstage`: the player was given a spot, or nothing yet, in
    the content's place; nothing is waited for. `returning`: commanded again after a spot, and without a picture yet.
    `spot`: the spot in the player. `overlay`: what is drawn over the content.
    """

    media: Media
    phase: Phase = Phase.IDLE
    owned: bool = False
    awaiting: bool = False
    opening_seen: bool = False
    requested_at: float = 0.0
    alive_at: float = 0.0
    playing_at: float | None = None
    held_back_at: float | None = None
    baseline: float | None = None
    windowed: bool = False
    replays: int | None = None
    program: bool = False
    offstage: bool = False
    returning: bool = False
    spot: "Spot | None" = None
    overlay: Media | None = None
    length: float | None = None
    unseekable: bool = False
    seeked: bool = False
    buffered: float = 0.0
    stalled_at: float | None = None
    halted_at: float | None = None
    told: tuple[float, ...] = ()
    volume_due: float | None = None
    beats_from: float | None = None
    ticks: int = 0
    ticks_left: int = 0
    beat_played: float = 0.0
    motion: Motion = field(default_factory=Motion)
    tracks: Tracks = field(default_factory=Tracks)
    jump: Jump | None = None

    @property
    def is_seen(self) -> bool:
        """Whether there is, or was until it was paused, a picture: what changes now is a change."""
        return self.phase in RUNNING and not self.returning

    @property
    def duration(self) -> float | None:
        """The content's length in seconds; None while unknown and for live media, where it means the window."""
        if self.media.live or self.windowed or self.length is None or self.motion.front > self.length + OVERRUN:
            return None
        return self.length


@dataclass(slots=True)
class Memory:
    """All that outlives a call. `sessions`: how many there have been; the latest one's ordinal.

    `now`: the latest moment heard of. `told_at`: when the latest event was. `inside`: the medium that the player has.
    `inside_length`: that medium's length (s), kept from its latest session. `held_at`: the player holds its last frame,
    at this media time. `ended`, `ended_key`: how the latest session ended, and of which item it was. `volume`, `muted`,
    `fullscreen` are as last told (None: not yet); `new_*` as last heard. `marks`, `beats`: which milestones the latest
    session tells, and whether its heartbeat; `next_marks`, `next_beats`: what the next one will, None: the same.
    """

    sessions: int = 0
    now: float = 0.0
    told_at: float = 0.0
    inside: Media | None = None
    inside_length: float | None = None
    held_at: float | None = None
    ended: Ending | None = None
    ended_key: str | None = None
    fullscreen: bool | None = None
    volume: float | None = None
    muted: bool = False
    new_volume: float | None = None
    new_muted: bool = False
    marks: tuple[float, ...] = ()
    beats: bool = False
    next_marks: tuple[float, ...] | None = None
    next_beats: bool = False
    open: Playback | None = None


@dataclass(slots=True)
class Spot:
    """A spot in the player: its medium, and what its own tracker remembers of it."""

    media: Media
    memory: Memory
