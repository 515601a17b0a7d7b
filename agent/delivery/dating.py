"""Which wall time an event is sent with.

Contract: pure. `dated` answers with a time, or with the boot-time second until which it is worth waiting.
Rules, the first that fits:
1. a time that was frozen is kept: a resend is byte-identical (decision 6);
2. an event whose own wall clock was synchronised and makes sense keeps that time;
3. an event of the present boot is dated by the present wall clock and the time since, for the boot-time clock never
   jumps; while that wall clock is not synchronised, only once the boot is `CLOCK_PATIENCE` old (decision 22);
4. an event of an earlier boot keeps its own time if that makes sense;
5. else the present moment: when it happened cannot be known any more, and the service logs its own time of arrival.
No time before the program's build is ever sent: a wall clock that reads earlier is wrong, and the event waits for one
that does not.
Reasons: decisions 6 and 22; house rule 12; a kiosk has no battery-backed clock (edge.md section 3).
"""

from dataclasses import dataclass
from typing import Final

from agent.kernel.instants import Instant
from agent.kernel.records import StoredEvent
from agent.kernel.release import BUILD_EPOCH

CLOCK_PATIENCE: Final = 120.0
"""Seconds after the boot in which a clock that is not synchronised may still be set."""


@dataclass(frozen=True, slots=True)
class Dated:
    """`time`: epoch seconds by the wall clock."""

    time: float


@dataclass(frozen=True, slots=True)
class Undated:
    """No time can be given yet. `until`: the boot-time second at which it will be, None: after the clock was set."""

    until: float | None


def dated(event: StoredEvent, now: Instant) -> Dated | Undated:
    """The wall time of `event` as far as it is known at `now`."""
    instant = event.instant
    own = event.frozen_time
    if own is None and instant.synced:
        own = instant.wall
    if own is not None and own >= BUILD_EPOCH:
        return Dated(own)
    if instant.boot_id == now.boot_id:
        if not now.synced and now.boottime < CLOCK_PATIENCE:
            return Undated(until=CLOCK_PATIENCE)
        return _if_plausible(now.at(instant.boottime).wall, now)
    return _if_plausible(instant.wall, now)


def _if_plausible(time: float, now: Instant) -> Dated | Undated:
    if time >= BUILD_EPOCH:
        return Dated(time)
    if now.wall >= BUILD_EPOCH:
        return Dated(now.wall)
    return Undated(until=None)
