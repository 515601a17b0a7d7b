"""Where and when a play was delivered: told from what each destination has settled, not from the play.

Contract: agent.outbox.ledger writes a row with `WRITE_STEP` where a transaction moves a cursor; `lost` writes down what
was refused or given up; `thinned` says which rows can go; `Deliveries` answers for a play.
Rules
- A row of `play_deliveries` says: what lies behind sequence `after`, up to the next row's, `sink` settled in the
  quarter of an hour that began at `time`; `passed`: it passed over it, being off. A row is written when something
  settles in another quarter than before: an hour of play costs four rows a destination, and no transaction.
- `play_losses` are ranges of sequences that a destination refused, or that were given up while it waited for them;
  heartbeats do not count. A message that was refused stays lost for its play, even when it is sent again by hand.
- Of what was settled long ago one row a day stays (agent.outbox.play_pruning), so a delivery is known to the day then.
- A play's events lie behind those of the play before it, up to its last.
Reasons: what a signed report calls delivered must have been; but a mark on each play would be written twice.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.kernel.plays import Delivered, PlayFacts
from agent.kernel.records import Priority

QUARTER_S: Final = 900.0
DAY_S: Final = 86_400.0

WRITE_STEP = "INSERT OR REPLACE INTO play_deliveries (sink, after, time, passed) VALUES (?, ?, ?, ?)"

_STEP = "SELECT time, passed FROM play_deliveries WHERE sink = ? AND after < ? ORDER BY after DESC LIMIT 1"
_LATER = "SELECT 1 FROM play_deliveries WHERE sink = ? AND after >= ? LIMIT 1"
_LOSS = "SELECT 1 FROM play_losses WHERE sink = ? AND first <= ? AND last > ? LIMIT 1"


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


def thinned(connection: sqlite3.Connection, before: float) -> list[tuple[str, int]]:
    """Rows older than the wall second `before` that can go: of each day the first one stays, and what differs."""
    query = "SELECT sink, after, time, passed FROM play_deliveries WHERE time < ? ORDER BY sink, after"
    found: list[tuple[str, int]] = []
    last: tuple[str, int, int] | None = None
    for sink, after, time, passed in connection.execute(query, (before,)).fetchall():
        kept = (sink, int(time // DAY_S), passed)
        if kept == last:
            found.append((sink, after))
        last = kept
    return found


class Deliveries:
    """What is known of deliveries at one moment. `cursors`: how far each destination has come; None: it is off."""

    def __init__(self, connection: sqlite3.Connection, cursors: Mapping[str, int | None]) -> None:
        self._connection = connection
        self._cursors = cursors

    def of(self, facts: PlayFacts, before: int, ended: float) -> tuple[Delivered, ...]:
        """Where the play was delivered. `before`: the last sequence of the play before it. `ended`: wall seconds."""
        if facts.entry_id is None or facts.is_left_out:
            return ()
        found = []
        for sink, cursor in self._cursors.items():
            if cursor is not None and facts.last > cursor:
                found.append(Delivered(sink, None))
                continue
            step = self._one(_STEP, sink, facts.last)
            if step is None or step[1] or (cursor is None and self._one(_LATER, sink, facts.last) is None):
                continue
            is_lost = self._one(_LOSS, sink, facts.last, before) is not None
            found.append(Delivered(sink, None if is_lost else max(step[0], ended)))
        return tuple(found)

    def _one(self, query: str, *parameters: object) -> Any:
        return self._connection.execute(query, parameters).fetchone()
