"""What a step of delivery sees: the prefix of the log behind the sink's cursor, and the messages that are due in it.

Contract: `look` reads and writes nothing; what it reads is bounded, however long the log is.
Rules: while there is no backlog it reads little, since most of the time one message is due; in a backlog enough for a
full batch, with some silent events between the messages.
Reasons: house rule 8; a peek costs some microseconds a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.delivery.dating import ServerClock
from agent.delivery.log import Log
from agent.delivery.road import BACKLOG, Carried, Parcel, carried
from agent.delivery.walk import Place, walk
from agent.kernel.boots import Boots
from agent.kernel.instants import Instant
from agent.kernel.records import LastSent
from agent.sinks.base import Sink

PREFIX: Final = 16
"""Events read at a time while there is no backlog: more than a clip makes between two messages, and little memory."""

SILENT_PART: Final = 4
"""A backlog's look reads this part more events than the batch has messages: a clip's log is a fifth silence."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a look begins, and all that it depends on beside the log itself: equal starts see the same.

    `last`: what the sink sent last. `backlog_end`: the durable one. `server`: what is known of the service's clock.
    `boots`: of this device's.
    """

    place: Place
    last: LastSent | None
    backlog_end: int
    server: ServerClock | None
    boots: Boots


@dataclass(frozen=True, slots=True)
class Look:
    """`begun`: where it began. `found`: the messages that are due. `end`: where the silent events behind them end.

    `is_full`: there may be more in the log than was read.
    """

    begun: Start
    found: Sequence[Carried]
    end: Place
    is_full: bool

    @property
    def start(self) -> Place:
        """Where the sink is."""
        return self.begun.place

    @property
    def backlog_end(self) -> int:
        """The durable one."""
        return self.begun.backlog_end


def start_of(log: Log, sink: Sink, server: ServerClock | None) -> Start:
    """The present start."""
    cursor, projection = log.position(sink.name)
    last, end = log.last_sent(sink.name), log.backlog_end(sink.name)
    return Start(Place(cursor, projection, {}), last, end, server, log.boots)


def start_behind(start: Start, parcel: Parcel) -> Start:
    """The start once all of `parcel`, which begins at `start`, is accepted."""
    after = parcel.items[-1].due.after
    last = next((item.due.sent for item in reversed(parcel.items) if item.due.sent is not None), start.last)
    return Start(Place(after.cursor, after.projection, {}), last, start.backlog_end, start.server, start.boots)


def look(log: Log, sink: Sink, limit: int, *, start: Start, now: Instant) -> Look:
    """Look for a message, or for up to `limit` of a backlog."""
    place = start.place
    is_backlog = place.cursor.sequence < start.backlog_end
    wanted = max(BACKLOG, limit) if is_backlog else BACKLOG
    amount = max(PREFIX, wanted + wanted // SILENT_PART)
    events = log.peek(sink.name, amount, after=place.cursor.sequence)
    walked = walk(
        sink,
        place.cursor,
        place.projection,
        events,
        now=now,
        wanted=wanted,
        server=start.server,
        boots=start.boots,
        last=start.last,
    )
    due = walked.due
    tried = log.trials(sink.name, due[0].event.sequence, due[-1].event.sequence) if due else {}
    return Look(start, carried(due, tried), walked.end, len(events) == amount)
