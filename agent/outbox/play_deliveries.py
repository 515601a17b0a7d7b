"""Where and when a play was delivered: told from what each destination has settled, not from the play.

Contract: `steps` gives the rows that a transaction which moves cursors has to write besides; `lost` what is to be
written where an event was refused or given up; `Deliveries` answers for a play.
Rules
- A row of `play_deliveries` says: what lies behind sequence `after`, up to the next row's, `sink` settled in the
  quarter of an hour that began at `time`; `passed`: it passed over it, being off. A row is written when something
  settles in another quarter than before: an hour of play costs four rows a destination, and no transaction.
- `play_losses` are ranges of sequences that a destination refused, or that were given up while it waited for them;
  heartbeats do not count. A message that was refused stays lost for its play, even when it is sent again by hand.
- A play's events lie behind those of the play before it, up to its last.
Reasons: what a signed report calls delivered must have been; but a mark on each play would be written twice.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from agent.kernel.plays import Delivered, PlayFacts
from agent.kernel.records import Priority

QUARTER_S: Final = 900.0

WRITE_STEP = "INSERT OR REPLACE INTO play_deliveries (sink, after, time, passed) VALUES (?, ?, ?, ?)"

_NEXT_SINK = "SELECT sink FROM play_deliveries WHERE sink > ? ORDER BY sink LIMIT 1"
_STEP = "SELECT after, time, passed FROM play_deliveries WHERE sink = ? AND after < ? ORDER BY after DESC LIMIT 1"
_UNTIL = "SELECT min(after) FROM play_deliveries WHERE sink = ? AND after >= ?"

Step = tuple[str, int, float, int]
"""Sink, after, time, passed: a row."""


def quarter(wall: float) -> float:
    """When the quarter of an hour began."""
    return wall // QUARTER_S * QUARTER_S


def of_plays(connection: sqlite3.Connection, sequences: Sequence[int]) -> list[int]:
    """Those events, rising, without which a play is not delivered. They are in the log still."""
    marks = ",".join("?" * len(sequences))
    rows = connection.execute(
        "SELECT e.sequence FROM events e JOIN attributions a ON a.id = e.attribution"
        f" LEFT JOIN redeliveries r ON r.sequence = e.sequence WHERE e.sequence IN ({marks})"
        " AND e.priority > ? AND r.sequence IS NULL AND a.session_id <> '' ORDER BY e.sequence",
        (*sequences, int(Priority.TELEMETRY)),
    ).fetchall()
    return [sequence for (sequence,) in rows]


def lost(connection: sqlite3.Connection, sink: str, sequences: Sequence[int]) -> None:
    """Write down, as part of the open transaction, that these events of plays are not delivered to `sink`."""
    for sequence in sequences:
        found = connection.execute(
            "SELECT first, last FROM play_losses WHERE sink = ? AND first <= ? ORDER BY first DESC LIMIT 1",
            (sink, sequence),
        ).fetchone()
        if found is None or found[1] < sequence - 1:
            connection.execute(
                "INSERT INTO play_losses (sink, first, last) VALUES (?, ?, ?)", (sink, sequence, sequence)
            )
        elif found[1] < sequence:
            connection.execute(
                "UPDATE play_losses SET last = ? WHERE sink = ? AND first = ?", (sequence, sink, found[0])
            )


class _Step(NamedTuple):
    """A row: what is behind `after`, up to `until` where another row begins (None: this is the newest)."""

    after: int
    until: int | None
    time: float
    passed: int


class Deliveries:
    """What is known of deliveries at one moment. `cursors`: how far each destination that is on has come.

    A row is looked up where a play needs it, and serves the plays behind it too: a year has some thousands of them, and
    a report asks for a hundred plays at a time.
    """

    def __init__(self, connection: sqlite3.Connection, cursors: Mapping[str, int]) -> None:
        self._connection = connection
        self._cursors = cursors
        self._sinks = list(cursors)
        self._steps: dict[str, _Step] = {}
        sink = ""
        while (row := connection.execute(_NEXT_SINK, (sink,)).fetchone()) is not None:
            (sink,) = row
            self._sinks += [] if sink in cursors else [sink]

    def of(self, facts: PlayFacts, before: int, ended: float) -> tuple[Delivered, ...]:
        """Where the play was delivered. `before`: the last sequence of the play before it. `ended`: wall seconds."""
        if facts.entry_id is None or facts.is_left_out:
            return ()
        found = []
        for sink in self._sinks:
            cursor = self._cursors.get(sink)
            if cursor is not None and facts.last > cursor:
                found.append(Delivered(sink, None))
                continue
            step = self._step(sink, facts.last)
            if step is None or step.passed or (cursor is None and step.until is None):
                continue
            time = None if self._is_lost(sink, before, facts.last) else max(step.time, ended)
            found.append(Delivered(sink, time))
        return tuple(found)

    def _step(self, sink: str, sequence: int) -> _Step | None:
        """The row in which the sequence lies."""
        known = self._steps.get(sink)
        if known is not None and known.after < sequence and (known.until is None or sequence <= known.until):
            return known
        row = self._connection.execute(_STEP, (sink, sequence)).fetchone()
        if row is None:
            return None
        after, time, passed = row
        (until,) = self._connection.execute(_UNTIL, (sink, sequence)).fetchone()
        self._steps[sink] = _Step(after, until, time, passed)
        return self._steps[sink]

    def _is_lost(self, sink: str, before: int, last: int) -> bool:
        query = "SELECT 1 FROM play_losses WHERE sink = ? AND first <= ? AND last > ? LIMIT 1"
        return self._connection.execute(query, (sink, last, before)).fetchone() is not None
