"""Moments in time, told by two clocks.

Contract: an `Instant` relates the boot-time clock, which never jumps, to the wall clock, which does.
Rules: inside, every duration is a difference of boot-time seconds of one boot; wall time is only for people and for
the wire. The kernel never reads a clock: whoever calls it passes numbers.
Reasons: house rule 12 and decisions 5, 7, 21; a kiosk has no battery-backed clock.
"""

from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment: `boot_id` (UUID text of this boot), `boottime` (s, CLOCK_BOOTTIME), `wall` (s, Unix epoch).

    `synced` says whether the wall clock was known to be synchronised when the instant was taken.
    """

    boot_id: str
    boottime: float
    wall: float
    synced: bool

    def at(self, boottime: float) -> "Instant":
        """The instant of the same boot at another boot-time second; wall time shifts by the same amount."""
        return replace(self, boottime=boottime, wall=self.wall + (boottime - self.boottime))


class Clock(Protocol):
    """Who may be asked for the time; the one real implementation is `agent.runtime.clock`."""

    def now(self) -> Instant:
        """The present moment by both clocks."""
        ...
