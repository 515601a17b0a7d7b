"""What is being played, as far as the rules of playback need to know it.

Contract: values only. The player room decides these from the playlist item and its address; the tracker believes them.
Reasons: vlc.md sections 2 and 3 (adaptive streams jitter, TS and VBR lengths are estimates, live has no quartiles).
"""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a medium is in a session: the content that the session is about, or a spot that accompanies it."""

    CONTENT = "content"
    BUMPER_PRE = "bumper-pre"
    PREROLL = "preroll"
    MIDROLL = "midroll"
    OVERLAY = "overlay"
    POSTROLL = "postroll"
    BUMPER_POST = "bumper-post"


@dataclass(frozen=True, slots=True)
class Media:
    """One medium of one playback.

    `key` names the playlist item (stable over restarts); `uri` is what the player opens; `entry_id` is the Kaltura
    entry or None (played, not reported). `live`: no quartiles. `adaptive`: HLS or DASH, whose times move in steps and
    may go back (vlc.md R2). `estimated_length`: TS or VBR audio, so the 12 % end tolerance applies (decision 16).
    `start`, `stop`: seconds, where the item plays a part only (VLC's :start-time, :stop-time). `holds_last_frame`:
    VLC runs with --play-and-pause and says Paused instead of EndReached. `role`: whether it is the content itself.
    `polled`: its player is somebody else's, whose playhead is asked for now and then; nothing tells of a jump.
    `repeats`: its player begins it again by itself (VLC's :input-repeat), and says nothing of it.
    """

    key: str
    uri: str
    entry_id: str | None = None
    live: bool = False
    adaptive: bool = False
    estimated_length: bool = False
    start: float | None = None
    stop: float | None = None
    holds_last_frame: bool = False
    role: Role = Role.CONTENT
    polled: bool = False
    repeats: bool = False
