"""The playhead of a player that only tells where it is: what is a leap, and what is its ordinary unsteadiness.

Contract: `take` is given each position, however it came, and says whether the playhead stands, steps or leaps;
`reached` says where it must have come to. Times are boot-time seconds. Pure.
Rules: VLC's position goes up a staircase of 0.25 to 0.5 s, and its `Seeked` is sent for each step that is not as wide
as time went by: after a pause, a change of rate and a start it is false, and so it counts as a position like any other.
Ahead, a leap is what no clock explains, counted from when the last position was asked for, so that a late answer makes
none. Back, it is any way beyond jitter. Just after a change only a wide one counts. A playhead that stood (a stall) may
come back as far ahead as time has gone by. A position of 0 is none: VLC says it of an item that has not begun, even if
it starts later, and of one that it lets go; a seek to the beginning shows by the next step.
Reasons: vlc.md section 7 (false `Seeked`), R2; measured on cvlc 3.0.24: steps of 0.51 s, 0.50 s ahead after a pause.
"""

from dataclasses import dataclass
from enum import Enum

AHEAD = 0.6
"""So far (s, at normal rate) beyond what the clock explains is a leap: a seek of 1 s is 0.75 s beyond, a step 0.3 s."""

BACK = 0.35
"""So far (s) back is a leap: a seek of 1 s back can look like 0.5 s, for it starts from a stair; jitter is 0.03 s."""

UNSETTLED = 1.0
"""For so long (s) after a start, a pause, a change of rate and a leap the position is not to be trusted (vlc.md)."""

AHEAD_UNSETTLED = BACK_UNSETTLED = 1.5
"""What counts as a leap then: three times what was seen."""

STANDS = 1.2
"""A playhead that has not moved for so long (s) is in a stall, which may end with a step as wide as the stall (R3)."""

GLIDE = 1.0
"""So long (s) a playhead is believed to run on unseen: two of VLC's steps."""


class Move(Enum):
    """What the playhead has done."""

    NONE = "none"
    STEP = "step"
    LEAP = "leap"


@dataclass(slots=True)
class Playhead:
    """`changed`: when something last unsettled it. `asked`: when the last position was asked for; `moved`: when it was
    first seen."""

    changed: float
    position: float | None = None
    asked: float = 0.0
    moved: float = 0.0

    def unsettle(self, at: float) -> None:
        """It begins to run, or runs at another rate, from `at` on."""
        self.changed = self.asked = self.moved = at

    def take(self, position: float, *, asked: float, at: float, rate: float) -> Move:
        """It was at `position` (media s) at some moment between `asked` and `at`."""
        before = self.position
        if position <= 0.0:
            return Move.NONE
        if before is None:
            self._set(position, asked, at)
            return Move.STEP
        move = self._judge(position - before, at, max(rate, 0.0))
        if move is Move.NONE:
            self.asked = asked
        else:
            self._set(position, asked, at)
        if move is Move.LEAP:
            self.changed = at
        return move

    def _judge(self, step: float, at: float, rate: float) -> Move:
        since = self.moved if at - self.moved > STANDS else self.asked
        beyond = step - max(at - since, 0.0) * rate
        unsettled = at - self.changed < UNSETTLED
        ahead, back = (AHEAD_UNSETTLED, BACK_UNSETTLED) if unsettled else (AHEAD, BACK)
        if beyond > ahead * max(rate, 1.0) or step < -back:
            return Move.LEAP
        return Move.NONE if step == 0.0 else Move.STEP

    def _set(self, position: float, asked: float, at: float) -> None:
        self.position, self.asked, self.moved = position, asked, at

    def reached(self, at: float, *, rate: float) -> float | None:
        """Where it must have come to by `at`, running at `rate` (0: it stood); None where it never moved."""
        if self.position is None:
            return None
        return self.position + min(max(at - self.moved, 0.0), GLIDE) * rate
