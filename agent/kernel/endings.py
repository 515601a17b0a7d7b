"""What it means that the player stopped at the end of its input.

Contract: `judge` looks at where the playhead stood. The player's own word is worth nothing here: it says EndReached for
a natural end, a truncated file, a dropped connection, garbage, and a seek past the end alike (vlc.md section 0).
Reasons: vlc.md R5, decisions 15 and 16.
"""

from dataclasses import dataclass
from enum import Enum

from agent.kernel.media import Media

TOLERANCE = 1.6
"""How far (s) from its end a natural end may seem: an audio sink that is not drained ends 1.1 to 1.3 s early (R5)."""

ESTIMATE = 0.12
"""The same as a part of the length, where the length itself is an estimate (decision 16)."""

NEAR = 0.7
"""The same where a player that is polled stops or goes on without a word: it is asked every 0.25 s, VLC's last step is
0.1 s short of the end, and the position is carried on in between. More would make ends of skips in short clips."""

HOLD = 0.35
"""With --play-and-pause, a pause not further than this (s) from the end is the end (R5)."""

REST = 0.35
"""A seek that leaves at least this much (s) to play reaches the end by playing; one past it does not."""

SUDDEN = 1.0
"""The end comes 0.05 to 0.16 s after a seek past it (vlc.md section 2); later than this (s) it has another reason."""


class Finish(Enum):
    """What the end of the input was."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EARLY = "early"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the judgement rests on: `duration` (s, None where unknown or live) and the medium."""

    media: Media
    duration: float | None

    @property
    def end(self) -> float | None:
        """Where playing ends: the duration, or sooner where only a part is played."""
        if self.duration is None:
            return None
        return self.duration if self.media.stop is None else min(self.duration, self.media.stop)

    @property
    def tolerance(self) -> float:
        """How far (s) from the end a natural end may seem."""
        if self.media.estimated_length and self.duration is not None:
            return max(TOLERANCE, ESTIMATE * self.duration)
        return TOLERANCE


def judge(ground: Ground, position: float) -> Finish:
    """What an end at `position` (media s) is. PARTIAL: an end that is not the content's: live, or a part only."""
    if ground.end is None or ground.duration is None:
        return Finish.PARTIAL
    if position < ground.end - ground.tolerance:
        return Finish.EARLY
    return Finish.COMPLETE if ground.end >= ground.duration - ground.tolerance else Finish.PARTIAL
