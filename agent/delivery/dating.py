"""Which wall time an event is sent with.

Contract: pure. `dated` answers with a time, with the boot-time second until which it is worth waiting, or that the
service must be asked for its time first.
Rules, the first that fits:
1. a time that was frozen is kept: a resend is byte-identical (decision 6);
2. an event whose own wall clock was synchronised and makes sense keeps that time;
3. an event of a boot that saw the time at any moment, before it or after it, is dated by that moment and the boot-time
   between, for that clock never jumps; also in a later boot, since the moment is kept (agent.kernel.boots);
4. an event of the present boot is dated by the present moment and the boot-time since;
5. an event of an earlier boot that never saw the time is dated between its neighbours (agent.kernel.bounding);
6. where nothing is known of that boot, the event keeps its own time if that makes sense, but it was not later than the
   present boot began, or, imported from another device, than the present moment.
The present moment is the wall clock's while that is synchronised, and by rule 3 once it was in this boot. Else it is
waited for until the boot is `CLOCK_PATIENCE` old; then it is the service's, whose HTTP Date was related to the
boot-time clock; and where the service tells no time, the wall clock as it is. A time by the rules 5 and 6, or by a
clock that was not synchronised, is estimated.
No time before the program's build is ever sent: a clock that reads earlier is wrong, and the event waits.
An event's age is the least that is possible, so that none is too old because a clock was wrong.
Within a session no message is earlier than the one before it (`not_before`), whatever a clock did in between; the next
session begins afresh, so that a wrong time dies with its session.
Reasons: decisions 6, 7 and 22; house rule 12; a kiosk has no battery-backed clock (edge.md section 3).
"""

from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.boots import NO_BOOTS, Boots, is_right
from agent.kernel.bounding import bounds
from agent.kernel.instants import Instant
from agent.kernel.records import LastSent, Origin, StoredEvent
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
    """`time`: epoch seconds. `estimated`: not by a synchronised clock of this device (decision 22).

    `latest`: the latest time that is possible, where that is another.
    """

    time: float
    estimated: bool = False
    latest: float | None = None


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


def present(now: Instant, server: ServerClock | None, boots: Boots = NO_BOOTS) -> Moment:
    """The present moment, by the best clock there is."""
    now = boots.corrected(now)
    if is_right(now):
        return Dated(now.wall)
    if now.boottime < CLOCK_PATIENCE:
        return Undated(until=CLOCK_PATIENCE)
    if server is None:
        return Unasked()
    time = now.wall if server.offset is None else now.boottime + server.offset
    return Dated(time, estimated=True) if time >= BUILD_EPOCH else Undated(until=None)


def dated(event: StoredEvent, now: Instant, server: ServerClock | None, boots: Boots = NO_BOOTS) -> Moment:
    """The wall time of `event` as far as it is known at `now`. `boots`: what is known of this device's boots."""
    own = event.frozen_time
    if own is not None and own >= BUILD_EPOCH:
        return Dated(own)
    instant = boots.corrected(event.instant)
    if is_right(instant):
        return Dated(instant.wall)
    today = present(now, server, boots)
    if not isinstance(today, Dated):
        return today
    if instant.boot_id == now.boot_id:
        time = today.time + instant.boottime - now.boottime
        return Dated(time, today.estimated) if time >= BUILD_EPOCH else Dated(today.time, estimated=True)
    return _of_an_earlier_boot(event, now, today.time, boots.seen(now))


def _of_an_earlier_boot(event: StoredEvent, now: Instant, today: float, boots: Boots) -> Dated:
    """An event whose boot never saw the time. An imported one is of another device's boots."""
    instant = event.instant
    is_local = event.origin is Origin.LOCAL
    began = today - now.boottime
    found = bounds(boots, instant.boot_id, began) if is_local else None
    if found is not None and found.likeliest + instant.boottime >= BUILD_EPOCH:
        return Dated(found.likeliest + instant.boottime, estimated=True, latest=found.latest + instant.boottime)
    latest = max(began, BUILD_EPOCH) if is_local else today
    own = instant.wall if BUILD_EPOCH <= instant.wall <= latest else latest
    return Dated(own, estimated=True, latest=latest if is_local else None)


def age(event: StoredEvent, moment: Moment, now: Instant, today: Moment) -> float | None:
    """The least age that the event can have, in seconds; None while nothing can tell."""
    if event.instant.boot_id == now.boot_id:
        return max(now.boottime - event.instant.boottime, 0.0)
    if not isinstance(moment, Dated) or not isinstance(today, Dated):
        return None
    return max(today.time - (moment.time if moment.latest is None else moment.latest), 0.0)


def not_before(last: LastSent | None, event: StoredEvent, moment: Moment) -> Moment:
    """`moment`, or the time of the `last` message where that is later and of the same session (decision 7).

    A time that was frozen apart from the event's own clock may have been sent and stays; so does a dead letter's.
    """
    if not isinstance(moment, Dated) or last is None or last.session != event.attribution.session_id:
        return moment
    if moment.time >= last.time:
        return moment
    if not has_its_clocks_time(event) or event.redelivery is not None:
        return moment
    return replace(moment, time=last.time)


def has_its_clocks_time(event: StoredEvent) -> bool:
    """Whether no time was frozen for it but its own clock's, if that is one."""
    return event.frozen_time is None or (event.instant.synced and event.frozen_time == event.instant.wall)
