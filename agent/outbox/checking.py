"""The full check, in slices that a running daemon can afford.

Contract: `check_slice` reads one slice; raises StoreDamaged. `Check` does one after the other, for ever.
Rules: the log is read row by row with everything decoded, and whatever is missing in it must have a tombstone; the
small tables are given to SQLite's own check (decision 28).
"""

from agent.outbox.accounting import unburied
from agent.outbox.core import Core
from agent.outbox.errors import StoreDamaged
from agent.outbox.schema import TABLES

SLICE = 500
"""Events a slice: about 200 kB to read, some milliseconds even from a slow card."""


class Check:
    """The check that runs all the time; a pass begins where the last one ended."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._after = 0
        self._missed = 0

    def step(self) -> bool:
        """Check a slice; True when that was the last one of a pass, and `Core.unburied` is of now."""
        self._after, missed = check_slice(self._core, self._after)
        self._missed += missed
        if self._after:
            return False
        self._core.unburied, self._missed = self._missed, 0
        return True


def check_slice(core: Core, after: int) -> tuple[int, int]:
    """Check the events behind sequence `after`, and the small tables once the end is reached.

    Where the next slice begins, 0 after the last, and how many events were missed without a tombstone.
    """
    events = core.reader.events("WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?", (after, SLICE))
    missed = unburied(core, after, [event.sequence for event in events])
    if len(events) == SLICE:
        return events[-1].sequence, missed
    for table in sorted(TABLES.keys() - {"events"}):
        for (verdict,) in core.database.conn.execute(f"PRAGMA quick_check({table})").fetchall():
            if verdict != "ok":
                raise StoreDamaged(str(verdict), remedy="Start again: it is set aside.")
    return 0, missed
