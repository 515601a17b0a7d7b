"""How the tracker says something: in order, never earlier than before, and only what may come next.

Contract: `fact` makes what all events share; `say` keeps an event if the table of `agent.kernel.phases` allows it.
Rules: times never go back (decision 7); numbers are rounded to the millisecond, which is finer than the player's.
"""

from agent.kernel.events import Event, Playhead
from agent.kernel.phases import Phase, follow
from agent.kernel.playback import Memory, Playback

DIGITS = 3
"""Decimals of a second in an event."""


class Voice:
    """Collects what one call to the tracker says."""

    def __init__(self, memory: Memory) -> None:
        """`memory` is shared with the tracker."""
        self._memory = memory
        self._said: list[Event] = []

    def fact(self, playback: Playback, at: float) -> tuple[float, int, Playhead]:
        """`at`, session and head of an event of `playback` that happened at `at` (boot-time s)."""
        at = round(max(at, self._memory.told_at), 6)
        return at, self._memory.sessions, _head(playback, at)

    def say(self, playback: Playback, event: Event) -> bool:
        """Keep `event` and move on, or change nothing and say False where it is out of order."""
        phase = follow(playback.phase, event)
        if phase is None:
            return False
        playback.phase = phase
        self._memory.told_at = max(event.at, self._memory.told_at)
        self._said.append(event)
        return True

    def drain(self) -> list[Event]:
        """What has been said since the last time."""
        said, self._said = self._said, []
        return said


def _head(playback: Playback, at: float) -> Playhead:
    motion = playback.motion
    position, duration, buffered = motion.position(), playback.duration, playback.buffered
    if position is not None and duration is not None:
        position = min(position, duration)
    if playback.phase is Phase.STALLED and playback.stalled_at is not None:
        buffered += max(at - playback.stalled_at, 0.0)
    return Playhead(
        position=None if position is None else round(position, DIGITS),
        duration=None if duration is None else round(duration, DIGITS),
        rate=motion.rate,
        played=round(motion.played, DIGITS),
        seeked=playback.seeked,
        buffered=round(buffered, DIGITS),
        segments=tuple((round(low, DIGITS), round(high, DIGITS)) for low, high in motion.segments()),
    )
