"""The playhead of a player that only tells where it is: what of it is to be believed, and where it must have come to.

Contract: `take` is given each position and says whether it is news; `reached` says where the playhead must be by now.
Times are boot-time seconds. Pure.
Rules: a position of 0 is none: VLC says it of an item that has not begun, even if it starts later, and of one that it
lets go; a seek to the beginning shows by the next step. What VLC pushes (`Seeked`) is false just after a start, a pause
and a change of rate, where it tells of the way that its own clock was off: there only what is asked for counts. At any
other time it is a position like each other one. Whether a step was a seek is judged by the tracker alone
(agent.kernel.jumps, for a player that is polled).
Reasons: vlc.md section 7; measured on cvlc 3.0.24: steps of 0.25 to 0.5 s, 0.5 s ahead after a pause; HLS goes by steps
of a second, each with a Seeked.
"""

from dataclasses import dataclass

UNSETTLED = 1.0
"""For so long (s) after a change nothing that VLC pushes is believed (vlc.md section 7)."""

LATE_S, SILENT_S = 0.25, 1.0
"""An answer that took longer than this is of no certain time, and the next one would look like a seek: it counts only
where nothing else has for so long, since a hole looks like a stall."""

GLIDE = 1.0
"""So long (s) a playhead is believed to run on unseen: two of VLC's steps."""


@dataclass(slots=True)
class Playhead:
    """`changed`: when something last unsettled it. `position`: the last one (media s), first seen at `moved`."""

    changed: float
    position: float | None = None
    moved: float = 0.0

    def unsettle(self, at: float) -> None:
        """It begins to run, or runs at another rate, from `at` on."""
        self.changed = self.moved = at

    def take(self, position: float, at: float, *, pushed: bool = False) -> bool:
        """It was at `position` at `at`. True where that is news."""
        if position <= 0.0 or position == self.position or (pushed and at - self.changed < UNSETTLED):
            return False
        self.position, self.moved = position, at
        return True

    def reached(self, at: float, *, rate: float) -> float | None:
        """Where it must have come to by `at`, running at `rate` (0: it stood); None where it never moved."""
        if self.position is None:
            return None
        return self.position + min(max(at - self.moved, 0.0), GLIDE) * rate
