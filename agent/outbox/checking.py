"""The full check, in slices that a running daemon can afford.

Contract: `check_slice` reads one slice and returns where the next begins, 0 after the last; raises StoreDamaged.
Rules: the log is read row by row with everything decoded, and whatever is missing in it must have a tombstone; the
small tables are given to SQLite's own check (decision 28).
"""

from agent.outbox.accounting import unburied
from agent.outbox.core import Core
from agent.outbox.errors import StoreDamaged
from agent.outbox.schema import COLUMNS

SLICE = 500
"""Events a slice: about 200 kB to read, some milliseconds even from a slow card."""


def check_slice(core: Core, after: int) -> int:
    """Check the events behind sequence `after`, and the small tables once the end is reached."""
    events = core.reader.events("WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?", (after, SLICE))
    core.missed += unburied(core, after, [event.sequence for event in events])
    if len(events) == SLICE:
        return events[-1].sequence
    core.unburied, core.missed = core.missed, 0
    for table in sorted(COLUMNS.keys() - {"events"}):
        for (verdict,) in core.database.conn.execute(f"PRAGMA quick_check({table})").fetchall():
            if verdict != "ok":
                raise StoreDamaged(str(verdict), remedy="Start again: it is set aside.")
    return 0
