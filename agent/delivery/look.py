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
from agent.delivery.road import BACKLOG, Carried, carried
from agent.delivery.walk import Place, walk
from agent.kernel.instants import Instant
from agent.sinks.base import Sink

PREFIX: Final = 16
"""Events read at a time while there is no backlog: more than a clip makes between two messages, and little memory."""

SILENT_PART: Final = 4
"""A backlog's look reads this part more events than the batch has messages: a clip's log is a fifth silence."""


@dataclass(frozen=True, slots=True)
class Look:
    """`start`: where the sink is. `found`: the messages that are due. `end`: where the silent events behind them end.

    `is_full`: there may be more in the log than was read. `backlog_end`: the durable one.
    """

    start: Place
    found: Sequence[Carried]
    end: Place
    is_full: bool
    backlog_end: int


def look(log: Log, sink: Sink, limit: int, *, server: ServerClock | None, now: Instant) -> Look:
    """Look for a message, or for up to `limit` of a backlog. `server`: what is known of the service's clock."""
    cursor, projection = log.position(sink.name)
    backlog_end = log.backlog_end(sink.name)
    is_backlog = cursor.sequence < backlog_end
    wanted = max(BACKLOG, limit) if is_backlog else BACKLOG
    amount = max(PREFIX, wanted + wanted // SILENT_PART)
    events = log.peek(sink.name, amount)
    last = log.last_sent(sink.name)
    walked = walk(sink, cursor, projection, events, now=now, wanted=wanted, server=server, last=last)
    due = walked.due
    tried = log.trials(sink.name, due[0].event.sequence, due[-1].event.sequence) if due else {}
    return Look(Place(cursor, projection, {}), carried(due, tried), walked.end, len(events) == amount, backlog_end)
