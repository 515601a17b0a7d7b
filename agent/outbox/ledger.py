"""Where each sink stands and what was counted: a small image in memory of two small tables.

Contract: `write` puts a `Change` into the open transaction, `accept` takes it into memory once that has committed.
`defer` takes one into memory alone: it is owed, and the next `write`, whatever that is about, puts it down as well.
Rules: the tables get absolute values, never increments, so that writing a change twice, which an unknown outcome of
a commit makes necessary, is the same as writing it once.
Reasons: decisions 8 and 10 (everything is counted, for each sink).
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from agent.kernel.records import Cursor, LastSent
from agent.outbox.play_deliveries import WRITE_STEP, quarter

WHOLE_LOG = ""
"""The name under which a drop is counted once for the log itself, however many sinks still waited for the event."""


class Tally(Enum):
    """What is counted by reason."""

    PASSED = "passed"
    DROPPED = "dropped"
    REFUSED = "refused"
    NOTED = "noted"


class Drop(Enum):
    """Why an event left the log undelivered, or a refused message left the dead letters.

    DEAD_LETTERS: there were too many. DISCARDED: an operator threw it away. LETTER_DAMAGE: it could not be read any
    more. EVENT_GONE: it was under way when its destination was switched off, and its event had left the log.
    UNWRITTEN: the store could not be written for so long that memory could hold no more.
    """

    BYTES = "bytes"
    AGE = "age"
    DISK = "disk-full"
    DAMAGE = "damage"
    DEAD_LETTERS = "dead-letters"
    DISCARDED = "discarded"
    LETTER_DAMAGE = "dead-letter-damage"
    EVENT_GONE = "event-gone"
    UNWRITTEN = "unwritten"


class Note(Enum):
    """What is counted beside an event's end, because it makes it less certain.

    PERHAPS_REPEATED: accepted in the first request after a start; the process before may have died while sending it.
    ACCEPTED_AHEAD: accepted in a batch in which a message before it was not: the one place where order suffers.
    UNVERIFIED: accepted by an answer that says nothing, as a beacon's does (decision 23).
    RETRIED: refused messages that an operator had sent again.
    ESTIMATED: dated by another clock than a synchronised one of our own; counted for the log itself.
    Of the ledger of plays, counted for the log itself: PLAYS_UNWRITTEN had no room, PLAYS_PRUNED were too old or too
    many, PLAYS_LOST could not be read after damage.
    """

    PERHAPS_REPEATED = "perhaps-repeated"
    ACCEPTED_AHEAD = "accepted-ahead"
    UNVERIFIED = "unverified"
    RETRIED = "retried"
    ESTIMATED = "estimated"
    PLAYS_UNWRITTEN = "plays-unwritten"
    PLAYS_PRUNED = "plays-pruned"
    PLAYS_LOST = "plays-lost"


OF_LETTERS = frozenset({Drop.DEAD_LETTERS.value, Drop.DISCARDED.value, Drop.LETTER_DAMAGE.value, Drop.EVENT_GONE.value})
"""The reasons for which a refused message went; the other drops are of events that still waited."""

EXPORTED = "exported"
"""The reason under which a destination passes over what was handed over in a file."""

DISABLED = "disabled"
"""The reason under which events are counted that a disabled sink was passed over with."""


@dataclass(frozen=True, slots=True)
class Position:
    """One sink's row. `resent`: resends after an answer was lost, where the server may have counted twice.

    `sent`: the session and time of the last message that was sent, None before the first. `backlog_end`: the last
    sequence of the newest backlog: up to it messages travel in batches, so that after a crash they do so again.
    `settled`: events that settlements moved the cursor over. `origin`: `newest` less it is how many events were
    produced for this sink (agent.outbox.accounting).
    """

    name: str
    cursor: Cursor
    projection: str = ""
    enabled: bool = True
    delivered: int = 0
    resent: int = 0
    sent: LastSent | None = None
    backlog_end: int = 0
    settled: int = 0
    origin: int = 0


CounterKey = tuple[str, Tally, str]
"""Sink, tally, reason."""


@dataclass(slots=True)
class Change:
    """What a transaction does to the ledger."""

    positions: dict[str, Position] = field(default_factory=dict)
    counts: Counter[CounterKey] = field(default_factory=Counter)


class Ledger:
    """The sinks by name, and the counters. `written`: the sinks as they are on the disk; `owed`: how many settled
    messages are not. `now`: the wall second that the store was told last, 0 for a clock that is wrong, None where
    nobody tells it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.now: float | None = None
        self._quarters: dict[str, tuple[float, int]] = {}
        self._steps: dict[str, tuple[float, int]] = {}
        self.sinks: dict[str, Position] = {
            name: Position(
                name,
                Cursor(sequence, parts),
                projection,
                bool(enabled),
                delivered,
                resent,
                LastSent(session, time) if session else None,
                backlog_end,
                settled,
                origin,
            )
            for (
                name,
                sequence,
                parts,
                projection,
                enabled,
                delivered,
                resent,
                session,
                time,
                backlog_end,
                settled,
                origin,
            ) in connection.execute(
                "SELECT name, sequence, parts, projection, enabled, delivered, resent, sent_session, sent_time,"
                " backlog_end, settled, origin FROM sinks ORDER BY name"
            ).fetchall()
        }
        self._counters: dict[CounterKey, int] = {
            (sink, Tally(tally), reason): number
            for sink, tally, reason, number in connection.execute(
                "SELECT sink, tally, reason, number FROM counters"
            ).fetchall()
        }

        self.anyone_waits = any(position.enabled for position in self.sinks.values())
        self.written = dict(self.sinks)
        self._owed_counts: set[CounterKey] = set()
        self.owed = 0

    def enabled(self) -> list[Position]:
        """The sinks that events wait for."""
        return [position for position in self.sinks.values() if position.enabled]

    def counts(self, sink: str, tally: Tally) -> dict[str, int]:
        """A sink's numbers by reason, sorted by reason."""
        return {
            reason: number
            for (name, kind, reason), number in sorted(self._counters.items(), key=lambda item: item[0][2])
            if name == sink and kind is tally
        }

    def write(self, connection: sqlite3.Connection, change: Change) -> None:
        """Put `change`, and all that is owed, into the open transaction."""
        self._steps.clear()  # of a try that was rolled back, perhaps
        owed = {} if not self.owed else {name: at for name, at in self.sinks.items() if at != self.written.get(name)}
        for position in {**owed, **change.positions}.values():
            self._step(connection, position, change)
            sent = position.sent or LastSent("", 0.0)
            connection.execute(
                "INSERT INTO sinks (name, sequence, parts, projection, enabled, delivered, resent, sent_session,"
                " sent_time, backlog_end, settled, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET"
                " sequence = excluded.sequence, parts = excluded.parts, projection = excluded.projection,"
                " enabled = excluded.enabled,"
                " delivered = excluded.delivered, resent = excluded.resent, sent_session = excluded.sent_session,"
                " sent_time = excluded.sent_time, backlog_end = excluded.backlog_end, settled = excluded.settled,"
                " origin = excluded.origin",
                (
                    position.name,
                    position.cursor.sequence,
                    position.cursor.parts,
                    position.projection,
                    int(position.enabled),
                    position.delivered,
                    position.resent,
                    sent.session,
                    sent.time,
                    position.backlog_end,
                    position.settled,
                    position.origin,
                ),
            )
        for key in self._owed_counts | change.counts.keys():
            sink, tally, reason = key
            connection.execute(
                "INSERT INTO counters (sink, tally, reason, number) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (sink, tally, reason) DO UPDATE SET number = excluded.number",
                (sink, tally.value, reason, self._counters.get(key, 0) + change.counts[key]),
            )

    def accept(self, change: Change) -> None:
        """Take a committed change into memory; nothing is owed any more."""
        self._quarters |= self._steps
        self._steps.clear()
        self._take(change)
        self.written = dict(self.sinks)
        self._owed_counts.clear()
        self.owed = 0

    def defer(self, change: Change, messages: int) -> None:
        """Take a change into memory that is still to be written; `owed` counts the `messages` that it is about."""
        self._take(change)
        self._owed_counts.update(change.counts)
        self.owed += messages

    def _step(self, connection: sqlite3.Connection, position: Position, change: Change) -> None:
        """Write down when the destination came as far as it does now (agent.outbox.play_deliveries)."""
        before = self.written.get(position.name)
        if self.now is None or before is None or before.cursor.sequence >= position.cursor.sequence:
            return
        is_passed = (
            not (before.enabled and position.enabled) or (position.name, Tally.PASSED, EXPORTED) in change.counts
        )
        step = (quarter(self.now), int(is_passed))
        if self._quarters.get(position.name) != step:
            connection.execute(WRITE_STEP, (position.name, before.cursor.sequence, *step))
            self._steps[position.name] = step

    def owe_as(self, other: "Ledger") -> None:
        """Owe what `other`, an earlier image of the same tables, did, unless it was written since."""
        if other.owed and all(self.sinks.get(name) == at for name, at in other.written.items()):
            self.sinks.update(other.sinks)
            for key in other._owed_counts:
                self._counters[key] = other._counters[key]
            self._owed_counts, self.owed = set(other._owed_counts), other.owed

    def _take(self, change: Change) -> None:
        self.sinks.update(change.positions)
        self.anyone_waits = any(position.enabled for position in self.sinks.values())
        for key, number in change.counts.items():
            self._counters[key] = self._counters.get(key, 0) + number


def moved(
    position: Position, cursor: Cursor, *, projection: str, delivered: int, resent: int, sent: LastSent | None
) -> Position:
    """A sink's row after a settlement. The cursor never goes back: what was dropped meanwhile stays passed."""
    return replace(
        position,
        cursor=max(position.cursor, cursor),
        projection=projection,
        delivered=position.delivered + delivered,
        resent=position.resent + resent,
        sent=sent or position.sent,
    )


def noted_counts(sink: str, notes: Mapping[Note, int]) -> Counter[CounterKey]:
    """The changes for what was noted at `sink`."""
    return Counter({(sink, Tally.NOTED, note.value): number for note, number in notes.items() if number})


def passed_counts(sink: str, reasons: Mapping[str, int]) -> Counter[CounterKey]:
    """The changes for events that became no message at `sink`."""
    return Counter({(sink, Tally.PASSED, reason): number for reason, number in reasons.items() if number})
