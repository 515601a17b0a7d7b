"""Which wall time an event is sent with.

Contract: pure. `dated` answers with a time, with the boot-time second until which it is worth waiting, or that the
service must be asked for its time first.
Rules, the first that fits:
1. a time that was frozen is kept: a resend is byte-identical (decision 6);
2. an event whose own wall clock was synchronised and makes sense keeps that time;
3. an event of an earlier boot keeps its own time if that makes sense: nothing relates its clocks to the present ones;
4. an event of the present boot is dated by the present moment and the boot-time since, for that clock never jumps;
5. else the present moment: when it happened cannot be known any more, and the service logs its own time of arrival.
The present moment is the wall clock's once that is synchronised. Until the boot is `CLOCK_PATIENCE` old events wait for
it; then it is the service's, whose HTTP Date was related to the boot-time clock; and where the service tells no time,
the wall clock as it is. A time by rule 3 or 5, or by a clock that is not synchronised, is estimated.
No time before the program's build is ever sent: a clock that reads earlier is wrong, and the event waits.
Within a session no message is earlier than the one before it (`not_before`), whatever a clock did in between; the next
session begins afresh, so that a wrong time dies with its session.
Reasons: decisions 6, 7 and 22; house rule 12; a kiosk has no battery-backed clock (edge.md section 3).
"""

from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.instants import Instant
from agent.kernel.records import LastSent, StoredEvent
from agent.kernel.release import BUILD_EPOCH

CLOCK_PATIENCE: Final = 120.0
"""Seconds after the boot in which a clock that is not synchronised may still be set."""

CLOCK_RETRY: Final = 10.0
"""Seconds between looks at a wall clock that is not set or synchronised; looking costs nothing."""

DATE_TOLERANCE: Final = 2.0
"""Seconds. An HTTP Date is cut to whole seconds and answers take their time: less than this is no news."""


@dataclass(frozen=True, slots=True)
class ServerClock:
    """`offset`: from our boot-time seconds to the service's wall time; None: the service tells no usable time."""

    offset: float | None


@dataclass(frozen=True, slots=True)
class Dated:
    """`time`: epoch seconds. `estimated`: not by a synchronised clock of this device (decision 22)."""

    time: float
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Undated:
    """No time can be given yet. `until`: the boot-time second at which it may, None: after the clock was set."""

    until: float | None

    def look_after(self, now: Instant) -> float:
        """Seconds from `now` until it is worth looking again."""
        return CLOCK_RETRY if self.until is None else min(max(self.until - now.boottime, 0.0), CLOCK_RETRY)


@dataclass(frozen=True, slots=True)
class Unasked:
    """The service's time is needed, and it was not asked yet in this boot."""


Moment = Dated | Undated | Unasked


def heard(known: ServerClock | None, time: float | None, now: Instant) -> ServerClock:
    """What is known of the service's clock once it has told `time` (None: an answer without one) at `now`."""
    if time is None or time < BUILD_EPOCH:
        return known or ServerClock(None)
    offset = time - now.boottime
    if known is not None and known.offset is not None and abs(offset - known.offset) < DATE_TOLERANCE:
        return known
    return ServerClock(offset)


def present(now: Instant, server: ServerClock | None) -> Moment:
    """The present moment, by the best clock there is."""
    if now.synced and now.wall >= BUILD_EPOCH:
        return Dated(now.wall)
    if now.boottime < CLOCK_PATIENCE:
        return Undated(until=CLOCK_PATIENCE)
    if server is None:
        return Unasked()
    time = now.wall if server.offset is None else now.boottime + server.offset
    return Dated(time, estimated=True) if time >= BUILD_EPOCH else Undated(until=None)


def dated(event: StoredEvent, now: Instant, server: ServerClock | None) -> Moment:
    """The wall time of `event` as far as it is known at `now`."""
    instant = event.instant
    own = event.frozen_time
    if own is None and instant.synced:
        own = instant.wall
    if own is not None and own >= BUILD_EPOCH:
        return Dated(own)
    is_of_this_boot = instant.boot_id == now.boot_id
    if not is_of_this_boot and instant.wall >= BUILD_EPOCH:
        return Dated(instant.wall, estimated=True)
    found = present(now, server)
    if not isinstance(found, Dated):
        return found
    time = found.time + instant.boottime - now.boottime
    if is_of_this_boot and time >= BUILD_EPOCH:
        return Dated(time, found.estimated)
    return Dated(found.time, estimated=True)


def not_before(last: LastSent | None, event: StoredEvent, moment: Moment) -> Moment:
    """`moment`, or the time of the `last` message where that is later and of the same session (decision 7).

    A time that was frozen apart from the event's own clock may have been sent and stays; so does a dead letter's.
    """
    if not isinstance(moment, Dated) or last is None or last.session != event.attribution.session_id:
        return moment
    if moment.time >= last.time:
        return moment
    is_own = event.frozen_time is None or (event.instant.synced and event.frozen_time == event.instant.wall)
    if not is_own or event.redelivery is not None:
        return moment
    return replace(moment, time=last.time)
