"""Making the wall time that an event is about to be sent with its own for all its tries.

Contract: `freeze` is durable for all events of a request when it returns, in one transaction, or raises a StoreError
with nothing written; what was frozen first stays. Where that is another time than the one that is asked for, nothing is
written for the other events either: they are to be dated anew, beside it.
Rules: a synchronised clock's own time needs no row; another time for such an event, which a stepped clock makes
necessary, does. An event that has left the log, because its sink was disabled while it was being sent, has nothing to
freeze.
Reasons: decision 6 (a resend is byte-identical), decision 22 (estimated times are counted).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from agent.outbox.core import Core
from agent.outbox.ledger import WHOLE_LOG, Change, Note, noted_counts
from agent.outbox.rows import INSERT_FROZEN_TIME


@dataclass(frozen=True, slots=True)
class Freezing:
    """`time`: wall s. `estimated`: not a synchronised clock's of this device; counted once an event."""

    sequence: int
    time: float
    estimated: bool = False


def freeze(core: Core, times: Sequence[Freezing]) -> list[float]:
    """Freeze all of `times`, unless one of the events has another time already.

    Returns the times that the events have, in the same order; for one that has none, the time that was asked for.
    """
    connection = core.database.conn
    kept: list[float] = []
    fresh: list[Freezing] = []
    for each in times:
        row = connection.execute(
            "SELECT f.time FROM events e LEFT JOIN frozen_times f ON f.sequence = e.sequence WHERE e.sequence = ?",
            (each.sequence,),
        ).fetchone()
        frozen_before = row is not None and row[0] is not None
        kept.append(float(row[0]) if frozen_before else each.time)
        if row is not None and not frozen_before:
            fresh.append(each)
    if fresh and kept == [each.time for each in times]:
        _write(core, fresh)
    return kept


def _write(core: Core, times: Sequence[Freezing]) -> None:
    change = Change(counts=noted_counts(WHOLE_LOG, {Note.ESTIMATED: sum(each.estimated for each in times)}))

    def work(connection: sqlite3.Connection) -> None:
        for each in times:
            connection.execute(INSERT_FROZEN_TIME, (each.sequence, each.time))
        core.ledger.write(connection, change)

    core.transactions.run(work)
    core.ledger.accept(change)
